//! Decodes the brightness of a JPEG at the scale that detectors work at.

use rtm2_detect::Geometry;
use rtm2_tiles::{Scale, Scanned, Scanner, Shape};
use turbojpeg::{Decompressor, Image, PixelFormat, ScalingFactor};

use super::JpegError;

/// Scans of a progressive JPEG before it is refused: no camera uses more than ten, and each costs a whole decoding.
pub(super) const MOST_SCANS: u32 = 64;

/// A brightness plane, row by row without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Luma<'a> {
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// `width * height` bytes, 0 black to 255 white.
    pub data: &'a [u8],
}

/// Decodes brightness, reusing its memory from picture to picture.
///
/// At 1/4 and 1/8 the entropy code alone is gone through ([`rtm2_tiles`]), which gives the same bytes in less time. Other
/// scales, and JPEGs of another kind than cameras send, are libjpeg-turbo's.
#[derive(Debug)]
pub struct LumaDecoder {
    scanner: Scanner,
    codec: Decompressor,
    data: Vec<u8>,
    divisor: u16,
}

impl LumaDecoder {
    /// A decoder without memory yet.
    pub fn new() -> Result<Self, JpegError> {
        let mut codec = Decompressor::new()?;
        codec.set_scan_limit(MOST_SCANS)?;
        codec.set_scaling_factor(ScalingFactor::ONE)?;
        Ok(Self { scanner: Scanner::new(), codec, data: Vec::new(), divisor: 1 })
    }

    /// The brightness of `jpeg` at the analysis scale of its height (see [`Geometry::for_source`]).
    ///
    /// Check the picture with [`super::inspect`] first: sizes are not limited here.
    pub fn decode(&mut self, jpeg: &[u8]) -> Result<Luma<'_>, JpegError> {
        self.decode_and_scan(jpeg).map(|(luma, _)| luma)
    }

    /// The same, with the index of the picture's entropy code where that was gone through.
    pub fn decode_and_scan(&mut self, jpeg: &[u8]) -> Result<(Luma<'_>, Option<&Scanned>), JpegError> {
        let divisor = |width, height| Geometry::for_source(width, height).1.denominator();
        let scale = |shape: Shape| match divisor(shape.width, shape.height) {
            4 => Some(Scale::Quarter),
            8 => Some(Scale::Eighth),
            _ => None,
        };
        if self.scanner.scan_at(jpeg, scale).is_ok() {
            let scanned = self.scanner.last();
            let rtm2_tiles::Luma { width, height, data } = scanned.luma();
            return Ok((Luma { width, height, data }, Some(scanned)));
        }
        // What the scanner refuses, for whatever reason, the codec judges.
        let header = self.codec.read_header(jpeg)?;
        let short = |pixels: usize| u16::try_from(pixels).unwrap_or(u16::MAX);
        let divisor = divisor(short(header.width), short(header.height));
        if divisor != self.divisor {
            self.codec.set_scaling_factor(ScalingFactor::new(1, usize::from(divisor)))?;
            self.divisor = divisor;
        }
        let scaled = header.scaled(self.codec.scaling_factor());
        let (width, height) = (scaled.width, scaled.height);
        self.data.resize(width * height, 0);
        let image = Image { pixels: &mut self.data[..], width, pitch: width, height, format: PixelFormat::GRAY };
        match self.codec.decompress(jpeg, image) {
            Ok(()) => {}
            Err(error) if harmless(&error) => {}
            Err(error) => return Err(error.into()),
        }
        Ok((Luma { width: width as u16, height: height as u16, data: &self.data }, None))
    }

    /// The index of a JPEG's entropy code alone, with the means of its blocks; `None` for JPEGs that are decoded by
    /// libjpeg-turbo.
    pub fn scan(&mut self, jpeg: &[u8]) -> Option<&Scanned> {
        self.scanner.scan(jpeg, Scale::None).ok()
    }

    /// The index of the picture that was scanned last, by whichever method.
    pub fn last_scan(&self) -> &Scanned {
        self.scanner.last()
    }
}

/// Whether it is only a warning about a picture that was decoded whole: many webcams leave a byte or two before a marker.
pub(super) fn harmless(error: &turbojpeg::Error) -> bool {
    matches!(error, turbojpeg::Error::TurboJpegError(text) if text.contains("extraneous bytes before marker"))
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn a_gradient_decodes_to_a_gradient() {
        let mut decoder = LumaDecoder::new().unwrap();
        for (width, height) in [(640, 480), (160, 120), (645, 483), (1280, 720)] {
            let jpeg = testing::gradient_jpeg(width, height);
            let (geometry, scale) = Geometry::for_source(width, height);
            let divisor = scale.denominator();
            let luma = decoder.decode(&jpeg).unwrap();
            assert_eq!((luma.width, luma.height), (geometry.width, geometry.height));
            assert_eq!(luma.data.len(), usize::from(luma.width) * usize::from(luma.height));
            for (y, row) in luma.data.chunks(usize::from(luma.width)).enumerate() {
                for (x, &found) in row.iter().enumerate() {
                    let middle = (x as f32 + 0.5) * f32::from(divisor) - 0.5;
                    let expected = 255.0 * middle.min(f32::from(width - 1)) / f32::from(width - 1);
                    assert!((f32::from(found) - expected).abs() < 6.0, "{width}x{height} at {x},{y}: {found}");
                }
            }
        }
    }

    /// 640×480 pixels of the same pattern, coded as `set` says.
    fn coded(set: impl FnOnce(&mut turbojpeg::Compressor)) -> Vec<u8> {
        let pixels: Vec<u8> = (0..640 * 480 * 3).map(|i| (i * 7 % 251) as u8).collect();
        let mut codec = turbojpeg::Compressor::new().unwrap();
        set(&mut codec);
        let image = Image { pixels: &pixels[..], width: 640, pitch: 1920, height: 480, format: PixelFormat::RGB };
        codec.compress_to_vec(image).unwrap()
    }

    #[test]
    fn what_is_not_scanned_is_decoded_to_the_same() {
        let baseline = coded(|_| {});
        let progressive = coded(|codec| codec.set_progressive(true).unwrap());
        // Colour a quarter as fine as brightness from left to right, 4:1:1, or from top to bottom.
        let quarters = [turbojpeg::Subsamp::Sub4x1, turbojpeg::Subsamp::Sub1x4]
            .map(|subsampling| coded(|codec| codec.set_subsamp(subsampling).unwrap()));
        let mut decoder = LumaDecoder::new().unwrap();
        let scanned = decoder.decode(&baseline).unwrap().data.to_vec();
        assert!(decoder.scanner.scan(&baseline, Scale::Quarter).is_ok());
        for (jpeg, what) in [&progressive].into_iter().chain(&quarters).zip(["progressive", "4:1:1", "4:4:1"]) {
            assert!(decoder.scanner.scan(jpeg, Scale::Quarter).is_err(), "{what}");
            let (luma, index) = decoder.decode_and_scan(jpeg).unwrap();
            assert!(luma.data == scanned && index.is_none(), "{what}");
        }
    }

    #[test]
    fn damage_is_an_error_and_the_next_picture_decodes() {
        let mut decoder = LumaDecoder::new().unwrap();
        let jpeg = testing::gradient_jpeg(640, 480);
        assert!(decoder.decode(&jpeg[..jpeg.len() / 2]).is_err());
        assert!(decoder.decode(b"garbage").is_err());
        assert!(decoder.decode(&jpeg).is_ok());
    }

    #[test]
    fn stray_bytes_before_the_end_marker_are_forgiven() {
        let mut jpeg = testing::gradient_jpeg(640, 480);
        let end = jpeg.len() - 2;
        jpeg.splice(end..end, [0u8; 3]);
        assert!(LumaDecoder::new().unwrap().decode(&jpeg).is_ok());
    }
}
