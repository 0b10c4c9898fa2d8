//! A year of recordings at once: segments are written as `docs/store.md` describes them, and the store makes its index from
//! them. Storing each frame by itself, with a transaction of its own, would take most of an hour for five million.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::Outcome;

const SECOND: i64 = 1_000_000;
/// Frames of a segment: ten events of a hundred frames each.
const SEGMENT: i64 = 1_000;
/// Frames of an event, ten a second.
const EVENT: i64 = 100;
/// From the start of an event to that of the next.
const PAUSE: i64 = 55 * SECOND;

/// Writes the segments of `frames` small pictures of camera 0, spread over a time from `start` on: into `dir`, which holds
/// nothing yet.
pub(crate) fn fill(dir: &Path, frames: i64, (start, time): (i64, i64)) -> Outcome<()> {
    let folder = dir.join("segments/00000");
    fs::create_dir_all(&folder)?;
    let pictures = (0..16).map(picture).collect::<Result<Vec<_>, _>>()?;
    let segments = (frames + SEGMENT - 1) / SEGMENT;
    for segment in 0..segments {
        let from = start + time / segments * segment;
        let mut file = BufWriter::new(fs::File::create(folder.join(format!("{from:018}.mjpeg")))?);
        for i in 0..SEGMENT.min(frames - segment * SEGMENT) {
            let at = from + i / EVENT * PAUSE + i % EVENT * SECOND / 10;
            let number = segment * SEGMENT + i;
            let jpeg = &pictures[(number % 16) as usize];
            file.write_all(&record(at, number as u64, jpeg))?;
            file.write_all(&jpeg[2..])?;
        }
        file.flush()?;
    }
    Ok(())
}

/// A real little picture of some hundred bytes, another one for each number.
fn picture(number: usize) -> Result<Vec<u8>, image::ImageError> {
    let pixels: Vec<u8> = (0..32 * 24_usize).map(|i| if i % 32 / 8 == number % 4 { 220 } else { 60 }).collect();
    let mut jpeg = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 20);
    encoder.encode(&pixels, 32, 24, image::ExtendedColorType::L8)?;
    Ok(jpeg)
}

/// What stands before a picture in a segment: a record with one box.
fn record(at: i64, number: u64, jpeg: &[u8]) -> Vec<u8> {
    let mut record = b"RTM2\x01\x01".to_vec();
    let size = 2 + (number * 7 % 20) as u16;
    for value in [1, 0, 32, 24, (number % 900) as u16] {
        record.extend(value.to_le_bytes());
    }
    record.extend(number.to_le_bytes());
    record.extend(at.to_le_bytes());
    record.extend((jpeg.len() as u32).to_le_bytes());
    record.extend(crc32fast::hash(jpeg).to_le_bytes());
    record.extend([0; 4]);
    for value in [(number % 10) as u16, 1, size, size, 900] {
        record.extend(value.to_le_bytes());
    }
    record.extend(crc32fast::hash(&record).to_le_bytes());
    let mut out = vec![0xFF, 0xD8, 0xFF, 0xFE];
    out.extend((record.len() as u16 + 2).to_be_bytes());
    out.extend(record);
    out
}
