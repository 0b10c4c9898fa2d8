//! Days by local clocks.

use super::super::calendar::{Date, frames_by_date, intensity};
use crate::time::MICROS_PER_SECOND;
use crate::{Bar, Timestamp};

const HOUR: i64 = 3_600 * MICROS_PER_SECOND;

/// Microseconds since the epoch of a time of UTC.
fn utc(year: i64, month: i64, day: i64, hour: i64) -> i64 {
    super::super::from_civil(year, month, day) + hour * HOUR
}

/// Central Europe in 2026.
fn berlin(at: Timestamp) -> i32 {
    if (utc(2026, 3, 29, 1)..utc(2026, 10, 25, 1)).contains(&at.0) { 120 } else { 60 }
}

/// Clocks that go from midnight to one o'clock on 10 May 2026, and from midnight back to eleven on 11 October.
fn midnight(at: Timestamp) -> i32 {
    if (utc(2026, 5, 10, 3)..utc(2026, 10, 11, 2)).contains(&at.0) { -120 } else { -180 }
}

fn hours(date: Date, zone: super::super::Zone<'_>) -> i64 {
    let span = date.span(zone);
    assert_eq!(Date::of(span.from(), zone), date);
    assert_eq!(Date::of(Timestamp(span.to().0 - 1), zone), date);
    assert_eq!(Date::of(span.to(), zone), date.plus_days(1));
    assert_eq!(Date::of(Timestamp(span.from().0 - 1), zone), date.plus_days(-1));
    span.len_us() / HOUR
}

#[test]
fn days_have_23_24_or_25_hours() {
    let day = Date::new;
    assert_eq!([day(2026, 3, 28), day(2026, 3, 29), day(2026, 3, 30)].map(|d| hours(d, &berlin)), [24, 23, 24]);
    assert_eq!([day(2026, 10, 24), day(2026, 10, 25), day(2026, 10, 26)].map(|d| hours(d, &berlin)), [24, 25, 24]);
    assert_eq!(day(2026, 7, 1).span(&berlin).from().0, utc(2026, 6, 30, 22));
    // Where midnight does not exist the day begins at one; where it comes twice, with the second.
    assert_eq!(day(2026, 5, 10).span(&midnight).from().0, utc(2026, 5, 10, 3));
    assert_eq!([day(2026, 5, 9), day(2026, 5, 10)].map(|d| hours(d, &midnight)), [24, 23]);
    assert_eq!([day(2026, 10, 10), day(2026, 10, 11)].map(|d| d.span(&midnight).len_us() / HOUR), [25, 24]);
}

#[test]
fn every_day_ends_where_the_next_begins() {
    let zones: [super::super::Zone<'_>; 5] = [&berlin, &midnight, &|_| 345, &|_| -720, &|_| 840];
    for zone in zones {
        let mut date = Date::new(2025, 12, 30);
        for _ in 0..400 {
            assert_eq!(date.span(zone).to(), date.plus_days(1).span(zone).from());
            date = date.plus_days(1);
        }
    }
}

#[test]
fn a_frame_counts_on_the_local_day() {
    let bar = |at: i64, count| Bar { start: Timestamp(at), count, first: Timestamp(at) };
    // 23:45 of Saturday in Berlin, then midnight, then the hour after the clocks went forward.
    let bars = [bar(utc(2026, 3, 28, 23) - HOUR / 4, 1), bar(utc(2026, 3, 28, 23), 2), bar(utc(2026, 3, 29, 1), 4)];
    let days = [(Date::new(2026, 3, 28), 1), (Date::new(2026, 3, 29), 6)];
    assert_eq!(frames_by_date(&bars, &berlin), days);
    assert_eq!(frames_by_date(&bars, &|_| 0), [(Date::new(2026, 3, 28), 3), (Date::new(2026, 3, 29), 4)]);
    assert_eq!(frames_by_date(&[bar(0, 0)], &berlin), []);
}

#[test]
fn a_month_is_whole_weeks_from_monday() {
    for month in 0..48 {
        let first = Date::new(2024, 1, 1).plus_months(month);
        let weeks = first.weeks();
        let days: Vec<Date> = weeks.concat();
        assert!(days.windows(2).all(|two| two[0].plus_days(1) == two[1]) && days[0].weekday() == 0);
        let inside = days.iter().filter(|d| d.month() == first).count();
        assert!((28..=31).contains(&inside) && weeks[0][6].month() == first, "{first:?}");
        assert!(weeks.last().is_some_and(|w| w[0].month() == first));
    }
    assert_eq!(Date::new(2027, 2, 3).weeks().len(), 4, "a February that fits");
}

#[test]
fn months_are_turned_and_said() {
    let date = Date::new(2024, 1, 31);
    assert_eq!((date.plus_months(1), date.plus_months(13)), (Date::new(2024, 2, 29), Date::new(2025, 2, 28)));
    assert_eq!(date.plus_months(-2), Date::new(2023, 11, 30));
    assert_eq!(date.spoken(), "Wednesday, 31 Jan 2024");
    assert_eq!(Date::new(2026, 12, 7).month_name(), "Dec 2026");
}

#[test]
fn colours_tell_days_apart() {
    assert_eq!([0, 1, 100, 300, 600, 1_000].map(|frames| intensity(frames, 1_000)), [0, 1, 2, 3, 4, 4]);
    assert_eq!((intensity(5, 0), intensity(9, 9)), (4, 4));
}
