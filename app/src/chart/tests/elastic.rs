//! Sifting equals looking at every second.

use proptest::prelude::*;

use super::super::elastic::{Elastic, Rule, STEPS, Tally, share, step_of};
use super::super::{Column, Span};
use crate::day::{ALL_CELLS, DAY_S, DAY_US, Day, Second, Seconds};
use crate::time::MICROS_PER_SECOND;
use crate::{Bar, CameraId, Timestamp};

const NUMBER: u32 = 20_600;

fn second(day: u32, of_day: i64, count: u32, (area, biggest, cells): (u16, u16, u64)) -> Second {
    let start = Timestamp(i64::from(day) * DAY_US + of_day * MICROS_PER_SECOND);
    let bar = Bar { start, count, first: start };
    Second { bar, area, biggest, light: false, is_known: true, cells: cells & ALL_CELLS }
}

fn day(number: u32, rows: &[(i64, u32, (u16, u16, u64))]) -> Day {
    let mut seconds = Seconds::default();
    for (of_day, count, what) in rows {
        seconds.push(second(number, *of_day, *count, *what));
    }
    Day { camera: CameraId(0), number, seconds }
}

/// The rule in words: enough changed, a region was large enough, and one of the cells was touched.
fn passes(second: &Second, rule: Rule) -> bool {
    let touched = (0..48).any(|cell| rule.cells >> cell & 1 == 1 && second.cells >> cell & 1 == 1);
    second.area >= rule.area && second.biggest >= rule.biggest && (rule.cells == 0 || touched)
}

type Rows = std::collections::BTreeMap<i64, (u32, (u16, u16, u64))>;

fn rows() -> impl Strategy<Value = Rows> {
    // Near each other, so that columns hold several, and few cells, so that masks miss.
    let cells = prop::collection::vec(0_u32..48, 0..4).prop_map(|cells| cells.into_iter().fold(0, |m, c| m | 1 << c));
    prop::collection::btree_map(0_i64..400, (1_u32..60, (any::<u16>(), any::<u16>(), cells)), 0..120)
}

fn listed(rows: &Rows) -> Vec<(i64, u32, (u16, u16, u64))> {
    rows.iter().map(|(of_day, (count, what))| (*of_day, *count, *what)).collect()
}

proptest! {
    #[test]
    fn sifting_equals_brute_force(
        days in prop::collection::vec(rows(), 1..4),
        rules in prop::collection::vec((any::<u16>(), any::<u16>(), prop_oneof![Just(0), 0..=ALL_CELLS]), 1..4),
        (from, len) in (0_i64..1_200, 1_i64..900),
    ) {
        let days: Vec<Day> = days.iter().enumerate().map(|(i, rows)| day(NUMBER + i as u32, &listed(rows))).collect();
        let mut elastic = Elastic::default();
        // In any order.
        elastic.put_all(days.iter().rev());
        let all: Vec<Second> = days.iter().flat_map(|d| (0..d.seconds.len()).filter_map(|i| d.seconds.get(i))).collect();
        prop_assert_eq!(elastic.seconds().len(), all.len());
        for (area, biggest, cells) in rules {
            let rule = Rule { area, biggest, cells };
            elastic.set(rule);
            let start = Timestamp(i64::from(NUMBER) * DAY_US + from * MICROS_PER_SECOND);
            let span = Span::starting(start, len * 500_000);
            let inside: Vec<&Second> = all.iter().filter(|s| span.contains(s.bar.start)).collect();
            let passed: Vec<&&Second> = inside.iter().filter(|s| passes(s, rule)).collect();
            let tally = Tally { passed: passed.len() as u32, known: inside.len() as u32 };
            prop_assert_eq!(elastic.tally(span), tally);
            let sum = |seconds: &[&Second]| seconds.iter().map(|s| u64::from(s.bar.count)).sum::<u64>();
            let count = sum(&inside);
            let column = Column { span, count, first: start };
            prop_assert_eq!(elastic.passing(&column), sum(&passed.into_iter().copied().collect::<Vec<_>>()));
            // Frames that no record is known of are not hidden.
            let more = Column { count: count + 7, ..column };
            prop_assert_eq!(elastic.passing(&more), elastic.passing(&column) + 7);
        }
    }

    #[test]
    fn a_rule_is_remembered(area: u16, biggest: u16, cells in 0..=ALL_CELLS, junk: String) {
        let rule = Rule { area, biggest, cells };
        prop_assert_eq!(Rule::from_text(&rule.to_text()), rule);
        Rule::from_text(&junk);
    }
}

#[test]
fn a_day_that_comes_again_replaces_itself() {
    let mut elastic = Elastic::default();
    elastic.set(Rule { area: 100, ..Rule::default() });
    elastic.put(&day(NUMBER, &[(5, 3, (50, 0, 0)), (DAY_S - 1, 4, (500, 0, 0))]));
    elastic.put(&day(NUMBER + 1, &[(0, 2, (50, 0, 0))]));
    elastic.put(&day(NUMBER, &[(5, 6, (50, 0, 0)), (7, 1, (100, 0, 0)), (DAY_S - 1, 4, (500, 0, 0))]));
    let all = Span::starting(Timestamp(0), i64::MAX);
    assert_eq!(elastic.tally(all), Tally { passed: 2, known: 4 });
    assert_eq!(elastic.passing(&Column { span: all, count: 13, first: Timestamp(0) }), 5);
    elastic.clear();
    assert_eq!((elastic.tally(all), elastic.rule().area), (Tally::default(), 100));
}

#[test]
fn nothing_held_hides_nothing() {
    let elastic = Elastic::default();
    let span = Span::starting(Timestamp(0), 1);
    assert_eq!(elastic.passing(&Column { span, count: 9, first: Timestamp(0) }), 9);
    assert!(elastic.rule().is_open());
}

#[test]
fn a_slider_reaches_from_nothing_to_everything_and_comes_back_to_its_step() {
    assert_eq!((step_of(0), share(1)), (0, 1));
    assert_eq!((share(0), share(STEPS), share(STEPS + 1)), (0, 65_535, 65_535));
    for step in 0..=STEPS {
        assert!(step == 0 || share(step) >= share(step - 1));
        assert_eq!(share(step_of(share(step))), share(step));
    }
}
