//! What the original does and what it does wrong, by its numbers.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use common::{ALL, SECOND, append, jpeg, open, segments, times};
use rtm2_app::{Bar, CameraId, Timestamp};
use rtm2_store::{Error, Options, Place, Seek, Store};

const CAMERA: CameraId = CameraId(0);

/// A store in a new directory and one in memory.
fn both() -> (tempfile::TempDir, [Store; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let stores = [open(dir.path()), Store::open(Options::memory()).unwrap()];
    (dir, stores)
}

#[test]
fn r17_history_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let live = append(&store, 0, 1_234_567, 1).bar;
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.last_bars(CAMERA, 1_000).unwrap(), [live]);
    assert_eq!(times(&store, 0), [1_234_567]);
}

#[test]
fn r16_r19_memory_holds_the_newest_frames_and_writes_nothing() {
    let store = Store::open(Options::memory()).unwrap();
    for i in 0..100 {
        append(&store, 0, i * 100_000, i as u8);
        append(&store, 1, i * 100_000, i as u8);
    }
    assert_eq!(times(&store, 0), (36..100).map(|i| i * 100_000).collect::<Vec<_>>());
    let usage = store.usage().unwrap();
    assert_eq!((usage.frames, usage.budget_bytes, usage.free_bytes), (128, None, None));
    assert_eq!(usage.bytes, usage.cameras.iter().map(|camera| camera.bytes).sum::<u64>());
}

#[test]
fn b12_bars_in_memory_are_of_frames_that_are_held() {
    let store = Store::open(Options { place: Place::Memory { frames: 5 }, ..Options::memory() }).unwrap();
    for i in 0..40 {
        let appended = append(&store, 0, i * 300_000, i as u8);
        let bars = store.last_bars(CAMERA, usize::MAX).unwrap();
        assert_eq!(bars.last(), Some(&appended.bar), "b17");
        assert_eq!(bars.iter().map(|bar| i64::from(bar.count)).sum::<i64>(), (i + 1).min(5));
        assert_eq!(bars[0].first, appended.oldest);
        assert!(bars.iter().all(|bar| store.frame(CAMERA, bar.first).unwrap().is_some()));
    }
}

#[test]
fn r23_a_frame_is_found_by_its_millisecond() {
    let (_dir, stores) = both();
    for store in stores {
        for (number, at) in [(1, 1_500_999), (2, 1_501_200), (3, 1_501_700), (4, 1_502_000)] {
            append(&store, 0, at, number);
        }
        let found = |ms| store.frame_by_millis(CAMERA, ms).unwrap().map(|frame| frame.jpeg.to_vec());
        assert_eq!(found(1_500), Some(jpeg(1)));
        assert_eq!(found(1_501), Some(jpeg(2)), "the first of that millisecond");
        assert_eq!(found(1_502), Some(jpeg(4)));
        for ms in [0, 1_499, 1_503, -1, i64::MAX, i64::MIN] {
            assert_eq!(found(ms), None, "{ms}");
        }
    }
}

#[test]
fn b10_no_frame_or_one_is_a_history_like_any_other() {
    let (_dir, stores) = both();
    for store in stores {
        for seek in [Seek::First, Seek::Last, Seek::At(Timestamp(5)), Seek::Next(ALL.0), Seek::Previous(ALL.1)] {
            assert_eq!(store.seek(CAMERA, seek).unwrap(), None);
        }
        assert_eq!(store.extent(CAMERA).unwrap(), None);
        assert_eq!(store.last_bars(CAMERA, 1_000).unwrap(), []);
        assert_eq!(store.bars(CAMERA, ALL.0, ALL.1, SECOND, 10).unwrap(), []);
        assert_eq!(store.usage().unwrap().oldest, None);
        let bar = append(&store, 0, 7 * SECOND + 5, 1).bar;
        assert_eq!(bar, Bar { start: Timestamp(7 * SECOND), count: 1, first: Timestamp(7 * SECOND + 5) });
        assert_eq!(store.last_bars(CAMERA, 1_000).unwrap(), [bar]);
        assert_eq!(store.bars(CAMERA, ALL.0, ALL.1, 3_600 * SECOND, 10).unwrap()[0].count, 1);
    }
}

#[test]
fn b13_asking_for_0_answers_nothing_and_for_more_all_there_is() {
    let (_dir, stores) = both();
    for store in stores {
        for i in 0..3 {
            append(&store, 0, i * SECOND, i as u8);
        }
        assert_eq!(store.last_bars(CAMERA, 0).unwrap(), []);
        assert_eq!(store.frames(CAMERA, ALL.0, ALL.1, 0).unwrap(), []);
        assert_eq!(store.bars(CAMERA, ALL.0, ALL.1, SECOND, 0).unwrap(), []);
        assert_eq!(store.last_bars(CAMERA, 2).unwrap().len(), 2);
        assert_eq!(store.last_bars(CAMERA, usize::MAX).unwrap().len(), 3);
        for width in [0, -SECOND, 1, 1_500_000, i64::MIN] {
            assert!(matches!(store.bars(CAMERA, ALL.0, ALL.1, width, 1), Err(Error::Bucket(_))), "{width}");
        }
        let widest = i64::MAX / SECOND * SECOND;
        assert_eq!(store.bars(CAMERA, ALL.0, ALL.1, widest, 1).unwrap()[0].count, 3);
    }
}

#[test]
fn b17_live_bars_equal_stored_bars() {
    let (_dir, stores) = both();
    for store in stores {
        // The original's case: 60 frames at 15 a second, of which it pushed 43.
        let mut live = Vec::new();
        for i in 0..60 {
            rtm2_app::bars::upsert(&mut live, append(&store, 0, 1_700_000_000 * SECOND + i * 66_667, i as u8).bar);
        }
        assert_eq!(live, store.last_bars(CAMERA, 1_000).unwrap());
        assert_eq!(live.iter().map(|bar| bar.count).sum::<u32>(), 60);
    }
}

#[test]
fn b11_frames_are_not_one_flat_folder() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for i in 0..3_000_i64 {
        append(&store, 0, i * SECOND, i as u8);
    }
    // One every ten minutes, although they are small.
    assert_eq!(segments(dir.path()).len(), 5);
    assert_eq!(store.usage().unwrap().frames, 3_000);
}

#[test]
fn a_clock_set_back_loses_nothing() {
    let (_dir, stores) = both();
    for store in stores {
        let day = 86_400 * SECOND;
        for at in [day, day + 1, day, day, 5, day + 2, i64::MIN, -1, i64::MAX] {
            append(&store, 0, at, 3);
        }
        let last = rtm2_store::MAX_TIME.0;
        assert_eq!(times(&store, 0), [0, 1, 5, day, day + 1, day + 2, day + 3, day + 4, last]);
    }
}

#[test]
fn a_clock_that_stands_still_costs_no_search() {
    let (_dir, stores) = both();
    for store in stores {
        for i in 0..60_i64 {
            assert_eq!(append(&store, 0, 42, 1).at.0, 42 + i);
        }
    }
}

#[test]
fn pages_join_without_gap_or_repeat() {
    let (_dir, stores) = both();
    for store in stores {
        for i in 0..50 {
            append(&store, 0, i * 700_000, i as u8);
        }
        let (mut frames, mut from) = (Vec::new(), ALL.0);
        while let page = store.frames(CAMERA, from, ALL.1, 7).unwrap()
            && let Some(last) = page.last()
        {
            from = Timestamp(last.at.0 + 1);
            frames.extend(page.iter().map(|info| info.at.0));
        }
        assert_eq!(frames, times(&store, 0));
        let (mut bars, mut from) = (Vec::new(), ALL.0);
        while let page = store.bars(CAMERA, from, ALL.1, 2 * SECOND, 3).unwrap()
            && let Some(last) = page.last()
        {
            from = Timestamp(last.start.0 + 2 * SECOND);
            bars.extend(page);
        }
        assert_eq!(bars, store.bars(CAMERA, ALL.0, ALL.1, 2 * SECOND, 1_000).unwrap());
    }
}

#[test]
fn a_segment_is_a_row_of_jpegs_that_any_program_reads() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    append(&store, 0, 1, 1);
    append(&store, 0, 2, 2);
    store.seal().unwrap();
    let bytes = std::fs::read(&segments(dir.path())[0]).unwrap();
    let second = store.seek(CAMERA, Seek::Last).unwrap().unwrap().bytes as usize;
    for (jpeg_at, number) in [(0, 1), (bytes.len() - second - 6 - 44 - boxes_and_grid(2) - 4 + 2, 2)] {
        let stored = image::load_from_memory(&bytes[jpeg_at..]).unwrap();
        assert_eq!(stored, image::load_from_memory(&jpeg(number)).unwrap());
    }
}

fn boxes_and_grid(number: u8) -> usize {
    common::boxes(number).len() * 10 + if number.is_multiple_of(2) { 192 } else { 0 }
}
