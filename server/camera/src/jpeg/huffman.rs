//! The Huffman tables that Motion-JPEG webcams leave out.

use std::borrow::Cow;

use rtm2_tiles::STANDARD_TABLES;

use super::Header;

/// The picture with Huffman tables: itself when it has them, else with the standard ones before its first scan, so that
/// every browser and player opens it.
pub fn complete<'a>(jpeg: &'a [u8], header: &Header) -> Cow<'a, [u8]> {
    if header.huffman || header.scan > jpeg.len() {
        return Cow::Borrowed(jpeg);
    }
    let (before, after) = jpeg.split_at(header.scan);
    Cow::Owned([before, &STANDARD_TABLES, after].concat())
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, inspect, testing};
    use super::*;

    #[test]
    fn tables_that_a_webcam_left_out_are_added() {
        // libjpeg-turbo writes the standard tables when it does not optimise.
        let jpeg = testing::gradient_jpeg(64, 48);
        let stripped = testing::without_segments(&jpeg, 0xc4);
        assert!(stripped.len() < jpeg.len());
        let header = inspect(&stripped, &Limits::default()).unwrap();
        assert!(!header.huffman);
        let whole = complete(&stripped, &header);
        let header = inspect(&whole, &Limits::default()).unwrap();
        assert!(header.huffman);
        let one = turbojpeg::decompress(&jpeg, turbojpeg::PixelFormat::RGB).unwrap();
        // The image crate has no built-in tables, so it sees what any other reader sees.
        let other = image::load_from_memory(&whole).unwrap().to_rgb8();
        assert_eq!(other.dimensions(), (64, 48));
        let far = one.pixels.iter().zip(other.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(far <= 6, "{far}");
    }

    #[test]
    fn a_whole_picture_is_not_touched() {
        let jpeg = testing::gradient_jpeg(64, 48);
        let header = inspect(&jpeg, &Limits::default()).unwrap();
        assert!(matches!(complete(&jpeg, &header), Cow::Borrowed(same) if same == jpeg));
    }
}
