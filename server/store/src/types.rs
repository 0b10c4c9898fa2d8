//! What goes into the store and what comes out.

use std::path::PathBuf;

use bytes::Bytes;
use rtm2_app::{Bar, CameraId, FrameInfo, Region, Timestamp};

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
    /// Most bytes that the directory may take, index included; the oldest segments go when more would be used. At
    /// least [`MIN_BUDGET`]. Without meaning in memory.
    pub budget_bytes: u64,
    /// Size in bytes at which a segment ends and the next begins. An eighth of the budget at most, whatever it says.
    pub segment_bytes: u64,
}

impl Options {
    /// 10 GiB of segments of 16 MiB in `dir`.
    pub fn directory(dir: impl Into<PathBuf>) -> Self {
        Self { place: Place::Directory(dir.into()), budget_bytes: 10 << 30, segment_bytes: 16 << 20 }
    }

    /// The newest 64 frames of each camera in memory (R16).
    pub fn memory() -> Self {
        Self { place: Place::Memory { frames: 64 }, ..Self::directory(PathBuf::new()) }
    }

    /// Refuses what cannot work and works out the rest.
    pub(crate) fn limits(&self) -> Result<Limits, Error> {
        match self.place {
            Place::Memory { frames: 0 } => {
                Err(Error::Options("memory for 0 frames holds nothing; ask for at least 1".into()))
            }
            Place::Directory(_) if self.budget_bytes < MIN_BUDGET => Err(Error::Options(format!(
                "a budget of {} bytes is too small for recordings; give at least {MIN_BUDGET}",
                self.budget_bytes
            ))),
            _ => Ok(Limits {
                budget: self.budget_bytes,
                segment: self.segment_bytes.clamp(1, MAX_SEGMENT).min(self.budget_bytes / 8),
                frame: MAX_FRAME.min(self.budget_bytes / 8),
            }),
        }
    }
}

/// Limits in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of the whole directory.
    pub(crate) budget: u64,
    /// Of a segment.
    pub(crate) segment: u64,
    /// Of a stored frame: it must fit into a segment of its own.
    pub(crate) frame: u64,
}

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
    /// The whole bar of its second, as the store answers it from now on (B17).
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
