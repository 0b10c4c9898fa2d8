//! What every picture source has in common, and the one place that opens them.

use bytes::Bytes;
use rtm2_app::Timestamp;

use crate::address::{SourceUrl, Target};
use crate::image::Image;
use crate::jpeg::{self, JpegError, Limits};

/// A picture as everybody gets it: within the limits, and when it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it is made of.
    pub image: Image,
    /// When it was captured.
    pub at: Timestamp,
    /// Width in pixels, from the image itself.
    pub width: u16,
    /// Height in pixels, from the image itself.
    pub height: u16,
}

impl Picture {
    /// Checks the JPEG at the start of `bytes`, trims what follows it and adds Huffman tables if it has none.
    pub fn from_jpeg(mut bytes: Bytes, at: Timestamp, limits: &Limits) -> Result<Self, JpegError> {
        let header = jpeg::inspect(&bytes, limits)?;
        bytes.truncate(header.end);
        Ok(Self::inspected(bytes, &header, at))
    }

    /// A picture of bytes that were inspected and trimmed already.
    pub(crate) fn inspected(bytes: Bytes, header: &jpeg::Header, at: Timestamp) -> Self {
        let jpeg = if header.huffman { bytes } else { Bytes::from(jpeg::complete(&bytes, header).into_owned()) };
        Self { image: jpeg.into(), at, width: header.width, height: header.height }
    }
}

/// Gives pictures until it ends or is lost.
pub trait Source: Send {
    /// Waits for the next picture. After [`SourceError::Bad`] call again; after the other errors the source is of no
    /// more use.
    fn next(&mut self) -> Result<Picture, SourceError>;

    /// What is really captured, in words for the log, such as `MJPEG 640x480 at 30 fps`.
    fn describe(&self) -> String {
        "pictures".to_owned()
    }
}

/// Why there is no next picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// All pictures of a file were given.
    #[error("the file ended")]
    Ended,
    /// The source is gone or cannot be opened; says why, without secrets.
    #[error("{0}")]
    Lost(String),
    /// One picture was skipped; the source goes on.
    #[error("a picture was skipped: {0}")]
    Bad(String),
}

impl From<JpegError> for SourceError {
    fn from(error: JpegError) -> Self {
        Self::Bad(error.to_string())
    }
}

/// What is wanted of a source that has a choice. The nearest that it can do is taken, and said in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Width and height in pixels; a source's own preference where `None`.
    pub size: Option<(u16, u16)>,
    /// Pictures a second; a source's own preference where `None`.
    pub fps: Option<u16>,
    /// JPEG quality, 1 to 100, where the source sends raw pictures.
    pub quality: u8,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { size: None, fps: None, quality: 85 }
    }
}

/// Opens a source; blocks until it is open, at most some seconds for network sources.
///
/// Options in the address win over `wanted`. `start` is the time of the first picture of a file that is read as fast as
/// possible (`?realtime=0`); everything else carries the time of day.
pub fn open(url: &SourceUrl, wanted: &Wanted, start: Timestamp) -> Result<Box<dyn Source>, SourceError> {
    match url.target() {
        Target::Camera(camera) => crate::camera::open(camera, wanted),
        Target::File(file) => crate::file::open(file, wanted, start),
        Target::Http(http) => crate::http::open(http, url.label(), wanted),
        Target::Demo(demo) => crate::demo::open(demo, wanted),
    }
}
