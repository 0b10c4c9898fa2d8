//! What needs a look inside: a volume that fills up.

use rtm2_app::{CameraId, Timestamp};

use crate::{Error, NewFrame, Options, Seek, Store};

const CAMERA: CameraId = CameraId(0);

fn append(store: &Store, at: i64, len: usize) -> Result<Timestamp, Error> {
    let jpeg: Vec<u8> = [0xFF, 0xD8, 0xFF, 0xD9].into_iter().chain(std::iter::repeat_n(7, len)).collect();
    let at = Timestamp(at);
    let frame = NewFrame {
        camera: CAMERA,
        at,
        seq: 0,
        width: 1,
        height: 1,
        motion: true,
        light_shift: false,
        score: 0,
        boxes: &[],
        grid: None,
        jpeg: &jpeg,
    };
    store.append(&frame).map(|appended| appended.at)
}

#[test]
fn a_full_volume_costs_the_oldest_segment_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(Options { segment_bytes: 10_000, ..Options::directory(dir.path()) }).unwrap();
    store.limit_volume(35_000);
    for i in 0..100 {
        append(&store, i * 1_000_000, 2_000).unwrap();
        assert!(store.frame(CAMERA, Timestamp(i * 1_000_000)).unwrap().is_some(), "the newest frame is held");
    }
    let usage = store.usage().unwrap();
    assert!((8..=16).contains(&usage.frames), "{usage:?}");
    let bars = store.bars(CAMERA, Timestamp(0), Timestamp(i64::MAX), 1_000_000, 1_000).unwrap();
    assert_eq!(bars.len() as u64, usage.frames, "b12: bars only of frames that are held");
}

#[test]
fn a_volume_with_no_room_at_all_says_so_and_the_store_stays_usable() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(Options::directory(dir.path())).unwrap();
    append(&store, 1, 10).unwrap();
    store.limit_volume(50);
    assert!(matches!(append(&store, 2, 2_000), Err(Error::Full)));
    assert!(matches!(append(&store, 3, 2_000), Err(Error::Full)));
    assert_eq!(store.seek(CAMERA, Seek::First).unwrap(), None, "the oldest was given up in trying");
    store.limit_volume(1 << 30);
    assert_eq!(append(&store, 4, 2_000).unwrap(), Timestamp(4));
    drop(store);
    let store = Store::open(Options::directory(dir.path())).unwrap();
    assert_eq!(store.usage().unwrap().frames, 1);
    drop(store);
    let report = crate::check(dir.path(), crate::Mode::Report).unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn the_floor_of_free_space_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { segment_bytes: 10_000, min_free_bytes: 30_000, ..Options::directory(dir.path()) };
    let store = Store::open(options).unwrap();
    store.limit_volume(80_000);
    for i in 0..100 {
        append(&store, i * 60_000_000, 2_000).unwrap();
        assert!(store.usage().unwrap().free_bytes.is_some_and(|free| free >= 30_000));
    }
    assert!(store.usage().unwrap().frames >= 15);
    // Somebody else fills the volume.
    store.limit_volume(40_000);
    append(&store, 101 * 60_000_000, 2_000).unwrap();
    assert!(store.usage().unwrap().free_bytes.is_some_and(|free| free >= 30_000));
    store.limit_volume(31_000);
    assert!(matches!(append(&store, 102 * 60_000_000, 2_000), Err(Error::Full)));
}
