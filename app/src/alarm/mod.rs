//! Alarm policy: what is worth a ring, how loud, and when it ends. No clock and no device: the time is an argument, and
//! ringing is the page's.
//!
//! A [`Policy`] hears of motion and of trouble and answers with [`Ring`]s. It damps as the original did (R51), keeps a
//! cooldown, quiet hours and a snooze, gets louder while nobody acknowledges, and rings once for each trouble, however
//! often it is told of it (B27). [`Settings`] is what a device remembers (B28).

mod pattern;
mod policy;
mod quiet;
mod settings;
mod trouble;

pub use pattern::{MOST_PULSES, Pattern, PatternError};
pub use policy::{Policy, Ring, Ringing};
pub use quiet::{Moment, Quiet, minutes_from, minutes_text};
pub use settings::{CameraRule, Channel, Channels, Damping, Settings, Tune, Watch, ZoneRule};
pub use trouble::{Health, Trouble};

use crate::CameraId;

/// Why it rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Something moved, in the zone of this number where the camera has zones.
    Motion(CameraId, Option<u8>),
    /// Something that should watch does not.
    Trouble(Trouble),
}

/// How hard it rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// Only what makes no noise: quiet hours.
    Silent,
    /// As set.
    Normal,
    /// Nobody acknowledged: as loud as it goes.
    Loud,
    /// Still nobody: as loud and as long as it goes. Whoever can be told otherwise should be told now.
    Last,
}

#[cfg(test)]
mod tests;
