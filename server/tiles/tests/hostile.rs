//! What is not a camera's baseline JPEG is refused by name; damage of any kind is survived.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use jpeg_encoder::SamplingFactor;
use proptest::prelude::*;
use rtm2_tiles::{Rect, Scale, ScanError, Scanner, Unsupported};
use support::{other, pixels, turbo, turbo_with, without_segments};
use turbojpeg::{Colorspace, Subsamp};

fn refused(jpeg: &[u8]) -> ScanError {
    Scanner::new().scan(jpeg, Scale::Quarter).map(rtm2_tiles::Scanned::shape).unwrap_err()
}

/// Where a segment's body begins.
fn body(jpeg: &[u8], code: u8) -> usize {
    jpeg.windows(2).position(|pair| pair == [0xff, code]).unwrap() + 4
}

#[test]
fn other_kinds_are_named() {
    let picture = pixels(64, 48, 1, 5);
    let progressive = turbo_with(&picture, |codec| codec.set_progressive(true).unwrap());
    assert_eq!(refused(&progressive), Unsupported::Progressive.into());
    let arithmetic = turbo_with(&picture, |codec| codec.set_arithmetic(true).unwrap());
    assert_eq!(refused(&arithmetic), Unsupported::Arithmetic.into());
    let rgb = turbo_with(&picture, |codec| codec.set_colorspace(Colorspace::RGB).unwrap());
    assert_eq!(refused(&rgb), Unsupported::ColourSpace.into());
    let wide = turbo(&picture, Subsamp::Sub4x1, 80, false);
    assert_eq!(refused(&wide), Unsupported::Sampling.into());
    let mut scans = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut scans, 80);
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(&picture.data, 64, 48, jpeg_encoder::ColorType::Rgb).unwrap();
    assert_eq!(refused(&scans), Unsupported::SeveralScans.into());

    let jpeg = turbo(&picture, Subsamp::Sub2x2, 80, false);
    let change = |at: usize, byte: u8| {
        let mut changed = jpeg.clone();
        changed[at] = byte;
        refused(&changed)
    };
    let frame = body(&jpeg, 0xc0);
    assert_eq!(change(frame, 12), Unsupported::Precision.into());
    assert_eq!(change(frame + 2, 0), Unsupported::LateHeight.into());
    assert_eq!(change(frame + 5, 4), Unsupported::Components.into());
    assert_eq!(change(frame - 3, 0xc3), Unsupported::OtherCoding.into());
    assert_eq!(change(0, 0), ScanError::NotJpeg);
    // A symbol of category 15, as only pictures of 12 bits have.
    let table = body(&jpeg, 0xc4) + 17;
    assert_eq!(change(table, 15), Unsupported::Symbols.into());
}

#[test]
fn every_truncation_is_refused() {
    let jpeg = other(&pixels(48, 32, 3, 10), SamplingFactor::F_2_2, 80, 2);
    for n in 0..jpeg.len() {
        assert!(Scanner::new().scan(&jpeg[..n], Scale::Quarter).is_err(), "{n} of {}", jpeg.len());
    }
}

#[test]
fn missing_parts_are_damage() {
    let jpeg = turbo(&pixels(64, 48, 1, 5), Subsamp::Sub2x2, 80, false);
    assert!(matches!(refused(&without_segments(&jpeg, 0xdb)), ScanError::Damaged(_)));
    assert!(matches!(refused(&without_segments(&jpeg, 0xc0)), ScanError::Damaged(_)));
    // A size that the data does not suffice for, whatever memory it would need.
    let mut large = jpeg.clone();
    let frame = body(&large, 0xc0);
    large[frame + 1..frame + 5].fill(0xff);
    assert_eq!(refused(&large), ScanError::Truncated);
}

#[test]
fn a_scanner_goes_on_after_damage() {
    let jpeg = turbo(&pixels(64, 48, 1, 5), Subsamp::Sub2x2, 80, false);
    let mut scanner = Scanner::new();
    let expected = scanner.scan(&jpeg, Scale::Quarter).unwrap().luma().data.to_vec();
    assert!(scanner.scan(&jpeg[..jpeg.len() / 2], Scale::Quarter).is_err());
    assert!(scanner.last().luma().data.is_empty());
    assert_eq!(scanner.scan(&jpeg, Scale::Quarter).unwrap().luma().data, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Scanner::new().scan(&bytes, Scale::Quarter);
    }

    #[test]
    fn mutated_pictures_are_survived(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        subsampling in 0usize..3, optimised: bool, restart in 0u16..4,
    ) {
        let picture = pixels(49, 35, 9, 30);
        let subsamp = [Subsamp::Sub2x2, Subsamp::Sub2x1, Subsamp::None][subsampling];
        let mut jpeg = match restart {
            0 => turbo(&picture, subsamp, 70, optimised),
            n => other(&picture, SamplingFactor::F_2_2, 70, n),
        };
        for (at, byte) in changes {
            let at = at.index(jpeg.len());
            jpeg[at] = byte;
        }
        for scale in [Scale::Quarter, Scale::Eighth, Scale::None] {
            if let Ok(scanned) = Scanner::new().scan(&jpeg, scale) {
                let luma = scanned.luma();
                prop_assert_eq!(luma.data.len(), usize::from(luma.width) * usize::from(luma.height));
                // What is damaged and yet a picture can be cut, or not, but what was cut is a picture.
                let shape = scanned.shape();
                let all = Rect { x: 0, y: 0, width: shape.columns() as u16, height: shape.rows() as u16 };
                let last = Rect { x: all.width - 1, y: all.height - 1, width: 1, height: 1 };
                if let Ok(sheet) = scanned.cut(&[last, all]) {
                    prop_assert!(Scanner::new().scan(&sheet.jpeg(), Scale::None).is_ok());
                }
            }
        }
    }
}
