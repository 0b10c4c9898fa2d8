use proptest::prelude::*;

use super::super::*;
use super::{answer, ask, at, bar};
use crate::bars::upsert;
use crate::{Bar, Timestamp};

fn loaded(bars: Vec<Bar>) -> History {
    let mut history = History::default();
    history.begin();
    history.replace_recent(answer(bars), RECENT_BARS);
    history
}

fn total(columns: &[Column]) -> u64 {
    columns.iter().map(|c| c.count).sum()
}

#[test]
fn b10_empty_history_is_a_state() {
    let mut history = History::default();
    assert_eq!(history.state(), &LoadState::Loading);
    history.begin();
    history.replace_recent(answer(Vec::new()), RECENT_BARS);
    assert_eq!(history.state(), &LoadState::Empty);
    assert!(history.is_whole() && history.columns(Span::new(at(0), at(60)), 500.0).is_empty());
    history.live(bar(3, 1));
    assert_eq!(history.state(), &LoadState::Ready, "one bar is enough to show");
}

#[test]
fn a_failure_keeps_what_is_held_and_can_be_retried() {
    let mut history = History::default();
    history.begin();
    history.live(bar(9, 2));
    history.fail("no answer".to_owned());
    assert_eq!(history.state(), &LoadState::Failed("no answer".to_owned()));
    history.live(bar(10, 2));
    assert!(matches!(history.state(), LoadState::Failed(_)), "two live bars are not the history");
    history.begin();
    assert_eq!(history.state(), &LoadState::Loading);
    history.replace_recent(answer(vec![bar(1, 1)]), RECENT_BARS);
    assert_eq!(history.seconds(), [bar(1, 1), bar(9, 2), bar(10, 2)]);
    history.begin();
    history.fail("no answer".to_owned());
    assert_eq!(history.state(), &LoadState::Ready);
}

#[test]
fn b20_release_replaces() {
    let mut history = loaded((0..999).map(|s| bar(s, 1)).collect());
    for second in 999..2_500 {
        history.live(bar(second, 1));
    }
    for _ in 0..3 {
        history.release(RECENT_BARS);
        assert_eq!(history.seconds().len(), RECENT_BARS);
        assert_eq!(history.seconds().first(), Some(&bar(1_500, 1)));
        assert!(history.seconds().windows(2).all(|w| w[0].start < w[1].start), "sorted, and nothing twice");
    }
    assert!(!history.is_whole(), "what was released can be asked for again");
    assert!(history.overview_query(500.0).is_some());
}

#[test]
fn what_is_released_stays_in_the_overview() {
    let stored: Vec<Bar> = (0..5_000).map(|s| bar(s * 7, 2)).collect();
    let mut history = loaded(stored[4_000..].to_vec());
    history.replace_recent(
        crate::http::Bars { extent: Some((stored[0].first, stored[4_999].first)), ..answer(stored[4_000..].to_vec()) },
        RECENT_BARS,
    );
    history.set_overview(ask(&stored, history.overview_query(400.0).unwrap()));
    assert_eq!(history.total(), 10_000);
    for second in 35_000..36_000 {
        history.live(bar(second, 1));
    }
    history.release(RECENT_BARS);
    assert_eq!(history.seconds().len(), RECENT_BARS);
    assert_eq!(history.total(), 11_000);
    let all = history.columns(bounds(history.extent(), at(36_000)), 400.0);
    assert_eq!(total(&all), 11_000);
}

#[test]
fn an_answer_for_another_cut_is_ignored() {
    let mut history = loaded((0..RECENT_BARS as i64).map(|s| bar(s, 1)).collect());
    let span = Span::new(at(-1_000), at(5));
    history.set_overview(Layer { query: BarQuery { span, bucket_us: 60_000_000 }, bars: vec![bar(-60, 9)] });
    assert_eq!(history.total(), RECENT_BARS as u64);
}

#[test]
fn a_million_bars_are_folded_into_no_more_columns_than_fit() {
    let bars: Vec<Bar> = (0..1_000_000).map(|i| bar(i * 31, 1 + (i % 17) as u32)).collect();
    let sum: u64 = bars.iter().map(|b| u64::from(b.count)).sum();
    let mut history = History::default();
    history.replace_all(answer(bars));
    assert!(history.is_whole());
    let view = bounds(history.extent(), at(31_000_000));
    let columns = history.columns(view, 1_200.0);
    assert!(columns.len() <= 602, "{}", columns.len());
    assert_eq!(total(&columns), sum);
}

#[test]
fn a_refresh_forgets_only_what_a_gap_makes_it_forget() {
    let mut history = History::default();
    history.replace_all(answer((0..3_000).map(|s| bar(s, 1)).collect()));
    history.begin();
    history.refresh(answer((2_500..3_500).map(|s| bar(s, 2)).collect()), RECENT_BARS);
    assert_eq!(history.seconds().len(), 1_000, "the answer says that what is older than it is gone");

    history.replace_all(answer((0..3_000).map(|s| bar(s, 1)).collect()));
    let extent = Some((bar(0, 1).first, bar(3_499, 1).first));
    let newest = |a: i64, b: i64| crate::http::Bars { extent, ..answer((a..b).map(|s| bar(s, 2)).collect()) };
    history.refresh(newest(2_500, 3_500), RECENT_BARS);
    assert_eq!(history.seconds().len(), 3_500, "all that was loaded is still there");
    assert_eq!(history.seconds()[2_500], bar(2_500, 2));
    history.refresh(newest(9_000, 10_000), RECENT_BARS);
    assert_eq!(history.seconds().len(), 1_000, "with a gap between, only what is gapless is kept");
    assert!(!history.is_whole());
}

/// What a server does between a page's request and its answer.
#[derive(Clone, Debug)]
enum Event {
    /// A frame of motion is stored in this second and announced.
    Frame(i64),
    /// The page asks again; the server answers at once, the answer arrives later.
    Ask,
    /// The answer that is under way arrives.
    Arrive,
    /// The connection was lost, and with it what was announced but not heard; the page asks again.
    Lost,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![6 => (0_i64..3).prop_map(Event::Frame), 1 => Just(Event::Ask), 1 => Just(Event::Arrive), 1 => Just(Event::Lost)];
    prop::collection::vec(event, 0..200)
}

proptest! {
    /// Live bars and refetches in any order, the announcements up to five late: in the end the page holds what a
    /// fresh page would be told.
    #[test]
    fn b17_live_bars_equal_a_refetch(before in 0_i64..50, events in events(), late in 0_usize..5) {
        let mut stored: Vec<Bar> = (0..before).map(|s| bar(s, 2)).collect();
        let mut history = loaded(stored.clone());
        let (mut second, mut under_way) = (before, None);
        let mut announced = std::collections::VecDeque::new();
        for event in events {
            match event.clone() {
                Event::Frame(later) => {
                    second += later;
                    let count = stored.last().filter(|b| b.start == at(second)).map_or(0, |b| b.count) + 1;
                    upsert(&mut stored, bar(second, count));
                    announced.push_back(bar(second, count));
                }
                Event::Ask => {
                    history.begin();
                    under_way = Some(answer(stored.clone()));
                }
                Event::Arrive => {
                    if let Some(answer) = under_way.take() {
                        history.replace_recent(answer, RECENT_BARS);
                    }
                }
                Event::Lost => {}
            }
            if matches!(event, Event::Lost) {
                announced.clear();
                under_way = None;
                history.begin();
                history.refresh(answer(stored.clone()), RECENT_BARS);
            }
            while announced.len() > late {
                history.live(announced.pop_front().unwrap());
            }
        }
        if let Some(answer) = under_way {
            history.replace_recent(answer, RECENT_BARS);
        }
        for bar in announced {
            history.live(bar);
        }
        prop_assert_eq!(history.seconds(), &stored[..]);
        let fresh = loaded(stored);
        prop_assert_eq!(history.state(), fresh.state());
        prop_assert_eq!(history.extent(), fresh.extent());
    }

    #[test]
    fn folding_loses_and_doubles_nothing(seconds in prop::collection::btree_map(0_i64..100_000, 0_u32..40, 0..300), i in 0..BUCKETS_US.len()) {
        let bars: Vec<Bar> = seconds.into_iter().map(|(s, n)| bar(s, n)).collect();
        let columns = fold(&bars, BUCKETS_US[i]);
        prop_assert_eq!(total(&columns), bars.iter().map(|b| u64::from(b.count)).sum::<u64>());
        for column in &columns {
            prop_assert_eq!(column.span.from().bucket(BUCKETS_US[i]), column.span.from());
            let first = bars.iter().find(|b| b.count > 0 && column.span.contains(b.start)).unwrap();
            prop_assert_eq!(column.first, first.first);
        }
        prop_assert!(columns.windows(2).all(|w| w[0].span.to() <= w[1].span.from()));
    }

    /// However much is held second by second, coarsely or finely, a view shows every frame once, and after what it
    /// asks for has come it shows the same columns as if all were held.
    #[test]
    fn a_view_shows_the_same_whatever_is_held(
        gaps in prop::collection::vec(1_i64..2_000, 20..300), recent in 5_usize..20,
        a in 0.0..1.0_f64, len in 0.001..1.0_f64, width in 100.0..2_000.0_f64, with_overview: bool,
    ) {
        let mut second = 0;
        let stored: Vec<Bar> = gaps.iter().map(|g| { second += g; bar(second, (g % 30) as u32 + 1) }).collect();
        let mut whole = History::default();
        whole.replace_all(answer(stored.clone()));
        let extent = whole.extent();
        let mut part = History::default();
        part.replace_recent(
            crate::http::Bars { extent, ..answer(stored[stored.len() - recent..].to_vec()) },
            recent,
        );
        prop_assert!(!part.is_whole());
        let all = bounds(extent, at(second));
        if with_overview {
            part.set_overview(ask(&stored, part.overview_query(300.0).unwrap()));
            prop_assert_eq!(part.total(), whole.total());
            prop_assert_eq!(total(&part.columns(all, width)), whole.total());
        }
        let from = Timestamp(all.from().0 + (a * all.len_us() as f64) as i64);
        let view = clamp(Span::starting(from, (len * all.len_us() as f64) as i64), all);
        if let Some(query) = part.detail_query(view, width) {
            part.set_detail(ask(&stored, query));
        }
        prop_assert_eq!(part.detail_query(view, width), None, "asked twice");
        let bucket = bucket_for(view, width);
        prop_assert_eq!(part.columns_of(view, bucket), whole.columns_of(view, bucket));
    }
}
