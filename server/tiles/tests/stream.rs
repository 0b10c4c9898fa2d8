//! Any pattern of losses converges: a viewer that shows a frame shows the camera's own pixels where something moved, and
//! nowhere a block whose mean is more than four grey levels off. On real pictures, with sheets that libjpeg-turbo decodes.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use proptest::prelude::*;
use rtm2_tiles::{CELL, Follower, Give, Region, Scale, Scanner, Step, TileStream};
use support::{Pixels, random, turbo};
use turbojpeg::{PixelFormat, Subsamp};

const WIDTH: usize = 150;
const HEIGHT: usize = 100;

/// A canvas, brightness alone: it is not resampled, so it can be compared bit for bit.
type Canvas = Vec<u8>;

fn grey(jpeg: &[u8]) -> (usize, Vec<u8>) {
    let image = turbojpeg::decompress(jpeg, PixelFormat::GRAY).unwrap();
    (image.pitch, image.pixels)
}

/// A still room in noise under light that drifts, jumps now and then, and a box that walks through it.
fn frame(n: usize, seed: u32) -> (Pixels, Vec<Region>) {
    let mut next = random(seed.wrapping_add(n as u32 * 7919));
    let phase = seed as f64;
    let light = 25.0 * (n as f64 / 9.0 + phase).sin() + if n % 23 > 17 { 30.0 } else { 0.0 };
    let mut data = Vec::with_capacity(WIDTH * HEIGHT * 3);
    for _ in 0..HEIGHT {
        for x in 0..WIDTH {
            let base = 100.0 + (x / 2) as f64 + light * (x as f64 / WIDTH as f64);
            let noise = f64::from(next() % 9) - 4.0;
            let value = (base + noise).clamp(0.0, 255.0) as u8;
            data.extend([value, value / 2 + 40, 255 - value]);
        }
    }
    if !(n / 11).is_multiple_of(3) {
        return (Pixels { width: WIDTH, height: HEIGHT, data }, Vec::new());
    }
    let region = Region { x: (n * 5 % 120) as u16, y: 30, width: 25, height: 40 };
    for y in 30..70 {
        for x in usize::from(region.x)..usize::from(region.x) + 25 {
            let at = (y * WIDTH + x) * 3;
            data[at..at + 3].copy_from_slice(&[(x * 9 % 255) as u8, 20, (y * 7 % 255) as u8]);
        }
    }
    (Pixels { width: WIDTH, height: HEIGHT, data }, vec![region])
}

fn mean(canvas: &[u8], x: usize, y: usize) -> f64 {
    let pixels = (y..y + CELL).flat_map(|y| &canvas[y * WIDTH + x..y * WIDTH + x + CELL]);
    pixels.map(|&pixel| f64::from(pixel)).sum::<f64>() / (CELL * CELL) as f64
}

fn check(canvas: &[u8], camera: &[u8], regions: &[Region], what: &str) {
    for y in (0..=HEIGHT - CELL).step_by(CELL) {
        for x in (0..=WIDTH - CELL).step_by(CELL) {
            let off = (mean(canvas, x, y) - mean(camera, x, y)).abs();
            assert!(off <= 4.0, "{what}: the block at {x},{y} is {off} off");
        }
    }
    for region in regions {
        for y in usize::from(region.y)..usize::from(region.y + region.height) {
            let row = y * WIDTH + usize::from(region.x)..y * WIDTH + usize::from(region.x + region.width).min(WIDTH);
            assert_eq!(canvas[row.clone()], camera[row], "{what}: a region's row {y}");
        }
    }
}

fn lay(canvas: &mut Canvas, jpeg: &[u8], sheet: &rtm2_tiles::Sheet, mcu: (usize, usize)) {
    let (stride, pixels) = grey(jpeg);
    for place in &sheet.places {
        let (from, to) = (
            (usize::from(place.x) * mcu.0, usize::from(place.y) * mcu.1),
            (usize::from(place.of.x) * mcu.0, usize::from(place.of.y) * mcu.1),
        );
        let width = (usize::from(place.of.width) * mcu.0).min(WIDTH - to.0);
        let height = (usize::from(place.of.height) * mcu.1).min(HEIGHT - to.1);
        for row in 0..height {
            let source = &pixels[(from.1 + row) * stride + from.0..][..width];
            canvas[(to.1 + row) * WIDTH + to.0..][..width].copy_from_slice(source);
        }
    }
}

/// A viewer: what it has been given, and what it made of it.
#[derive(Default)]
struct Viewer {
    follower: Follower,
    canvas: Canvas,
    shows: Option<u64>,
    head: Vec<u8>,
}

/// Runs frames past viewers, of which each gets those that its pattern lets through; gives how many were tiles.
fn run(seed: u32, subsampling: Subsamp, patterns: &[Vec<bool>]) -> (usize, usize) {
    let (mut scanner, mut stream) = (Scanner::new(), TileStream::new());
    let mut viewers: Vec<Viewer> = patterns.iter().map(|_| Viewer::default()).collect();
    let (mut tiles, mut pictures) = (0, 0);
    let frames = patterns.iter().map(Vec::len).max().unwrap_or(0);
    for n in 0..frames {
        let (pixels, regions) = frame(n, seed);
        // Tables change once, as those of cameras that hold a bit rate do.
        let jpeg = turbo(&pixels, subsampling, if n < frames / 2 { 80 } else { 70 }, false);
        let (_, camera) = grey(&jpeg);
        let seq = n as u64 * 3 + 10;
        let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
        let shape = scanned.shape();
        let mcu = (usize::from(shape.mcu_width), usize::from(shape.mcu_height));
        let step = if n % 29 == 28 { stream.step_whole(seq) } else { stream.step(seq, scanned, &regions) };
        for (i, viewer) in viewers.iter_mut().enumerate() {
            if !patterns[i].get(n).copied().unwrap_or(true) {
                continue;
            }
            if let (Give::Tiles { head }, Step::Tiles(part)) = (viewer.follower.give(&step), &step) {
                assert_eq!(viewer.shows, Some(part.base), "tiles for another canvas");
                if head {
                    viewer.head.clone_from(&part.sheet.head);
                }
                let whole = [&[0xff, 0xd8][..], &viewer.head, &part.sheet.body].concat();
                lay(&mut viewer.canvas, &whole, &part.sheet, mcu);
                tiles += 1;
            } else {
                viewer.canvas.clone_from(&camera);
                pictures += 1;
            }
            viewer.shows = Some(seq);
            check(&viewer.canvas, &camera, &regions, &format!("seed {seed}, viewer {i}, frame {n}"));
        }
    }
    (tiles, pictures)
}

#[test]
fn a_viewer_that_gets_all_gets_tiles() {
    let (tiles, pictures) = run(3, Subsamp::Sub2x2, &[vec![true; 60]]);
    assert!(tiles > 20, "{tiles} tiles, {pictures} pictures");
}

#[test]
fn pictures_go_when_tiles_are_not_smaller() {
    let (mut scanner, mut stream) = (Scanner::new(), TileStream::new());
    let jpeg = turbo(&frame(0, 1).0, Subsamp::Sub2x2, 80, false);
    let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
    let all = Region { x: 0, y: 0, width: WIDTH as u16, height: HEIGHT as u16 };
    assert_eq!(stream.step(1, scanned, &[]), Step::Picture { seq: 1 });
    assert_eq!(stream.step(2, scanned, &[all]), Step::Picture { seq: 2 });
    assert!(matches!(stream.step(3, scanned, &[]), Step::Tiles(tiles) if tiles.base == 2));
    // Another size, and what could not be scanned, are whole pictures; so is the frame after, of which nothing is known.
    let small = turbo(&support::pixels(32, 32, 1, 3), Subsamp::Sub2x2, 80, false);
    assert_eq!(stream.step(4, scanner.scan(&small, Scale::None).unwrap(), &[]), Step::Picture { seq: 4 });
    assert_eq!(stream.step_whole(5), Step::Picture { seq: 5 });
    let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
    assert_eq!(stream.step(6, scanned, &[]), Step::Picture { seq: 6 });
}

#[test]
fn a_follower_that_lost_something_gets_a_picture() {
    let (mut scanner, mut stream) = (Scanner::new(), TileStream::new());
    let jpeg = turbo(&frame(0, 1).0, Subsamp::Sub2x1, 80, false);
    let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
    let mut follower = Follower::default();
    let mut give = |stream: &mut TileStream, seq| follower.give(&stream.step(seq, scanned, &[]));
    assert_eq!(give(&mut stream, 1), Give::Picture);
    assert_eq!(give(&mut stream, 2), Give::Tiles { head: true });
    assert_eq!(give(&mut stream, 3), Give::Tiles { head: false });
    let missed = stream.step(4, scanned, &[]);
    assert!(matches!(missed, Step::Tiles(_)));
    assert_eq!(give(&mut stream, 5), Give::Picture);
    assert_eq!(give(&mut stream, 6), Give::Tiles { head: false });
    follower.lost();
    assert_eq!(follower.give(&stream.step(7, scanned, &[])), Give::Picture);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_losses(
        seed: u32, subsampling in 0usize..5,
        patterns in proptest::collection::vec(
            (0.0f64..1.0).prop_flat_map(|kept| proptest::collection::vec(prop::bool::weighted(kept), 70)), 6,
        ),
    ) {
        let subsampling = [Subsamp::Sub2x2, Subsamp::Sub2x1, Subsamp::None, Subsamp::Sub1x2, Subsamp::Gray][subsampling];
        run(seed, subsampling, &patterns);
    }
}
