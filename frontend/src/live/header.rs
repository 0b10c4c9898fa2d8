//! Reads the header of a binary message straight from the browser's buffer, so that the JPEG behind it never enters
//! wasm memory. Gives what `rtm2_app::wire::FrameRef::parse` and `TilesRef::parse` give from the same bytes.

use js_sys::{ArrayBuffer, DataView};
use rtm2_app::wire::frame::{BOX_LEN, FIXED_LEN, KIND_FRAME, MAX_BOXES};
use rtm2_app::wire::tiles::{KIND_TILES, Laying, MAX_PLACES, PLACE_LEN, Place, TILES_LEN};
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

/// A message with parts of a picture: its headers, and where its payload starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedTiles {
    /// The frame's header.
    pub header: FrameHeader,
    /// How to lay the parts.
    pub laying: Laying,
    /// Offset of the sheet's head, or of its body if no head was sent, in bytes.
    pub payload_at: u32,
}

/// Reads the header of `message`. Header bytes beyond the boxes belong to a later version and are skipped.
pub fn parse(message: &ArrayBuffer) -> Result<Parsed, WireError> {
    let (header, Fields { len, .. }) = Fields::of(message, KIND_FRAME)?;
    Ok(Parsed { header, jpeg_at: len as u32 })
}

/// The same of a message with parts of a picture.
pub fn parse_tiles(message: &ArrayBuffer) -> Result<ParsedTiles, WireError> {
    let (header, fields) = Fields::of(message, KIND_TILES)?;
    let (len, at) = (fields.len, FIXED_LEN + header.boxes.len() * BOX_LEN);
    let too_short = WireError::HeaderLength { len, boxes: header.boxes.len() };
    if len < at + TILES_LEN {
        return Err(too_short);
    }
    let count = usize::from(fields.u16_at(at + 16));
    if count > MAX_PLACES {
        return Err(WireError::Places(count));
    }
    if len < at + TILES_LEN + count * PLACE_LEN {
        return Err(too_short);
    }
    let head_len = fields.u16_at(at + 12);
    if fields.total < len + usize::from(head_len) {
        return Err(WireError::Short(fields.total));
    }
    let place = |n: usize| {
        let at = at + TILES_LEN + n * PLACE_LEN;
        Place::from([0, 2, 4, 6, 8, 10].map(|i| fields.u16_at(at + i)))
    };
    let laying = Laying {
        base: fields.u64_at(at),
        head: fields.view.get_uint32_endian(at + 8, true),
        head_len,
        mcu: [fields.view.get_uint8(at + 14), fields.view.get_uint8(at + 15)],
        places: (0..count).map(place).collect(),
    };
    Ok(ParsedTiles { header, laying, payload_at: len as u32 })
}

/// A message as numbers.
struct Fields {
    view: DataView,
    /// Length of the message.
    total: usize,
    /// Length of its header.
    len: usize,
}

impl Fields {
    /// The header that messages of every kind begin with.
    fn of(message: &ArrayBuffer, kind: u8) -> Result<(FrameHeader, Self), WireError> {
        let total = message.byte_length() as usize;
        if total < FIXED_LEN {
            return Err(WireError::Short(total));
        }
        let view = DataView::new(message, 0, total);
        let fields = Self { len: usize::from(view.get_uint16_endian(2, true)), view, total };
        let found = fields.view.get_uint8(0);
        if found != kind {
            return Err(WireError::Kind(found));
        }
        let (len, boxes) = (fields.len, usize::from(fields.u16_at(30)));
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
            Region::from([0, 2, 4, 6, 8].map(|i| fields.u16_at(at + i)))
        };
        let header = FrameHeader {
            camera: CameraId(fields.u16_at(4)),
            flags: Flags(fields.u16_at(6)),
            seq: fields.u64_at(8),
            at: Timestamp(fields.u64_at(16) as i64),
            width: fields.u16_at(24),
            height: fields.u16_at(26),
            score: fields.u16_at(28),
            boxes: (0..boxes).map(region).collect(),
        };
        Ok((header, fields))
    }

    fn u16_at(&self, at: usize) -> u16 {
        self.view.get_uint16_endian(at, true)
    }

    fn u64_at(&self, at: usize) -> u64 {
        let half = |at| u64::from(self.view.get_uint32_endian(at, true));
        half(at) | half(at + 4) << 32
    }
}
