//! What one pass over a 640×480 picture of about 45 kB costs, beside libjpeg-turbo's scaled decoding.
//! With `--json` the medians as one JSON object.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on should stop here")]

use std::time::Instant;

use divan::Bencher;
use rtm2_tiles::{Scale, Scanner};
use turbojpeg::{Compressor, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp};

fn main() {
    if std::env::args().any(|argument| argument == "--json") {
        let [quarter, eighth, index] = [Scale::Quarter, Scale::Eighth, Scale::None].map(median_us);
        println!("{{\"quarter_us\":{quarter:.1},\"eighth_us\":{eighth:.1},\"index_us\":{index:.1}}}");
    } else {
        divan::main();
    }
}

/// Median microseconds of one scan, of 101 samples of ten.
fn median_us(scale: Scale) -> f64 {
    let jpeg = picture(false);
    let mut scanner = Scanner::new();
    let mut samples = [(); 101].map(|()| {
        let begun = Instant::now();
        (0..10).for_each(|_| assert!(scanner.scan(&jpeg, scale).is_ok()));
        begun.elapsed().as_secs_f64() * 1e5
    });
    samples.sort_by(f64::total_cmp);
    samples[50]
}

const SIZE: (usize, usize) = (640, 480);

/// A picture with edges, gradients and noise, in the bytes that a camera takes for it.
fn picture(optimised: bool) -> Vec<u8> {
    let mut seed = 7u32;
    let mut noise = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as i32 % 16 - 8
    };
    let (width, height) = SIZE;
    let mut pixels = Vec::new();
    for y in 0..height as i32 {
        for x in 0..width as i32 {
            let box_ = if (x / 37 + y / 53) % 3 == 0 { 40 } else { 0 };
            let base = 60 + x / 6 + y / 8 + box_ + noise();
            pixels.extend([base + 10, base, base - x / 16].map(|v| v.clamp(0, 255) as u8));
        }
    }
    let mut codec = Compressor::new().unwrap();
    codec.set_subsamp(Subsamp::Sub2x2).unwrap();
    codec.set_optimize(optimised).unwrap();
    // The quality that comes nearest 45 kB.
    let encode = |codec: &mut Compressor, quality| {
        codec.set_quality(quality).unwrap();
        let image = Image { pixels: &pixels[..], width, pitch: width * 3, height, format: PixelFormat::RGB };
        codec.compress_to_vec(image).unwrap()
    };
    let pictures = (40..96).map(|quality| encode(&mut codec, quality));
    pictures.min_by_key(|jpeg| jpeg.len().abs_diff(45_000)).unwrap()
}

fn scan(bencher: Bencher<'_, '_>, scale: Scale) {
    let jpeg = picture(false);
    let mut scanner = Scanner::new();
    bencher
        .counter(divan::counter::BytesCount::of_slice(&jpeg))
        .bench_local(|| scanner.scan(&jpeg, scale).unwrap().luma().data.len());
}

#[divan::bench]
fn quarter(bencher: Bencher<'_, '_>) {
    scan(bencher, Scale::Quarter);
}

#[divan::bench]
fn eighth(bencher: Bencher<'_, '_>) {
    scan(bencher, Scale::Eighth);
}

#[divan::bench]
fn index_alone(bencher: Bencher<'_, '_>) {
    scan(bencher, Scale::None);
}

/// With Huffman tables of its own in each picture, so that the decoding tables are made anew for each.
#[divan::bench]
fn quarter_of_changing_tables(bencher: Bencher<'_, '_>) {
    let (one, other) = (picture(true), picture(false));
    let mut scanner = Scanner::new();
    let mut turn = false;
    bencher.bench_local(|| {
        turn = !turn;
        scanner.scan(if turn { &one } else { &other }, Scale::Quarter).unwrap().luma().data.len()
    });
}

#[divan::bench(args = [4, 8])]
fn turbojpeg(bencher: Bencher<'_, '_>, divisor: usize) {
    let jpeg = picture(false);
    let mut codec = Decompressor::new().unwrap();
    codec.set_scaling_factor(ScalingFactor::new(1, divisor)).unwrap();
    let (width, height) = (SIZE.0.div_ceil(divisor), SIZE.1.div_ceil(divisor));
    let mut pixels = vec![0; width * height];
    bencher.counter(divan::counter::BytesCount::of_slice(&jpeg)).bench_local(|| {
        codec.read_header(&jpeg).unwrap();
        let image = Image { pixels: &mut pixels[..], width, pitch: width, height, format: PixelFormat::GRAY };
        codec.decompress(&jpeg, image).unwrap();
    });
}
