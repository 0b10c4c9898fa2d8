//! Small copies of stored pictures.

use bytes::Bytes;
use image::RgbImage;
use turbojpeg::{Compressor, Decompressor, Image, OutputBuf, PixelFormat, ScalingFactor, Subsamp};

use super::luma::{MOST_SCANS, harmless};
use super::{JpegError, Limits, inspect};

/// Quality of a small copy: what it lacks nobody sees at its size.
const QUALITY: i32 = 75;

/// A copy of `jpeg` that is `width` pixels wide, or as wide as the picture itself where that is less.
///
/// libjpeg-turbo leaves out what the next larger of its scales (eighths) does not need while it decodes; the rest of the
/// way is averaged.
///
/// # Errors
/// What is wrong with `jpeg`: a damaged picture gives no copy.
pub fn thumbnail(jpeg: &[u8], width: u16) -> Result<Bytes, JpegError> {
    let header = inspect(jpeg, &Limits::default())?;
    let full = usize::from(header.width);
    let width = usize::from(width.max(1)).min(full);
    let eighths = (1..=8).find(|n| (full * n).div_ceil(8) >= width).unwrap_or(8);
    let pixels = decode(jpeg, ScalingFactor::new(eighths, 8))?;
    let height = (usize::from(header.height) * width).div_ceil(full);
    let (width, height) = (width as u32, height.max(1) as u32);
    if pixels.dimensions() == (width, height) {
        return encode(&pixels);
    }
    encode(&image::imageops::thumbnail(&pixels, width, height))
}

fn decode(jpeg: &[u8], scale: ScalingFactor) -> Result<RgbImage, JpegError> {
    let mut codec = Decompressor::new()?;
    codec.set_scan_limit(MOST_SCANS)?;
    codec.set_scaling_factor(scale)?;
    let scaled = codec.read_header(jpeg)?.scaled(scale);
    let (width, height, pitch) = (scaled.width, scaled.height, scaled.width * 3);
    let mut pixels = RgbImage::new(width as u32, height as u32);
    let image = Image { pixels: pixels.as_mut(), width, pitch, height, format: PixelFormat::RGB };
    match codec.decompress(jpeg, image) {
        Err(error) if !harmless(&error) => Err(error.into()),
        _ => Ok(pixels),
    }
}

fn encode(pixels: &RgbImage) -> Result<Bytes, JpegError> {
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    let mut codec = Compressor::new()?;
    codec.set_quality(QUALITY)?;
    codec.set_subsamp(Subsamp::Sub2x2)?;
    let image = Image { pixels: &pixels.as_raw()[..], width, pitch: width * 3, height, format: PixelFormat::RGB };
    let mut output = OutputBuf::new_owned();
    codec.compress(image, &mut output)?;
    Ok(Bytes::copy_from_slice(&output))
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn copies_are_as_wide_as_asked_for_and_look_the_same() {
        for (width, height) in [(640, 480), (645, 483), (1920, 1080), (160, 120), (90, 60)] {
            let jpeg = testing::gradient_jpeg(width, height);
            for wanted in [1, 40, 96, 160, 320, 4000] {
                let small = thumbnail(&jpeg, wanted).unwrap();
                let found = image::load_from_memory(&small).unwrap().to_rgb8();
                let wide = u32::from(wanted.min(width));
                let high = (u32::from(height) * wide).div_ceil(u32::from(width));
                assert_eq!(found.dimensions(), (wide, high), "{width}x{height} to {wanted}");
                for (x, _, pixel) in found.enumerate_pixels() {
                    let expected = (x as f32 + 0.5) / wide as f32 * 255.0;
                    let off = (f32::from(pixel.0[0]) - expected).abs();
                    assert!(off < 16.0, "{width}x{height} to {wanted} at {x}: {pixel:?} for {expected}");
                }
            }
        }
    }

    #[test]
    fn a_damaged_picture_gives_no_copy() {
        let jpeg = testing::gradient_jpeg(640, 480);
        assert_eq!(thumbnail(b"garbage", 160), Err(JpegError::NotJpeg));
        for cut in [2, 30, jpeg.len() / 2, jpeg.len() - 2] {
            assert!(thumbnail(&jpeg[..cut], 160).is_err(), "cut at {cut}");
        }
        // The header is checked before there is any memory for what it says.
        let at = testing::find(&jpeg, &[0xff, 0xc0]).unwrap() + 5;
        let mut huge = jpeg.clone();
        huge[at..at + 4].fill(0xff);
        assert!(matches!(thumbnail(&huge, 160), Err(JpegError::Dimensions { .. })));
    }

    #[test]
    fn tables_that_a_webcam_left_out_are_no_matter() {
        let jpeg = testing::gradient_jpeg(320, 240);
        assert!(thumbnail(&testing::without_segments(&jpeg, 0xc4), 80).is_ok());
    }
}
