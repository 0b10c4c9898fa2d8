//! What goes into the store and what comes out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use rtm2_app::{Bar, CameraId, Event, FrameInfo, Kept, Region, Timestamp};

use crate::{Error, MIN_BUDGET};

/// Where frames are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a directory of its own, made when missing.
    Directory(PathBuf),
    /// In memory only, gone with the process (R19).
    Memory {
        /// Newest frames kept of each camera, at least 1.
        frames: usize,
    },
}

/// How to open a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where frames are kept.
    pub place: Place,
    /// Most bytes that the directory may take, index included; old frames go when more would be used. At least
    /// [`MIN_BUDGET`]. Without meaning in memory.
    pub budget_bytes: u64,
    /// Most bytes that the segments of these cameras may take, each at least [`MIN_BUDGET`]; the others share what the
    /// whole budget leaves.
    pub camera_budgets: BTreeMap<CameraId, u64>,
    /// Bytes that stay free on the volume: old frames go when less would be left, whoever used it up.
    pub min_free_bytes: u64,
    /// How long nothing moves in µs until an event is over.
    pub quiet_us: i64,
    /// Size in bytes at which a segment ends and the next begins. An eighth of the budget at most, whatever it says.
    pub segment_bytes: u64,
}

impl Options {
    /// 10 GiB of segments of 16 MiB in `dir`; events end after ten seconds.
    pub fn directory(dir: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::Directory(dir.into()),
            budget_bytes: 10 << 30,
            camera_budgets: BTreeMap::new(),
            min_free_bytes: 0,
            quiet_us: QUIET_US,
            segment_bytes: 16 << 20,
        }
    }

    /// The newest 64 frames of each camera in memory (R16).
    pub fn memory() -> Self {
        Self { place: Place::Memory { frames: 64 }, ..Self::directory(PathBuf::new()) }
    }

    /// Refuses what cannot work and works out the rest.
    pub(crate) fn limits(&self) -> Result<Limits, Error> {
        if let Place::Memory { frames: 0 } = self.place {
            return Err(Error::Options("memory for 0 frames holds nothing; ask for at least 1".into()));
        }
        if self.quiet_us < 0 {
            return Err(Error::Options("an event cannot be over before it began; give a pause of 0 or more".into()));
        }
        if let Place::Directory(_) = self.place
            && let Some(least) = self.camera_budgets.values().chain([&self.budget_bytes]).min()
            && *least < MIN_BUDGET
        {
            return Err(Error::Options(format!(
                "a budget of {least} bytes is too small for recordings; give at least {MIN_BUDGET}"
            )));
        }
        let smallest = self.camera_budgets.values().copied().fold(self.budget_bytes, u64::min);
        Ok(Limits {
            budget: self.budget_bytes,
            cameras: self.camera_budgets.clone(),
            min_free: self.min_free_bytes,
            quiet_us: self.quiet_us,
            segment: self.segment_bytes.clamp(1, MAX_SEGMENT).min(smallest / 8),
            frame: MAX_FRAME.min(smallest / 8),
        })
    }
}

/// Limits, in bytes where nothing else is said.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Of the whole directory.
    pub(crate) budget: u64,
    /// Of these cameras' segments.
    pub(crate) cameras: BTreeMap<CameraId, u64>,
    /// What stays free on the volume.
    pub(crate) min_free: u64,
    /// How long nothing moves in µs until an event is over.
    pub(crate) quiet_us: i64,
    /// Of a segment.
    pub(crate) segment: u64,
    /// Of a stored frame: it must fit into a segment of its own.
    pub(crate) frame: u64,
}

/// How long nothing moves until an event is over, unless set otherwise.
pub(crate) const QUIET_US: i64 = 10_000_000;
/// Segments are read whole when they are checked, so they stay small enough for a small computer's memory.
const MAX_SEGMENT: u64 = 256 << 20;
/// No camera's JPEG comes near it; a source that sends more is broken.
const MAX_FRAME: u64 = 64 << 20;

/// A frame to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewFrame<'a> {
    /// The camera that took it.
    pub camera: CameraId,
    /// When it was captured.
    pub at: Timestamp,
    /// The camera's running number.
    pub seq: u64,
    /// Picture width in pixels.
    pub width: u16,
    /// Picture height in pixels.
    pub height: u16,
    /// Whether something moved; frames from before and after motion are stored too, but count in no bar.
    pub motion: bool,
    /// Whether the light shifted as a whole.
    pub light_shift: bool,
    /// The detector's score.
    pub score: u16,
    /// What moved, strongest first; those beyond [`rtm2_app::wire::frame::MAX_BOXES`] are not kept.
    pub boxes: &'a [Region],
    /// The detector's coarse map, at most [`crate::MAX_GRID`] bytes.
    pub grid: Option<&'a [u8]>,
    /// The JPEG as the camera made it.
    pub jpeg: &'a [u8],
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The time that it is stored under. Differs from the one asked for only if that was taken (a clock set back) or
    /// out of range.
    pub at: Timestamp,
    /// The whole bar of its second, as the store answers it from now on (B17). Frames from around motion leave it as it
    /// is: its count is 0 where no frame of the second is of motion.
    pub bar: Bar,
    /// The oldest frame of its camera that is still held: bars before it are gone (B12).
    pub oldest: Timestamp,
}

/// A frame as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFrame {
    /// What is known of it.
    pub info: FrameInfo,
    /// The detector's coarse map, if one was stored.
    pub grid: Option<Vec<u8>>,
    /// The JPEG, byte for byte as it was handed in.
    pub jpeg: Bytes,
}

/// Which frame of a camera to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seek {
    /// The oldest.
    First,
    /// The newest.
    Last,
    /// The nearest at or before a time, else the first after it.
    At(Timestamp),
    /// The first after a time.
    Next(Timestamp),
    /// The last before a time.
    Previous(Timestamp),
}

/// Which frames a seek goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// Those of motion.
    Motion,
    /// Also those from before and after it.
    All,
}

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes in use: segments, index and what repairs set aside; in memory the JPEGs.
    pub bytes: u64,
    /// Most bytes that may be used; `None` in memory.
    pub budget_bytes: Option<u64>,
    /// Bytes free on the volume for this user; `None` in memory.
    pub free_bytes: Option<u64>,
    /// Frames of all cameras.
    pub frames: u64,
    /// Time of the oldest frame.
    pub oldest: Option<Timestamp>,
    /// Time of the newest frame.
    pub newest: Option<Timestamp>,
    /// Each camera that has frames, by number.
    pub cameras: Vec<CameraUsage>,
}

/// What a store holds of one camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CameraUsage {
    /// The camera.
    pub camera: CameraId,
    /// Bytes of its segments; in memory of its JPEGs.
    pub bytes: u64,
    /// Its frames.
    pub frames: u64,
    /// Time of its oldest frame.
    pub oldest: Timestamp,
    /// Time of its newest frame.
    pub newest: Timestamp,
}

impl Usage {
    /// Adds a camera's share.
    pub(crate) fn add(&mut self, camera: CameraUsage) {
        self.frames += camera.frames;
        self.oldest = Some(self.oldest.map_or(camera.oldest, |t| t.min(camera.oldest)));
        self.newest = Some(self.newest.map_or(camera.newest, |t| t.max(camera.newest)));
        self.cameras.push(camera);
    }
}

/// Which events to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    /// Those that end at this time or later.
    pub from: Timestamp,
    /// Those that begin at this time or earlier.
    pub to: Timestamp,
    /// Those of one camera.
    pub camera: Option<CameraId>,
    /// Those with at least this score.
    pub min_score: u16,
    /// Those that are pinned, or those that are not.
    pub pinned: Option<bool>,
    /// Those with exactly this label.
    pub label: Option<String>,
    /// Those in this zone, among others.
    pub zone: Option<String>,
    /// Those of which this much is left.
    pub kept: Option<Kept>,
    /// Those behind this start and camera in the list: the last one of the page before.
    pub before: Option<(Timestamp, CameraId)>,
    /// At most so many, [`crate::MAX_EVENTS`] whatever it says.
    pub limit: usize,
}

impl Default for EventFilter {
    /// All events.
    fn default() -> Self {
        Self {
            from: Timestamp(i64::MIN),
            to: Timestamp(i64::MAX),
            camera: None,
            min_score: 0,
            pinned: None,
            label: None,
            zone: None,
            kept: None,
            before: None,
            limit: usize::MAX,
        }
    }
}

impl EventFilter {
    /// Whether an event is one of those, as the index decides it too.
    pub(crate) fn lets_through(&self, event: &Event) -> bool {
        let text = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        event.start <= self.to
            && event.end >= self.from
            && event.score >= self.min_score
            && self.camera.is_none_or(|camera| camera == event.camera)
            && self.pinned.is_none_or(|pinned| pinned == event.pinned)
            && self.kept.is_none_or(|kept| kept == event.kept())
            && self.before.is_none_or(|before| (event.start, event.camera) < before)
            && text(&self.label, &event.label)
            && self.zone.as_ref().is_none_or(|zone| rtm2_app::event::is_in_zone(&event.zone, zone))
    }
}

/// What somebody says of an event; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Whether it is kept when older frames give way.
    pub pinned: Option<bool>,
    /// What it is called, [`crate::MAX_TEXT`] bytes at most.
    pub label: Option<String>,
    /// The zone it happened in, as long at most.
    pub zone: Option<String>,
}

/// How long the room will last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Bytes recorded a day: the mean of up to seven whole UTC days before today, without the day on which recording
    /// began. `None` until one such day is over.
    pub bytes_per_day: Option<u64>,
    /// Bytes that can be recorded until old frames have to give way.
    pub bytes_left: u64,
    /// How many days that is; `None` while the rate is not known or is 0.
    pub days_left: Option<f64>,
}
