//! Where the cameras' threads meet the viewers' tasks. Every channel is bounded and says what gives way when a reader
//! is slow.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rtm2_app::{Bar, CameraId, CameraInfo, CameraState, Mode, Timestamp, ZoneSet};
use tokio::sync::{broadcast, watch};

use super::LiveFrame;
use super::beat::Beat;
use super::help::{Help, Ringing};
use super::live_frame::Order;
use super::stats::Meters;
use super::watchdog::Work;

/// Events kept for a slow reader before it is told to resync: over a minute of the busiest household.
const EVENTS: usize = 1024;

/// What happened, to be told to every viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HubEvent {
    /// A camera's state changed.
    State(CameraId, CameraState),
    /// A second's bar was stored, and in which zones something moved in that second so far.
    Bar(CameraId, Bar, ZoneSet),
    /// The number of viewers changed.
    Viewers(u32),
    /// Somebody has seen the alarms.
    Seen(Seen),
    /// Frames can be recorded again, or cannot any more and why.
    Storage(Option<String>),
    /// A camera's pictures are looked at again, or not any more and why.
    Detector(CameraId, Option<String>),
}

/// How far a page's idea of the server's time may lie behind, with the way of its word, in µs.
const PAGE_LAGS_US: i64 = 2_000_000;

/// Somebody has seen every alarm up to a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Alarms up to this time are meant.
    pub upto: Timestamp,
    /// When it was said.
    pub at: Timestamp,
    /// Name of the account that said it.
    pub by: String,
}

impl Seen {
    /// A page said at `at` that everything up to `upto` was seen. It knows the server's time by its `hello` alone, which a busy
    /// page hears late, so its times lag: what comes soon after its time is taken to be of now. A time to come is now as
    /// well: nobody has seen what is still to come.
    pub fn by_page(upto: Timestamp, at: Timestamp, by: String) -> Self {
        let is_of_now = at.0.saturating_sub(upto.0) < PAGE_LAGS_US;
        Self { upto: if is_of_now { at } else { upto }, at, by }
    }
}

/// One camera's newest pictures and state.
#[derive(Debug)]
pub struct CameraFeed {
    /// Its number.
    pub id: CameraId,
    /// Its name.
    pub name: String,
    /// Its source without credentials.
    pub source: String,
    /// Whether its pictures are generated.
    pub demo: bool,
    /// Names of the zones that are watched; empty where all of the picture is.
    pub zones: Vec<String>,
    /// Every picture; the latest wins.
    newest: watch::Sender<Option<Arc<LiveFrame>>>,
    /// Pictures with motion only; the latest wins, so still ones never push one out.
    motion: watch::Sender<Option<Arc<LiveFrame>>>,
    /// Of pictures with motion those that tell how it goes on.
    beats: watch::Sender<Option<Arc<LiveFrame>>>,
    beat: Mutex<Beat>,
    state: watch::Sender<CameraState>,
    /// Pictures handed out, and those of them with motion.
    handed_out: [AtomicU64; 2],
    /// Viewers that take parts of pictures: of every picture, and of those with motion.
    tile_viewers: [AtomicU32; 2],
    /// Pictures that came, and those that got a verdict.
    work: [AtomicU64; 2],
    /// Made with the first picture.
    meters: OnceLock<Meters>,
    /// Why its pictures are not looked at, while they are not.
    detector: watch::Sender<Option<String>>,
}

/// Somebody wants parts of a camera's pictures in place of whole ones, until this is dropped.
#[derive(Debug)]
pub struct TileWish(Arc<CameraFeed>, Mode);

impl Drop for TileWish {
    fn drop(&mut self) {
        if let Some(viewers) = self.0.tile_viewers(self.1) {
            viewers.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl CameraFeed {
    /// A camera that has not started yet.
    pub fn new(id: CameraId, name: String, source: String, demo: bool) -> Self {
        Self {
            id,
            name,
            source,
            demo,
            newest: watch::Sender::new(None),
            motion: watch::Sender::new(None),
            beats: watch::Sender::new(None),
            beat: Mutex::default(),
            state: watch::Sender::new(CameraState::Starting),
            handed_out: Default::default(),
            tile_viewers: Default::default(),
            zones: Vec::new(),
            work: Default::default(),
            meters: OnceLock::new(),
            detector: watch::Sender::new(None),
        }
    }

    /// The same with zones of these names.
    pub fn with_zones(self, zones: Vec<String>) -> Self {
        Self { zones, ..self }
    }

    /// A picture came.
    pub fn came(&self) {
        self.work[0].fetch_add(1, Ordering::Relaxed);
    }

    /// A picture got its verdict.
    pub fn judged(&self) {
        self.work[1].fetch_add(1, Ordering::Relaxed);
    }

    /// Pictures that came, and those that got a verdict.
    pub fn work(&self) -> Work {
        let [came, judged] = self.work.each_ref().map(|count| count.load(Ordering::Relaxed));
        Work { came, judged }
    }

    /// Why its pictures are not looked at, while they are not.
    pub fn detector_fault(&self) -> Option<String> {
        self.detector.borrow().clone()
    }

    /// Counts in somebody who takes parts of pictures in this mode.
    pub fn wish_for_tiles(camera: &Arc<Self>, mode: Mode) -> TileWish {
        if let Some(viewers) = camera.tile_viewers(mode) {
            viewers.fetch_add(1, Ordering::Relaxed);
        }
        TileWish(Arc::clone(camera), mode)
    }

    /// Whether anybody takes parts of pictures in this mode.
    pub fn wants_tiles(&self, mode: Mode) -> bool {
        self.tile_viewers(mode).is_some_and(|viewers| viewers.load(Ordering::Relaxed) > 0)
    }

    fn tile_viewers(&self, mode: Mode) -> Option<&AtomicU32> {
        let [live, motion] = &self.tile_viewers;
        match mode {
            Mode::Live => Some(live),
            Mode::Motion => Some(motion),
            Mode::Off => None,
        }
    }

    /// Follows every picture.
    pub fn newest(&self) -> watch::Receiver<Option<Arc<LiveFrame>>> {
        self.newest.subscribe()
    }

    /// Follows pictures with motion.
    pub fn motion(&self) -> watch::Receiver<Option<Arc<LiveFrame>>> {
        self.motion.subscribe()
    }

    /// Follows how motion goes on: hears of its first picture, then of a few each second, and at once of one that is in
    /// another zone.
    pub fn beats(&self) -> watch::Receiver<Option<Arc<LiveFrame>>> {
        self.beats.subscribe()
    }

    /// Hands out a picture.
    pub fn publish(&self, frame: Arc<LiveFrame>) {
        let [any, motion] = &self.handed_out;
        let count = |counter: &AtomicU64, add: u64| counter.fetch_add(add, Ordering::Relaxed) + add;
        frame.place(Order { any: count(any, 1), motion: count(motion, u64::from(frame.motion())) });
        if frame.motion() {
            self.motion.send_replace(Some(Arc::clone(&frame)));
            if self.is_beat(&frame) {
                self.beats.send_replace(Some(Arc::clone(&frame)));
            }
        }
        self.newest.send_replace(Some(frame));
    }

    fn is_beat(&self, frame: &LiveFrame) -> bool {
        let mut beat = self.beat.lock().unwrap_or_else(PoisonError::into_inner);
        beat.is_due(frame.header().at, frame.zones())
    }

    /// What is counted of it.
    pub fn meters(&self) -> &Meters {
        self.meters.get_or_init(|| Meters::new(self.id))
    }

    /// How the camera is doing.
    pub fn state(&self) -> CameraState {
        self.state.borrow().clone()
    }

    /// The camera as the page lists it.
    pub fn info(&self) -> CameraInfo {
        CameraInfo {
            id: self.id,
            name: self.name.clone(),
            source: self.source.clone(),
            demo: self.demo,
            state: self.state(),
            zones: self.zones.clone(),
        }
    }
}

/// All cameras, and the events that every viewer hears.
#[derive(Debug)]
pub struct Hub {
    cameras: Vec<Arc<CameraFeed>>,
    events: broadcast::Sender<HubEvent>,
    viewers: AtomicU32,
    /// What was last seen of the alarms; who connects later is told.
    seen: watch::Sender<Option<Seen>>,
    /// Why frames cannot be recorded, while they cannot.
    storage: watch::Sender<Option<String>>,
    /// The alarm that somebody should see.
    help: Mutex<Help>,
}

impl Hub {
    /// A hub over cameras whose ids are their places.
    pub fn new(cameras: Vec<CameraFeed>) -> Self {
        Self {
            cameras: cameras.into_iter().map(Arc::new).collect(),
            events: broadcast::Sender::new(EVENTS),
            viewers: AtomicU32::new(0),
            seen: watch::Sender::new(None),
            storage: watch::Sender::new(None),
            help: Mutex::default(),
        }
    }

    /// All cameras, by id.
    pub fn cameras(&self) -> &[Arc<CameraFeed>] {
        &self.cameras
    }

    /// One camera.
    pub fn camera(&self, id: CameraId) -> Option<&Arc<CameraFeed>> {
        self.cameras.get(usize::from(id.0))
    }

    /// Hears all events from now on; a reader that lags is told how many it lost and resyncs.
    pub fn events(&self) -> broadcast::Receiver<HubEvent> {
        self.events.subscribe()
    }

    /// Tells every viewer. Nobody listening is no error.
    pub fn tell(&self, event: HubEvent) {
        let _ = self.events.send(event);
    }

    /// Sets a camera's state and tells every viewer if it is another one.
    pub fn set_state(&self, id: CameraId, state: CameraState) {
        let Some(camera) = self.camera(id) else { return };
        let changed = camera.state.send_if_modified(|now| {
            let changed = *now != state;
            now.clone_from(&state);
            changed
        });
        if changed {
            self.tell(HubEvent::State(id, state));
        }
    }

    /// Somebody has seen the alarms up to a time; tells every viewer, unless more has been seen before.
    pub fn see(&self, seen: Seen) {
        self.help.lock().unwrap_or_else(PoisonError::into_inner).seen(seen.upto);
        let newer = self.seen.send_if_modified(|last| {
            let newer = last.as_ref().is_none_or(|last| last.upto < seen.upto);
            if newer {
                *last = Some(seen.clone());
            }
            newer
        });
        if newer {
            self.tell(HubEvent::Seen(seen));
        }
    }

    /// What was last seen of the alarms.
    pub fn seen(&self) -> Option<Seen> {
        self.seen.borrow().clone()
    }

    /// Says whether frames can be recorded, and if not, why; tells every viewer when that changes.
    pub fn set_storage(&self, fault: Option<String>) {
        let changed = self.storage.send_if_modified(|now| {
            // Another reason is no other state: nobody wants to hear of each.
            let changed = now.is_some() != fault.is_some();
            if changed {
                now.clone_from(&fault);
            }
            changed
        });
        if changed {
            self.tell(HubEvent::Storage(fault));
        }
    }

    /// Why frames cannot be recorded, while they cannot.
    pub fn storage_fault(&self) -> Option<String> {
        self.storage.borrow().clone()
    }

    /// Says whether a camera's pictures are looked at, and if not, why; tells every viewer when that changes.
    pub fn set_detector(&self, id: CameraId, fault: Option<String>) {
        let Some(camera) = self.camera(id) else { return };
        let changed = camera.detector.send_if_modified(|now| {
            let changed = now.is_some() != fault.is_some();
            if changed {
                now.clone_from(&fault);
            }
            changed
        });
        if changed {
            self.tell(HubEvent::Detector(id, fault));
        }
    }

    /// An alarm rings on some device: if nobody has seen it in time, help is called for.
    pub fn rings(&self, ringing: Ringing) {
        self.help.lock().unwrap_or_else(PoisonError::into_inner).rings(ringing);
    }

    /// The alarm that nobody has seen in time, once.
    pub fn help_due(&self, now: Timestamp) -> Option<Ringing> {
        self.help.lock().unwrap_or_else(PoisonError::into_inner).due(now)
    }

    /// Viewers connected now.
    pub fn viewers(&self) -> u32 {
        self.viewers.load(Ordering::Relaxed)
    }

    /// Counts a viewer in until the guard is dropped.
    pub fn join(self: &Arc<Self>) -> ViewerGuard {
        let count = self.viewers.fetch_add(1, Ordering::Relaxed) + 1;
        self.tell(HubEvent::Viewers(count));
        ViewerGuard(Arc::clone(self))
    }
}

/// A counted viewer.
#[derive(Debug)]
pub struct ViewerGuard(Arc<Hub>);

impl Drop for ViewerGuard {
    fn drop(&mut self) {
        let count = self.0.viewers.fetch_sub(1, Ordering::Relaxed) - 1;
        self.0.tell(HubEvent::Viewers(count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_behind_acknowledges_what_rings_now() {
        let upto = |upto| Seen::by_page(Timestamp(upto), Timestamp(60_000_000), "anna".into()).upto.0;
        for of_now in [59_500_000, 58_000_001, 60_000_000, 60_000_001, i64::MAX] {
            assert_eq!(upto(of_now), 60_000_000, "{of_now}");
        }
        for before in [58_000_000, 0, i64::MIN] {
            assert_eq!(upto(before), before);
        }
    }
}
