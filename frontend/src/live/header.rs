//! Reads the header of a binary message straight from the browser's buffer, so that the JPEG behind it never enters
//! wasm memory. Gives what `rtm2_app::wire::FrameRef::parse` gives from the same bytes.

use js_sys::{ArrayBuffer, DataView};
use rtm2_app::wire::frame::{BOX_LEN, FIXED_LEN, KIND_FRAME, MAX_BOXES};
use rtm2_app::wire::{Flags, FrameHeader, WireError};
use rtm2_app::{CameraId, Region, Timestamp};

/// A frame message: its header, and where its JPEG starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The header.
    pub header: FrameHeader,
    /// Offset of the JPEG in bytes.
    pub jpeg_at: u32,
}

/// Reads the header of `message`. Header bytes beyond the boxes belong to a later version and are skipped.
pub fn parse(message: &ArrayBuffer) -> Result<Parsed, WireError> {
    let total = message.byte_length() as usize;
    if total < FIXED_LEN {
        return Err(WireError::Short(total));
    }
    let view = DataView::new(message, 0, total);
    let u16_at = |i: usize| view.get_uint16_endian(i, true);
    let u64_at = |i: usize| {
        let half = |i| u64::from(view.get_uint32_endian(i, true));
        half(i) | half(i + 4) << 32
    };
    let kind = view.get_uint8(0);
    if kind != KIND_FRAME {
        return Err(WireError::Kind(kind));
    }
    let (len, boxes) = (usize::from(u16_at(2)), usize::from(u16_at(30)));
    if boxes > MAX_BOXES {
        return Err(WireError::Boxes(boxes));
    }
    if len < FIXED_LEN + boxes * BOX_LEN {
        return Err(WireError::HeaderLength { len, boxes });
    }
    if total < len {
        return Err(WireError::Short(total));
    }
    let region = |n: usize| {
        let at = FIXED_LEN + n * BOX_LEN;
        Region::from([0, 2, 4, 6, 8].map(|i| u16_at(at + i)))
    };
    let header = FrameHeader {
        camera: CameraId(u16_at(4)),
        flags: Flags(u16_at(6)),
        seq: u64_at(8),
        at: Timestamp(u64_at(16) as i64),
        width: u16_at(24),
        height: u16_at(26),
        score: u16_at(28),
        boxes: (0..boxes).map(region).collect(),
    };
    Ok(Parsed { header, jpeg_at: len as u32 })
}
