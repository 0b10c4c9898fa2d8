//! Bodies of the HTTP API, shared by the server and the page.

use serde::{Deserialize, Serialize};

use crate::{Bar, CameraId, Event, Timestamp};

/// Body of `POST /api/v1/login`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Account name.
    pub user: String,
    /// Password, never logged.
    pub password: String,
}

/// Body of `POST /api/v1/setup`: makes the first account.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The one-time token from the link that the first start prints.
    pub token: String,
    /// Name of the account to make.
    pub user: String,
    /// Its password.
    pub password: String,
}

/// Answer of `GET /api/v1/cameras/{camera}/bars`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bars {
    /// The camera.
    pub camera: CameraId,
    /// Width of a bucket in microseconds.
    pub bucket_us: i64,
    /// Bars with at least one frame, by time.
    pub bars: Vec<Bar>,
    /// Capture times of the oldest and newest frame stored, for the overview; `None` while there is none.
    pub extent: Option<(Timestamp, Timestamp)>,
}

/// Answer of `GET /api/v1/cameras/{camera}/days`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// The camera.
    pub camera: CameraId,
    /// The server's day: days since 1970-01-01, UTC.
    pub today: u32,
    /// Days in which frames of motion are stored: number, how many frames, and a mark that changes with the day's index.
    pub days: Vec<(u32, u32, String)>,
}

/// Answer of `GET /api/v1/events`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventList {
    /// Events, newest first.
    pub events: Vec<Event>,
    /// What to give as `before` for the next page; `None` on the last.
    pub next: Option<String>,
}

/// Body of `PATCH /api/v1/cameras/{camera}/events/{start}`; what is missing stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarkEvent {
    /// Whether it is kept when older frames give way.
    pub pinned: Option<bool>,
    /// What it is called; empty for nothing.
    pub label: Option<String>,
    /// The zone it happened in; empty for none.
    pub zone: Option<String>,
}

/// Answer of `GET /api/v1/storage`. With recordings in memory alone there is no budget and nothing to forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Storage {
    /// Bytes in use.
    pub bytes: u64,
    /// Most bytes that may be used.
    pub budget_bytes: Option<u64>,
    /// Bytes free on the volume.
    pub free_bytes: Option<u64>,
    /// Stored frames.
    pub frames: u64,
    /// The oldest.
    pub oldest: Option<Timestamp>,
    /// The newest.
    pub newest: Option<Timestamp>,
    /// Bytes recorded a day: the mean of up to seven whole UTC days before today, without the day on which recording
    /// began; `None` until one such day is over.
    pub bytes_per_day: Option<u64>,
    /// Bytes that can be recorded until old frames give way.
    pub bytes_left: Option<u64>,
    /// Days until then; `None` while the rate is not known or is 0.
    pub days_left: Option<f64>,
}

/// What a refused request is answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong and what to do about it.
    pub error: String,
}

/// Shortest password that an account may have, in characters (NIST SP 800-63B asks for at least 8).
pub const MIN_PASSWORD: usize = 10;
