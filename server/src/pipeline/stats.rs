//! What the pipeline counts, for `/metrics` and the log.

use std::fmt;
use std::time::{Duration, Instant};

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use rtm2_app::{CameraId, Timestamp};

/// Pictures that a camera delivered.
pub const CAPTURED: &str = "rtm2_frames_captured_total";
/// Pictures in which something moved.
pub const MOTION: &str = "rtm2_frames_motion_total";
/// Frames stored.
pub const STORED: &str = "rtm2_frames_stored_total";
/// Bytes of frames stored.
pub const STORED_BYTES: &str = "rtm2_stored_bytes_total";
/// Frames lost on the way, by reason.
pub const DROPPED: &str = "rtm2_frames_dropped_total";
/// JPEGs made of raw pictures; none while nothing is recorded and nobody needs a whole picture.
pub const ENCODED: &str = "rtm2_frames_encoded_total";
/// Raw pictures of which only what changed was encoded, for viewers; none while nobody watches.
pub const ENCODED_PARTS: &str = "rtm2_frames_encoded_parts_total";
/// When the last picture was captured, in seconds since the epoch.
pub const LAST_FRAME: &str = "rtm2_last_frame_timestamp_seconds";
/// Time from picture to verdict.
pub const DETECT_SECONDS: &str = "rtm2_detect_seconds";

/// Why a frame was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// A newer one came before the detector was free.
    Detector,
    /// Its JPEG could not be decoded.
    Undecodable,
    /// The recorder's queue was full.
    Recorder,
    /// The store refused it.
    Store,
}

impl Dropped {
    const fn label(self) -> &'static str {
        match self {
            Self::Detector => "detector",
            Self::Undecodable => "undecodable",
            Self::Recorder => "recorder",
            Self::Store => "store",
        }
    }
}

/// What is counted of one camera's pictures. To find a counter by its name and label costs more than to count, so each is
/// found once: those of a process without a recorder of metrics stay without one.
pub struct Meters {
    captured: Counter,
    last: Gauge,
    detect: Histogram,
    motion: Counter,
    stored: Counter,
    stored_bytes: Counter,
}

impl Meters {
    /// The counters with this camera's label.
    pub fn new(camera: CameraId) -> Self {
        let label = camera.to_string();
        Self {
            captured: counter!(CAPTURED, "camera" => label.clone()),
            last: gauge!(LAST_FRAME, "camera" => label.clone()),
            detect: histogram!(DETECT_SECONDS, "camera" => label.clone()),
            motion: counter!(MOTION, "camera" => label.clone()),
            stored: counter!(STORED, "camera" => label.clone()),
            stored_bytes: counter!(STORED_BYTES, "camera" => label),
        }
    }

    /// Counts a picture that arrived.
    pub fn captured(&self, at: Timestamp) {
        self.captured.increment(1);
        self.last.set(at.0 as f64 / 1e6);
    }

    /// Counts a verdict.
    pub fn detected(&self, took: Duration, motion: bool) {
        self.detect.record(took.as_secs_f64());
        self.motion.increment(u64::from(motion));
    }

    /// Counts a stored frame.
    pub fn stored(&self, bytes: usize) {
        self.stored.increment(1);
        self.stored_bytes.increment(bytes as u64);
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}

/// Counts a lost frame.
pub fn dropped(camera: CameraId, why: Dropped) {
    counter!(DROPPED, "camera" => camera.to_string(), "reason" => why.label()).increment(1);
}

/// Lets a message through once in a while and counts what it held back.
#[derive(Debug)]
pub struct Throttle {
    every: Duration,
    last: Option<Instant>,
    suppressed: u64,
}

impl Throttle {
    /// A throttle that admits one message per `every`.
    pub fn new(every: Duration) -> Self {
        Self { every, last: None, suppressed: 0 }
    }

    /// The number of messages held back since the last one, or `None` to hold back this one.
    pub fn admit(&mut self) -> Option<u64> {
        if self.last.is_some_and(|last| last.elapsed() < self.every) {
            self.suppressed += 1;
            return None;
        }
        self.last = Some(Instant::now());
        Some(std::mem::take(&mut self.suppressed))
    }
}
