//! A month of days: which of them had motion, and what stretch of time each of them is. Days are those of local clocks, so
//! one has 23, 24 or 25 hours.

use super::Span;
use super::civil::{MONTHS, civil, from_civil};
use super::ticks::Zone;
use crate::day::DAY_US;
use crate::time::MICROS_PER_SECOND;
use crate::{Bar, Timestamp};

/// Width of the bars that days are summed from: every zone's days begin at a quarter of an hour of UTC.
pub const QUARTER_US: i64 = 900 * MICROS_PER_SECOND;

const MINUTE_US: i64 = 60 * MICROS_PER_SECOND;
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A date of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Days since 1970-01-01.
    number: i64,
}

impl Date {
    /// The date that local clocks show at a time.
    pub fn of(at: Timestamp, zone: Zone<'_>) -> Self {
        let local = at.0.saturating_add(i64::from(zone(at)) * MINUTE_US);
        Self { number: local.div_euclid(DAY_US) }
    }

    /// A date of the calendar; days and months beyond the end run on.
    pub fn new(year: i64, month: i64, day: i64) -> Self {
        Self { number: from_civil(year, month, day).div_euclid(DAY_US) }
    }

    fn civil(self) -> super::Civil {
        civil(Timestamp(self.number.saturating_mul(DAY_US)), 0)
    }

    /// Days since 1970-01-01.
    pub fn number(self) -> i64 {
        self.number
    }

    /// Day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.civil().day
    }

    /// 0 is Monday.
    pub fn weekday(self) -> usize {
        // 1970 began on a Thursday.
        (self.number + 3).rem_euclid(7) as usize
    }

    /// The date some days later, or earlier.
    pub fn plus_days(self, days: i64) -> Self {
        Self { number: self.number.saturating_add(days) }
    }

    /// The same day of another month, or its last where that is shorter.
    pub fn plus_months(self, months: i64) -> Self {
        let c = self.civil();
        let first = Self::new(c.year, i64::from(c.month) + months, 1);
        first.plus_days((i64::from(c.day) - 1).min(first.month_length() - 1))
    }

    /// The first of its month.
    pub fn month(self) -> Self {
        self.plus_days(1 - i64::from(self.day()))
    }

    fn month_length(self) -> i64 {
        let c = self.civil();
        Self::new(c.year, i64::from(c.month) + 1, 1).number - self.month().number
    }

    /// Its month's weeks from Monday to Sunday, with the days of other months that fill the first and the last.
    pub fn weeks(self) -> Vec<[Self; 7]> {
        let (first, length) = (self.month(), self.month_length());
        let before = first.weekday() as i64;
        let weeks = (before + length + 6) / 7;
        let day = |week: i64, weekday: usize| first.plus_days(week * 7 + weekday as i64 - before);
        (0..weeks).map(|week| std::array::from_fn(|weekday| day(week, weekday))).collect()
    }

    /// When it begins: the first minute at which local clocks show it, also where they skip midnight.
    fn start(self, zone: Zone<'_>) -> Timestamp {
        // No clock is more than 15 hours away from UTC.
        let midnight = self.number.saturating_mul(DAY_US);
        let (mut before, mut from) = (-15 * 60_i64, 15 * 60_i64);
        let at = |minutes: i64| Timestamp(midnight.saturating_add(minutes * MINUTE_US));
        while from - before > 1 {
            let middle = i64::midpoint(before, from);
            if Self::of(at(middle), zone) < self { before = middle } else { from = middle }
        }
        at(from)
    }

    /// From its midnight to the next, by local clocks.
    pub fn span(self, zone: Zone<'_>) -> Span {
        Span::new(self.start(zone), self.plus_days(1).start(zone))
    }

    /// `Mar 2026`.
    pub fn month_name(self) -> String {
        let c = self.civil();
        [MONTHS[usize::from(c.month.clamp(1, 12)) - 1], " ", &c.year.to_string()].concat()
    }

    /// In words: `Thursday, 12 Mar 2026`.
    pub fn spoken(self) -> String {
        [WEEKDAYS[self.weekday()], ", ", &self.day().to_string(), " ", &self.month_name()].concat()
    }
}

/// Frames of each date that has any, by date, from bars by time that are no wider than [`QUARTER_US`].
pub fn frames_by_date(bars: &[Bar], zone: Zone<'_>) -> Vec<(Date, u64)> {
    let mut days: Vec<(Date, u64)> = Vec::new();
    for bar in bars.iter().filter(|bar| bar.count > 0) {
        let date = Date::of(bar.start, zone);
        match days.last_mut() {
            Some((last, frames)) if *last == date => *frames += u64::from(bar.count),
            _ => days.push((date, u64::from(bar.count))),
        }
    }
    days
}

/// How strongly a day is coloured when the busiest one had `most` frames: 0 for nothing, else 1 to 4, by the square root, so
/// that one storm does not make all other days look alike.
pub fn intensity(frames: u64, most: u64) -> u8 {
    if frames == 0 {
        return 0;
    }
    let share = (frames as f64 / most.max(frames) as f64).sqrt();
    ((share * 4.0).ceil() as u8).clamp(1, 4)
}
