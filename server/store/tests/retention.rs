//! The budget over random streams of events: never passed, pinned events never lost, everything else lost in the order
//! that `docs/store.md` states. Time is the frames' own; nothing here asks a clock.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{ALL, SECOND, picture, size, try_append};
use proptest::prelude::*;
use rtm2_app::{CameraId, Event, Kept, Timestamp};
use rtm2_store::{Error, EventFilter, MIN_BUDGET, Mark, Mode, Options, Store, check};

/// An event to come: its camera, frames, the pause before it, the bytes of its pictures, whether somebody pins it.
#[derive(Clone, Debug)]
struct Burst {
    camera: u16,
    frames: u32,
    pause: i64,
    bytes: usize,
    pin: bool,
}

fn burst(cameras: u16) -> impl Strategy<Value = Burst> {
    (0..cameras, 1..25_u32, 11 * SECOND..400 * SECOND, 20_000..120_000_usize, prop::bool::weighted(0.1))
        .prop_map(|(camera, frames, pause, bytes, pin)| Burst { camera, frames, pause, bytes, pin })
}

fn held(store: &Store, camera: u16) -> BTreeSet<i64> {
    store.frames(CameraId(camera), ALL.0, ALL.1, usize::MAX).unwrap().iter().map(|frame| frame.at.0).collect()
}

fn events(store: &Store) -> Vec<Event> {
    store.events(&EventFilter::default()).unwrap()
}

/// Bytes of a camera's segments.
fn camera_bytes(store: &Store, camera: u16) -> u64 {
    let usage = store.usage().unwrap();
    usage.cameras.iter().find(|held| held.camera.0 == camera).map_or(0, |held| held.bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn budgets_are_never_passed_and_pinned_events_never_lost(
        bursts in prop::collection::vec(burst(3), 12..32),
        reopen in 0..32_usize,
        segment_bytes in 100_000..2_000_000_u64,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            budget_bytes: 2 * MIN_BUDGET,
            camera_budgets: BTreeMap::from([(CameraId(1), MIN_BUDGET)]),
            segment_bytes,
            ..Options::directory(dir.path())
        };
        let mut store = Store::open(options.clone()).unwrap();
        let (mut now, mut pinned) = (0, BTreeMap::<u16, BTreeSet<i64>>::new());
        for (i, burst) in bursts.iter().enumerate() {
            now += burst.pause;
            let start = now;
            let mut times = BTreeSet::new();
            for frame in 0..burst.frames {
                now += SECOND / 5;
                let appended = try_append(&store, burst.camera, now, frame as u8, &picture(burst.bytes)).unwrap();
                prop_assert_eq!(appended.at.0, now);
                times.insert(now);
                let taken = size(dir.path());
                prop_assert!(taken <= 2 * MIN_BUDGET, "{taken} bytes");
                prop_assert!(camera_bytes(&store, 1) <= MIN_BUDGET);
            }
            if burst.pin {
                let mark = Mark { pinned: Some(true), ..Mark::default() };
                match store.mark(CameraId(burst.camera), Timestamp(start + SECOND / 5), &mark) {
                    Ok(()) => pinned.entry(burst.camera).or_default().extend(times),
                    Err(error) => prop_assert!(matches!(error, Error::PinnedTooMuch { .. }), "{error}"),
                }
            }
            if i == reopen {
                drop(store);
                store = Store::open(options.clone()).unwrap();
            }
            for (camera, times) in &pinned {
                prop_assert!(held(&store, *camera).is_superset(times), "a frame of a pinned event is lost");
            }
        }
        for event in events(&store).iter().filter(|event| event.pinned) {
            prop_assert_eq!(event.kept(), Kept::Whole);
        }
        drop(store);
        let report = check(dir.path(), Mode::Report).unwrap();
        prop_assert!(report.is_sound(), "{report:?}");
        // Nor does losing the index lose a pin.
        std::fs::remove_file(dir.path().join("index.sqlite")).unwrap();
        let store = Store::open(options).unwrap();
        for (camera, times) in &pinned {
            prop_assert!(held(&store, *camera).is_superset(times));
        }
    }

    #[test]
    fn what_is_lost_is_lost_in_the_documented_order(bursts in prop::collection::vec(burst(1), 30..60)) {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { budget_bytes: MIN_BUDGET, segment_bytes: 400_000, ..Options::directory(dir.path()) };
        let store = Store::open(options).unwrap();
        let (mut now, mut all) = (0, BTreeSet::new());
        for burst in &bursts {
            now += burst.pause;
            for frame in 0..burst.frames {
                now += SECOND / 5;
                try_append(&store, 0, now, frame as u8, &picture(burst.bytes)).unwrap();
                all.insert(now);
            }
        }
        let held = held(&store, 0);
        let events = events(&store);
        // Every event that ever was is still told of, with the number of frames it had.
        prop_assert_eq!(events.iter().map(|event| event.frames as usize).sum::<usize>(), all.len());
        let telling: BTreeSet<i64> = events.iter().flat_map(|e| [e.start.0, e.peak.0, e.end.0]).collect();
        let lost: BTreeSet<i64> = all.difference(&held).copied().collect();
        // The oldest go first: nothing is held that is older than a lost frame that tells of an event.
        let last_deleted = lost.intersection(&telling).last().copied().unwrap_or(-1);
        prop_assert!(held.first().is_none_or(|oldest| *oldest > last_deleted), "{last_deleted} went before {held:?}");
        // They are thinned before that: up to the newest lost frame, each event has a few frames.
        let last_thinned = lost.last().copied().unwrap_or(-1);
        for event in events.iter().filter(|event| event.end.0 < last_thinned) {
            let count = held.range(event.start.0..=event.end.0).count();
            prop_assert!(count <= 7, "{count} frames of {event:?}");
        }
        for event in &events {
            prop_assert_eq!(event.held as usize, held.range(event.start.0..=event.end.0).count());
            if event.start.0 > last_deleted {
                prop_assert!([event.start, event.peak, event.end].iter().all(|at| held.contains(&at.0)), "{event:?}");
            }
            if event.start.0 > last_thinned {
                prop_assert_eq!(event.kept(), Kept::Whole);
            }
        }
        // What is remembered of each second stays when the frames go.
        let seconds: BTreeSet<i64> = all.iter().map(|at| Timestamp(*at).second().0).collect();
        prop_assert_eq!(store.features(CameraId(0), ALL.0, ALL.1, 10_000).unwrap().len(), seconds.len());
    }
}

/// A store of 8 MiB filled thirty times over by events of 30 frames a minute.
#[test]
fn a_filled_store_has_whole_thinned_and_recorded_events() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { budget_bytes: MIN_BUDGET, ..Options::directory(dir.path()) };
    let store = Store::open(options).unwrap();
    for i in 0..6_000_i64 {
        try_append(&store, 0, i / 30 * 60 * SECOND + i % 30 * SECOND / 5, (i % 30) as u8, &picture(40_000)).unwrap();
    }
    let count = |kept| store.events(&EventFilter { kept: Some(kept), ..EventFilter::default() }).unwrap().len();
    let (whole, thinned, record) = (count(Kept::Whole), count(Kept::Thinned), count(Kept::Record));
    assert_eq!(whole + thinned + record, 200);
    assert!(whole >= 1 && thinned >= 8 && record >= 50, "{whole} whole, {thinned} thinned, {record} recorded");
    assert!(size(dir.path()) <= MIN_BUDGET);
}

/// What a crash leaves between the index's word and the renaming of the thinned segment: the old file, untouched.
#[test]
fn a_crash_while_a_segment_is_thinned_brings_its_frames_back_and_counts_none_twice() {
    let dir = tempfile::tempdir().unwrap();
    let tight = Options { budget_bytes: MIN_BUDGET, segment_bytes: 600_000, ..Options::directory(dir.path()) };
    let store = Store::open(tight).unwrap();
    let at = |i: i64| i / 10 * 60 * SECOND + i % 10 * SECOND / 5;
    let put = |i: i64| try_append(&store, 0, at(i), (i % 10) as u8, &picture(40_000)).unwrap();
    for i in 0..60 {
        put(i);
    }
    let first = common::segments(dir.path()).remove(0);
    let before = std::fs::read(&first).unwrap();
    let in_first = |event: &Event| event.start.0 < 60 * SECOND;
    for i in 60..400 {
        put(i);
        if events(&store).iter().any(|event| in_first(event) && event.kept() == Kept::Thinned) {
            break;
        }
    }
    assert!(std::fs::metadata(&first).unwrap().len() < before.len() as u64, "it was thinned");
    drop(store);
    std::fs::write(&first, before).unwrap();
    let store = Store::open(Options::directory(dir.path())).unwrap();
    let found = events(&store).into_iter().find(in_first).unwrap();
    assert_eq!((found.frames, found.held, found.kept()), (10, 10, Kept::Whole));
    drop(store);
    let report = check(dir.path(), Mode::Report).unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn when_all_is_pinned_new_frames_are_refused_and_taken_again_after_unpinning() {
    let dir = tempfile::tempdir().unwrap();
    let roomy = Store::open(Options::directory(dir.path())).unwrap();
    for i in 0..300_i64 {
        try_append(&roomy, 0, i * SECOND, 0, &picture(60_000)).unwrap();
    }
    let pin = |pinned| Mark { pinned: Some(pinned), ..Mark::default() };
    roomy.mark(CameraId(0), Timestamp(0), &pin(true)).unwrap();
    drop(roomy);
    // Twice as much is pinned as the lowered budget has.
    let tight = Options { budget_bytes: MIN_BUDGET, ..Options::directory(dir.path()) };
    let store = Store::open(tight).unwrap();
    assert_eq!(held(&store, 0).len(), 300);
    assert!(matches!(try_append(&store, 0, 1_000 * SECOND, 0, &picture(60_000)), Err(Error::Full)));
    assert_eq!(held(&store, 0).len(), 300);
    store.mark(CameraId(0), Timestamp(0), &pin(false)).unwrap();
    try_append(&store, 0, 1_000 * SECOND, 0, &picture(60_000)).unwrap();
    assert!(size(dir.path()) <= MIN_BUDGET);
    let too_much = Options { budget_bytes: 4 * MIN_BUDGET, ..Options::directory(dir.path().join("other")) };
    let store = Store::open(too_much).unwrap();
    for i in 0..300_i64 {
        try_append(&store, 0, i * SECOND, 0, &picture(60_000)).unwrap();
    }
    assert!(matches!(store.mark(CameraId(0), Timestamp(0), &pin(true)), Err(Error::PinnedTooMuch { .. })));
}
