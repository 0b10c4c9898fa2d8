//! Binary messages: a fixed little-endian header that a browser reads with one `DataView`, then the JPEG as the
//! camera made it. Laid out by hand rather than by a serialisation library so that any language can read it. Messages
//! with parts of a picture begin with the same header: see [`super::tiles`].

use crate::{CameraId, Region, Timestamp};

/// Kind of a message with a whole picture.
pub const KIND_FRAME: u8 = 1;
/// Version of the header's layout.
pub const HEADER_VERSION: u8 = 1;
/// Length of the header before the boxes.
pub const FIXED_LEN: usize = 32;
/// Length of one box.
pub const BOX_LEN: usize = 10;
/// Most boxes that a message carries; a detector reports the strongest.
pub const MAX_BOXES: usize = 64;

/// Facts about a frame, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// Something moved in it.
    pub const MOTION: Self = Self(1);
    /// A whole picture that needs nothing before it.
    pub const KEY: Self = Self(1 << 1);
    /// At least one frame of the subscription was skipped just before it.
    pub const AFTER_DROP: Self = Self(1 << 2);
    /// Not taken just now: the newest one known when the viewer came.
    pub const REPLAY: Self = Self(1 << 3);

    /// Place of the number of frames that were skipped, which fills the upper half.
    const LEFT_OUT_SHIFT: u32 = 8;

    /// So many frames of the subscription were skipped just before this one; more than 255 count as 255.
    pub const fn left_out(count: u64) -> Self {
        let count = if count > 0xff { 0xff } else { count as u16 };
        if count == 0 { Self(0) } else { Self(count << Self::LEFT_OUT_SHIFT | Self::AFTER_DROP.0) }
    }

    /// How many frames of the subscription were skipped just before this one.
    pub const fn skipped(self) -> u16 {
        self.0 >> Self::LEFT_OUT_SHIFT
    }

    /// Both sets.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The header of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// The camera that took it.
    pub camera: CameraId,
    /// See [`Flags`].
    pub flags: Flags,
    /// The camera's running number since the server started.
    pub seq: u64,
    /// When it was captured.
    pub at: Timestamp,
    /// Picture width in pixels.
    pub width: u16,
    /// Picture height in pixels.
    pub height: u16,
    /// The detector's score.
    pub score: u16,
    /// What moved, at most [`MAX_BOXES`].
    pub boxes: Vec<Region>,
}

/// A frame message taken apart, its payload borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRef<'a> {
    /// The header.
    pub header: FrameHeader,
    /// The JPEG.
    pub jpeg: &'a [u8],
}

/// Why bytes are not a frame message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Shorter than its header.
    #[error("message of {0} bytes is shorter than its header")]
    Short(usize),
    /// Another kind of message, from a later version.
    #[error("unknown message kind {0}")]
    Kind(u8),
    /// The header's length cannot hold its boxes.
    #[error("header length {len} cannot hold {boxes} boxes")]
    HeaderLength {
        /// Length that the message states.
        len: usize,
        /// Boxes that the message states.
        boxes: usize,
    },
    /// More boxes than [`MAX_BOXES`].
    #[error("{0} boxes are more than a message may carry")]
    Boxes(usize),
    /// More parts of a picture than [`super::tiles::MAX_PLACES`].
    #[error("{0} parts of a picture are more than a message may carry")]
    Places(usize),
}

impl FrameHeader {
    /// Length of the encoded header in bytes: where the payload starts. Boxes beyond [`MAX_BOXES`] are not sent.
    pub fn encoded_len(&self) -> usize {
        FIXED_LEN + self.boxes.len().min(MAX_BOXES) * BOX_LEN
    }

    /// Appends the header to `out`; the JPEG goes right behind it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.encode_as(KIND_FRAME, self.encoded_len(), out);
    }

    /// Appends the header of a message of this kind whose payload starts at `len`.
    pub(super) fn encode_as(&self, kind: u8, len: usize, out: &mut Vec<u8>) {
        let boxes = &self.boxes[..self.boxes.len().min(MAX_BOXES)];
        out.extend([kind, HEADER_VERSION]);
        out.extend((len as u16).to_le_bytes());
        out.extend(self.camera.0.to_le_bytes());
        out.extend(self.flags.0.to_le_bytes());
        out.extend(self.seq.to_le_bytes());
        out.extend(self.at.0.to_le_bytes());
        for value in [self.width, self.height, self.score, boxes.len() as u16] {
            out.extend(value.to_le_bytes());
        }
        for region in boxes {
            for value in <[u16; 5]>::from(*region) {
                out.extend(value.to_le_bytes());
            }
        }
    }
}

impl<'a> FrameRef<'a> {
    /// Takes a message apart. Header bytes beyond the boxes belong to a later version and are skipped.
    pub fn parse(message: &'a [u8]) -> Result<Self, WireError> {
        let (header, _, jpeg) = take_apart(message, KIND_FRAME)?;
        Ok(Self { header, jpeg })
    }
}

/// The header of a message of this kind, what stands between its boxes and the payload, and the payload.
pub(super) fn take_apart(message: &[u8], kind: u8) -> Result<(FrameHeader, &[u8], &[u8]), WireError> {
    let short = WireError::Short(message.len());
    let fixed: &[u8; FIXED_LEN] = message.first_chunk().ok_or(short)?;
    if fixed[0] != kind {
        return Err(WireError::Kind(fixed[0]));
    }
    let u16_at = |i: usize| u16::from_le_bytes([fixed[i], fixed[i + 1]]);
    let u64_at = |i: usize| (0..8).fold(0, |value, k| value | u64::from(fixed[i + k]) << (8 * k));
    let (len, boxes) = (usize::from(u16_at(2)), usize::from(u16_at(30)));
    if boxes > MAX_BOXES {
        return Err(WireError::Boxes(boxes));
    }
    if len < FIXED_LEN + boxes * BOX_LEN {
        return Err(WireError::HeaderLength { len, boxes });
    }
    let (header, payload) = message.split_at_checked(len).ok_or(short)?;
    let (regions, further) = header[FIXED_LEN..].split_at(boxes * BOX_LEN);
    let header = FrameHeader {
        camera: CameraId(u16_at(4)),
        flags: Flags(u16_at(6)),
        seq: u64_at(8),
        at: Timestamp(u64_at(16) as i64),
        width: u16_at(24),
        height: u16_at(26),
        score: u16_at(28),
        boxes: regions.chunks_exact(BOX_LEN).map(region).collect(),
    };
    Ok((header, further, payload))
}

/// A box from its ten bytes.
fn region(bytes: &[u8]) -> Region {
    let mut values = [0; 5];
    for (value, pair) in values.iter_mut().zip(bytes.chunks_exact(2)) {
        *value = u16::from_le_bytes([pair[0], pair[1]]);
    }
    values.into()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        pub(in crate::wire) fn header()(
            camera: u16, flags: u16, seq: u64, at: i64, width: u16, height: u16, score: u16,
            boxes in prop::collection::vec(any::<[u16; 5]>().prop_map(Region::from), 0..=MAX_BOXES),
        ) -> FrameHeader {
            FrameHeader { camera: CameraId(camera), flags: Flags(flags), seq, at: Timestamp(at), width, height, score, boxes }
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed(header in header(), jpeg: Vec<u8>) {
            let mut message = Vec::new();
            header.encode(&mut message);
            prop_assert_eq!(message.len(), header.encoded_len());
            message.extend(&jpeg);
            let parsed = FrameRef::parse(&message).unwrap();
            prop_assert_eq!(parsed.header, header);
            prop_assert_eq!(parsed.jpeg, &jpeg[..]);
        }

        #[test]
        fn what_was_left_out_leaves_the_other_flags_alone(count: u64) {
            let flags = Flags::MOTION.with(Flags::left_out(count));
            prop_assert_eq!(u64::from(flags.skipped()), count.min(255));
            prop_assert_eq!(flags.has(Flags::AFTER_DROP), count > 0);
            prop_assert!(flags.has(Flags::MOTION) && !flags.has(Flags::KEY) && !flags.has(Flags::REPLAY));
        }

        #[test]
        fn any_bytes_are_parsed_or_refused(message: Vec<u8>) {
            let _ = FrameRef::parse(&message);
        }

        #[test]
        fn every_truncation_of_the_header_is_refused(header in header(), cut: prop::sample::Index) {
            let mut message = Vec::new();
            header.encode(&mut message);
            message.truncate(cut.index(message.len()));
            prop_assert!(FrameRef::parse(&message).is_err());
        }
    }
}
