//! Raw pictures under any pattern of losses: a viewer that shows a frame shows that frame's own JPEG where something moved,
//! and nowhere a block whose mean is more than four grey levels off, of its JPEG or of the pixels themselves.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod painted;

use painted::{Canvas, LAYOUTS, scene};
use proptest::prelude::*;
use rtm2_camera::jpeg::{Encoder, Layout};
use rtm2_tiles::{CELL, Follower, Give, Means, Region, Step, TileStream};

const SIZE: (usize, usize) = (150, 100);
/// Most that a block's mean may be off, in grey levels.
const MOST_OFF: f64 = 4.0;
/// Beside that, most that the JPEG of a picture may itself be off the picture there: half the step of the means at quality
/// 75, and what colours are rounded to.
const ROUNDED: f64 = 0.75;

/// A viewer: what it has been given, and what it made of it.
#[derive(Default)]
struct Viewer {
    follower: Follower,
    canvas: Canvas,
    shows: Option<u64>,
    head: Vec<u8>,
}

/// What was handed out, and how much of it was encoded as a whole.
#[derive(Debug, Default)]
struct Tally {
    tiles: usize,
    pictures: usize,
    wholes: usize,
}

/// Runs frames past viewers, of which each gets those that its pattern lets through.
fn run(seed: u32, layout: Layout, quality: u8, patterns: &[Vec<bool>]) -> Tally {
    let mut encoder = Encoder::new(quality).unwrap();
    let (mut stream, mut means) = (TileStream::new(), Means::default());
    let mut viewers: Vec<Viewer> = patterns.iter().map(|_| Viewer::default()).collect();
    let mut tally = Tally::default();
    let frames = patterns.iter().map(Vec::len).max().unwrap_or(0);
    for n in 0..frames {
        let (pixels, regions) = scene(layout, SIZE, n, seed);
        let seq = n as u64 * 3 + 10;
        encoder.means(&pixels, &mut means);
        // Now and then a picture that could not be looked at.
        let step = if n % 29 == 28 {
            stream.step_whole(seq)
        } else {
            stream.step_of_pixels(seq, &means, &regions, |rects| encoder.encode_parts(&pixels, rects).ok())
        };
        // Compared with, and sent only to who needs it.
        let whole = Canvas::of(&encoder.encode_pixels(&pixels).unwrap());
        let camera = Canvas { data: pixels.luma().to_vec(), ..whole };
        let mut needed = false;
        for (i, viewer) in viewers.iter_mut().enumerate() {
            if !patterns[i].get(n).copied().unwrap_or(true) {
                continue;
            }
            if let (Give::Tiles { head }, Step::Tiles(part)) = (viewer.follower.give(&step), &step) {
                assert_eq!(viewer.shows, Some(part.base), "tiles for another canvas");
                if head {
                    viewer.head.clone_from(&part.sheet.head);
                }
                let head = viewer.head.clone();
                viewer.canvas.lay(&part.sheet, &head, pixels.shape());
                tally.tiles += 1;
            } else {
                viewer.canvas.clone_from(&whole);
                tally.pictures += 1;
                needed = true;
            }
            viewer.shows = Some(seq);
            let what = format!("seed {seed}, {layout:?}, viewer {i}, frame {n}");
            check(&viewer.canvas, &whole, &camera, &regions, &what);
        }
        tally.wholes += usize::from(needed);
    }
    tally
}

fn check(canvas: &Canvas, whole: &Canvas, camera: &Canvas, regions: &[Region], what: &str) {
    for y in (0..=SIZE.1 - CELL).step_by(CELL) {
        for x in (0..=SIZE.0 - CELL).step_by(CELL) {
            let shown = canvas.mean(x, y, CELL);
            for (of, most, name) in [(whole, MOST_OFF, "its JPEG"), (camera, MOST_OFF + ROUNDED, "its pixels")] {
                let off = (shown - of.mean(x, y, CELL)).abs();
                assert!(off <= most, "{what}: the block at {x},{y} is {off} off {name}");
            }
        }
    }
    for region in regions {
        for y in usize::from(region.y)..usize::from(region.y + region.height) {
            let row = y * SIZE.0 + usize::from(region.x)..y * SIZE.0 + usize::from(region.x + region.width).min(SIZE.0);
            assert_eq!(canvas.data[row.clone()], whole.data[row], "{what}: a region's row {y}");
        }
    }
}

#[test]
fn a_viewer_that_gets_all_needs_whole_pictures_only_to_begin_with() {
    for layout in LAYOUTS {
        // It begins at the first frame, and anew after each of the two that were not looked at.
        let tally = run(3, layout, 85, &[vec![true; 60]]);
        assert_eq!((tally.tiles, tally.pictures, tally.wholes), (55, 5, 5), "{layout:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_losses(
        seed: u32,
        layout in prop::sample::select(LAYOUTS.to_vec()),
        quality in 75u8..=100,
        patterns in proptest::collection::vec(
            (0.0f64..1.0).prop_flat_map(|kept| proptest::collection::vec(prop::bool::weighted(kept), 70)), 6,
        ),
    ) {
        run(seed, layout, quality, &patterns);
    }
}
