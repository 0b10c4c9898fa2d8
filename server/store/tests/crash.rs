//! Kills, power cuts and lost files: whatever happened, the store opens and nothing acknowledged is lost.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use common::{SECOND, TINY, append, copy_dir, killed, open, open_small, segments, times};
use rtm2_app::{CameraId, Timestamp};
use rtm2_store::{Mode, check};

fn truncate(path: &Path, len: u64) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(len).unwrap();
}

/// A store killed after three frames; and the same one with the index as it was after two.
fn killed_after_three() -> (tempfile::TempDir, tempfile::TempDir, u64) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    append(&store, 0, 10, TINY + 1);
    append(&store, 0, 20, TINY);
    let before = killed(dir.path());
    let len = fs::metadata(&segments(dir.path())[0]).unwrap().len();
    append(&store, 0, 30, TINY + 3);
    let after = killed(dir.path());
    let behind = tempfile::tempdir().unwrap();
    copy_dir(after.path(), behind.path());
    for name in ["index.sqlite", "index.sqlite-wal"] {
        fs::copy(before.path().join(name), behind.path().join(name)).unwrap();
    }
    (after, behind, len)
}

#[test]
fn a_last_frame_torn_at_any_byte_costs_only_itself() {
    let (indexed, behind, start) = killed_after_three();
    let end = fs::metadata(&segments(indexed.path())[0]).unwrap().len();
    for cut in start..=end {
        for state in [&indexed, &behind] {
            let dir = tempfile::tempdir().unwrap();
            copy_dir(state.path(), dir.path());
            truncate(&segments(dir.path())[0], cut);
            let store = open(dir.path());
            let expected: &[i64] = if cut == end { &[10, 20, 30] } else { &[10, 20] };
            assert_eq!(times(&store, 0), expected, "cut at {cut} of {start}..{end}");
            let bars = store.last_bars(CameraId(0), 9).unwrap();
            assert_eq!((bars.len(), bars[0].count as usize), (1, expected.len()));
            append(&store, 0, 25, TINY + 4);
            drop(store);
            let report = check(dir.path(), Mode::Report).unwrap();
            assert!(report.is_sound(), "cut at {cut}: {report:?}");
        }
    }
}

#[test]
fn a_first_frame_torn_at_any_byte_leaves_an_empty_store() {
    let whole = tempfile::tempdir().unwrap();
    let store = open(whole.path());
    let empty = killed(whole.path());
    append(&store, 0, 10, TINY + 1);
    let whole = killed(whole.path());
    let segment = segments(whole.path()).remove(0);
    for cut in 0..fs::metadata(&segment).unwrap().len() {
        for index in [&whole, &empty] {
            let dir = tempfile::tempdir().unwrap();
            copy_dir(whole.path(), dir.path());
            copy_dir(index.path(), dir.path());
            truncate(&segments(dir.path())[0], cut);
            let store = open(dir.path());
            assert_eq!(times(&store, 0), [0; 0], "cut at {cut}");
            assert_eq!(store.last_bars(CameraId(0), 9).unwrap(), []);
            append(&store, 0, 10, TINY + 2);
            assert_eq!(times(&store, 0), [10]);
        }
    }
}

#[test]
fn a_lost_or_unreadable_index_is_built_anew_from_the_segments() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_small(dir.path());
    for i in 0..60 {
        append(&store, (i % 2) as u16, i * 400_000, i as u8);
    }
    let bars = |store: &rtm2_store::Store| store.last_bars(CameraId(1), 100).unwrap();
    let expected = (times(&store, 0), times(&store, 1), bars(&store));
    drop(store);
    assert!(segments(dir.path()).len() > 4);
    let index = dir.path().join("index.sqlite");
    let garbage: [&dyn Fn(); 3] = [
        &|| fs::remove_file(&index).unwrap(),
        &|| fs::write(&index, b"this is no database, by far not, not even a small one").unwrap(),
        &|| {
            let mut bytes = fs::read(&index).unwrap();
            for page in bytes.chunks_mut(4096).skip(1) {
                page[..2000].fill(0xA5);
            }
            fs::write(&index, bytes).unwrap();
        },
    ];
    for (i, damage) in garbage.iter().enumerate() {
        damage();
        assert!(!check(dir.path(), Mode::Report).unwrap().is_sound());
        let store = open_small(dir.path());
        assert_eq!((times(&store, 0), times(&store, 1), bars(&store)), expected, "damage {i}");
        drop(store);
        assert!(check(dir.path(), Mode::Report).unwrap().is_sound());
    }
    assert!(dir.path().join("index.sqlite.unreadable-1").exists(), "the unreadable one is kept");
}

#[test]
fn a_segment_deleted_under_the_store_takes_only_its_own_frames() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_small(dir.path());
    for i in 0..60 {
        append(&store, 0, i * SECOND, i as u8);
    }
    let all = times(&store, 0);
    let files = segments(dir.path());
    fs::remove_file(&files[1]).unwrap();
    let start = |i: usize| files[i].file_stem().unwrap().to_str().unwrap().parse::<i64>().unwrap();
    let error = store.frame(CameraId(0), Timestamp(start(1))).unwrap_err();
    assert!(matches!(error, rtm2_store::Error::Damaged { .. }), "{error}");
    drop(store);
    let report = check(dir.path(), Mode::Report).unwrap();
    assert!(!report.is_sound());
    let store = open_small(dir.path());
    let left: Vec<_> = all.into_iter().filter(|t| !(start(1)..start(2)).contains(t)).collect();
    assert_eq!(times(&store, 0), left);
    assert_eq!(store.last_bars(CameraId(0), 100).unwrap().len(), left.len(), "b12");
}

/// Not a test: what the next one kills. Stores frames and says of each that it is stored.
#[test]
#[ignore = "runs as the child of the test below"]
fn child_that_stores_until_killed() {
    let Ok(dir) = std::env::var("RTM2_STORE_CHILD") else { return };
    let store = open_small(Path::new(&dir));
    let from = store.extent(CameraId(0)).unwrap().map_or(0, |(_, last)| last.0 + 1);
    let mut out = std::io::stdout();
    for i in 0..1_000_000 {
        let at = append(&store, 0, from + i * 70_000, i as u8).at;
        writeln!(out, "stored {at}").unwrap();
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_said_was_stored() {
    let dir = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_stores_until_killed", "--ignored", "--nocapture"])
            .env("RTM2_STORE_CHILD", dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let stored = |line: std::io::Result<String>| line.ok()?.split("stored ").nth(1)?.trim().parse::<i64>().ok();
        said.extend((&mut lines).filter_map(stored).take(20 + round * 17));
        child.kill().unwrap();
        // What it had still said before it died counts too.
        said.extend(lines.filter_map(stored));
        child.wait().unwrap();
        let store = open_small(dir.path());
        let held = times(&store, 0);
        let lost: Vec<_> = said.iter().filter(|t| held.binary_search(t).is_err()).collect();
        assert!(lost.is_empty(), "round {round}: lost {lost:?}");
        let bars: u32 = store.last_bars(CameraId(0), usize::MAX).unwrap().iter().map(|bar| bar.count).sum();
        assert_eq!(bars as usize, held.len());
        drop(store);
        let report = check(dir.path(), Mode::Report).unwrap();
        assert!(report.is_sound(), "round {round}: {report:?}");
    }
    assert!(said.len() > 200, "{}", said.len());
}
