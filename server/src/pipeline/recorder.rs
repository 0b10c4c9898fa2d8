//! The thread that stores frames of motion and those around it, and tells viewers of each bar once it is stored, so that
//! live bars equal stored ones (B17).

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SendError, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rtm2_app::event::ZONE_SEPARATOR;
use rtm2_app::{CameraId, Timestamp, ZoneSet};
use rtm2_store::{Error, EventFilter, Mark, NewFrame, Store};

use super::bar_news::BarNews;
use super::mailbox::Policy;
use super::ring::{Around, Capture, StillClock};
use super::{Hub, LiveFrame, stats};

/// Hand-overs that may wait for the disk: about four seconds of one busy camera. Beyond it frames are dropped and counted,
/// because a slow disk must not hold up detection.
const QUEUE: usize = 128;

/// After a frame of a camera others are gathered for so long: the thread is woken ten times a second by the clock in place
/// of thirty times by the detector's thread, and both have less to do.
const GATHER: Duration = Duration::from_millis(100);

/// After so long without a frame the index is brought up to date for readers in other processes.
const SETTLE_AFTER: Duration = Duration::from_secs(1);

/// How often failures are logged while they last.
const LOG_EVERY: Duration = Duration::from_mins(1);

/// What a camera hands over at once.
#[derive(Debug)]
enum HandOver {
    /// A frame to be recorded, with those before it that now are as well; never empty.
    Recorded(Vec<Arc<LiveFrame>>),
    /// A frame to be kept although nothing moves.
    Still(Arc<LiveFrame>),
}

/// What is handed over, and whether who does so waits for room.
type Item = (HandOver, Policy);

/// The way to the recorder; cheap to clone.
#[derive(Clone, Debug)]
pub struct RecorderHandle {
    queue: SyncSender<Item>,
    capture: Capture,
}

impl RecorderHandle {
    /// The way for one camera's frames.
    pub fn camera(&self) -> CameraRecorder {
        CameraRecorder {
            queue: self.queue.clone(),
            around: Around::new(self.capture),
            stills: StillClock::new(self.capture),
        }
    }
}

/// Takes the frames of one camera and hands over those to be recorded. What may have to be recorded later waits here, so
/// that the recorder is not woken while nothing moves.
#[derive(Debug)]
pub struct CameraRecorder {
    queue: SyncSender<Item>,
    around: Around,
    stills: StillClock,
}

impl CameraRecorder {
    /// Takes a frame, of motion or not, without waiting.
    pub fn record(&mut self, frame: Arc<LiveFrame>) {
        if let Some(due) = self.admit(frame)
            && let Err(TrySendError::Full((lost, _)) | TrySendError::Disconnected((lost, _))) =
                self.queue.try_send((due, Policy::LatestWins))
        {
            count_lost(&lost);
        }
    }

    /// Takes a frame, waiting for room: for files, where every frame counts.
    pub fn record_waiting(&mut self, frame: Arc<LiveFrame>) {
        if let Some(due) = self.admit(frame)
            && let Err(SendError((lost, _))) = self.queue.send((due, Policy::Wait))
        {
            count_lost(&lost);
        }
    }

    /// What is to be stored now that this frame came.
    fn admit(&mut self, frame: Arc<LiveFrame>) -> Option<HandOver> {
        let frames = self.around.admit(Arc::clone(&frame));
        if !frames.is_empty() {
            // In the queue a JPEG is many times smaller than pixels.
            frame.jpeg();
        }
        let still = self.stills.is_due(frame.header().at, !frames.is_empty());
        if frames.is_empty() { still.then_some(HandOver::Still(frame)) } else { Some(HandOver::Recorded(frames)) }
    }
}

/// Counts the frames with motion that could not be handed over.
fn count_lost(lost: &HandOver) {
    let HandOver::Recorded(frames) = lost else { return };
    for frame in frames.iter().filter(|frame| frame.motion()) {
        stats::dropped(frame.header().camera, stats::Dropped::Recorder);
    }
}

/// Starts a recorder of motion alone. It ends when every way to it is dropped, after storing what is queued.
pub fn start(store: Arc<Store>, hub: Arc<Hub>) -> std::io::Result<(RecorderHandle, JoinHandle<()>)> {
    start_capturing(store, hub, Capture::default())
}

/// Starts a recorder that also stores what was before and after motion.
pub fn start_capturing(
    store: Arc<Store>,
    hub: Arc<Hub>,
    capture: Capture,
) -> std::io::Result<(RecorderHandle, JoinHandle<()>)> {
    let (queue, frames) = sync_channel(QUEUE);
    let failures = stats::Throttle::new(LOG_EVERY);
    let recorder = Recorder { store, hub, failures, zones: HashMap::new(), bars: BarNews::default() };
    let thread = thread::Builder::new().name("recorder".into()).spawn(move || recorder.run(&frames))?;
    Ok((RecorderHandle { queue, capture }, thread))
}

/// What the thread works with.
struct Recorder {
    store: Arc<Store>,
    hub: Arc<Hub>,
    failures: stats::Throttle,
    /// The last second of each camera that something moved in, and its zones so far.
    zones: HashMap<CameraId, (Timestamp, ZoneSet)>,
    /// Bars that viewers have not heard of.
    bars: BarNews,
}

impl Recorder {
    fn run(mut self, handed_over: &Receiver<Item>) {
        let mut next = handed_over.recv().ok();
        while let Some((due, policy)) = next {
            match due {
                HandOver::Recorded(frames) => frames.iter().for_each(|frame| self.store(frame)),
                HandOver::Still(frame) => self.store_still(&frame),
            }
            // Also when what comes is no motion any more.
            self.tell_bars(Some(Instant::now()));
            next = self.next(handed_over, policy);
        }
        if let Err(error) = self.store.seal() {
            tracing::error!("the store could not be sealed: {error}");
        }
    }

    /// Waits for what comes next; `None` once nothing will. Whatever is due meanwhile is done. Nothing is gathered from who
    /// waits for room: a file that is read as fast as it goes would be held up.
    fn next(&mut self, handed_over: &Receiver<Item>, policy: Policy) -> Option<Item> {
        match handed_over.try_recv() {
            Ok(due) => return Some(due),
            Err(TryRecvError::Empty) if policy == Policy::LatestWins => thread::sleep(GATHER),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
        }
        loop {
            let now = Instant::now();
            let bars = self.bars.due(now);
            let wait = bars.map_or(SETTLE_AFTER, |due| due - now);
            match handed_over.recv_timeout(wait) {
                Ok(due) => return Some(due),
                Err(RecvTimeoutError::Timeout) if bars.is_some() => self.tell_bars(bars),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    self.tell_bars(bars);
                    return None;
                }
            }
        }
        if let Err(error) = self.store.settle() {
            tracing::warn!("the index could not be brought up to date: {error}");
        }
        handed_over.recv().ok()
    }

    /// Tells viewers of bars at this time.
    fn tell_bars(&mut self, at: Option<Instant>) {
        let told = at.map(|at| self.bars.take(at));
        told.into_iter().flatten().for_each(|event| self.hub.tell(event));
    }

    fn store(&mut self, frame: &LiveFrame) {
        let header = frame.header();
        let jpeg = frame.jpeg();
        match self.store.append_in(&as_new(frame, &jpeg), &self.zone_names(frame)) {
            Ok(appended) => {
                self.stored(header.camera, jpeg.len());
                if frame.motion() {
                    let zones = self.zones_of_second(header.camera, appended.bar.start, frame.zones());
                    self.bars.push(header.camera, appended.bar, zones);
                }
                if let Some(label) = frame.label()
                    && let Err(error) = self.label(frame, appended.at, label)
                    && let Some(suppressed) = self.failures.admit()
                {
                    tracing::error!(camera = header.camera.0, suppressed, "an event could not be labelled: {error}");
                }
            }
            Err(error) => self.failed(header.camera, &error),
        }
    }

    /// Stores a frame in which nothing moves, for later.
    fn store_still(&mut self, frame: &LiveFrame) {
        let (camera, jpeg) = (frame.header().camera, frame.jpeg());
        match self.store.append_still(&as_new(frame, &jpeg)) {
            Ok(_) => {
                self.stored(camera, jpeg.len());
            }
            Err(error) => self.failed(camera, &error),
        }
    }

    /// Tells of a frame that was stored.
    fn stored(&self, camera: CameraId, bytes: usize) {
        if let Some(feed) = self.hub.camera(camera) {
            feed.meters().stored(bytes);
        }
        self.hub.set_storage(None);
    }

    /// Tells of a frame that was not stored.
    fn failed(&mut self, camera: CameraId, error: &Error) {
        stats::dropped(camera, stats::Dropped::Store);
        if !matches!(error, Error::NotJpeg(_) | Error::TooBig { .. }) {
            self.hub.set_storage(Some(error.to_string()));
        }
        if let Some(suppressed) = self.failures.admit() {
            tracing::error!(camera = camera.0, suppressed, "a frame could not be stored: {error}");
        }
    }

    /// The names of the zones that something moves in.
    fn zone_names(&self, frame: &LiveFrame) -> String {
        let Some(feed) = self.hub.camera(frame.header().camera).filter(|_| !frame.zones().is_empty()) else {
            return String::new();
        };
        frame.zones().named(&feed.zones).collect::<Vec<_>>().join(ZONE_SEPARATOR)
    }

    /// All zones of a second so far, with those of a further frame of it.
    fn zones_of_second(&mut self, camera: CameraId, second: Timestamp, zones: ZoneSet) -> ZoneSet {
        let (last, all) = self.zones.entry(camera).or_insert((second, zones));
        *all = if *last == second { all.or(zones) } else { zones };
        *last = second;
        *all
    }

    /// Gives the event of a frame stored at `at` the label of what moves in it, unless it has one: the first one that
    /// was recognised, or what somebody called it.
    fn label(&self, frame: &LiveFrame, at: Timestamp, label: &str) -> Result<(), Error> {
        let camera = frame.header().camera;
        let filter = EventFilter { from: at, to: at, camera: Some(camera), limit: 1, ..EventFilter::default() };
        let Some(event) = self.store.events(&filter)?.into_iter().find(|event| event.label.is_empty()) else {
            return Ok(());
        };
        let mark = Mark { label: Some(label.to_owned()), ..Mark::default() };
        match self.store.mark(camera, event.start, &mark) {
            // What is only in memory has no place for it.
            Err(Error::MemoryOnly) => Ok(()),
            result => result,
        }
    }
}

/// A frame as the store takes it.
fn as_new<'a>(frame: &'a LiveFrame, jpeg: &'a [u8]) -> NewFrame<'a> {
    let header = frame.header();
    NewFrame {
        camera: header.camera,
        at: header.at,
        seq: header.seq,
        width: header.width,
        height: header.height,
        motion: frame.motion(),
        light_shift: frame.light_shift(),
        score: header.score,
        boxes: &header.boxes,
        grid: frame.grid(),
        jpeg,
    }
}
