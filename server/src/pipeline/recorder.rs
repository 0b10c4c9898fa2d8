//! The thread that stores frames of motion and those around it, and tells viewers of each bar once it is stored, so that
//! live bars equal stored ones (B17).

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SendError, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rtm2_app::Timestamp;
use rtm2_store::{Error, EventFilter, Mark, NewFrame, Store};

use super::ring::{Around, Capture};
use super::{Hub, HubEvent, LiveFrame, stats};

/// Hand-overs that may wait for the disk: about two seconds of one busy camera. Beyond it frames are dropped and counted,
/// because a slow disk must not hold up detection.
const QUEUE: usize = 64;

/// How often failures are logged while they last.
const LOG_EVERY: Duration = Duration::from_mins(1);

/// The way to the recorder; cheap to clone.
#[derive(Clone, Debug)]
pub struct RecorderHandle {
    queue: SyncSender<Vec<Arc<LiveFrame>>>,
    capture: Capture,
}

impl RecorderHandle {
    /// The way for one camera's frames.
    pub fn camera(&self) -> CameraRecorder {
        CameraRecorder { queue: self.queue.clone(), around: Around::new(self.capture) }
    }
}

/// Takes the frames of one camera and hands over those to be recorded. What may have to be recorded later waits here, so
/// that the recorder is not woken while nothing moves.
#[derive(Debug)]
pub struct CameraRecorder {
    queue: SyncSender<Vec<Arc<LiveFrame>>>,
    around: Around,
}

impl CameraRecorder {
    /// Takes a frame, of motion or not, without waiting.
    pub fn record(&mut self, frame: Arc<LiveFrame>) {
        let frames = self.around.admit(frame);
        if frames.is_empty() {
            return;
        }
        if let Err(TrySendError::Full(frames) | TrySendError::Disconnected(frames)) = self.queue.try_send(frames) {
            count_lost(&frames);
        }
    }

    /// Takes a frame, waiting for room: for files, where every frame counts.
    pub fn record_waiting(&mut self, frame: Arc<LiveFrame>) {
        let frames = self.around.admit(frame);
        if frames.is_empty() {
            return;
        }
        if let Err(SendError(frames)) = self.queue.send(frames) {
            count_lost(&frames);
        }
    }
}

/// Counts the frames with motion that could not be handed over.
fn count_lost(frames: &[Arc<LiveFrame>]) {
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
    let recorder = Recorder { store, hub, failures: stats::Throttle::new(LOG_EVERY) };
    let thread = thread::Builder::new().name("recorder".into()).spawn(move || recorder.run(&frames))?;
    Ok((RecorderHandle { queue, capture }, thread))
}

/// What the thread works with.
struct Recorder {
    store: Arc<Store>,
    hub: Arc<Hub>,
    failures: stats::Throttle,
}

impl Recorder {
    fn run(mut self, handed_over: &Receiver<Vec<Arc<LiveFrame>>>) {
        for frame in handed_over.iter().flatten() {
            self.store(&frame);
        }
        if let Err(error) = self.store.seal() {
            tracing::error!("the store could not be sealed: {error}");
        }
    }

    fn store(&mut self, frame: &LiveFrame) {
        let header = frame.header();
        let jpeg = frame.jpeg();
        let appended = self.store.append(&NewFrame {
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
            jpeg: &jpeg,
        });
        match appended {
            Ok(appended) => {
                stats::stored(header.camera, jpeg.len());
                self.hub.set_storage(None);
                if frame.motion() {
                    self.hub.tell(HubEvent::Bar(header.camera, appended.bar));
                }
                if let Some(label) = frame.label()
                    && let Err(error) = self.label(frame, appended.at, label)
                    && let Some(suppressed) = self.failures.admit()
                {
                    tracing::error!(camera = header.camera.0, suppressed, "an event could not be labelled: {error}");
                }
            }
            Err(error) => {
                stats::dropped(header.camera, stats::Dropped::Store);
                if !matches!(error, Error::NotJpeg(_) | Error::TooBig { .. }) {
                    self.hub.set_storage(Some(error.to_string()));
                }
                if let Some(suppressed) = self.failures.admit() {
                    tracing::error!(camera = header.camera.0, suppressed, "a frame could not be stored: {error}");
                }
            }
        }
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
