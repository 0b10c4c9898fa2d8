//! Bodies of the HTTP API, shared by the server and the page.

use serde::{Deserialize, Serialize};

use crate::{Bar, CameraId, Timestamp};

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

/// What a refused request is answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong and what to do about it.
    pub error: String,
}

/// Shortest password that an account may have, in characters (NIST SP 800-63B asks for at least 8).
pub const MIN_PASSWORD: usize = 10;
