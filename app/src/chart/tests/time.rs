use proptest::prelude::*;

use super::super::*;
use super::{T0, at};
use crate::Timestamp;
use crate::time::MICROS_PER_SECOND;

const HOUR: i64 = 3_600 * MICROS_PER_SECOND;

/// Central Europe in 2026: summer time from 29 March to 25 October, 01:00 UTC.
fn berlin(at: Timestamp) -> i32 {
    let (start, end) = (from_civil(2026, 3, 29) + HOUR, from_civil(2026, 10, 25) + HOUR);
    if (start..end).contains(&at.0) { 120 } else { 60 }
}

fn labels(from: i64, len: i64, width: f64) -> Vec<String> {
    ticks(Span::starting(Timestamp(from), len), width, 80.0, &berlin).into_iter().map(|t| t.label).collect()
}

#[test]
fn dates_are_those_of_the_calendar() {
    for (seconds, written) in [
        (0, "1970-01-01 00:00:00.000"),
        (951_782_400, "2000-02-29 00:00:00.000"),
        (1_772_323_199, "2026-02-28 23:59:59.000"),
        (1_772_323_200, "2026-03-01 00:00:00.000"),
        (-1, "1969-12-31 23:59:59.000"),
        (4_107_542_400, "2100-03-01 00:00:00.000"),
    ] {
        assert_eq!(full_label(Timestamp(seconds * MICROS_PER_SECOND), 0), written);
    }
    let exact = Timestamp(from_civil(2026, 3, 12) + 13 * HOUR + 65_123_999);
    assert_eq!(full_label(exact, 60), "2026-03-12 14:01:05.123");
    assert_eq!(spoken_label(exact, 60), "12 Mar 2026, 14:01:05");
    assert_eq!(full_label(exact, -600), "2026-03-12 03:01:05.123");
}

#[test]
fn b23_ticks_are_local_at_every_zoom() {
    let noon = from_civil(2026, 7, 4) + 10 * HOUR;
    assert_eq!(labels(noon, 5 * MICROS_PER_SECOND, 500.0)[..2], ["12:00:00", "12:00:01"]);
    assert_eq!(labels(noon, HOUR, 500.0)[..2], ["12:00", "12:10"]);
    assert_eq!(labels(noon, 36 * HOUR, 500.0), ["12:00", "18:00", "5 Jul", "06:00", "12:00", "18:00"]);
    assert_eq!(labels(noon, 7 * 24 * HOUR, 700.0)[0], "5 Jul");
    assert_eq!(labels(noon, 365 * 24 * HOUR, 1_000.0)[..3], ["Aug", "Sep", "Oct"]);
    assert!(labels(noon, 365 * 24 * HOUR, 1_000.0).contains(&"2027".to_owned()));
    assert_eq!(labels(noon, 4_000 * 24 * HOUR, 900.0)[0], "2027");
}

#[test]
fn ticks_stay_round_when_the_clocks_change() {
    for month_day in [(3, 29), (10, 25)] {
        let midnight = from_civil(2026, month_day.0, month_day.1) - 2 * HOUR;
        let span = Span::starting(Timestamp(midnight), 30 * HOUR);
        for tick in ticks(span, 800.0, 60.0, &berlin) {
            let c = civil(tick.at, berlin(tick.at));
            assert_eq!(c.of_day_us % (3 * HOUR), 0, "{} is not round", full_label(tick.at, berlin(tick.at)));
        }
    }
}

#[test]
fn days_begin_at_local_midnight_on_both_sides_of_a_change() {
    let span = Span::new(Timestamp(from_civil(2026, 3, 26)), Timestamp(from_civil(2026, 4, 2)));
    let days = ticks(span, 900.0, 80.0, &berlin);
    assert!(days.len() >= 6, "{days:?}");
    for day in days {
        assert_eq!(civil(day.at, berlin(day.at)).of_day_us, 0, "{}", day.label);
    }
}

proptest! {
    #[test]
    fn calendar_and_days_are_inverse(days in -1_000_000_i64..1_000_000) {
        let midnight = days * 86_400 * MICROS_PER_SECOND;
        let c = civil(Timestamp(midnight), 0);
        prop_assert_eq!(from_civil(c.year, i64::from(c.month), i64::from(c.day)), midnight);
        prop_assert_eq!(c.of_day_us, 0);
    }

    #[test]
    fn ticks_are_in_order_inside_and_apart(
        from in T0 - 400 * 24 * HOUR..T0 + 400 * 24 * HOUR, exponent in 6.3..16.5_f64, width in 200.0..2_500.0_f64,
    ) {
        let span = Span::starting(Timestamp(from), 10_f64.powf(exponent) as i64);
        let ticks = ticks(span, width, 80.0, &berlin);
        for tick in &ticks {
            prop_assert!(span.contains(tick.at) && !tick.label.is_empty());
        }
        for pair in ticks.windows(2) {
            let apart = span.x_of(pair[1].at, width) - span.x_of(pair[0].at, width);
            prop_assert!(apart >= 59.9, "{apart} px between {} and {}", pair[0].label, pair[1].label);
        }
        prop_assert!(ticks.len() as f64 <= width / 59.9 + 1.0);
    }

    #[test]
    fn a_wide_axis_has_ticks(len in 2_000_000_i64..365 * 24 * HOUR) {
        let span = Span::starting(at(123), len);
        prop_assert!(!ticks(span, 1_000.0, 80.0, &berlin).is_empty());
    }
}
