use proptest::prelude::*;

use super::super::*;
use super::{at, bar};
use crate::Bar;

fn pointer(id: i32, kind: PointerKind, x: f64) -> Pointer {
    Pointer { id, kind, x, y: 50.0 }
}

fn fine(x: f64) -> Pointer {
    pointer(1, PointerKind::Fine, x)
}

fn inside((left, width): (f64, f64), x: f64) -> bool {
    left <= x && x < left + width
}

fn finger(id: i32, x: f64) -> Pointer {
    pointer(id, PointerKind::Touch, x)
}

proptest! {
    /// The pointer is over a bar: it is that bar, at any zoom and tolerance.
    #[test]
    fn a_hit_is_exact_to_the_bar(
        seconds in prop::collection::btree_set(0_i64..5_000, 1..200), len in 2_i64..5_000, x in 0.0..1_000.0_f64, tolerance in 0.0..20.0_f64,
    ) {
        let bars: Vec<Bar> = seconds.into_iter().map(|s| bar(s, 1)).collect();
        let view = Span::new(at(0), at(len));
        let columns = fold(&bars, bucket_for(view, 1_000.0));
        let under = columns.iter().find(|c| c.span.contains(view.time_at(x, 1_000.0))).copied();
        let hit = hit(&columns, view, 1_000.0, x, tolerance);
        if under.is_some() {
            prop_assert_eq!(hit, under);
        } else if let Some(hit) = hit {
            let (a, b) = (view.x_of(hit.span.from(), 1_000.0), view.x_of(hit.span.to(), 1_000.0));
            prop_assert!(a - x <= tolerance && x - b <= tolerance, "{x} is too far from {a}..{b}");
        }
    }

    /// At every zoom from seconds to years, on any screen: each pixel of a bar points at that bar, and the marker of a bar's
    /// first frame stands in it.
    #[test]
    fn marker_and_pointer_are_exact_to_the_bar_as_it_is_painted(
        seconds in prop::collection::btree_set(0_i64..40_000_000, 1..300),
        zoom in 0.0..1.0_f64,
        place in 0.0..1.0_f64,
        width in 200.0..2_000.0_f64,
        ratio in prop::sample::select(vec![1.0, 1.25, 1.5, 2.0, 3.0]),
    ) {
        let bars: Vec<Bar> = seconds.iter().map(|s| bar(*s, 1)).collect();
        // Two seconds to a year and more, evenly over all powers.
        let len = (2e6 * 2e7_f64.powf(zoom)) as i64;
        let around = seconds.iter().nth((place * seconds.len() as f64) as usize).copied().unwrap_or(0);
        let view = Span::starting(crate::Timestamp(at(around).0 - len / 3), len);
        let columns = fold(&bars, bucket_for(view, width));
        let painted = Painted { view, width_px: width, ratio };
        for column in columns.iter().filter(|column| view.contains(column.first)) {
            let (left, wide) = painted.column(column);
            for pixel in (left * ratio).round() as i64..((left + wide) * ratio).round() as i64 {
                let x = (pixel as f64 + 0.5) / ratio;
                // Bars are never painted over each other, but for the very least width.
                if columns.iter().filter(|other| inside(painted.column(other), x)).count() == 1 {
                    prop_assert_eq!(painted.pointed(&columns, x, 0.0), Some(*column), "{}", x);
                }
            }
            let marker = view.x_of(column.first, width);
            // The gap behind a bar is a pixel of CSS and belongs to its time.
            let (device, gap) = (1.0 / ratio, 1.0);
            prop_assert!(marker > left - device && marker < left + wide + gap + device, "{marker} in {left}+{wide}");
            prop_assert!(column.span.contains(view.time_at(marker, width)));
        }
    }

    /// Any storm of events: nothing panics, and when all are up nothing is held.
    #[test]
    fn any_sequence_of_events_ends_at_rest(events in prop::collection::vec((0_u8..5, 0_i32..4, -50.0..1_050.0_f64), 0..100)) {
        let mut gestures = Gestures::default();
        for (what, id, x) in events {
            match what {
                0 => gestures.press(finger(id, x)),
                1 => gestures.press_box(finger(id, x)),
                2 => {
                    if let Action::Pinch { factor, .. } = gestures.moved(finger(id, x)) {
                        prop_assert!(factor.is_finite() && factor > 0.0);
                    }
                }
                3 => { gestures.released(finger(id, x)); }
                _ => gestures.cancelled(id),
            }
        }
        (0..4).for_each(|id| gestures.cancelled(id));
        prop_assert!(!gestures.active());
    }
}

#[test]
fn a_finger_may_miss_and_a_mouse_must_not() {
    let columns = fold(&[bar(50, 1)], 1_000_000);
    let view = Span::new(at(0), at(100));
    let hit = |x, kind: PointerKind| hit(&columns, view, 1_000.0, x, kind.tolerance_px());
    assert!(hit(505.0, PointerKind::Fine).is_some());
    assert!(hit(490.0, PointerKind::Fine).is_none());
    assert!(hit(490.0, PointerKind::Touch).is_some());
    assert!(hit(400.0, PointerKind::Touch).is_none());
}

#[test]
fn a_click_is_not_a_drag() {
    let mut g = Gestures::default();
    assert_eq!(g.moved(fine(10.0)), Action::Hover(10.0));
    g.press(fine(10.0));
    assert_eq!(g.moved(fine(12.0)), Action::None);
    assert_eq!(g.released(fine(12.0)), Action::Tap(12.0, PointerKind::Fine));
    g.press(fine(10.0));
    assert_eq!(g.moved(fine(30.0)), Action::Pan(20.0));
    assert_eq!(g.moved(fine(25.0)), Action::Pan(-5.0));
    assert_eq!(g.released(fine(25.0)), Action::None);
    assert!(!g.active());
}

#[test]
fn a_box_is_drawn_and_shown() {
    let mut g = Gestures::default();
    g.press_box(fine(300.0));
    assert_eq!(g.moved(fine(200.0)), Action::Box(300.0, 200.0));
    assert_eq!(g.released(fine(200.0)), Action::Zoom(200.0, 300.0));
    g.press_box(fine(300.0));
    assert_eq!(g.released(fine(301.0)), Action::Tap(301.0, PointerKind::Fine));
}

#[test]
fn two_fingers_pinch_and_leave_no_click() {
    let mut g = Gestures::default();
    g.press(finger(1, 100.0));
    g.press(finger(2, 200.0));
    assert_eq!(g.moved(finger(2, 300.0)), Action::Pinch { from_x: 150.0, to_x: 200.0, factor: 0.5 });
    assert_eq!(g.moved(finger(1, 200.0)), Action::Pinch { from_x: 200.0, to_x: 250.0, factor: 2.0 });
    assert_eq!(g.released(finger(1, 200.0)), Action::None);
    assert_eq!(g.moved(finger(2, 310.0)), Action::Pan(10.0), "the finger that stays drags on");
    assert_eq!(g.released(finger(2, 310.0)), Action::None);
    g.press(finger(3, 5.0));
    g.cancelled(3);
    assert!(!g.active(), "the browser took it to scroll the page");
}
