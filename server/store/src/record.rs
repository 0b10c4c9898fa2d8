//! The record that a segment keeps inside each JPEG: a COM marker right after the start of image.
//!
//! Laid out by hand, little endian (but for the marker's own length, which JPEG wants big endian), as `docs/store.md`
//! describes it. It carries its own checksum beside that of the picture, so it is never taken for something else.

use rtm2_app::wire::frame::MAX_BOXES;
use rtm2_app::{CameraId, FrameInfo, Region, Timestamp};

use crate::jpeg::SOI;
use crate::{MAX_GRID, MAX_ZONES, NewFrame};

/// First bytes of every record.
const MAGIC: [u8; 4] = *b"RTM2";
/// Version of the layout.
const VERSION: u8 = 1;
/// Bit of the flags: something moved in the frame. Frames from around motion do not have it.
const MOTION: u16 = 1;
/// Bit of the flags: the light shifted as a whole.
const LIGHT_SHIFT: u16 = 2;
/// Bytes of a record before its boxes.
const FIXED: usize = 44;
/// Bytes of a box.
const BOX: usize = 10;
/// Bytes from the start of a stored frame to its record: SOI, COM, length.
const BEFORE: usize = 6;

// The longest record fits into one marker segment, whose length field counts itself.
const _: () = assert!(2 + FIXED + MAX_BOXES * BOX + MAX_GRID + MAX_ZONES + 4 <= 0xFFFF);

/// Most bytes that a record and its marker add to a JPEG.
pub(crate) const MAX_LEN: usize = BEFORE + FIXED + MAX_BOXES * BOX + MAX_GRID + MAX_ZONES + 4;

/// Bytes that [`encode`] makes of a frame.
pub(crate) fn len(frame: &NewFrame<'_>, zones: &str) -> usize {
    BEFORE + FIXED + kept_boxes(frame.boxes).len() * BOX + frame.grid.map_or(0, <[u8]>::len) + zones.len() + 4
}

/// What a record says of its frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The frame, its time as it is stored.
    pub(crate) info: FrameInfo,
    /// The detector's coarse map; empty for none.
    pub(crate) grid: Vec<u8>,
    /// Whether the light shifted as a whole.
    pub(crate) light: bool,
    /// The zones that something moves in; empty for none.
    pub(crate) zones: String,
    /// CRC-32 of the JPEG as it was handed in.
    crc: u32,
    /// Bytes of the marker segment with its two marker bytes.
    marker_len: usize,
}

/// The boxes of a frame that are kept.
pub(crate) fn kept_boxes(boxes: &[Region]) -> &[Region] {
    &boxes[..boxes.len().min(MAX_BOXES)]
}

/// Bytes of a box list as records and the index hold it: five `u16` each.
pub(crate) fn encode_boxes(boxes: &[Region]) -> Vec<u8> {
    boxes.iter().flat_map(|r| <[u16; 5]>::from(*r)).flat_map(u16::to_le_bytes).collect()
}

/// Boxes from their bytes; an incomplete last one is left out.
pub(crate) fn decode_boxes(bytes: &[u8]) -> Vec<Region> {
    let value = |b: &[u8], i: usize| u16::from_le_bytes([b[2 * i], b[2 * i + 1]]);
    bytes.chunks_exact(BOX).map(|b| std::array::from_fn::<u16, 5, _>(|i| value(b, i)).into()).collect()
}

/// Start of the stored frame: SOI and the COM marker with its record. The JPEG from its third byte follows.
pub(crate) fn encode(frame: &NewFrame<'_>, zones: &str, at: Timestamp) -> Vec<u8> {
    let boxes = encode_boxes(kept_boxes(frame.boxes));
    let grid = frame.grid.unwrap_or_default();
    let len = FIXED + boxes.len() + grid.len() + zones.len() + 4;
    let mut out = Vec::with_capacity(BEFORE + len);
    out.extend(SOI);
    out.extend([0xFF, 0xFE]);
    out.extend((len as u16 + 2).to_be_bytes());
    out.extend(MAGIC);
    out.extend([VERSION, (boxes.len() / BOX) as u8]);
    let flags = if frame.motion { MOTION } else { 0 } | if frame.light_shift { LIGHT_SHIFT } else { 0 };
    for value in [flags, frame.camera.0, frame.width, frame.height, frame.score] {
        out.extend(value.to_le_bytes());
    }
    out.extend(frame.seq.to_le_bytes());
    out.extend(at.0.to_le_bytes());
    out.extend((frame.jpeg.len() as u32).to_le_bytes());
    out.extend(crc32fast::hash(frame.jpeg).to_le_bytes());
    out.extend((grid.len() as u16).to_le_bytes());
    out.extend([0; 2]);
    out.extend(boxes);
    out.extend(grid);
    out.extend(zones.bytes());
    out.extend(crc32fast::hash(&out[BEFORE..]).to_le_bytes());
    out
}

impl Record {
    /// The record of the stored frame at the start of `bytes`; `None` if there is no intact one.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < BEFORE || bytes[..4] != [0xFF, 0xD8, 0xFF, 0xFE] {
            return None;
        }
        let len = usize::from(u16::from_be_bytes([bytes[4], bytes[5]])).checked_sub(2)?;
        let record = bytes.get(BEFORE..BEFORE + len)?;
        let (body, crc) = record.split_at_checked(len.checked_sub(4)?)?;
        if body.len() < FIXED || body[..4] != MAGIC || body[4] != VERSION || le(crc) as u32 != crc32fast::hash(body) {
            return None;
        }
        let (boxes_len, grid_len) = (usize::from(body[5]) * BOX, le(&body[40..42]) as usize);
        let boxes = body.get(FIXED..FIXED + boxes_len)?;
        let (grid, zones) = body.get(FIXED + boxes_len..)?.split_at_checked(grid_len)?;
        let jpeg_len = le(&body[32..36]) as u32;
        if jpeg_len < 4 {
            return None;
        }
        let flags = le(&body[6..8]) as u16;
        Some(Self {
            info: FrameInfo {
                camera: CameraId(le(&body[8..10]) as u16),
                at: Timestamp(le(&body[24..32]) as i64),
                seq: le(&body[16..24]),
                width: le(&body[10..12]) as u16,
                height: le(&body[12..14]) as u16,
                score: le(&body[14..16]) as u16,
                bytes: jpeg_len,
                boxes: decode_boxes(boxes),
                motion: flags & MOTION != 0,
            },
            grid: grid.to_vec(),
            light: flags & LIGHT_SHIFT != 0,
            zones: String::from_utf8_lossy(zones).into_owned(),
            crc: le(&body[36..40]) as u32,
            marker_len: 4 + len,
        })
    }

    /// Length of the stored frame: the JPEG with its record inside.
    pub(crate) fn stored_len(&self) -> usize {
        self.marker_len + self.info.bytes as usize
    }

    /// The JPEG as it was handed in, its checksum verified; `stored` is the whole stored frame.
    pub(crate) fn jpeg(&self, stored: &[u8]) -> Option<Vec<u8>> {
        let rest = stored.get(2 + self.marker_len..self.stored_len())?;
        let mut jpeg = Vec::with_capacity(rest.len() + 2);
        jpeg.extend(SOI);
        jpeg.extend(rest);
        (crc32fast::hash(&jpeg) == self.crc).then_some(jpeg)
    }

    /// Whether the picture of a whole stored frame is the one that was handed in.
    pub(crate) fn is_intact(&self, stored: &[u8]) -> bool {
        let Some(rest) = stored.get(2 + self.marker_len..self.stored_len()) else { return false };
        let mut hash = crc32fast::Hasher::new();
        hash.update(&SOI);
        hash.update(rest);
        hash.finalize() == self.crc
    }
}

/// An unsigned number from up to eight little-endian bytes.
fn le(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, &b| value << 8 | u64::from(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed_and_restored(
            camera: u16, at: i64, seq: u64, score: u16,
            boxes in prop::collection::vec(any::<[u16; 5]>().prop_map(Region::from), 0..80),
            grid in prop::collection::vec(any::<u8>(), 0..200),
            zones: String, body: Vec<u8>,
        ) {
            let jpeg = [&[0xFF, 0xD8, 0xFF, 0xE0][..], &body].concat();
            let camera = CameraId(camera);
            let frame = NewFrame { camera, at: Timestamp(0), seq, width: 640, height: 480, motion: seq.is_multiple_of(2), light_shift: seq.is_multiple_of(3), score, boxes: &boxes, grid: Some(&grid), jpeg: &jpeg };
            let mut stored = encode(&frame, &zones, Timestamp(at));
            stored.extend(&jpeg[2..]);
            let record = Record::parse(&stored).unwrap();
            prop_assert_eq!(record.stored_len(), stored.len());
            prop_assert_eq!(&record.info.boxes, kept_boxes(&boxes));
            prop_assert_eq!((record.info.at.0, record.info.seq, record.info.camera), (at, seq, camera));
            prop_assert_eq!((&record.grid, &record.zones), (&grid, &zones));
            prop_assert_eq!(len(&frame, &zones) + jpeg.len() - 2, stored.len());
            prop_assert_eq!((record.info.motion, record.light), (seq.is_multiple_of(2), seq.is_multiple_of(3)));
            prop_assert!(record.is_intact(&stored));
            prop_assert_eq!(record.jpeg(&stored), Some(jpeg));
        }

        #[test]
        fn any_bytes_are_parsed_or_refused(bytes: Vec<u8>) {
            let mut marked = vec![0xFF, 0xD8, 0xFF, 0xFE, 0, 60];
            marked.extend(&bytes);
            for bytes in [bytes, marked] {
                if let Some(record) = Record::parse(&bytes) {
                    record.is_intact(&bytes);
                }
            }
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed() {
        let jpeg = [0xFF, 0xD8, 0xFF, 0xDB, 1, 2, 3];
        let boxes = [Region { x: 1, y: 2, w: 3, h: 4, strength: 5 }];
        let at = Timestamp(1);
        let frame = NewFrame {
            camera: CameraId(0),
            at,
            seq: 1,
            width: 2,
            height: 2,
            motion: true,
            light_shift: false,
            score: 3,
            boxes: &boxes,
            grid: None,
            jpeg: &jpeg,
        };
        let mut stored = encode(&frame, "porch", at);
        stored.extend(&jpeg[2..]);
        for bit in 0..stored.len() * 8 {
            let mut flipped = stored.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let whole =
                Record::parse(&flipped).is_some_and(|r| r.stored_len() == flipped.len() && r.is_intact(&flipped));
            assert!(!whole, "bit {bit}");
        }
    }
}
