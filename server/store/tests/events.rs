//! Events, frames from around motion, marks, and what is remembered of each second.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use std::fs;
use std::path::Path;

use common::{ALL, DAY, SECOND, append, append_still, copy_dir, killed, open, open_small, segments, times};
use proptest::prelude::*;
use rtm2_app::{CameraId, Event, Kept, Timestamp};
use rtm2_store::{Error, EventFilter, Mark, Mode, NewFrame, Options, Store, check};

const CAMERA: CameraId = CameraId(0);

fn all(store: &Store) -> Vec<Event> {
    let mut events = store.events(&EventFilter::default()).unwrap();
    events.reverse();
    events
}

fn pin(store: &Store, start: i64) {
    store.mark(CAMERA, Timestamp(start), &Mark { pinned: Some(true), ..Mark::default() }).unwrap();
}

#[test]
fn frames_without_a_longer_pause_are_one_event() {
    let dir = tempfile::tempdir().unwrap();
    for store in [open(dir.path()), Store::open(Options::memory()).unwrap()] {
        for (second, number) in [(100, 3), (101, 9), (110, 9), (140, 2)] {
            append(&store, 0, second * SECOND, number);
        }
        let events = all(&store);
        assert_eq!(events.len(), 2);
        let Event { start, end, peak, score, frames, held, region, .. } = events[0].clone();
        assert_eq!((start.0, end.0, peak.0), (100 * SECOND, 110 * SECOND, 101 * SECOND));
        assert_eq!((score, frames, held, events[0].kept()), (27, 3, 3, Kept::Whole));
        let region = region.unwrap();
        assert_eq!((region.x, region.y, region.w, region.h, region.strength), (0, 3, 7, 12, 702));
        assert_eq!(events[1].start, Timestamp(140 * SECOND));
        assert_eq!(store.event(CAMERA, start).unwrap(), Some(events[0].clone()));
        assert_eq!(store.event(CAMERA, Timestamp(1)).unwrap(), None);
    }
}

#[test]
fn frames_around_motion_belong_to_its_event_and_count_in_no_bar() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_small(dir.path());
    for second in [97, 98, 99] {
        let bar = append_still(&store, 0, second * SECOND, 1).bar;
        assert_eq!(bar.count, 0);
    }
    append(&store, 0, 100 * SECOND, 2);
    let still = append_still(&store, 0, 100 * SECOND + 5, 3);
    assert_eq!((still.bar.count, still.bar.first.0), (1, 100 * SECOND), "b17: the bar is as it was");
    append_still(&store, 0, 103 * SECOND, 4);
    let check_all = |store: &Store| {
        let events = all(store);
        assert_eq!((events.len(), events[0].frames, events[0].held), (1, 1, 1));
        assert_eq!((events[0].from.0, events[0].to.0), (97 * SECOND, 103 * SECOND));
        let bars = store.bars(CAMERA, ALL.0, ALL.1, SECOND, 100).unwrap();
        assert_eq!(bars.iter().map(|bar| (bar.start.0, bar.count)).collect::<Vec<_>>(), [(100 * SECOND, 1)]);
        let motion: Vec<_> = store.frames(CAMERA, ALL.0, ALL.1, 100).unwrap().iter().map(|f| f.motion).collect();
        assert_eq!(motion, [false, false, false, true, false, false]);
        assert_eq!(store.features(CAMERA, ALL.0, ALL.1, 100).unwrap().len(), 1);
    };
    check_all(&store);
    drop(store);
    assert!(check(dir.path(), Mode::Report).unwrap().is_sound());
    fs::remove_file(dir.path().join("index.sqlite")).unwrap();
    check_all(&open_small(dir.path()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn events_are_the_same_from_disk_memory_and_segments_alone(
        steps in prop::collection::vec((prop_oneof![4 => 0..3 * SECOND, 1 => 9 * SECOND..30 * SECOND], any::<u8>()), 1..60),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (disk, memory) = (open_small(dir.path()), Store::open(Options::memory()).unwrap());
        let mut at = 1_000 * SECOND;
        for (step, number) in steps {
            at += step;
            for store in [&disk, &memory] {
                append(store, 0, at, number);
            }
        }
        let events = all(&disk);
        prop_assert_eq!(&events, &all(&memory));
        let features = disk.features(CAMERA, ALL.0, ALL.1, 1_000).unwrap();
        prop_assert_eq!(&features, &memory.features(CAMERA, ALL.0, ALL.1, 1_000).unwrap());
        prop_assert_eq!(features.len(), disk.last_bars(CAMERA, 1_000).unwrap().len());
        let copy = killed(dir.path());
        fs::remove_file(copy.path().join("index.sqlite")).unwrap();
        fs::remove_file(copy.path().join("index.sqlite-wal")).unwrap();
        let rebuilt = open_small(copy.path());
        prop_assert_eq!(&events, &all(&rebuilt));
        prop_assert_eq!(features, rebuilt.features(CAMERA, ALL.0, ALL.1, 1_000).unwrap());
    }

    #[test]
    fn whatever_the_order_every_frame_has_one_event_and_events_do_not_overlap(
        at in prop::collection::vec(0..2_000 * SECOND, 1..80),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let store = open_small(dir.path());
        for at in &at {
            append(&store, 0, *at, *at as u8);
        }
        let events = all(&store);
        let frames = times(&store, 0);
        prop_assert_eq!(events.iter().map(|event| event.frames as usize).sum::<usize>(), frames.len());
        for pair in events.windows(2) {
            prop_assert!(pair[0].end < pair[1].start, "{pair:?}");
        }
        for event in &events {
            let inside = frames.iter().filter(|at| (event.start.0..=event.end.0).contains(*at)).count();
            prop_assert_eq!(inside, event.frames as usize);
            prop_assert!(frames.binary_search(&event.peak.0).is_ok());
            prop_assert!(event.end.0 - event.start.0 <= rtm2_app::event::MAX_EVENT_US);
        }
        drop(store);
        let report = check(dir.path(), Mode::Report).unwrap();
        prop_assert!(report.is_sound(), "{report:?}");
    }
}

#[test]
fn events_are_found_by_what_is_asked_and_page_by_page() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for i in 0..20_i64 {
        append(&store, (i % 2) as u16, i / 2 * 60 * SECOND, i as u8);
    }
    let ask = |filter: EventFilter| store.events(&filter).unwrap();
    let (mut paged, mut before) = (Vec::new(), None);
    while let page = ask(EventFilter { limit: 3, before, ..EventFilter::default() })
        && let Some(last) = page.last()
    {
        before = Some((last.start, last.camera));
        paged.extend(page);
    }
    assert_eq!(paged, ask(EventFilter::default()));
    assert_eq!(paged.len(), 20);
    let one = ask(EventFilter { camera: Some(CameraId(1)), ..EventFilter::default() });
    assert!(one.len() == 10 && one.iter().all(|event| event.camera == CameraId(1)));
    let minute = Timestamp(60 * SECOND);
    assert_eq!(ask(EventFilter { from: minute, to: minute, ..EventFilter::default() }).len(), 2);
    assert_eq!(ask(EventFilter { min_score: 50, ..EventFilter::default() }).len(), 3);
    assert_eq!(ask(EventFilter { limit: 0, ..EventFilter::default() }), []);
    pin(&store, minute.0);
    let label = |label: &str| Mark { label: Some(label.into()), zone: Some("door".into()), ..Mark::default() };
    store.mark(CAMERA, minute, &label("cat")).unwrap();
    store.mark(CameraId(1), minute, &label("dog")).unwrap();
    let count = |filter| ask(filter).len();
    assert_eq!(count(EventFilter { pinned: Some(true), ..EventFilter::default() }), 1);
    assert_eq!(count(EventFilter { pinned: Some(false), ..EventFilter::default() }), 19);
    assert_eq!(count(EventFilter { label: Some("cat".into()), ..EventFilter::default() }), 1);
    assert_eq!(count(EventFilter { zone: Some("door".into()), ..EventFilter::default() }), 2);
    assert_eq!(count(EventFilter { kept: Some(Kept::Whole), ..EventFilter::default() }), 20);
    assert_eq!(count(EventFilter { kept: Some(Kept::Record), ..EventFilter::default() }), 0);
}

/// A frame in which something moves in these zones.
fn append_in(store: &Store, at: i64, zones: &str) {
    let frame = NewFrame {
        camera: CAMERA,
        at: Timestamp(at),
        seq: 1,
        width: 16,
        height: 16,
        motion: true,
        light_shift: false,
        score: 1,
        boxes: &[],
        grid: Some(&[7; 192]),
        jpeg: &common::picture(60),
    };
    store.append_in(&frame, zones).unwrap();
}

#[test]
fn zones_of_frames_become_those_of_their_event_and_outlive_the_index() {
    let dir = tempfile::tempdir().unwrap();
    let stores = [open(dir.path()), Store::open(Options::memory()).unwrap()];
    let ask = |store: &Store, zone: &str| {
        let filter = EventFilter { zone: Some(zone.into()), ..EventFilter::default() };
        store.events(&filter).unwrap().iter().map(|event| event.start.0 / SECOND).collect::<Vec<_>>()
    };
    for store in &stores {
        for (second, zones) in
            [(100, "street"), (101, ""), (102, "street, porch"), (103, "porch"), (200, "porch"), (300, "")]
        {
            append_in(store, second * SECOND, zones);
        }
        let zones: Vec<_> = all(store).into_iter().map(|event| event.zone).collect();
        assert_eq!(zones, ["street, porch", "porch", ""]);
        assert_eq!([ask(store, "porch"), ask(store, "street"), ask(store, "por")], [vec![200, 100], vec![100], vec![]]);
    }
    let [store, _] = stores;
    let before = all(&store);
    let copy = killed(dir.path());
    fs::remove_file(copy.path().join("index.sqlite")).unwrap();
    fs::remove_file(copy.path().join("index.sqlite-wal")).unwrap();
    assert_eq!(all(&open(copy.path())), before, "found again in the segments");
    drop(store);
    let store = open(dir.path());
    assert_eq!(all(&store), before);
    append_in(&store, 310 * SECOND, &"x".repeat(5_000));
    assert_eq!(all(&store)[2].zone.len(), rtm2_store::MAX_ZONES, "cut");
}

#[test]
fn marks_outlive_the_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for i in 0..3 {
        append(&store, 0, i * 60 * SECOND, 1);
    }
    pin(&store, 60 * SECOND);
    store.mark(CAMERA, Timestamp(0), &Mark { label: Some("post".into()), ..Mark::default() }).unwrap();
    let before = all(&store);
    let copy = killed(dir.path());
    fs::remove_file(copy.path().join("index.sqlite")).unwrap();
    fs::remove_file(copy.path().join("index.sqlite-wal")).unwrap();
    fs::write(copy.path().join("marks/shopping.txt"), "milk").unwrap();
    assert_eq!(all(&open(copy.path())), before);
    drop(store);
    let store = open(dir.path());
    assert_eq!(all(&store), before);
    store.mark(CAMERA, Timestamp(60 * SECOND), &Mark { pinned: Some(false), ..Mark::default() }).unwrap();
    assert_eq!(fs::read_dir(dir.path().join("marks")).unwrap().count(), 1);
    for text in ["x".repeat(201), "two\nlines".into()] {
        let refused = store.mark(CAMERA, Timestamp(0), &Mark { label: Some(text), ..Mark::default() });
        assert!(matches!(refused, Err(Error::Text(_))), "{refused:?}");
    }
    assert!(matches!(store.mark(CAMERA, Timestamp(5), &Mark::default()), Err(Error::NoEvent { .. })));
    let memory = Store::open(Options::memory()).unwrap();
    assert!(matches!(memory.mark(CAMERA, Timestamp(0), &Mark::default()), Err(Error::MemoryOnly)));
}

#[test]
fn a_deleted_event_is_gone_with_its_frames_and_nothing_else_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_small(dir.path());
    for i in 0..40_i64 {
        // Ten events of four frames each, several of them in each segment.
        append(&store, 0, i / 4 * 60 * SECOND + i % 4 * SECOND, i as u8);
    }
    pin(&store, 240 * SECOND);
    assert!(matches!(store.delete_event(CAMERA, Timestamp(240 * SECOND)), Err(Error::Pinned)));
    store.delete_event(CAMERA, Timestamp(180 * SECOND)).unwrap();
    store.delete_event(CAMERA, Timestamp(540 * SECOND)).unwrap();
    assert!(matches!(store.delete_event(CAMERA, Timestamp(540 * SECOND)), Err(Error::NoEvent { .. })));
    let gone = |at: &i64| (180 * SECOND..240 * SECOND).contains(at) || *at >= 540 * SECOND;
    let left: Vec<_> = (0..40).map(|i| i / 4 * 60 * SECOND + i % 4 * SECOND).filter(|at| !gone(at)).collect();
    assert_eq!(times(&store, 0), left);
    assert_eq!(all(&store).len(), 8);
    assert_eq!(store.features(CAMERA, ALL.0, ALL.1, 100).unwrap().len(), 32);
    append(&store, 0, 700 * SECOND, 1);
    drop(store);
    let report = check(dir.path(), Mode::Report).unwrap();
    assert!(report.is_sound(), "{report:?}");
    let store = open_small(dir.path());
    assert_eq!(times(&store, 0), [left, vec![700 * SECOND]].concat());
}

#[test]
fn bars_of_any_width_are_the_sum_of_the_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_small(dir.path());
    for i in 0..200_i64 {
        append(&store, 0, i * 7_919 * SECOND, i as u8);
    }
    for bucket in [60, 300, 3_600, 7_200, 86_400, 604_800, 90, 61].map(|seconds| seconds * SECOND) {
        let bars = store.bars(CAMERA, Timestamp(0), ALL.1, bucket, 1_000).unwrap();
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<u32>(), 200, "{bucket}");
        let part = store.bars(CAMERA, Timestamp(DAY), Timestamp(3 * DAY), bucket, 1_000).unwrap();
        let inside = |bar: &&rtm2_app::Bar| bar.start.0 + bucket > DAY && bar.start.0 <= 3 * DAY;
        assert_eq!(part, bars.iter().filter(inside).copied().collect::<Vec<_>>(), "{bucket}");
    }
}

/// Made by the version before events: nine frames of motion in three seconds.
const LAYOUT_1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/layout-1");

#[test]
fn a_store_of_the_first_layout_opens_with_its_events() {
    let dir = tempfile::tempdir().unwrap();
    copy_dir(Path::new(LAYOUT_1), dir.path());
    let report = check(dir.path(), Mode::Report).unwrap();
    assert!(report.is_sound() && report.notes.len() == 1, "{report:?}");
    let store = open(dir.path());
    let frames = store.frames(CAMERA, ALL.0, ALL.1, 100).unwrap();
    assert_eq!(frames.len(), 9);
    for frame in &frames {
        assert!(frame.motion && store.frame(CAMERA, frame.at).unwrap().is_some());
    }
    let bars = |bucket| store.bars(CAMERA, ALL.0, ALL.1, bucket, 100).unwrap();
    assert_eq!(bars(SECOND).iter().map(|bar| bar.count).collect::<Vec<_>>(), [3, 4, 2]);
    assert_eq!(bars(60 * SECOND).iter().map(|bar| bar.count).collect::<Vec<_>>(), [7, 2]);
    assert_eq!(bars(DAY)[0].count, 9);
    let events = all(&store);
    assert_eq!((events.len(), events[0].frames, events[0].held), (1, 9, 9));
    assert_eq!((events[0].start, events[0].end), (frames[0].at, frames[8].at));
    assert_eq!(store.features(CAMERA, ALL.0, ALL.1, 100).unwrap().len(), 3);
    append(&store, 0, frames[8].at.0 + SECOND, 1);
    assert_eq!(all(&store)[0].frames, 10);
    drop(store);
    let report = check(dir.path(), Mode::Report).unwrap();
    assert!(report.is_sound() && report.notes.is_empty(), "{report:?}");
    assert_eq!(segments(dir.path()).len(), 2);
}

#[test]
fn a_repair_brings_a_store_of_the_first_layout_to_todays() {
    let dir = tempfile::tempdir().unwrap();
    copy_dir(Path::new(LAYOUT_1), dir.path());
    let segment = segments(dir.path()).remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).unwrap();
    assert!(!check(dir.path(), Mode::Report).unwrap().is_sound());
    let report = check(dir.path(), Mode::Repair).unwrap();
    assert!(report.is_sound() && report.frames == 8, "{report:?}");
    assert_eq!(all(&open(dir.path()))[0].held, 8);
}

#[test]
fn the_forecast_tells_how_long_the_room_lasts() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let now = Timestamp(100 * DAY + DAY / 2);
    let forecast = store.forecast(now).unwrap().unwrap();
    assert_eq!((forecast.bytes_per_day, forecast.days_left), (None, None));
    assert!(forecast.bytes_left > 0);
    let in_days = |days: i64| store.forecast(Timestamp(now.0 + days * DAY)).unwrap().unwrap();
    let record = |days: i64, frames: i64| {
        for i in 0..frames {
            append(&store, 0, now.0 + days * DAY + i, 1);
        }
    };
    // A new installation: of the first day only the end is known, and today is not over.
    record(0, 7);
    record(1, 1);
    assert_eq!([in_days(0).bytes_per_day, in_days(1).bytes_per_day], [None, None]);
    let one = in_days(2).bytes_per_day.unwrap();
    let known = in_days(2);
    assert!((known.days_left.unwrap() - known.bytes_left as f64 / one as f64).abs() < 1e-6);
    // Days without any recording count; what is recorded today or, by a clock that was wrong, later does not.
    record(2, 5);
    record(400, 9);
    assert_eq!(in_days(2).bytes_per_day, Some(one));
    assert_eq!(in_days(4).bytes_per_day, Some(one * 6 / 3));
    // Seven days back and no further.
    assert_eq!(in_days(9).bytes_per_day, Some(one * 5 / 7));
    let still = in_days(30);
    assert_eq!((still.bytes_per_day, still.days_left), (Some(0), None));
    assert_eq!(Store::open(Options::memory()).unwrap().forecast(now).unwrap(), None);
}
