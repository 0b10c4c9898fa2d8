//! Bits that flip, files that do not belong: told, isolated, mended.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use std::fs;
use std::path::Path;

use common::{SECOND, append, jpeg, open, open_small, segments, times, try_append};
use proptest::prelude::*;
use rtm2_app::{CameraId, Timestamp};
use rtm2_store::{Error, EventFilter, Mode, Options, Store, check, check_with_gap};

const CAMERA: CameraId = CameraId(0);

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x40;
    fs::write(path, bytes).unwrap();
}

fn set_aside(dir: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(dir.join("damaged")).map(|files| files.map(|f| f.unwrap().path()).collect()).unwrap_or_default()
}

#[test]
fn a_repair_makes_events_anew_as_the_configured_pause_says() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { quiet_us: 60 * SECOND, ..Options::directory(dir.path()) };
    let store = Store::open(options.clone()).unwrap();
    for second in [100, 140, 190, 300] {
        append(&store, 0, second * SECOND, 1);
    }
    let before = store.events(&EventFilter::default()).unwrap();
    assert_eq!(before.iter().map(|event| event.frames).collect::<Vec<_>>(), [1, 3]);
    drop(store);
    for (gap, count) in [(60 * SECOND, 2), (10 * SECOND, 4)] {
        fs::remove_file(dir.path().join("index.sqlite")).unwrap();
        assert!(check_with_gap(dir.path(), Mode::Repair, gap).unwrap().is_sound());
        let events = Store::open(options.clone()).unwrap().events(&EventFilter::default()).unwrap();
        assert_eq!(events.len(), count);
        assert!(count != 2 || events == before);
    }
}

#[test]
fn a_flipped_byte_is_told_reported_and_isolated() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for i in 1..=5 {
        append(&store, 0, i * 100, i as u8);
    }
    store.seal().unwrap();
    let file = segments(dir.path()).remove(0);
    let whole = fs::read(&file).unwrap();
    flip(&file, whole.len() / 2);
    let error = store.frame(CAMERA, Timestamp(300)).unwrap_err();
    assert!(matches!(error, Error::Damaged { at: Timestamp(300), .. }), "{error}");
    assert!(error.to_string().contains("rtm2 check --repair"));
    assert_eq!(store.frame(CAMERA, Timestamp(400)).unwrap().unwrap().jpeg, jpeg(4));
    drop(store);

    // A start does not take it away.
    let store = open(dir.path());
    assert!(store.frame(CAMERA, Timestamp(300)).is_err());
    drop(store);
    let report = check(dir.path(), Mode::Report).unwrap();
    assert!(report.problems.iter().any(|p| p.contains("are damaged")), "{report:?}");
    assert!(report.problems.iter().any(|p| p.contains("frame 300 is in the index but not intact")), "{report:?}");
    assert_eq!((report.segments, report.frames), (1, 4));

    let report = check(dir.path(), Mode::Repair).unwrap();
    assert!(report.is_sound() && !report.mended.is_empty(), "{report:?}");
    let aside = set_aside(dir.path());
    assert_eq!(aside.len(), 1);
    let kept = fs::metadata(&file).unwrap().len() + fs::metadata(&aside[0]).unwrap().len();
    assert_eq!(kept as usize, whole.len(), "no byte was thrown away");
    let store = open(dir.path());
    assert_eq!(times(&store, 0), [100, 200, 400, 500]);
    assert_eq!(store.last_bars(CAMERA, 5).unwrap()[0].count, 4);
    assert_eq!(store.usage().unwrap().frames, 4);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_damage_is_found_and_mended_and_costs_only_the_frames_it_touches(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..5),
        killed in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let store = open_small(dir.path());
        for i in 1..=25 {
        append(&store, 0, i * 100, i as u8);
    }
        let copy = common::killed(dir.path());
        drop(store);
        let dir = if killed { copy } else { dir };
        let files = segments(dir.path());
        for (file, at) in &hits {
            let file = &files[file.index(files.len())];
            flip(file, at.index(fs::metadata(file).unwrap().len() as usize));
        }
        let before = check(dir.path(), Mode::Report).unwrap();
        let after = check(dir.path(), Mode::Repair).unwrap();
        prop_assert!(after.is_sound(), "{after:?}");
        prop_assert_eq!(after.frames, before.frames);
        // The same byte may have been hit twice.
        prop_assert!(before.is_sound() == (before.frames == 25));
        prop_assert!(25 - hits.len() as u64 <= after.frames);
        let store = open_small(dir.path());
        prop_assert_eq!(times(&store, 0).len() as u64, after.frames);
    }
}

#[test]
fn rows_that_lie_are_mended() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for i in 1..=5 {
        append(&store, 0, i * 100, i as u8);
    }
    drop(store);
    for lie in [
        "DELETE FROM frame WHERE at = 200",
        "UPDATE frame SET offset = offset + 1 WHERE at = 300",
        "UPDATE bar SET count = 77",
        "DELETE FROM bar",
        "DELETE FROM segment",
        "INSERT INTO frame SELECT camera, 250, segment, offset, size, bytes, seq, width, height, score, boxes, motion FROM frame WHERE at = 300",
        "UPDATE wide_bar SET count = 1 WHERE width = 60000000",
        "DELETE FROM wide_bar",
        "DELETE FROM event",
        "UPDATE event SET held = 2",
        "UPDATE segment SET frames = 9",
    ] {
        let conn = rusqlite::Connection::open(dir.path().join("index.sqlite")).unwrap();
        conn.execute_batch(lie).unwrap();
        drop(conn);
        assert!(!check(dir.path(), Mode::Report).unwrap().is_sound(), "{lie}");
        let report = check(dir.path(), Mode::Repair).unwrap();
        assert!(report.is_sound(), "{lie}: {report:?}");
        let store = open(dir.path());
        assert_eq!(times(&store, 0), [100, 200, 300, 400, 500], "{lie}");
        assert_eq!(store.last_bars(CAMERA, 9).unwrap()[0].count, 5, "{lie}");
    }
}

#[test]
fn b11_stray_files_stop_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    append(&store, 0, 100, 1);
    drop(store);
    let segments_dir = dir.path().join("segments");
    let camera = segments_dir.join("00000");
    fs::write(segments_dir.join("holiday.jpg"), jpeg(9)).unwrap();
    fs::write(camera.join("cat.jpg"), jpeg(9)).unwrap();
    fs::write(camera.join("12.mjpeg"), jpeg(9)).unwrap();
    fs::create_dir(camera.join("000000000000000300.mjpeg")).unwrap();
    fs::create_dir(segments_dir.join("99999")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        fs::write(camera.join(std::ffi::OsStr::from_bytes(b"\xFF\xFE.mjpeg")), b"x").unwrap();
    }
    let store = open(dir.path());
    append(&store, 0, 300, 2);
    assert_eq!(times(&store, 0), [100, 301], "a name that is taken is gone round");
    drop(store);
    let report = check(dir.path(), Mode::Repair).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert!(report.notes.len() >= 6, "{report:?}");
    assert!(camera.join("cat.jpg").exists(), "and left alone");
}

#[test]
fn a_file_that_only_looks_like_a_segment_is_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let camera = dir.path().join("segments/00004");
    fs::create_dir_all(&camera).unwrap();
    fs::write(camera.join("000000000000000005.mjpeg"), jpeg(9)).unwrap();
    let store = open(dir.path());
    assert_eq!(store.extent(CameraId(4)).unwrap(), None);
    let aside = set_aside(dir.path());
    assert_eq!(fs::read(&aside[0]).unwrap(), jpeg(9));
}

#[test]
fn a_picture_cut_short_by_its_camera_is_kept_as_it_came() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let whole = jpeg(1);
    let cut = &whole[..whole.len() / 2];
    try_append(&store, 0, 5, 1, cut).unwrap();
    append(&store, 0, 6, 2);
    assert_eq!(store.frame(CAMERA, Timestamp(5)).unwrap().unwrap().jpeg, cut);
    drop(store);
    let report = check(dir.path(), Mode::Report).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert!(report.notes[0].contains("no whole JPEG"), "{report:?}");
}

#[test]
fn what_is_no_picture_or_too_big_is_refused_and_nothing_else_suffers() {
    let dir = tempfile::tempdir().unwrap();
    let small =
        rtm2_store::Options { budget_bytes: rtm2_store::MIN_BUDGET, ..rtm2_store::Options::directory(dir.path()) };
    let store = rtm2_store::Store::open(small).unwrap();
    for bytes in [&b""[..], b"\xFF\xD8", b"GIF89a  ", b"\xFF\xD8\x00\x00"] {
        assert!(matches!(try_append(&store, 0, 1, 1, bytes), Err(Error::NotJpeg(CAMERA))), "{bytes:?}");
    }
    let mut huge = jpeg(1);
    huge.resize(2 << 20, 0);
    assert!(matches!(try_append(&store, 0, 1, 1, &huge), Err(Error::TooBig { .. })));
    append(&store, 0, 1, 1);
    assert_eq!(times(&store, 0), [1]);
}

#[test]
fn a_folder_without_recordings_is_no_store() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(check(dir.path(), Mode::Repair), Err(Error::NoStore(_))));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "and nothing is made in it");
    drop(open(dir.path()));
    assert!(check(dir.path(), Mode::Report).unwrap().is_sound());
}
