//! A picture's pixels as its source gives them: a JPEG already, or raw ones, which become a JPEG only if somebody needs it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rtm2_tiles::{Means, Rect, Sheet};

use crate::jpeg::{Encoder, JpegError, Pixels};

/// What a picture is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// A JPEG, trimmed at its end marker; byte for byte the camera's own.
    Jpeg(Bytes),
    /// Pixels of a camera that sends no JPEG.
    Raw(Arc<RawImage>),
}

impl Image {
    /// The picture as a JPEG, made anew by each call where the camera sent none: who needs it twice keeps it.
    pub fn jpeg(&self) -> Result<Bytes, JpegError> {
        match self {
            Self::Jpeg(jpeg) => Ok(jpeg.clone()),
            Self::Raw(raw) => raw.encode(),
        }
    }
}

impl From<Bytes> for Image {
    fn from(jpeg: Bytes) -> Self {
        Self::Jpeg(jpeg)
    }
}

impl From<RawImage> for Image {
    fn from(raw: RawImage) -> Self {
        Self::Raw(Arc::new(raw))
    }
}

/// Raw pixels with what makes a JPEG of them. All pictures of a source share one encoder and so its memory.
pub struct RawImage {
    pixels: Pixels,
    encoder: Arc<Mutex<Encoder>>,
}

impl RawImage {
    /// Pixels that `encoder` makes a JPEG of.
    pub fn new(pixels: Pixels, encoder: Arc<Mutex<Encoder>>) -> Self {
        Self { pixels, encoder }
    }

    /// Brightness, `width * height` bytes row by row, 0 black to 255 white: what the JPEG shows but for its losses.
    pub fn luma(&self) -> &[u8] {
        self.pixels.luma()
    }

    /// Bytes that the pixels take.
    pub fn bytes(&self) -> usize {
        self.pixels.bytes()
    }

    /// The picture as a JPEG.
    pub fn encode(&self) -> Result<Bytes, JpegError> {
        self.encoder().encode_pixels(&self.pixels)
    }

    /// Fills in what the means of its JPEG's blocks would be, without making one.
    pub fn means(&self, means: &mut Means) {
        self.encoder().means(&self.pixels, means);
    }

    /// Rectangles of the picture as they would be cut from its JPEG, without making that; they are told in MCUs.
    pub fn encode_parts(&self, rects: &[Rect]) -> Result<Sheet, JpegError> {
        self.encoder().encode_parts(&self.pixels, rects)
    }

    fn encoder(&self) -> MutexGuard<'_, Encoder> {
        // What a panic left behind is memory to be written over.
        self.encoder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RawImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawImage").field("pixels", &self.pixels).finish_non_exhaustive()
    }
}

impl PartialEq for RawImage {
    fn eq(&self, other: &Self) -> bool {
        self.pixels == other.pixels
    }
}

impl Eq for RawImage {}
