//! Points in time as rtm2 counts them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Microseconds in a second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;

/// Microseconds since the Unix epoch, UTC, taken when a picture was captured.
///
/// Browsers show it in local time; buckets of history are cut in UTC, so daylight saving never doubles or swallows
/// an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The time of a count of milliseconds since the epoch; saturates at the ends of the range.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000))
    }

    /// Whole milliseconds since the epoch, rounded down.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The start of the bucket of `width_us` microseconds that holds this time. Widths below 1 count as 1.
    pub const fn bucket(self, width_us: i64) -> Self {
        let width = if width_us < 1 { 1 } else { width_us };
        Self(self.0.saturating_sub(self.0.rem_euclid(width)))
    }

    /// The start of this time's UTC second.
    pub const fn second(self) -> Self {
        self.bucket(MICROS_PER_SECOND)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_round_down_before_the_epoch_too() {
        assert_eq!(Timestamp(1_999_999).second(), Timestamp(1_000_000));
        assert_eq!(Timestamp(-1).second(), Timestamp(-1_000_000));
        assert_eq!(Timestamp(5).bucket(0), Timestamp(5));
        assert_eq!(Timestamp(i64::MIN).second(), Timestamp(i64::MIN));
    }
}
