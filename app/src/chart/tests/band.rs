use super::super::*;
use super::{answer, at, bar};
use crate::{CameraId, Event};

fn event(from: i64, to: i64, pinned: bool) -> Event {
    let mut event = Event::of_frame(CameraId(0), at(from), 9, &[]);
    (event.end, event.pinned) = (at(to), pinned);
    event
}

/// A hundred seconds on a thousand pixels.
fn chart(events: Vec<Event>) -> Chart {
    let mut chart = Chart::new(at(100));
    chart.resize(1_000.0);
    chart.history.replace_recent(answer(vec![bar(0, 1), bar(99, 1)]), RECENT_BARS);
    chart.loaded();
    chart.show(Span::new(at(0), at(100)));
    chart.events = events;
    chart
}

#[test]
fn a_mark_is_where_its_event_is_and_wide_enough_to_be_seen() {
    let chart = chart(vec![event(10, 30, false), event(50, 50, true), event(-50, -20, false), event(90, 500, false)]);
    let marks: Vec<_> = chart.band().map(|(left, width, event)| (left, width, event.start)).collect();
    assert_eq!(marks, [(100.0, 200.0, at(10)), (498.5, 3.0, at(50)), (900.0, 100.0, at(90))]);
}

#[test]
fn the_pointer_finds_the_event_in_the_band_and_nothing_below_it() {
    let chart = chart(vec![event(10, 30, false), event(20, 21, true), event(60, 60, false)]);
    let plot = Plot::within((1_054.0, 300.0));
    let found = |x: f64, y: f64| chart.event_at(plot, x, y).map(|event| event.start);
    assert_eq!(found(150.0, plot.top - 4.0), Some(at(10)));
    assert_eq!(found(205.0, plot.top - 4.0), Some(at(20)), "pinned ones are in front");
    assert_eq!(found(604.0, plot.top - 4.0), Some(at(60)), "nearly");
    assert_eq!(found(620.0, plot.top - 4.0), None);
    assert_eq!(found(150.0, plot.top + 1.0), None, "there are the bars");
    assert_eq!(found(150.0, 2.0), None);
}

#[test]
fn a_view_that_moves_a_little_asks_for_the_same() {
    let mut chart = chart(Vec::new());
    let asked = chart.band_query();
    assert!(asked.span.covers(chart.view()) && !asked.pinned);
    chart.history.live(bar(100, 3));
    assert_ne!(chart.band_query(), asked, "there may be a new event");
    chart.show(Span::new(at(10), at(15)));
    assert!(chart.band_query().span.covers(chart.view()));
    let mut wide = Chart::new(at(0));
    wide.history.replace_recent(answer(vec![bar(-40 * 86_400, 1), bar(0, 1)]), RECENT_BARS);
    wide.loaded();
    wide.show_all();
    assert!(wide.band_query().pinned, "over weeks only pinned ones");
}
