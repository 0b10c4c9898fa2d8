//! Ticks of the time axis: round local times, whatever the zone does.

use super::Span;
use super::civil::{civil, clock_label, from_civil};
use crate::Timestamp;
use crate::time::MICROS_PER_SECOND;

/// Minutes that local clocks are east of UTC at a time; daylight saving changes it.
pub type Zone<'a> = &'a dyn Fn(Timestamp) -> i32;

/// A tick of the time axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Its time.
    pub at: Timestamp,
    /// What is written under it.
    pub label: String,
}

const DAY: i64 = 86_400;
const DAY_US: i64 = DAY * MICROS_PER_SECOND;

/// Distances between ticks, in seconds, as people read clocks.
const CLOCK_STEPS: [i64; 15] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 10_800, 21_600];

/// Distances on the calendar.
#[derive(Clone, Copy)]
enum Step {
    /// Seconds that divide a day.
    Clock(i64),
    /// Days of the month: every so many, counted from the first.
    Days(i64),
    /// Months that divide a year.
    Months(i64),
    /// Years.
    Years(i64),
}

impl Step {
    /// Its usual length in microseconds.
    fn len_us(self) -> i64 {
        match self {
            Self::Clock(s) => s * MICROS_PER_SECOND,
            Self::Days(d) => d * DAY_US,
            Self::Months(m) => m * 30 * DAY_US,
            Self::Years(y) => y * 365 * DAY_US,
        }
    }

    /// The shortest whose ticks are at least `least_us` apart.
    fn at_least(least_us: f64) -> Self {
        let clock = CLOCK_STEPS.into_iter().chain([43_200]).map(Self::Clock);
        let days = [1, 2, 7, 14].into_iter().map(Self::Days);
        let months = [1, 3, 6].into_iter().map(Self::Months);
        let years = [1, 2, 5, 10, 20, 50, 100].into_iter().map(Self::Years);
        clock
            .chain(days)
            .chain(months)
            .chain(years)
            .find(|s| s.len_us() as f64 >= least_us)
            .unwrap_or(Self::Years(1_000))
    }
}

/// Ticks in `span` at round local times, at least `gap_px` apart when it fills `width_px`.
pub fn ticks(span: Span, width_px: f64, gap_px: f64, zone: Zone<'_>) -> Vec<Tick> {
    let least = span.len_us() as f64 * gap_px.max(1.0) / width_px.max(1.0);
    let step = Step::at_least(least);
    let times = match step {
        Step::Clock(seconds) => clock_ticks(span, seconds * MICROS_PER_SECOND, zone),
        _ => calendar_ticks(span, step, zone),
    };
    let mut ticks: Vec<Tick> = Vec::with_capacity(times.len());
    for at in times {
        // Where clocks are put back or a month is short, two round times come close: the later one gives way.
        if ticks.last().is_none_or(|last| at.0.saturating_sub(last.at.0) as f64 >= least * 0.75) {
            ticks.push(Tick { at, label: clock_label(at, zone(at), step.len_us()) });
        }
    }
    ticks
}

/// Microseconds by which a time is past the last round local time.
fn past_round(at: Timestamp, step_us: i64, zone: Zone<'_>) -> i64 {
    civil(at, zone(at)).of_day_us.rem_euclid(step_us)
}

fn clock_ticks(span: Span, step_us: i64, zone: Zone<'_>) -> Vec<Timestamp> {
    let mut times = Vec::new();
    let mut at = Timestamp(span.from().0.saturating_sub(past_round(span.from(), step_us, zone)));
    while at < span.to() {
        if span.contains(at) && past_round(at, step_us, zone) == 0 {
            times.push(at);
        }
        let next = Timestamp(at.0.saturating_add(step_us));
        // After a change of the clocks the next round time is nearer or further than a step.
        let back = Timestamp(next.0 - past_round(next, step_us, zone));
        at = if back > at { back } else { next };
    }
    times
}

/// The time at which local clocks show `local_us` microseconds since the epoch.
fn to_utc(local_us: i64, zone: Zone<'_>) -> Timestamp {
    let offset_us = |at: i64| i64::from(zone(Timestamp(at))) * 60 * MICROS_PER_SECOND;
    // The offset is asked near the answer, then at the answer: right but within the hour that a change doubles or skips.
    let guess = local_us.saturating_sub(offset_us(local_us));
    Timestamp(local_us.saturating_sub(offset_us(guess)))
}

fn calendar_ticks(span: Span, step: Step, zone: Zone<'_>) -> Vec<Timestamp> {
    let start = civil(span.from(), zone(span.from()));
    let end = civil(span.to(), zone(span.to()));
    let (first_month, last_month) = (month_number(start.year, start.month), month_number(end.year, end.month));
    let mut times = Vec::new();
    let every = match step {
        Step::Clock(_) | Step::Days(_) => 1,
        Step::Months(m) => m,
        Step::Years(y) => 12 * y,
    };
    let mut month = first_month - first_month.rem_euclid(every);
    while month <= last_month {
        let (year, of_year) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let length = (from_civil(year, of_year + 1, 1) - from_civil(year, of_year, 1)) / DAY_US;
        let days: Vec<i64> = match step {
            Step::Days(d) => (1..=length).step_by(d as usize).collect(),
            _ => vec![1],
        };
        times
            .extend(days.into_iter().map(|d| to_utc(from_civil(year, of_year, d), zone)).filter(|t| span.contains(*t)));
        month += every;
    }
    times
}

fn month_number(year: i64, month: u8) -> i64 {
    year * 12 + i64::from(month) - 1
}
