//! Frames to store and directories to damage.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rtm2_app::{CameraId, Region, Timestamp};
use rtm2_store::{Appended, Error, NewFrame, Options, Store};

pub const SECOND: i64 = 1_000_000;
pub const DAY: i64 = 86_400 * SECOND;
pub const ALL: (Timestamp, Timestamp) = (Timestamp(i64::MIN), Timestamp(i64::MAX));

/// Pictures from this number on are the smallest that have a JPEG's markers: for tests that go through every byte.
pub const TINY: u8 = 250;

/// A real little JPEG, another one for each number, with an end marker inside a comment to trip over.
pub fn jpeg(number: u8) -> Vec<u8> {
    static CACHE: [OnceLock<Vec<u8>>; 256] = [const { OnceLock::new() }; 256];
    let make = || {
        if number >= TINY {
            return vec![0xFF, 0xD8, 0xFF, 0xFE, 0, 4, 0xFF, 0xD9, 0xFF, 0xDA, 0, 2, number, 0, 0xFF, 0, 0xFF, 0xD9];
        }
        let pixels: Vec<u8> = (0..16 * 16).map(|i: usize| number.wrapping_mul(7) ^ (i as u8)).collect();
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 30)
            .encode(&pixels, 16, 16, image::ExtendedColorType::L8)
            .unwrap();
        bytes.splice(2..2, [0xFF, 0xFE, 0, 7, number, 0xFF, 0xD9, 0xFF, 0xD8]);
        bytes
    };
    CACHE[usize::from(number)].get_or_init(make).clone()
}

/// The boxes that [`append`] stores with a frame.
pub fn boxes(number: u8) -> Vec<Region> {
    let n = u16::from(number);
    (0..n % 4).map(|i| Region { x: i, y: n, w: 5, h: 6, strength: 700 + i }).collect()
}

pub fn try_append(store: &Store, camera: u16, at: i64, number: u8, jpeg: &[u8]) -> Result<Appended, Error> {
    store.append(&NewFrame {
        camera: CameraId(camera),
        at: Timestamp(at),
        seq: u64::MAX - u64::from(number),
        width: 16,
        height: 16,
        motion: true,
        light_shift: false,
        score: u16::from(number) * 3,
        boxes: &boxes(number),
        grid: number.is_multiple_of(2).then_some(&[number; 192]),
        jpeg,
    })
}

/// A frame from around motion.
pub fn append_still(store: &Store, camera: u16, at: i64, number: u8) -> Appended {
    let frame = NewFrame {
        camera: CameraId(camera),
        at: Timestamp(at),
        seq: u64::MAX - u64::from(number),
        width: 16,
        height: 16,
        motion: false,
        light_shift: false,
        score: 0,
        boxes: &[],
        grid: None,
        jpeg: &jpeg(number),
    };
    store.append(&frame).unwrap()
}

/// JPEG-like bytes of some length.
pub fn picture(len: usize) -> Vec<u8> {
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xDA, 0, 2];
    jpeg.resize(len.max(8) - 2, 0x55);
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

pub fn append(store: &Store, camera: u16, at: i64, number: u8) -> Appended {
    try_append(store, camera, at, number, &jpeg(number)).unwrap()
}

pub fn open(dir: &Path) -> Store {
    Store::open(Options::directory(dir)).unwrap()
}

/// Small segments, so that little data makes many.
pub fn open_small(dir: &Path) -> Store {
    Store::open(Options { segment_bytes: 8 << 10, ..Options::directory(dir) }).unwrap()
}

/// Times of all frames of a camera, each fetched and compared with what was stored.
pub fn times(store: &Store, camera: u16) -> Vec<i64> {
    let infos = store.frames(CameraId(camera), ALL.0, ALL.1, usize::MAX).unwrap();
    for info in &infos {
        let frame = store.frame(info.camera, info.at).unwrap().unwrap();
        let number = (u64::MAX - info.seq) as u8;
        assert_eq!(frame.info, *info);
        assert_eq!(frame.jpeg, jpeg(number), "byte for byte as it was handed in");
        assert_eq!(info.boxes, boxes(number));
        assert_eq!(frame.grid, number.is_multiple_of(2).then(|| vec![number; 192]));
    }
    infos.into_iter().map(|info| info.at.0).collect()
}

/// All segments, by name.
pub fn segments(dir: &Path) -> Vec<PathBuf> {
    let list = |dir: &Path| fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect::<Vec<_>>();
    let mut files: Vec<_> = list(&dir.join("segments")).iter().filter(|p| p.is_dir()).flat_map(|p| list(p)).collect();
    files.sort();
    files
}

/// What a process that was killed leaves: the files as the system has them at this moment. Give it an open store's
/// directory.
pub fn killed(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_dir(dir, copy.path());
    copy
}

pub fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_dir(&entry.path(), &target);
        } else if entry.file_name() != "index.sqlite-shm" {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Bytes of all files below a folder.
pub fn size(dir: &Path) -> u64 {
    let entry = |e: std::io::Result<fs::DirEntry>| {
        let path = e.unwrap().path();
        // The index's journal may vanish while it is looked at.
        if path.is_dir() { size(&path) } else { fs::metadata(&path).map_or(0, |m| m.len()) }
    };
    fs::read_dir(dir).unwrap().map(entry).sum()
}
