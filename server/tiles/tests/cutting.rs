//! Cutting loses nothing: the planes that libjpeg-turbo decodes from a sheet, before colour is made as fine as
//! brightness, are those of the whole picture, bit for bit.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use jpeg_encoder::SamplingFactor;
use proptest::prelude::*;
use rtm2_tiles::{CutError, Rect, Scale, ScanError, Scanner, Shape, Sheet};
use support::{other, pixels, turbo};
use turbojpeg::{PixelFormat, Subsamp};

/// A component's plane.
struct Plane {
    width: usize,
    data: Vec<u8>,
    /// Pixels of an MCU in it.
    mcu: (usize, usize),
}

fn planes(jpeg: &[u8], shape: Shape) -> Vec<Plane> {
    let yuv = turbojpeg::decompress_to_yuv(jpeg).unwrap();
    let (width, height) = (yuv.width, yuv.height);
    let aligned = |length: usize| length.next_multiple_of(yuv.align);
    let mut rest = &yuv.pixels[..];
    let mcu = (usize::from(shape.mcu_width), usize::from(shape.mcu_height));
    (0..usize::from(shape.components))
        .map(|component| {
            // Of the samplings tested, colour has one block in each MCU.
            let factor = if component == 0 { (1, 1) } else { (mcu.0 / 8, mcu.1 / 8) };
            let plane_width = width.next_multiple_of(mcu.0 / 8) / factor.0;
            let plane_height = height.next_multiple_of(mcu.1 / 8) / factor.1;
            let stride = aligned(plane_width);
            let (data, left) = rest.split_at(stride * plane_height);
            rest = left;
            let data = data.chunks(stride).flat_map(|row| &row[..plane_width]).copied().collect();
            Plane { width: plane_width, data, mcu: (mcu.0 / factor.0, mcu.1 / factor.1) }
        })
        .collect()
}

fn assert_lossless(jpeg: &[u8], sheet: &Sheet, shape: Shape, what: &str) {
    let (whole, cut) = (planes(jpeg, shape), planes(&sheet.jpeg(), shape));
    for place in &sheet.places {
        for (component, (whole, cut)) in whole.iter().zip(&cut).enumerate() {
            let corner = |x: u16, y: u16| (usize::from(x) * whole.mcu.0, usize::from(y) * whole.mcu.1);
            let (from, to) = (corner(place.of.x, place.of.y), corner(place.x, place.y));
            let size = corner(place.of.width, place.of.height);
            // The last MCUs of a picture stick out of it.
            let height = whole.data.len() / whole.width;
            let (width, height) = (size.0.min(whole.width - from.0), size.1.min(height - from.1));
            for y in 0..height {
                let expected = &whole.data[(from.1 + y) * whole.width + from.0..][..width];
                let found = &cut.data[(to.1 + y) * cut.width + to.0..][..width];
                assert_eq!(found, expected, "{what}: component {component} of {place:?}, row {y}");
            }
        }
    }
}

fn rects(shape: Shape, seeds: &[(u16, u16, u16, u16)]) -> Vec<Rect> {
    let (columns, rows) = (shape.columns() as u16, shape.rows() as u16);
    let rect = |&(x, y, width, height): &(u16, u16, u16, u16)| {
        let (x, y) = (x % columns, y % rows);
        Rect { x, y, width: 1 + width % (columns - x), height: 1 + height % (rows - y) }
    };
    seeds.iter().map(rect).collect()
}

fn check(jpeg: &[u8], seeds: &[(u16, u16, u16, u16)], what: &str) {
    let mut scanner = Scanner::new();
    let scanned = scanner.scan(jpeg, Scale::None).unwrap();
    let shape = scanned.shape();
    let sheet = scanned.cut(&rects(shape, seeds)).unwrap();
    assert_eq!(sheet.places.len(), seeds.len());
    assert_lossless(jpeg, &sheet, shape, what);
}

#[test]
fn the_whole_picture_is_itself() {
    for subsampling in [Subsamp::Sub2x2, Subsamp::Sub2x1, Subsamp::None, Subsamp::Sub1x2, Subsamp::Gray] {
        let jpeg = turbo(&pixels(333, 99, 4, 20), subsampling, 85, false);
        let mut scanner = Scanner::new();
        let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
        let shape = scanned.shape();
        let all = Rect { x: 0, y: 0, width: shape.columns() as u16, height: shape.rows() as u16 };
        let sheet = scanned.cut(&[all]).unwrap();
        assert_lossless(&jpeg, &sheet, shape, &format!("{subsampling:?}"));
        // Head, body and start are what the picture has, but for its application segment.
        assert!(sheet.jpeg().len() <= jpeg.len(), "{subsampling:?}");
    }
}

/// ffmpeg, and cameras like it, write 4:2:2 with two blocks of each colour in an MCU of 16×16 pixels.
#[test]
fn colour_of_two_blocks() {
    let jpeg = include_bytes!("../testdata/ffmpeg-422.jpg");
    let mut scanner = Scanner::new();
    let scanned = scanner.scan(jpeg, Scale::None).unwrap();
    let shape = scanned.shape();
    assert_eq!((shape.mcu_width, shape.mcu_height, shape.columns(), shape.rows()), (16, 16, 5, 3));
    let decode = |jpeg: &[u8]| turbojpeg::decompress(jpeg, PixelFormat::RGB).unwrap().pixels;
    let all = scanned.cut(&[Rect { x: 0, y: 0, width: 5, height: 3 }]).unwrap();
    assert_eq!(decode(&all.jpeg()), decode(jpeg));
    // Rows of the picture in another order: brightness of each is the picture's.
    let rows = [2, 0, 1].map(|y| Rect { x: 0, y, width: 5, height: 1 });
    let sheet = scanned.cut(&rows).unwrap();
    let grey = |jpeg: &[u8]| turbojpeg::decompress(jpeg, PixelFormat::GRAY).unwrap();
    let (whole, cut) = (grey(jpeg), grey(&sheet.jpeg()));
    for place in &sheet.places {
        let row = |image: &turbojpeg::Image<Vec<u8>>, y: u16, line: usize, x: u16| {
            image.pixels[(usize::from(y) * 16 + line) * image.pitch + usize::from(x) * 16..][..80].to_vec()
        };
        for line in 0..16 {
            assert_eq!(row(&cut, place.y, line, place.x), row(&whole, place.of.y, line, 0));
        }
    }
}

#[test]
fn what_cannot_be_cut_is_refused() {
    let mut scanner = Scanner::new();
    let empty = scanner.last().cut(&[Rect { x: 0, y: 0, width: 1, height: 1 }]);
    assert!(matches!(empty, Err(CutError::Outside { columns: 0, .. })));
    assert_eq!(scanner.scan(b"no", Scale::None).map(|_| ()), Err(ScanError::NotJpeg));
    let jpeg = turbo(&pixels(64, 48, 4, 20), Subsamp::Sub2x2, 85, false);
    let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
    assert_eq!(scanned.cut(&[]), Err(CutError::Nothing));
    for (x, y, width, height) in [(4, 0, 1, 1), (0, 3, 1, 1), (0, 0, 5, 1), (0, 0, 0, 1), (u16::MAX, 0, u16::MAX, 1)] {
        assert!(matches!(scanned.cut(&[Rect { x, y, width, height }]), Err(CutError::Outside { .. })));
    }
}

#[test]
fn a_table_with_two_codes_for_one_difference_is_not_cut() {
    let mut jpeg = turbo(&pixels(64, 48, 4, 20), Subsamp::Sub2x2, 85, false);
    // The standard table's symbols of differences; the largest, which no such picture has, becomes a second small one.
    let symbols: Vec<u8> = (0..12).collect();
    let at = jpeg.windows(symbols.len()).position(|window| window == symbols).unwrap();
    jpeg[at + 11] = 2;
    let mut scanner = Scanner::new();
    let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
    assert_eq!(scanned.cut(&[Rect { x: 1, y: 1, width: 1, height: 1 }]), Err(CutError::TwoCodes));
}

/// Colour at a rectangle's edge is made finer with that of its neighbour on the sheet, so of 4:2:0 and 4:2:2 the
/// outermost ring of pixels may differ a little from the whole picture's; all that lies inside is equal in every pixel.
#[test]
fn inside_one_pixel_the_decoded_colours_are_equal_too() {
    for subsampling in [Subsamp::Sub2x2, Subsamp::Sub2x1, Subsamp::None] {
        let jpeg = turbo(&pixels(320, 240, 8, 20), subsampling, 85, false);
        let mut scanner = Scanner::new();
        let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
        let shape = scanned.shape();
        let sheet =
            scanned.cut(&[Rect { x: 2, y: 3, width: 4, height: 5 }, Rect { x: 9, y: 1, width: 3, height: 2 }]).unwrap();
        let whole = turbojpeg::decompress(&jpeg, PixelFormat::RGB).unwrap();
        let cut = turbojpeg::decompress(&sheet.jpeg(), PixelFormat::RGB).unwrap();
        let ring = usize::from(subsampling != Subsamp::None);
        for place in &sheet.places {
            let (w, h) = (usize::from(shape.mcu_width), usize::from(shape.mcu_height));
            let (width, height) = (usize::from(place.of.width) * w, usize::from(place.of.height) * h);
            for y in ring..height - ring {
                for x in ring..width - ring {
                    let from = (usize::from(place.of.y) * h + y) * whole.pitch + (usize::from(place.of.x) * w + x) * 3;
                    let to = (usize::from(place.y) * h + y) * cut.pitch + (usize::from(place.x) * w + x) * 3;
                    assert_eq!(whole.pixels[from..from + 3], cut.pixels[to..to + 3], "{subsampling:?} at {x},{y}");
                }
            }
        }
    }
}

fn seeds() -> impl Strategy<Value = Vec<(u16, u16, u16, u16)>> {
    proptest::collection::vec(any::<(u16, u16, u16, u16)>(), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_rectangles_of_any_picture(
        width in 1usize..200, height in 1usize..150, seed: u32, noise in 0i32..150, quality in 1i32..=100,
        subsampling in 0usize..5, optimised: bool, seeds in seeds(),
    ) {
        let subsampling = [Subsamp::Sub2x2, Subsamp::Sub2x1, Subsamp::None, Subsamp::Sub1x2, Subsamp::Gray][subsampling];
        let jpeg = turbo(&pixels(width, height, seed, noise), subsampling, quality, optimised);
        check(&jpeg, &seeds, &format!("{subsampling:?}"));
    }

    #[test]
    fn over_restart_markers(restart in 1u16..30, sampling in 0usize..3, seeds in seeds()) {
        let sampling = [SamplingFactor::F_2_2, SamplingFactor::F_2_1, SamplingFactor::F_1_1][sampling];
        let jpeg = other(&pixels(200, 130, u32::from(restart), 20), sampling, 80, restart);
        check(&jpeg, &seeds, &format!("{sampling:?} restart {restart}"));
    }
}
