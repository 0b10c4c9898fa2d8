//! A frame's JPEG: the camera's own, or one that is made when the first needs it.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use rtm2_camera::{Image, RawImage};

/// The JPEG of a frame. A camera that sends none costs no encoding while nothing is recorded and nobody watches (B24);
/// pixels are given up as soon as there is a JPEG of them.
#[derive(Debug)]
pub struct FrameJpeg {
    made: OnceLock<Bytes>,
    raw: Mutex<Option<Arc<RawImage>>>,
}

impl From<Bytes> for FrameJpeg {
    fn from(jpeg: Bytes) -> Self {
        Self { made: jpeg.into(), raw: Mutex::default() }
    }
}

impl From<Vec<u8>> for FrameJpeg {
    fn from(jpeg: Vec<u8>) -> Self {
        Bytes::from(jpeg).into()
    }
}

impl From<&Image> for FrameJpeg {
    fn from(image: &Image) -> Self {
        match image {
            Image::Jpeg(jpeg) => jpeg.clone().into(),
            Image::Raw(raw) => Self { made: OnceLock::new(), raw: Mutex::new(Some(Arc::clone(raw))) },
        }
    }
}

impl FrameJpeg {
    /// The JPEG, shared, not copied. Who asks first may wait about a millisecond for it.
    ///
    /// Pixels that the encoder refuses, which is logged, are an empty one: a broken picture to every reader.
    pub fn get(&self) -> Bytes {
        self.made.get_or_init(|| self.make()).clone()
    }

    /// Whether it is there without encoding.
    pub fn is_made(&self) -> bool {
        self.made.get().is_some()
    }

    /// The pixels that it is to be made of, as long as it is not.
    pub fn pixels(&self) -> Option<Arc<RawImage>> {
        self.raw().clone()
    }

    /// Bytes that it takes in memory: its own, or those of the pixels that it is to be made of.
    pub fn bytes(&self) -> usize {
        let pixels = || self.raw().as_ref().map_or(0, |raw| raw.bytes());
        self.made.get().map_or_else(pixels, Bytes::len)
    }

    fn raw(&self) -> MutexGuard<'_, Option<Arc<RawImage>>> {
        self.raw.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self) -> Bytes {
        let raw = self.raw().take();
        let Some(raw) = raw else { return Bytes::new() };
        metrics::counter!(super::stats::ENCODED).increment(1);
        raw.encode().unwrap_or_else(|error| {
            tracing::error!("a picture could not be encoded: {error}");
            Bytes::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use rtm2_camera::jpeg::{Encoder, Layout, Range, Raw};

    use super::*;

    #[test]
    fn it_is_made_once_and_then_the_pixels_are_given_up() {
        let raw = Raw { data: &[90; 256], width: 16, height: 16, stride: 0, layout: Layout::Grey, range: Range::Full };
        let encoder = Arc::new(Mutex::new(Encoder::new(85).unwrap()));
        let raw = Arc::new(RawImage::new(raw.own().unwrap(), encoder));
        let jpeg = FrameJpeg::from(&Image::Raw(Arc::clone(&raw)));
        assert_eq!((jpeg.is_made(), jpeg.bytes()), (false, 256));
        let made = jpeg.get();
        assert!(jpeg.is_made() && made.starts_with(&[0xff, 0xd8]));
        assert_eq!(jpeg.get().as_ptr(), made.as_ptr());
        assert_eq!((Arc::strong_count(&raw), jpeg.bytes()), (1, made.len()));
    }

    #[test]
    fn the_cameras_own_is_there() {
        let jpeg = FrameJpeg::from(Bytes::from_static(b"as it came"));
        assert!(jpeg.is_made());
        assert_eq!(jpeg.get(), "as it came");
    }
}
