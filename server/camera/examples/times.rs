//! How long a picture takes here: `cargo run --release -p rtm2-camera --example times`.
#![expect(clippy::print_stdout, reason = "a measurement for people")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use rtm2_camera::jpeg::{Encoder, JpegError, Layout, Limits, LumaDecoder, Range, Raw, inspect};

const SIZE: (u16, u16) = (640, 480);
const ROUNDS: usize = 400;

fn main() -> Result<(), JpegError> {
    let (width, height) = SIZE;
    let rgb = noisy_scene();
    let raw = Raw { data: &rgb, width, height, stride: 0, layout: Layout::Rgb, range: Range::Full };
    // The quality that comes nearest to what a webcam sends.
    let mut best = (0, Vec::new());
    for quality in 50..=95 {
        let jpeg = Encoder::new(quality)?.encode(&raw)?.to_vec();
        if jpeg.len().abs_diff(45_000) < best.1.len().abs_diff(45_000) {
            best = (quality, jpeg);
        }
    }
    let (quality, jpeg) = best;
    println!("{width}x{height}, quality {quality}, {} bytes; median of {ROUNDS}", jpeg.len());
    let limits = Limits::default();
    println!("inspect      {:>7.3} ms", median(|| inspect(black_box(&jpeg), &limits).map(|_| ()))?);
    let mut decoder = LumaDecoder::new()?;
    println!("luma         {:>7.3} ms", median(|| decoder.decode(black_box(&jpeg)).map(|_| ()))?);
    let mut encoder = Encoder::new(quality)?;
    let (yuyv, nv12) = yuv(&rgb);
    for (layout, data) in [(Layout::Rgb, &rgb), (Layout::Yuyv, &yuyv), (Layout::Nv12, &nv12)] {
        let raw = Raw { data, layout, range: Range::Video, ..raw };
        let name = format!("{layout:?}");
        println!("encode {name:<5} {:>7.3} ms", median(|| encoder.encode(black_box(&raw)).map(|_| ()))?);
    }
    Ok(())
}

/// Smooth light with edges and the noise of a cheap sensor.
fn noisy_scene() -> Vec<u8> {
    let (width, height) = (usize::from(SIZE.0), usize::from(SIZE.1));
    let mut seed = 1u32;
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 28) as usize;
            let edge = if (x / 40 + y / 60) % 3 == 0 { 60 } else { 0 };
            rgb.extend(
                [40 + x / 5 + edge + noise, 50 + y / 4 + noise, 200 - x / 5 - edge + noise].map(|c| c.min(255) as u8),
            );
        }
    }
    rgb
}

/// The same picture as raw cameras send it.
fn yuv(rgb: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let width = usize::from(SIZE.0);
    let weigh = |pixel: &[u8], weights: [i32; 3], zero: i32| {
        let sum: i32 = pixel.iter().zip(weights).map(|(&part, weight)| i32::from(part) * weight).sum();
        (zero + sum / 256) as u8
    };
    let luma = |pixel: &[u8]| weigh(pixel, [66, 129, 25], 16);
    let blue = |pixel: &[u8]| weigh(pixel, [-38, -74, 112], 128);
    let red = |pixel: &[u8]| weigh(pixel, [112, -94, -18], 128);
    let yuyv = rgb.chunks_exact(6).flat_map(|two| [luma(&two[..3]), blue(&two[..3]), luma(&two[3..]), red(&two[..3])]);
    let bright = rgb.chunks_exact(3).map(luma);
    let colour = rgb.chunks_exact(width * 6).flat_map(|rows| rows[..width * 3].chunks_exact(6));
    let colour = colour.flat_map(|two| [blue(&two[..3]), red(&two[..3])]);
    (yuyv.collect(), bright.chain(colour).collect())
}

fn median(mut work: impl FnMut() -> Result<(), JpegError>) -> Result<f64, JpegError> {
    let mut times: Vec<Duration> = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        work()?;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    Ok(times[ROUNDS / 2].as_secs_f64() * 1000.0)
}
