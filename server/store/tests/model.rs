//! The store against a model of it that fits on a page, over random frames, on disk and in memory.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use std::collections::BTreeMap;

use common::{ALL, DAY, SECOND, append, killed, open_small, times};
use proptest::prelude::*;
use rtm2_app::{Bar, CameraId, Timestamp};
use rtm2_store::{Mode, Options, Place, Seek, Store, check};

/// What a store should hold: the numbers of the frames by camera and time.
type Model = BTreeMap<u16, BTreeMap<i64, u8>>;

#[derive(Clone, Debug)]
enum Step {
    Append { camera: u16, at: i64, number: u8 },
    Seal,
    Reopen,
    Kill,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Mostly a running clock, sometimes one set to anywhere, near taken times too.
    let at = prop_oneof![6 => 0..30 * SECOND, 2 => 0..50_i64, 1 => 0..DAY, 1 => Just(-5), 1 => Just(i64::MAX)];
    let step = prop_oneof![
        20 => (0..3_u16, at, any::<u8>()).prop_map(|(camera, at, number)| Step::Append { camera, at, number }),
        1 => Just(Step::Seal),
        1 => Just(Step::Reopen),
        1 => Just(Step::Kill),
    ];
    prop::collection::vec(step, 1..60)
}

fn bars(frames: &BTreeMap<i64, u8>, from: i64, to: i64, bucket: i64) -> Vec<Bar> {
    let mut bars = BTreeMap::new();
    for &at in frames.keys() {
        let start = Timestamp(at).bucket(bucket);
        let bar = bars.entry(start).or_insert(Bar { start, count: 0, first: Timestamp(at) });
        bar.count += 1;
    }
    let first = Timestamp(from.max(0)).bucket(bucket);
    bars.into_values().filter(|bar| bar.start >= first && bar.start.0 <= to && from <= to).collect()
}

fn model_append(model: &mut Model, camera: u16, at: i64, number: u8) -> i64 {
    let frames = model.entry(camera).or_default();
    let mut at = at.clamp(0, rtm2_store::MAX_TIME.0);
    while frames.contains_key(&at) {
        at += 1;
    }
    frames.insert(at, number);
    at
}

fn compare(store: &Store, model: &Model) {
    for camera in 0..3 {
        let frames = model.get(&camera).cloned().unwrap_or_default();
        let id = CameraId(camera);
        let expected: Vec<_> = frames.keys().copied().collect();
        assert_eq!(times(store, camera), expected);
        let extent = expected.first().zip(expected.last()).map(|(a, b)| (Timestamp(*a), Timestamp(*b)));
        assert_eq!(store.extent(id).unwrap(), extent);
        for bucket in [SECOND, 7 * SECOND, 60 * SECOND, DAY] {
            for (from, to) in [(ALL.0.0, ALL.1.0), (0, 9_999_999), (3_500_000, 12_000_000), (9, 8), (-5 * SECOND, -1)] {
                let got = store.bars(id, Timestamp(from), Timestamp(to), bucket, usize::MAX).unwrap();
                assert_eq!(got, bars(&frames, from, to, bucket), "{from}..={to} by {bucket}");
            }
        }
        let seconds = bars(&frames, 0, i64::MAX, SECOND);
        let last = &seconds[seconds.len().saturating_sub(4)..];
        assert_eq!(store.last_bars(id, 4).unwrap(), last);
        for t in expected.iter().take(8).flat_map(|t| [t - 1, *t, t + 1]) {
            let at = |seek| store.seek(id, seek).unwrap().map(|info| info.at.0);
            let next = frames.range(t + 1..).next().map(|(t, _)| *t);
            assert_eq!(at(Seek::Next(Timestamp(t))), next);
            assert_eq!(at(Seek::Previous(Timestamp(t))), frames.range(..t).next_back().map(|(t, _)| *t));
            assert_eq!(at(Seek::At(Timestamp(t))), frames.range(..=t).next_back().map(|(t, _)| *t).or(next));
        }
        let at = |seek| store.seek(id, seek).unwrap().map(|info| info.at.0);
        assert_eq!((at(Seek::First), at(Seek::Last)), (expected.first().copied(), expected.last().copied()));
    }
    let usage = store.usage().unwrap();
    assert_eq!(usage.frames, model.values().map(|frames| frames.len() as u64).sum::<u64>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_store_on_disk_does_what_the_model_does(steps in steps()) {
        let mut dir = tempfile::tempdir().unwrap();
        let mut store = open_small(dir.path());
        let mut model = Model::new();
        for step in steps {
            match step {
                Step::Append { camera, at, number } => {
                    let appended = append(&store, camera, at, number);
                    let at = model_append(&mut model, camera, at, number);
                    prop_assert_eq!(appended.at.0, at);
                    let second = Timestamp(at).second().0;
                    // B17: the live bar is the stored one.
                    prop_assert_eq!(vec![appended.bar], bars(&model[&camera], second, second, SECOND));
                    prop_assert_eq!(Some(&appended.oldest.0), model[&camera].keys().next());
                }
                Step::Seal => store.seal().unwrap(),
                Step::Reopen => {
                    drop(store);
                    store = open_small(dir.path());
                }
                Step::Kill => {
                    let copy = killed(dir.path());
                    drop(store);
                    dir = copy;
                    store = open_small(dir.path());
                }
            }
        }
        compare(&store, &model);
        drop(store);
        let report = check(dir.path(), Mode::Report).unwrap();
        prop_assert!(report.is_sound() && report.notes.is_empty(), "{report:?}");
        // The segments alone are enough.
        std::fs::remove_file(dir.path().join("index.sqlite")).unwrap();
        compare(&open_small(dir.path()), &model);
    }

    #[test]
    fn a_store_in_memory_does_what_the_model_does(steps in steps()) {
        let store = Store::open(Options { place: Place::Memory { frames: 1_000 }, ..Options::memory() }).unwrap();
        let mut model = Model::new();
        for step in steps {
            if let Step::Append { camera, at, number } = step {
                let appended = append(&store, camera, at, number);
                let at = model_append(&mut model, camera, at, number);
                prop_assert_eq!(appended.at.0, at);
                let second = Timestamp(at).second().0;
                prop_assert_eq!(vec![appended.bar], bars(&model[&camera], second, second, SECOND));
            }
        }
        compare(&store, &model);
    }
}
