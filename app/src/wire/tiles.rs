//! A binary message with what changed of a picture since another one: the header of a frame, then what the parts lie on
//! and where they belong, then one small JPEG with all of them, the *sheet*.
//!
//! The sheet's JPEG is its start marker, its head (tables, which cameras seldom change) and its body. A message carries
//! the body, and the head only for viewers that have another one.

use super::frame::{FrameHeader, WireError, take_apart};

/// Kind of a message with parts of a picture.
pub const KIND_TILES: u8 = 2;
/// Bytes between the boxes and the first place.
pub const TILES_LEN: usize = 18;
/// Bytes of one place.
pub const PLACE_LEN: usize = 12;
/// Most places in a message; with more a whole picture is sent.
pub const MAX_PLACES: usize = 1024;

/// A rectangle of the picture that lies on the sheet. All in MCUs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Left edge on the sheet.
    pub sheet_x: u16,
    /// Upper edge on the sheet.
    pub sheet_y: u16,
    /// Left edge in the picture.
    pub x: u16,
    /// Upper edge in the picture.
    pub y: u16,
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

/// How the parts are laid on the picture before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Laying {
    /// Sequence number of the frame that must be shown before.
    pub base: u64,
    /// Number of the sheet's head.
    pub head: u32,
    /// Bytes of the head at the payload's start; 0 if it is not sent.
    pub head_len: u16,
    /// Width and height of an MCU in pixels.
    pub mcu: [u8; 2],
    /// Where the parts lie and belong, at most [`MAX_PLACES`].
    pub places: Vec<Place>,
}

/// A message with parts of a picture taken apart, its payload borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TilesRef<'a> {
    /// The frame's header; it never has [`super::Flags::KEY`].
    pub header: FrameHeader,
    /// How to lay the parts.
    pub laying: Laying,
    /// The sheet's head, if it was sent.
    pub head: &'a [u8],
    /// The sheet's body.
    pub body: &'a [u8],
}

impl From<Place> for [u16; 6] {
    fn from(place: Place) -> Self {
        [place.sheet_x, place.sheet_y, place.x, place.y, place.width, place.height]
    }
}

impl From<[u16; 6]> for Place {
    fn from([sheet_x, sheet_y, x, y, width, height]: [u16; 6]) -> Self {
        Self { sheet_x, sheet_y, x, y, width, height }
    }
}

impl Laying {
    /// Where the payload of a message with this and `header` starts.
    pub fn encoded_len(&self, header: &FrameHeader) -> usize {
        header.encoded_len() + TILES_LEN + self.places.len() * PLACE_LEN
    }

    /// Appends the message but for its payload: head and body go right behind it.
    pub fn encode(&self, header: &FrameHeader, out: &mut Vec<u8>) {
        header.encode_as(KIND_TILES, self.encoded_len(header), out);
        out.extend(self.base.to_le_bytes());
        out.extend(self.head.to_le_bytes());
        out.extend(self.head_len.to_le_bytes());
        out.extend(self.mcu);
        out.extend((self.places.len() as u16).to_le_bytes());
        for place in &self.places {
            out.extend(<[u16; 6]>::from(*place).into_iter().flat_map(u16::to_le_bytes));
        }
    }
}

impl<'a> TilesRef<'a> {
    /// Takes a message apart. Header bytes beyond the places belong to a later version and are skipped.
    pub fn parse(message: &'a [u8]) -> Result<Self, WireError> {
        let (header, further, payload) = take_apart(message, KIND_TILES)?;
        let len = message.len() - payload.len();
        let too_short = WireError::HeaderLength { len, boxes: header.boxes.len() };
        let (fixed, places) = further.split_at_checked(TILES_LEN).ok_or(too_short)?;
        let number = |at: usize, bytes: usize| (0..bytes).fold(0, |n, i| n | u64::from(fixed[at + i]) << (8 * i));
        let count = number(16, 2) as usize;
        if count > MAX_PLACES {
            return Err(WireError::Places(count));
        }
        let places = places.get(..count * PLACE_LEN).ok_or(too_short)?;
        let head_len = number(12, 2) as u16;
        let (head, body) = payload.split_at_checked(head_len.into()).ok_or(WireError::Short(message.len()))?;
        let laying = Laying {
            base: number(0, 8),
            head: number(8, 4) as u32,
            head_len,
            mcu: [fixed[14], fixed[15]],
            places: places.chunks_exact(PLACE_LEN).map(place).collect(),
        };
        Ok(Self { header, laying, head, body })
    }
}

/// A place from its twelve bytes.
fn place(bytes: &[u8]) -> Place {
    let mut values = [0; 6];
    for (value, pair) in values.iter_mut().zip(bytes.chunks_exact(2)) {
        *value = u16::from_le_bytes([pair[0], pair[1]]);
    }
    values.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::frame::tests::header;
    use super::*;

    prop_compose! {
        fn laying()(
            base: u64, head: u32, mcu: [u8; 2],
            places in prop::collection::vec(any::<[u16; 6]>().prop_map(Place::from), 0..40),
        ) -> Laying {
            Laying { base, head, head_len: 0, mcu, places }
        }
    }

    fn encode(header: &FrameHeader, laying: &Laying, head: &[u8], body: &[u8]) -> Vec<u8> {
        let mut message = Vec::new();
        laying.encode(header, &mut message);
        assert_eq!(message.len(), laying.encoded_len(header));
        message.extend([head, body].concat());
        message
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed(header in header(), laying in laying(), head: Vec<u8>, body: Vec<u8>) {
            let laying = Laying { head_len: head.len() as u16, ..laying };
            let message = encode(&header, &laying, &head, &body);
            let parsed = TilesRef::parse(&message).unwrap();
            prop_assert_eq!(parsed, TilesRef { header, laying, head: &head, body: &body });
        }

        #[test]
        fn any_bytes_are_parsed_or_refused(message: Vec<u8>) {
            let _ = TilesRef::parse(&[&[KIND_TILES][..], &message].concat());
        }

        #[test]
        fn every_truncation_of_the_header_is_refused(header in header(), laying in laying(), cut: prop::sample::Index) {
            let mut message = encode(&header, &laying, &[], &[]);
            message.truncate(cut.index(message.len()));
            prop_assert!(TilesRef::parse(&message).is_err());
        }
    }

    #[test]
    fn too_many_places_are_refused() {
        let header = FrameHeader {
            camera: crate::CameraId(0),
            flags: super::super::Flags::MOTION,
            seq: 2,
            at: crate::Timestamp(0),
            width: 640,
            height: 480,
            score: 0,
            boxes: Vec::new(),
        };
        let laying = Laying { places: vec![Place::default(); MAX_PLACES + 1], ..Laying::default() };
        let message = encode(&header, &laying, &[], &[]);
        assert_eq!(TilesRef::parse(&message), Err(WireError::Places(MAX_PLACES + 1)));
    }
}
