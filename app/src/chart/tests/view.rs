use proptest::prelude::*;

use super::super::*;
use super::{T0, answer, at, bar};
use crate::Timestamp;

const WIDTH: f64 = 1_000.0;

prop_compose! {
    /// A view inside bounds.
    fn scene()(len in 2_000_000_i64..400 * 86_400_000_000, a in 0.0..1.0_f64, b in 0.0..1.0_f64) -> (Span, Span) {
        let all = Span::starting(Timestamp(T0), len);
        let t = |f: f64| Timestamp(T0 + (f * len as f64) as i64);
        (clamp(Span::new(t(a), t(b)), all), all)
    }
}

fn inside(view: Span, all: Span) -> bool {
    all.covers(view) && view.len_us() >= MIN_SPAN_US
}

proptest! {
    #[test]
    fn every_move_stays_inside((view, all) in scene(), x in -100.0..1_100.0_f64, dx in -5e3..5e3_f64, factor in 1e-6..1e6_f64) {
        prop_assert!(inside(view, all));
        prop_assert_eq!(clamp(view, all), view);
        prop_assert!(inside(pan(view, dx, WIDTH, all), all));
        prop_assert!(inside(zoom(view, x, factor, WIDTH, all), all));
        prop_assert!(inside(pinch(view, (x, x + dx), factor, WIDTH, all), all));
    }

    #[test]
    fn pixels_and_times_are_inverse((view, _) in scene(), x in 0.0..WIDTH) {
        let back = view.x_of(view.time_at(x, WIDTH), WIDTH);
        // Times are whole microseconds: at the closest zoom a pixel is 2000 of them.
        prop_assert!((back - x).abs() < 0.001, "{x} became {back}");
    }

    #[test]
    fn zoom_keeps_the_time_under_the_pointer((view, all) in scene(), x in 0.0..WIDTH, factor in 0.1..1.0_f64) {
        prop_assume!(view.len_us() as f64 * factor > MIN_SPAN_US as f64);
        let closer = zoom(view, x, factor, WIDTH, all);
        let slip = closer.x_of(view.time_at(x, WIDTH), WIDTH) - x;
        prop_assert!(slip.abs() < 0.01, "slipped by {slip} px");
    }

    #[test]
    fn panning_there_and_back_is_nothing((view, all) in scene(), dx in -300.0..300.0_f64) {
        let there = pan(view, dx, WIDTH, all);
        prop_assume!(there.from() != all.from() && there.to() != all.to());
        let back = pan(there, -dx, WIDTH, all);
        prop_assert!((back.from().0 - view.from().0).abs() <= 1);
    }

    #[test]
    fn a_pinch_moves_the_middle_with_the_fingers((view, all) in scene(), a in 300.0..700.0_f64, to in 300.0..700.0_f64) {
        prop_assume!(view.len_us() > 3 * MIN_SPAN_US);
        let pinched = pinch(view, (a, to), 0.5, WIDTH, all);
        prop_assume!(pinched.from() != all.from() && pinched.to() != all.to());
        prop_assert!((pinched.x_of(view.time_at(a, WIDTH), WIDTH) - to).abs() < 0.01);
    }

    #[test]
    fn columns_are_never_thinner_than_they_may_be((view, _) in scene(), width in 100.0..4_000.0_f64) {
        let bucket = bucket_for(view, width);
        prop_assert!(view.len_us() as f64 / bucket as f64 * MIN_COLUMN_PX <= width * 1.000_001);
    }

    #[test]
    fn the_window_of_the_slider_follows_the_pointer((view, all) in scene(), x in 0.0..WIDTH, to in 0.0..WIDTH) {
        let (a, b) = handles(view, all, WIDTH);
        prop_assert!(a < b && b - a >= 11.9);
        let grip = grip_at(view, all, WIDTH, x, 8.0);
        let moved = brush(view, all, WIDTH, grip, (x, to));
        prop_assert!(inside(moved, all));
        if matches!(grip, Grip::Window | Grip::Track) {
            prop_assert_eq!(moved.len_us(), view.len_us());
        }
        if grip == Grip::From && to < x {
            prop_assert!(moved.to() >= view.to() && moved.from() <= view.from());
        }
    }
}

#[test]
fn widths_of_buckets_divide_each_other() {
    for pair in BUCKETS_US.windows(2) {
        assert_eq!(pair[1] % pair[0], 0, "{pair:?}");
    }
    assert_eq!(bucket_for(Span::new(at(0), at(2)), 1_000.0), 1_000_000);
    assert_eq!(bucket_for(Span::starting(at(0), 400 * 365 * 86_400_000_000), 300.0), 604_800_000_000);
    assert_eq!(bucket_name(1_000_000), "second");
    assert_eq!(bucket_name(300_000_000), "5 minutes");
    assert_eq!(bucket_name(604_800_000_000), "week");
}

#[test]
fn the_y_axis_is_round() {
    assert_eq!(Scale::fitting(33).marks(), [0, 10, 20, 30, 40]);
    assert_eq!(Scale::fitting(7).marks(), [0, 2, 4, 6, 8]);
    for (most, top) in
        [(0, 5), (1, 5), (5, 5), (6, 6), (7, 8), (14, 15), (16, 20), (21, 25), (31, 40), (90, 100), (700, 800)]
    {
        let scale = Scale::fitting(most);
        assert_eq!(scale.top(), top, "for {most}");
        let marks = scale.marks();
        assert!(marks.len() <= 6 && marks.first() == Some(&0) && marks.last() == Some(&top), "{marks:?}");
    }
    assert!((Scale::fitting(10).height_of(5, 100.0) - 50.0).abs() < 1e-9);
    assert!(Scale::fitting(1_000_000).height_of(1, 100.0) >= 1.0, "a single frame is seen beside a million");
}

fn filled(bars: Vec<crate::Bar>, now: Timestamp) -> Chart {
    let mut chart = Chart::new(now);
    chart.resize(WIDTH);
    chart.history.replace_recent(answer(bars), RECENT_BARS);
    chart.loaded();
    chart
}

#[test]
fn a_view_at_now_follows_and_another_stays() {
    let mut chart = filled((0..600).map(|s| bar(s, 3)).collect(), at(600));
    assert!(chart.follows());
    chart.tick(at(610));
    assert!(chart.view().contains(at(609)));
    chart.zoom(100.0, 0.2);
    assert!(!chart.follows());
    let stays = chart.view();
    chart.tick(at(660));
    assert_eq!(chart.view(), stays);
    chart.pan(-1e9);
    assert!(chart.follows(), "dragged to the end, it follows again");
    let before = chart.view();
    chart.tick(at(670));
    assert_eq!(chart.view(), before.shifted(10_000_000));
    chart.tick(at(600));
    assert_eq!(chart.view(), before.shifted(10_000_000), "a clock that is put back moves nothing");
}

#[test]
fn a_view_of_everything_grows_with_time() {
    let mut chart = filled(vec![bar(0, 1), bar(500, 1)], at(600));
    chart.show_all();
    for second in 601..900 {
        chart.tick(at(second));
    }
    assert!(chart.view().contains(at(0)) && chart.view().contains(at(899)));
}

#[test]
fn r42_five_minutes_end_at_the_frame_being_looked_at() {
    let mut chart = filled((0..1_000).map(|s| bar(s * 10, 3)).collect(), at(10_000));
    chart.mark(Some(at(5_000)));
    chart.five_minutes();
    assert_eq!(chart.view().len_us(), FIVE_MINUTES_US);
    assert_eq!(chart.view().to(), Timestamp(at(5_000).0 + 1));
    assert!(chart.view().contains(at(5_000)) && !chart.follows());
    chart.fit();
    assert!(chart.view().contains(at(0)) && chart.view().contains(at(9_990)), "unzoom shows all that is loaded");
}

#[test]
fn a_marked_frame_is_brought_into_view() {
    let mut chart = filled((0..1_000).map(|s| bar(s * 10, 3)).collect(), at(10_000));
    chart.show(Span::new(at(9_000), at(9_300)));
    chart.mark(Some(at(100)));
    assert!(chart.view().contains(at(100)));
    assert_eq!(chart.view().len_us(), 300_000_000);
    assert_eq!(chart.marker(), Some(at(100)));
}

#[test]
fn old_motion_is_not_shown_as_a_sliver_before_a_long_silence() {
    let chart = filled((0..30).map(|s| bar(s, 3)).collect(), at(3 * 86_400));
    assert!(!chart.follows());
    assert!(chart.view().len_us() <= 70_000_000, "{:?}", chart.view());
}

#[test]
fn a_chosen_view_survives_a_refetch() {
    let mut chart = filled((0..600).map(|s| bar(s, 3)).collect(), at(600));
    chart.show(Span::new(at(100), at(200)));
    let chosen = chart.view();
    chart.history.begin();
    chart.history.replace_recent(answer((0..601).map(|s| bar(s, 3)).collect()), RECENT_BARS);
    chart.loaded();
    assert_eq!(chart.view(), chosen);
}

#[test]
fn the_first_live_bar_of_an_empty_history_comes_into_view() {
    let mut chart = filled(Vec::new(), at(0));
    chart.tick(at(7_200));
    chart.live(bar(7_200, 1));
    assert_eq!(chart.history.state(), &LoadState::Ready);
    assert_eq!(chart.columns().len(), 1);
    assert!(chart.view().len_us() < 120_000_000 && chart.follows());
}

#[test]
fn bars_are_stepped_through() {
    let mut chart = filled(vec![bar(0, 1), bar(10, 2), bar(20, 3)], at(30));
    let newest = chart.neighbour(Step::Back).unwrap();
    assert_eq!(newest.count, 3);
    chart.mark(Some(bar(10, 2).first));
    assert_eq!(chart.neighbour(Step::Back).unwrap().count, 1);
    assert_eq!(chart.neighbour(Step::Forward).unwrap().count, 3);
    chart.mark(Some(bar(0, 1).first));
    assert_eq!(chart.neighbour(Step::Back), None);
}
