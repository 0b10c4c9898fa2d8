//! What tiles save on a clip: `ratio FOLDER VERDICTS [OUT]`, a folder of JPEGs in the order of their names and the lines that
//! `rtm2 replay FOLDER --csv VERDICTS` wrote of them.
//!
//! Prints one line: frames with motion, bytes of their tiles (first whole picture, heads, places and messages' headers
//! included) against the bytes of the whole pictures, whole pictures among them, and how near a viewer's canvas is to the
//! camera's pictures: PSNR of brightness, the worst 16×16 block's mean, and what is to be seen of the tiles' edges. With OUT the canvas of each frame with motion
//! is written there as a PNM.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on should stop here")]

use std::path::{Path, PathBuf};

use rtm2_tiles::{Follower, Give, Region, Scale, Scanner, Step, TileStream, Tiles};
use turbojpeg::PixelFormat;

/// Bytes of a message before its payload, without boxes.
const MESSAGE: usize = 32 + 12;
/// Bytes of one place in a message.
const PLACE: usize = 12;

struct Canvas {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

fn decode(jpeg: &[u8]) -> Canvas {
    let image = turbojpeg::decompress(jpeg, PixelFormat::RGB).unwrap();
    let rgb = image.pixels.chunks(image.pitch).flat_map(|row| &row[..image.width * 3]).copied().collect();
    Canvas { width: image.width, height: image.height, rgb }
}

fn lay(canvas: &mut Canvas, tiles: &Tiles, mcu: (usize, usize)) {
    let sheet = decode(&tiles.sheet.jpeg());
    for place in &tiles.sheet.places {
        let from = (usize::from(place.x) * mcu.0, usize::from(place.y) * mcu.1);
        let to = (usize::from(place.of.x) * mcu.0, usize::from(place.of.y) * mcu.1);
        let width = (usize::from(place.of.width) * mcu.0).min(canvas.width - to.0);
        let height = (usize::from(place.of.height) * mcu.1).min(canvas.height - to.1);
        for row in 0..height {
            let source = ((from.1 + row) * sheet.width + from.0) * 3;
            let target = ((to.1 + row) * canvas.width + to.0) * 3;
            canvas.rgb[target..target + width * 3].copy_from_slice(&sheet.rgb[source..source + width * 3]);
        }
    }
}

fn luma(rgb: &[u8]) -> f64 {
    0.299 * f64::from(rgb[0]) + 0.587 * f64::from(rgb[1]) + 0.114 * f64::from(rgb[2])
}

/// Sum of squares of what brightness is off, and the worst mean of a block.
fn compare(shown: &Canvas, camera: &Canvas) -> (f64, f64) {
    let off: Vec<f64> = shown.rgb.chunks(3).zip(camera.rgb.chunks(3)).map(|(a, b)| luma(a) - luma(b)).collect();
    let mut worst = 0f64;
    for y in (0..shown.height / 16 * 16).step_by(16) {
        for x in (0..shown.width / 16 * 16).step_by(16) {
            let rows = (y..y + 16).flat_map(|y| &off[y * shown.width + x..y * shown.width + x + 16]);
            worst = worst.max((rows.sum::<f64>() / 256.0).abs());
        }
    }
    (off.iter().map(|off| off * off).sum(), worst)
}

/// How far a channel of a pixel that was just laid is off, for each such pixel: 0 but where colour was made finer with
/// another neighbour than in the picture.
fn seams(shown: &Canvas, camera: &Canvas, tiles: &Tiles, mcu: (usize, usize)) -> Vec<u8> {
    let mut off = Vec::new();
    for place in &tiles.sheet.places {
        let (x, y) = (usize::from(place.of.x) * mcu.0, usize::from(place.of.y) * mcu.1);
        let width = (usize::from(place.of.width) * mcu.0).min(shown.width - x);
        let height = (usize::from(place.of.height) * mcu.1).min(shown.height - y);
        for row in y..y + height {
            let line = (row * shown.width + x) * 3..(row * shown.width + x + width) * 3;
            let pixels = shown.rgb[line.clone()].chunks(3).zip(camera.rgb[line].chunks(3));
            off.extend(pixels.map(|(a, b)| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()));
        }
    }
    off
}

/// Of each line `frame,motion,boxes,…` whether something moved, and where: boxes are `x y w h` joined by `;`.
fn verdicts(csv: &Path) -> Vec<(bool, Vec<Region>)> {
    let text = std::fs::read_to_string(csv).unwrap();
    let line = |line: &str| {
        let mut fields = line.split(',').skip(1);
        let motion = fields.next().unwrap() == "1";
        let regions = fields.next().unwrap().split(';').filter(|text| !text.is_empty()).map(region).collect();
        (motion, regions)
    };
    text.lines().skip(1).map(line).collect()
}

fn region(text: &str) -> Region {
    let mut numbers = text.split([' ', ':', 'x']).map(|number| number.parse().unwrap());
    let mut next = || numbers.next().unwrap();
    Region { x: next(), y: next(), width: next(), height: next() }
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (folder, csv, out) = (arguments.next().unwrap(), arguments.next().unwrap(), arguments.next());
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jpg" || extension == "jpeg"));
    files.sort();
    let verdicts = verdicts(&csv);
    assert_eq!(files.len(), verdicts.len(), "a line for each picture");

    let (mut scanner, mut stream, mut follower) = (Scanner::new(), TileStream::new(), Follower::default());
    let mut canvas = None;
    let (mut frames, mut pictures, mut whole_bytes, mut tile_bytes, mut places) = (0, 0, 0, 0, 0);
    let (mut squares, mut pixels, mut worst) = (0.0, 0.0, 0f64);
    let (mut laid, mut edges) = (0, Vec::new());
    let mut cost = std::time::Duration::ZERO;
    for (n, (file, (_, regions))) in files.iter().zip(&verdicts).enumerate().filter(|(_, (_, (motion, _)))| *motion) {
        let jpeg = std::fs::read(file).unwrap();
        let camera = decode(&jpeg);
        let scanned = scanner.scan(&jpeg, Scale::None).unwrap();
        let shape = scanned.shape();
        let started = std::time::Instant::now();
        let step = stream.step(n as u64, scanned, regions);
        cost += started.elapsed();
        frames += 1;
        whole_bytes += jpeg.len() + MESSAGE;
        if let (Give::Tiles { head }, Step::Tiles(tiles)) = (follower.give(&step), &step) {
            let sheet = &tiles.sheet;
            let head = if head { sheet.head.len() } else { 0 };
            tile_bytes += MESSAGE + PLACE * sheet.places.len() + head + sheet.body.len();
            places += sheet.places.len();
            let mcu = (shape.mcu_width.into(), shape.mcu_height.into());
            lay(canvas.as_mut().unwrap(), tiles, mcu);
            let off = seams(canvas.as_ref().unwrap(), &camera, tiles, mcu);
            laid += off.len();
            edges.extend(off.into_iter().filter(|&off| off > 0));
        } else {
            tile_bytes += jpeg.len() + MESSAGE;
            pictures += 1;
            canvas = Some(decode(&jpeg));
        }
        let shown = canvas.as_ref().unwrap();
        let (sum, block) = compare(shown, &camera);
        squares += sum;
        pixels += (shown.width * shown.height) as f64;
        worst = worst.max(block);
        if let Some(out) = &out {
            let header = format!("P6 {} {} 255\n", shown.width, shown.height);
            std::fs::write(out.join(format!("{n:05}.ppm")), [header.as_bytes(), &shown.rgb].concat()).unwrap();
        }
    }
    edges.sort_unstable();
    println!(
        "{} of {} frames with motion: {tile_bytes} of {whole_bytes} bytes, {:.1} %; {pictures} whole pictures, {:.1} \
         places a frame, {:.0} µs a frame to choose and cut; PSNR {:.1} dB, worst block {worst:.2} levels off; of the pixels laid {:.1} % differ from the camera's, half of \
         them by {} levels at most, 99 of 100 by {}",
        frames,
        files.len(),
        100.0 * tile_bytes as f64 / whole_bytes as f64,
        f64::from(places as u32) / f64::from(frames.max(1)),
        cost.as_secs_f64() * 1e6 / f64::from(frames.max(1)),
        10.0 * (255.0 * 255.0 * pixels / f64::max(squares, 1e-9)).log10(),
        100.0 * edges.len() as f64 / f64::max(laid as f64, 1.0),
        edges.get(edges.len() / 2).unwrap_or(&0),
        edges.get(edges.len() * 99 / 100).unwrap_or(&0),
    );
}
