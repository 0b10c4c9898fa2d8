//! Calendar arithmetic on times that were already moved into a zone, and how times are written.

use crate::Timestamp;
use crate::time::MICROS_PER_SECOND;

const DAY_US: i64 = 86_400 * MICROS_PER_SECOND;
pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date and time of day, in whatever zone the caller moved the time into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year of the Gregorian calendar.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// Microseconds since midnight.
    pub of_day_us: i64,
}

impl Civil {
    fn hour(self) -> i64 {
        self.of_day_us / (3_600 * MICROS_PER_SECOND)
    }

    fn minute(self) -> i64 {
        self.of_day_us / (60 * MICROS_PER_SECOND) % 60
    }

    fn second(self) -> i64 {
        self.of_day_us / MICROS_PER_SECOND % 60
    }

    fn milli(self) -> i64 {
        self.of_day_us / 1_000 % 1_000
    }

    fn month_name(self) -> &'static str {
        MONTHS[usize::from(self.month.clamp(1, 12)) - 1]
    }
}

/// Moves a time by a zone's offset.
fn local(at: Timestamp, offset_minutes: i32) -> i64 {
    at.0.saturating_add(i64::from(offset_minutes) * 60 * MICROS_PER_SECOND)
}

/// The date and time of day that a clock `offset_minutes` east of UTC shows.
///
/// Days become dates by the era method: 400 years have 146 097 days, counted from the first of March so that the leap
/// day is a year's last.
pub fn civil(at: Timestamp, offset_minutes: i32) -> Civil {
    let local = local(at, offset_minutes);
    let days = local.div_euclid(DAY_US) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Civil { year, month: month as u8, day: day as u8, of_day_us: local.rem_euclid(DAY_US) }
}

/// Microseconds from the epoch to midnight of a date, in the date's own zone. Months beyond 12 run into later years.
pub fn from_civil(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    (era * 146_097 + of_era - 719_468) * DAY_US
}

/// An exact time: `2026-03-12 14:05:07.123`.
pub fn full_label(at: Timestamp, offset_minutes: i32) -> String {
    let c = civil(at, offset_minutes);
    format!("{:04}-{:02}-{:02} {}", c.year, c.month, c.day, clock_label(at, offset_minutes, 1))
}

/// A time in words for a screen reader: `12 Mar 2026, 14:05:07`.
pub fn spoken_label(at: Timestamp, offset_minutes: i32) -> String {
    let c = civil(at, offset_minutes);
    format!("{} {} {}, {}", c.day, c.month_name(), c.year, clock_label(at, offset_minutes, MICROS_PER_SECOND))
}

/// A time on an axis whose ticks are `step_us` apart: just as exact as the step needs. Steps below a second show
/// milliseconds; a day or more shows dates; midnight shows its date at any step.
pub fn clock_label(at: Timestamp, offset_minutes: i32, step_us: i64) -> String {
    let c = civil(at, offset_minutes);
    let (h, m, s) = (c.hour(), c.minute(), c.second());
    match step_us {
        step if step >= 300 * DAY_US => format!("{}", c.year),
        step if step >= 28 * DAY_US && c.month == 1 => format!("{}", c.year),
        step if step >= 28 * DAY_US => c.month_name().to_owned(),
        step if step >= DAY_US => format!("{} {}", c.day, c.month_name()),
        step if step >= 60 * MICROS_PER_SECOND && c.of_day_us == 0 => format!("{} {}", c.day, c.month_name()),
        step if step >= 60 * MICROS_PER_SECOND => format!("{h:02}:{m:02}"),
        step if step >= MICROS_PER_SECOND => format!("{h:02}:{m:02}:{s:02}"),
        _ => format!("{h:02}:{m:02}:{s:02}.{:03}", c.milli()),
    }
}
