//! Cameras as both sides know them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A camera's number: its place in the configuration, from 0. Every API takes one, also while there is one camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CameraId(pub u16);

impl fmt::Display for CameraId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CameraId {
    type Err = std::num::ParseIntError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Self)
    }
}

/// How a camera is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "s", rename_all = "lowercase", try_from = "FlatState")]
pub enum CameraState {
    /// Being opened for the first time.
    Starting,
    /// Frames arrive.
    Live,
    /// Open, but no frame for some seconds.
    Stalled {
        /// When the last frame came, or when it was opened if none came.
        since: Timestamp,
    },
    /// Not open; it is tried again by itself.
    Lost {
        /// When it was lost.
        since: Timestamp,
        /// Why, in words for the user; never holds a password.
        reason: String,
    },
}

/// All fields of all states, each there or not: read through it, a state costs the page less.
#[derive(Deserialize)]
struct FlatState {
    s: String,
    since: Option<Timestamp>,
    reason: Option<String>,
}

impl TryFrom<FlatState> for CameraState {
    type Error = &'static str;

    fn try_from(FlatState { s, since, reason }: FlatState) -> Result<Self, Self::Error> {
        match (s.as_str(), since, reason) {
            ("starting", ..) => Ok(Self::Starting),
            ("live", ..) => Ok(Self::Live),
            ("stalled", Some(since), _) => Ok(Self::Stalled { since }),
            ("lost", Some(since), Some(reason)) => Ok(Self::Lost { since, reason }),
            _ => Err("not a camera's state"),
        }
    }
}

/// A camera as the page lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameraInfo {
    /// Its number.
    pub id: CameraId,
    /// Its name from the configuration.
    pub name: String,
    /// Its source with credentials removed, such as `camera:0` or `http://host/video`.
    pub source: String,
    /// Whether its pictures are generated: the page labels them DEMO.
    pub demo: bool,
    /// How it is doing.
    pub state: CameraState,
    /// Names of the zones that are watched, by number; empty where all of the picture is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
}

/// Which pictures a viewer wants (R36).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// None; states, bars and the heartbeat only.
    Off,
    /// Only pictures in which something moves.
    #[default]
    Motion,
    /// Every picture.
    Live,
}
