//! JPEG as cameras send it: finding where a picture ends, checking its header before anything decodes it, adding what
//! webcams leave out, decoding the luma plane small, making small copies, and encoding raw pictures.
//!
//! The walker never decodes; the codec itself is libjpeg-turbo.

mod encode;
mod huffman;
mod luma;
mod means;
mod parts;
mod split;
#[cfg(test)]
pub(crate) mod testing;
mod thumbnail;
mod walk;
mod yuv;

pub use encode::{Encoder, Layout, Pixels, Range, Raw};
pub use huffman::complete;
pub use luma::{Luma, LumaDecoder};
pub use split::Splitter;
pub use thumbnail::thumbnail;
pub use walk::{Header, Sampling, inspect};

/// What a picture may be before it is refused unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels from left to right.
    pub width: u16,
    /// Most pixels from top to bottom.
    pub height: u16,
    /// Most bytes of one JPEG.
    pub bytes: usize,
}

impl Default for Limits {
    /// 8192 × 8192 pixels and 16 MiB: more than any camera sends, little enough to decode.
    fn default() -> Self {
        Self { width: 8192, height: 8192, bytes: 16 << 20 }
    }
}

/// Why bytes are not a usable JPEG, or why coding failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JpegError {
    /// The bytes do not begin with a start-of-image marker.
    #[error("not a JPEG: it does not begin with a start-of-image marker")]
    NotJpeg,
    /// The bytes end before the picture does.
    #[error("the JPEG is cut short after {bytes} bytes")]
    Truncated {
        /// How many bytes there are.
        bytes: usize,
    },
    /// The structure is broken.
    #[error("the JPEG is damaged at byte {at}: {what}")]
    Damaged {
        /// Offset of the broken place.
        at: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// Width or height is zero or over the limit.
    #[error("the JPEG says it is {width}x{height} pixels; 1x1 to {most_width}x{most_height} are allowed")]
    Dimensions {
        /// Width in its header.
        width: u16,
        /// Height in its header.
        height: u16,
        /// The limit.
        most_width: u16,
        /// The limit.
        most_height: u16,
    },
    /// More bytes than allowed.
    #[error("the JPEG has more than {most} bytes")]
    TooManyBytes {
        /// The limit.
        most: usize,
    },
    /// A JPEG that browsers and detectors cannot show.
    #[error("this kind of JPEG is not supported: {0}")]
    Unsupported(&'static str),
    /// The raw picture's bytes do not fit its size.
    #[error("a raw picture of {width}x{height} needs {needed} bytes, got {got}")]
    RawSize {
        /// Width given.
        width: u16,
        /// Height given.
        height: u16,
        /// Bytes needed.
        needed: usize,
        /// Bytes given.
        got: usize,
    },
    /// Parts of a raw picture that cannot be encoded together.
    #[error("these parts of a picture cannot be encoded: {0}")]
    Parts(&'static str),
    /// libjpeg-turbo refused.
    #[error("the JPEG codec failed: {0}")]
    Codec(String),
}

impl From<turbojpeg::Error> for JpegError {
    fn from(error: turbojpeg::Error) -> Self {
        Self::Codec(error.to_string())
    }
}
