//! The budget, the lock, and other limits.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{SECOND, append, open, picture, size, times, try_append};
use proptest::prelude::*;
use rtm2_app::{CameraId, Timestamp};
use rtm2_store::{Error, MIN_BUDGET, Mode, Options, Store, check};

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn the_budget_is_never_passed(
        frames in prop::collection::vec((0..4_u16, 0..3 * SECOND, 10..200_000_usize), 100..250),
        segment_bytes in 1..4_u64 << 20,
        reopen in 0..250_usize,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { budget_bytes: MIN_BUDGET, segment_bytes, ..Options::directory(dir.path()) };
        let mut store = Store::open(options.clone()).unwrap();
        let mut at = 0;
        for (i, (camera, step, len)) in frames.into_iter().enumerate() {
            at += step;
            let appended = try_append(&store, camera, at, 0, &picture(len)).unwrap();
            let held = size(dir.path());
            prop_assert!(held <= MIN_BUDGET, "{held} bytes after frame {i}");
            let newest = store.frame(CameraId(camera), appended.at).unwrap();
            prop_assert!(newest.is_some_and(|frame| frame.jpeg == picture(len)));
            if i == reopen {
                drop(store);
                store = Store::open(options.clone()).unwrap();
            }
        }
        // Pages of the index that wait in its journal are counted as what they will take, too: never less than is there.
        let on_disk = || size(dir.path()) - fs::metadata(dir.path().join("lock")).unwrap().len();
        prop_assert!(store.usage().unwrap().bytes >= on_disk());
        store.seal().unwrap();
        let usage = store.usage().unwrap();
        prop_assert_eq!(usage.bytes, on_disk());
        prop_assert!(usage.free_bytes.is_some_and(|free| free > 0));
        // B12: bars say exactly what is held.
        for held in &usage.cameras {
            let bars = store.bars(held.camera, Timestamp(0), Timestamp(i64::MAX), SECOND, usize::MAX).unwrap();
            prop_assert_eq!(bars.iter().map(|bar| u64::from(bar.count)).sum::<u64>(), held.frames);
            prop_assert!(bars.iter().all(|bar| store.frame(held.camera, bar.first).unwrap().is_some()));
        }
        drop(store);
        let report = check(dir.path(), Mode::Report).unwrap();
        prop_assert!(report.is_sound(), "{report:?}");
    }
}

#[test]
fn the_oldest_go_first_across_cameras() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { budget_bytes: MIN_BUDGET, segment_bytes: 200_000, ..Options::directory(dir.path()) };
    let store = Store::open(options).unwrap();
    // Each frame is an event of its own, of which nothing can be thinned.
    for i in 0..200 {
        try_append(&store, (i % 2) as u16, i * 30 * SECOND, 0, &picture(60_000)).unwrap();
    }
    let oldest: Vec<_> = (0..2).map(|c| store.extent(CameraId(c)).unwrap().unwrap().0.0 / 30 / SECOND).collect();
    assert!(oldest[0] > 50 && (oldest[0] - oldest[1]).abs() < 20, "{oldest:?}");
}

#[test]
fn a_camera_at_rest_does_not_keep_its_old_frames_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(Options { budget_bytes: MIN_BUDGET, ..Options::directory(dir.path()) }).unwrap();
    append(&store, 7, 0, 1);
    for i in 0..150 {
        try_append(&store, 0, 3_600 * SECOND + i * 30 * SECOND, 0, &picture(60_000)).unwrap();
    }
    assert_eq!(store.extent(CameraId(7)).unwrap(), None);
}

#[test]
fn a_lowered_budget_is_kept_from_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(Options { segment_bytes: 1 << 20, ..Options::directory(dir.path()) }).unwrap();
    for i in 0..400 {
        try_append(&store, 0, i * SECOND, 0, &picture(60_000)).unwrap();
    }
    drop(store);
    assert!(size(dir.path()) > 2 * MIN_BUDGET);
    let store = Store::open(Options { budget_bytes: MIN_BUDGET, ..Options::directory(dir.path()) }).unwrap();
    assert!(size(dir.path()) <= MIN_BUDGET);
    let (_, newest) = store.extent(CameraId(0)).unwrap().unwrap();
    assert_eq!(newest.0, 399 * SECOND, "the newest stay");
}

#[test]
fn a_second_store_on_the_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    append(&store, 0, 1, 1);
    let error = Store::open(Options::directory(dir.path())).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    assert!(error.to_string().contains(&format!("pid {}", std::process::id())), "{error}");
    assert!(matches!(check(dir.path(), Mode::Report), Err(Error::Locked { .. })));
    append(&store, 0, 2, 2);
    drop(store);
    assert_eq!(times(&open(dir.path()), 0), [1, 2]);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let error = Store::open(Options { budget_bytes: 5, ..Options::directory(dir.path().join("x")) }).unwrap_err();
    assert_eq!(error.to_string(), "a budget of 5 bytes is too small for recordings; give at least 8388608");
    let none = Options { place: rtm2_store::Place::Memory { frames: 0 }, ..Options::memory() };
    assert!(matches!(Store::open(none), Err(Error::Options(_))));
    fs::write(dir.path().join("file"), "x").unwrap();
    let error = Store::open(Options::directory(dir.path().join("file"))).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
}

#[test]
fn an_index_of_a_later_version_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    append(&open(dir.path()), 0, 1, 1);
    let conn = rusqlite::Connection::open(dir.path().join("index.sqlite")).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let error = Store::open(Options::directory(dir.path())).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 99, .. }), "{error}");
    assert!(matches!(check(dir.path(), Mode::Repair), Err(Error::Newer { .. })));
    assert!(!dir.path().join("index.sqlite.unreadable-1").exists());
}

#[test]
fn readers_and_the_writer_do_not_disturb_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { budget_bytes: MIN_BUDGET, segment_bytes: 300_000, ..Options::directory(dir.path()) };
    let store = &Store::open(options).unwrap();
    let writing = &AtomicUsize::new(2);
    std::thread::scope(|scope| {
        for camera in 0..2 {
            scope.spawn(move || {
                for i in 0..200 {
                    try_append(store, camera, i * 70_000, 0, &picture(40_000)).unwrap();
                }
                writing.fetch_sub(1, Ordering::Relaxed);
            });
        }
        for camera in [0, 1, 0, 1] {
            scope.spawn(move || {
                while writing.load(Ordering::Relaxed) > 0 {
                    // Retention runs under these: a frame is whole or gone, never an error.
                    for bar in store.last_bars(CameraId(camera), 50).unwrap() {
                        if let Some(frame) = store.frame(CameraId(camera), bar.first).unwrap() {
                            assert_eq!(frame.jpeg, picture(40_000));
                        }
                    }
                }
            });
        }
    });
    assert!(store.usage().unwrap().frames > 50);
}
