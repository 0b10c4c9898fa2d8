//! Still frames: beside events and bars, within the budget, first to give way.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{ALL, DAY, SECOND, append, copy_dir, jpeg, killed, open, picture, size, try_append};
use proptest::prelude::*;
use rtm2_app::{CameraId, Kept, Timestamp};
use rtm2_store::{Error, EventFilter, MIN_BUDGET, Mode, NewFrame, Options, Recordings, Store, check};

const CAMERA: CameraId = CameraId(0);
const MINUTE: i64 = 60 * SECOND;

fn still(store: &Store, at: i64, jpeg: &[u8]) -> Result<Timestamp, Error> {
    store.append_still(&NewFrame {
        camera: CAMERA,
        at: Timestamp(at),
        seq: 7,
        width: 16,
        height: 16,
        motion: false,
        light_shift: false,
        score: 0,
        boxes: &[],
        grid: None,
        jpeg,
    })
}

fn times(store: &Store) -> Vec<i64> {
    store.stills(CAMERA, ALL.0, ALL.1, usize::MAX).unwrap().iter().map(|info| info.at.0).collect()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(dir.join("stills/00000")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn still_frames_are_kept_beside_events_and_bars_and_outlive_the_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for i in 0..10 {
        assert_eq!(still(&store, i * MINUTE, &jpeg(i as u8)).unwrap().0, i * MINUTE);
        append(&store, 0, i * MINUTE + 30 * SECOND, 1);
    }
    // A time that is taken moves on; a clock set back begins another file.
    assert_eq!(still(&store, 9 * MINUTE, &jpeg(77)).unwrap().0, 9 * MINUTE + 1);
    assert_eq!(still(&store, MINUTE / 2, &jpeg(78)).unwrap().0, MINUTE / 2);
    let mut expected: Vec<_> = (0..10).map(|i| i * MINUTE).chain([9 * MINUTE + 1, MINUTE / 2]).collect();
    expected.sort_unstable();
    let all_there = |store: &Store| {
        assert_eq!(times(store), expected);
        for i in 0..10 {
            let frame = store.still(CAMERA, Timestamp(i * MINUTE)).unwrap().unwrap();
            assert_eq!((&frame.jpeg[..], frame.info.motion, frame.info.camera), (&jpeg(i as u8)[..], false, CAMERA));
        }
        assert_eq!(store.still(CAMERA, Timestamp(MINUTE / 2)).unwrap().unwrap().jpeg, jpeg(78));
        assert_eq!(store.still(CAMERA, Timestamp(5)).unwrap(), None);
        assert_eq!(store.stills(CameraId(1), ALL.0, ALL.1, 9).unwrap(), []);
        assert_eq!(store.frames(CAMERA, ALL.0, ALL.1, 100).unwrap().len(), 10);
        assert_eq!(store.frame(CAMERA, Timestamp(MINUTE)).unwrap(), None);
        assert_eq!(store.last_bars(CAMERA, 100).unwrap().iter().map(|bar| bar.count).sum::<u32>(), 10);
        let events = store.events(&EventFilter::default()).unwrap();
        assert!(events.len() == 10 && events.iter().all(|event| event.from == event.to));
    };
    all_there(&store);
    // Page by page, whatever overlaps.
    let mut paged = Vec::new();
    while let page = store.stills(CAMERA, Timestamp(paged.last().map_or(0, |at| at + 1)), ALL.1, 3).unwrap()
        && !page.is_empty()
    {
        paged.extend(page.iter().map(|info| info.at.0));
    }
    assert_eq!(paged, expected);
    let copy = killed(dir.path());
    fs::remove_file(copy.path().join("index.sqlite")).unwrap();
    fs::remove_file(copy.path().join("index.sqlite-wal")).unwrap();
    let rebuilt = open(copy.path());
    all_there(&rebuilt);
    assert_eq!(still(&rebuilt, DAY, &jpeg(3)).unwrap().0, DAY);
    drop(rebuilt);
    let report = check(copy.path(), Mode::Report).unwrap();
    assert!(report.is_sound() && report.notes.is_empty() && report.stills == 13, "{report:?}");
    let recordings = Recordings::open(dir.path()).unwrap();
    assert_eq!(recordings.stills(CAMERA, Timestamp(MINUTE), Timestamp(3 * MINUTE), 9).unwrap().len(), 3);
    assert_eq!(recordings.still(CAMERA, Timestamp(MINUTE)).unwrap().unwrap().jpeg, jpeg(1));
    let memory = Store::open(Options::memory()).unwrap();
    assert!(matches!(still(&memory, 0, &jpeg(1)), Err(Error::MemoryOnly)));
    assert!(matches!(still(&store, 0, b"no JPEG"), Err(Error::NotJpeg(_))));
}

#[test]
fn a_torn_or_damaged_still_frame_costs_only_itself() {
    let whole = tempfile::tempdir().unwrap();
    let store = open(whole.path());
    append(&store, 0, 5, 1);
    let sizes: Vec<u64> = (0..3)
        .map(|i| {
            still(&store, i * MINUTE, &jpeg(i as u8)).unwrap();
            fs::metadata(&files(whole.path())[0]).unwrap().len()
        })
        .collect();
    drop(store);
    let bytes = fs::read(&files(whole.path())[0]).unwrap();
    let hurt = |harm: &dyn Fn(&mut Vec<u8>)| {
        let dir = tempfile::tempdir().unwrap();
        copy_dir(whole.path(), dir.path());
        let mut bytes = bytes.clone();
        harm(&mut bytes);
        fs::write(&files(dir.path())[0], bytes).unwrap();
        dir
    };
    for cut in (sizes[1]..sizes[2]).step_by(7) {
        let dir = hurt(&|bytes| bytes.truncate(cut as usize));
        let store = open(dir.path());
        assert_eq!(times(&store), [0, MINUTE], "cut at {cut}");
        still(&store, 3 * MINUTE, &jpeg(9)).unwrap();
        assert_eq!(times(&store), [0, MINUTE, 3 * MINUTE]);
        drop(store);
        assert!(check(dir.path(), Mode::Report).unwrap().is_sound(), "a torn end is what a power cut leaves");
    }
    let dir = hurt(&|bytes| bytes[(sizes[0] + sizes[1]) as usize / 2] ^= 1);
    assert_eq!(times(&open(dir.path())), [0, 2 * MINUTE]);
    assert_eq!(check(dir.path(), Mode::Report).unwrap().problems.len(), 1);
    let report = check(dir.path(), Mode::Repair).unwrap();
    assert!(report.is_sound() && report.stills == 2, "{report:?}");
    let aside: Vec<_> = fs::read_dir(dir.path().join("damaged")).unwrap().collect();
    assert_eq!(aside[0].as_ref().unwrap().metadata().unwrap().len(), sizes[1] - sizes[0]);
    assert_eq!(times(&open(dir.path())), [0, 2 * MINUTE]);
}

#[test]
fn a_deleted_event_takes_the_still_frames_of_its_time_along() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for second in [95, 101, 105, 130] {
        still(&store, second * SECOND, &jpeg(second as u8)).unwrap();
    }
    for second in [100, 102, 108] {
        append(&store, 0, second * SECOND, 1);
    }
    let bytes = || fs::metadata(&files(dir.path())[0]).unwrap().len();
    let before = bytes();
    store.delete_event(CAMERA, Timestamp(100 * SECOND)).unwrap();
    assert_eq!(times(&store), [95 * SECOND, 130 * SECOND]);
    assert!(bytes() < before);
    still(&store, 140 * SECOND, &jpeg(1)).unwrap();
    assert_eq!(times(&store), [95 * SECOND, 130 * SECOND, 140 * SECOND]);
    assert!(check(dir.path(), Mode::Report).is_err(), "the directory is in use");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn still_frames_are_within_the_budget_and_go_before_events(
        steps in prop::collection::vec((any::<bool>(), 1..20_i64, 20_000..100_000_usize), 60..120),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { budget_bytes: MIN_BUDGET, segment_bytes: 400_000, ..Options::directory(dir.path()) };
        let store = Store::open(options.clone()).unwrap();
        let mut now = 0;
        for (is_still, frames, bytes) in steps {
            now += 400 * SECOND;
            for _ in 0..frames {
                now += SECOND;
                if is_still {
                    still(&store, now, &picture(bytes)).unwrap();
                } else {
                    try_append(&store, 0, now, 1, &picture(bytes)).unwrap();
                }
                prop_assert!(size(dir.path()) <= MIN_BUDGET);
            }
        }
        let events = store.events(&EventFilter::default()).unwrap();
        let stills: u64 = files(dir.path()).iter().map(|file| file.metadata().unwrap().len()).sum();
        // What lost frames is older than the still frames, or these are within their share.
        let thinned = events.iter().filter(|event| event.kept() != Kept::Whole).map(|event| event.start.0).max();
        let oldest = times(&store).first().copied();
        if let (Some(thinned), Some(oldest)) = (thinned, oldest) {
            prop_assert!(stills <= MIN_BUDGET / 8 + 400_000, "{stills} bytes of still frames");
            // A segment is ten minutes long at most.
            prop_assert!(oldest > thinned - 600 * SECOND, "{oldest} is held, {thinned} is not whole");
        }
        let held = times(&store);
        drop(store);
        prop_assert!(check(dir.path(), Mode::Report).unwrap().is_sound());
        prop_assert_eq!(times(&Store::open(options).unwrap()), held);
    }
}

#[test]
fn many_still_frames_make_room_for_events_without_loss_of_any() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { budget_bytes: MIN_BUDGET, segment_bytes: 400_000, ..Options::directory(dir.path()) };
    let store = Store::open(options).unwrap();
    for i in 0..300 {
        still(&store, i * MINUTE, &picture(40_000)).unwrap();
    }
    let full = times(&store).len();
    assert!((60..300).contains(&full), "{full}");
    for i in 0..100 {
        try_append(&store, 0, 300 * MINUTE + i * SECOND, 1, &picture(40_000)).unwrap();
    }
    let events = store.events(&EventFilter::default()).unwrap();
    assert!(events.iter().all(|event| event.kept() == Kept::Whole));
    let left = times(&store);
    assert!(left.len() < full && left.last() == Some(&(299 * MINUTE)), "the oldest went: {left:?}");
    assert!(size(dir.path()) <= MIN_BUDGET);
}
