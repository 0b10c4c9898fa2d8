//! What is known of a picture beside its bytes.

use serde::{Deserialize, Serialize};

use crate::{CameraId, Timestamp};

/// A box around something that moved, in pixels of the camera's own picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "[u16; 5]", into = "[u16; 5]")]
pub struct Region {
    /// Left edge.
    pub x: u16,
    /// Upper edge.
    pub y: u16,
    /// Width.
    pub w: u16,
    /// Height.
    pub h: u16,
    /// How strongly it moved; comparable within one detector only.
    pub strength: u16,
}

impl From<[u16; 5]> for Region {
    fn from([x, y, w, h, strength]: [u16; 5]) -> Self {
        Self { x, y, w, h, strength }
    }
}

impl From<Region> for [u16; 5] {
    fn from(r: Region) -> Self {
        [r.x, r.y, r.w, r.h, r.strength]
    }
}

/// A stored frame without its bytes: what the history shows around a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameInfo {
    /// The camera that took it.
    pub camera: CameraId,
    /// When it was captured; unique within a camera, so camera and time name a frame.
    pub at: Timestamp,
    /// The camera's running number since the server started.
    pub seq: u64,
    /// Picture width in pixels.
    pub width: u16,
    /// Picture height in pixels.
    pub height: u16,
    /// The detector's score.
    pub score: u16,
    /// Size of the stored JPEG in bytes.
    pub bytes: u32,
    /// What moved.
    pub boxes: Vec<Region>,
    /// Whether something moved; not so in frames kept from before and after motion.
    pub motion: bool,
}
