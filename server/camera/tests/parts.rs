//! Parts of a raw picture are what would be cut from its JPEG, bit for bit, and are chosen as from one.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod painted;

use painted::{Canvas, LAYOUTS, paint, random, scene};
use proptest::prelude::*;
use rtm2_camera::jpeg::{Encoder, JpegError, Layout};
use rtm2_tiles::{Cutter, Means, Rect, Scale, Scanner, Shape, Sheet, Step, TileStream};
use turbojpeg::PixelFormat;

/// Sizes that fill their MCUs and that do not.
const SIZES: [(usize, usize); 4] = [(96, 80), (97, 81), (75, 34), (130, 47)];

fn rects(shape: Shape, seed: u32) -> Vec<Rect> {
    let mut next = random(seed);
    let mut below = |most: usize| (next() as usize % most) as u16;
    let (columns, rows) = (shape.columns(), shape.rows());
    let any = |below: &mut dyn FnMut(usize) -> u16| {
        let (x, y) = (below(columns), below(rows));
        let width = 1 + below(columns - usize::from(x));
        Rect { x, y, width, height: 1 + below(rows - usize::from(y)) }
    };
    // The last column and row, of which a part may be outside.
    let corner = Rect { x: columns as u16 - 1, y: rows as u16 - 1, width: 1, height: 1 };
    [any(&mut below), corner, any(&mut below), any(&mut below)].to_vec()
}

#[test]
fn they_are_those_of_the_whole_jpeg() {
    for (n, layout) in LAYOUTS.into_iter().enumerate() {
        for (m, size) in SIZES.into_iter().enumerate() {
            for quality in [30, 85, 95] {
                let (pixels, _) = scene(layout, size, 3, (n * 10 + m) as u32);
                let mut encoder = Encoder::new(quality).unwrap();
                let jpeg = encoder.encode_pixels(&pixels).unwrap();
                let what = format!("{layout:?} {size:?} quality {quality}");
                let mut scanner = Scanner::new();
                let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
                assert_eq!(pixels.shape(), scanned.shape(), "{what}");
                let rects = rects(pixels.shape(), quality.into());
                let (sheet, cut) = (encoder.encode_parts(&pixels, &rects).unwrap(), scanned.cut(&rects).unwrap());
                assert!(sheet.head == cut.head, "{what}: a viewer needs no other tables");
                assert_eq!(sheet.places, cut.places, "{what}");
                let whole = Canvas::of(&jpeg);
                let mut laid = Canvas { data: vec![0; whole.data.len()], ..whole };
                let mut expected = laid.clone();
                laid.lay(&sheet, &sheet.head, pixels.shape());
                expected.lay(&cut, &cut.head, pixels.shape());
                assert!(laid == expected, "{what}");
                assert_same_colours(&sheet, &cut, (layout, pixels.shape()), &what);
            }
        }
    }
}

/// Compares the colours of what was encoded and cut, but for the pixels at the edges of places: a decoder makes colours
/// finer with what lies beside them.
fn assert_same_colours(sheet: &Sheet, cut: &Sheet, (layout, shape): (Layout, Shape), what: &str) {
    const EDGE: usize = 2;
    let decode = |sheet: &Sheet| turbojpeg::decompress(&sheet.jpeg(), PixelFormat::RGB).unwrap();
    let (a, b) = (decode(sheet), decode(cut));
    assert_eq!((a.width, a.height), (b.width, b.height), "{what}");
    let (across, down) = (usize::from(shape.mcu_width), usize::from(shape.mcu_height));
    for place in &sheet.places {
        let (left, top) = (usize::from(place.x) * across, usize::from(place.y) * down);
        let (x, y) = (usize::from(place.of.x) * across, usize::from(place.of.y) * down);
        let width = (usize::from(place.of.width) * across).min(usize::from(shape.width) - x);
        let mut height = (usize::from(place.of.height) * down).min(usize::from(shape.height) - y);
        if matches!(layout, Layout::Rgb | Layout::Bgr) && y + height == usize::from(shape.height) {
            // The codec repeats averaged colours of RGB below the last row, which reaches into the last blocks.
            height -= 1 + (usize::from(shape.height) - 1) % down;
        }
        for y in EDGE..height.saturating_sub(EDGE) {
            let start = (top + y) * a.pitch + (left + EDGE) * 3;
            let row = start..start + width.saturating_sub(2 * EDGE) * 3;
            assert!(a.pixels[row.clone()] == b.pixels[row], "{what}: row {y} of {place:?}");
        }
    }
}

#[test]
fn what_is_not_inside_is_refused() {
    let mut encoder = Encoder::new(85).unwrap();
    let pixels = paint(Layout::Yuyv, (64, 32), |x, y| [(x + y) as u8, 128, 128]);
    let good = Rect { x: 3, y: 3, width: 1, height: 1 };
    assert!(encoder.encode_parts(&pixels, &[good]).is_ok());
    for bad in [Rect { width: 2, ..good }, Rect { height: 2, ..good }, Rect { width: 0, ..good }, Rect { x: 4, ..good }]
    {
        assert!(matches!(encoder.encode_parts(&pixels, &[good, bad]), Err(JpegError::Parts(_))), "{bad:?}");
    }
    assert!(matches!(encoder.encode_parts(&pixels, &[]), Err(JpegError::Parts(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// A stream that looks at the pixels decides the same as one that looks at their JPEG. Not for RGB, of which the codec
    /// rounds the colours before they are averaged.
    #[test]
    fn they_are_chosen_as_from_the_jpeg(
        seed: u32, layout in prop::sample::select(vec![Layout::Grey, Layout::Yuyv, Layout::Nv12]), size in 0usize..4, quality in prop_oneof![Just(85u8), 1u8..=100],
    ) {
        let mut encoder = Encoder::new(quality).unwrap();
        let (mut scanner, mut means) = (Scanner::new(), Means::default());
        let (mut of_pixels, mut of_jpeg) = (TileStream::new(), TileStream::new());
        let mut tiles = 0;
        for n in 0..40 {
            let (pixels, regions) = scene(layout, SIZES[size], n, seed);
            encoder.means(&pixels, &mut means);
            let jpeg = encoder.encode_pixels(&pixels).unwrap();
            let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
            let step = of_pixels.step_of_pixels(n as u64, &means, &regions, |rects| Cutter::default().cut_if_worth(scanned, rects));
            tiles += usize::from(matches!(step, Step::Tiles(_)));
            let expected = of_jpeg.step(n as u64, scanned, &regions);
            prop_assert!(step == expected, "{layout:?} {:?} quality {quality}, frame {n}", SIZES[size]);
        }
        prop_assert!(quality != 85 || tiles > 5, "{tiles}");
    }
}
