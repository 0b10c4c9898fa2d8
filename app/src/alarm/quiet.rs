//! Quiet hours: a span of the local day. Which offset the local time has is the caller's to say, so daylight saving
//! moves the hours with the clock on the wall.

use crate::Timestamp;
use crate::time::MICROS_PER_SECOND;

/// Minutes in a day.
const DAY_MIN: u16 = 24 * 60;

/// A point in time with the local clock's distance to UTC at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub at: Timestamp,
    /// Local time minus UTC, in minutes.
    pub offset_min: i32,
}

impl Moment {
    /// Minutes since local midnight, 0 to 1439.
    pub const fn minute_of_day(self) -> u16 {
        let minutes = self.at.0.div_euclid(60 * MICROS_PER_SECOND).saturating_add(self.offset_min as i64);
        minutes.rem_euclid(DAY_MIN as i64) as u16
    }
}

/// A span of each day without noise, in minutes since local midnight. It may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: u16,
    to: u16,
}

impl Quiet {
    /// From one minute of the day up to another, that one not included; `None` for an empty span or no minutes of a day.
    pub const fn new(from: u16, to: u16) -> Option<Self> {
        if from == to || from >= DAY_MIN || to >= DAY_MIN { None } else { Some(Self { from, to }) }
    }

    /// When it begins, in minutes since local midnight.
    pub const fn from(self) -> u16 {
        self.from
    }

    /// When it ends, in minutes since local midnight.
    pub const fn to(self) -> u16 {
        self.to
    }

    /// Whether a moment lies in it.
    pub const fn holds(self, moment: Moment) -> bool {
        let minute = moment.minute_of_day();
        if self.from < self.to {
            self.from <= minute && minute < self.to
        } else {
            self.from <= minute || minute < self.to
        }
    }
}

/// Minutes since midnight as `22:05`.
pub fn minutes_text(minutes: u16) -> String {
    let two = |n: u16| [char::from(b'0' + (n / 10 % 10) as u8), char::from(b'0' + (n % 10) as u8)];
    two(minutes / 60).into_iter().chain([':']).chain(two(minutes % 60)).collect()
}

/// Minutes since midnight from `22:05`; `None` for what is no time of day.
pub fn minutes_from(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}
