//! Pictures for tests: made from a seed, coded by two encoders in every way that is scanned.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by several tests, each of which uses some of it"
)]

use jpeg_encoder::{ColorType, SamplingFactor};
use turbojpeg::{Compressor, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp};

/// RGB pixels.
#[derive(Clone, Debug)]
pub struct Pixels {
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

/// A number from 0 to 2³²-1 for each call, the same for the same seed.
pub fn random(seed: u32) -> impl FnMut() -> u32 {
    let mut state = u64::from(seed) << 1 | 1;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    }
}

/// A picture of gradients, boxes with hard edges, and noise of the given strength.
pub fn pixels(width: usize, height: usize, seed: u32, noise: i32) -> Pixels {
    let mut next = random(seed);
    let mut below = move |n: i32| (next() % n.max(1) as u32) as i32;
    let (w, h) = (width as i32, height as i32);
    let mut data: Vec<u8> = Vec::with_capacity(width * height * 3);
    let slope = [below(5) - 2, below(5) - 2, below(5) - 2];
    let base = [below(256), below(256), below(256)];
    for y in 0..h {
        for x in 0..w {
            for c in 0..3 {
                let value = base[c] + slope[c] * (x + 2 * y) / 4 + below(2 * noise + 1) - noise;
                data.push(value.clamp(0, 255) as u8);
            }
        }
    }
    for _ in 0..6 {
        let (x0, y0) = (below(w), below(h));
        let (x1, y1) = ((x0 + 1 + below(60)).min(w), (y0 + 1 + below(60)).min(h));
        let colour = [below(256), below(256), below(256)];
        for y in y0..y1 {
            for x in x0..x1 {
                for c in 0..3 {
                    data[((y * w + x) * 3) as usize + c] = colour[c] as u8;
                }
            }
        }
    }
    Pixels { width, height, data }
}

/// Coded by libjpeg-turbo.
pub fn turbo(pixels: &Pixels, subsampling: Subsamp, quality: i32, optimised: bool) -> Vec<u8> {
    let mut codec = Compressor::new().unwrap();
    codec.set_subsamp(subsampling).unwrap();
    codec.set_quality(quality).unwrap();
    codec.set_optimize(optimised).unwrap();
    codec.compress_to_vec(image(pixels)).unwrap()
}

/// Coded by libjpeg-turbo in another process than sequential Huffman.
pub fn turbo_with(pixels: &Pixels, set: impl FnOnce(&mut Compressor)) -> Vec<u8> {
    let mut codec = Compressor::new().unwrap();
    set(&mut codec);
    codec.compress_to_vec(image(pixels)).unwrap()
}

fn image(pixels: &Pixels) -> Image<&[u8]> {
    let (width, height) = (pixels.width, pixels.height);
    Image { pixels: &pixels.data[..], width, pitch: width * 3, height, format: PixelFormat::RGB }
}

/// Coded by the `jpeg-encoder` crate, which can write restart markers.
pub fn other(pixels: &Pixels, sampling: SamplingFactor, quality: u8, restart: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(sampling);
    if restart > 0 {
        encoder.set_restart_interval(restart);
    }
    encoder.encode(&pixels.data, pixels.width as u16, pixels.height as u16, ColorType::Rgb).unwrap();
    out
}

/// The JPEG without its segments of one code.
pub fn without_segments(jpeg: &[u8], code: u8) -> Vec<u8> {
    let mut out = jpeg[..2].to_vec();
    let mut at = 2;
    while jpeg[at + 1] != 0xda {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if jpeg[at + 1] != code {
            out.extend_from_slice(&jpeg[at..end]);
        }
        at = end;
    }
    out.extend_from_slice(&jpeg[at..]);
    out
}

/// Brightness as libjpeg-turbo decodes it at 1/`divisor`: width, height and bytes.
pub fn turbo_luma(jpeg: &[u8], divisor: usize) -> (usize, usize, Vec<u8>) {
    let mut codec = Decompressor::new().unwrap();
    let header = codec.read_header(jpeg).unwrap();
    codec.set_scaling_factor(ScalingFactor::new(1, divisor)).unwrap();
    let size = header.scaled(codec.scaling_factor());
    let (width, height) = (size.width, size.height);
    let mut data = vec![0; width * height];
    let image = Image { pixels: &mut data[..], width, pitch: width, height, format: PixelFormat::GRAY };
    codec.decompress(jpeg, image).unwrap();
    (width, height, data)
}
