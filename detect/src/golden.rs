//! The same short sequence for every target: where it gives the same text, the target decides as all the others do.
//!
//! Not a benchmark and not a realistic scene: blocks that come, cross, merge and leave over a noisy gradient, chosen to
//! pass through every branch of a detector.

use crate::{Geometry, Settings, UnknownDetector, Verdict, create};
use alloc::{format, string::String, vec};
use core::fmt::Write as _;

/// What `classic` says of the sequence.
pub const CLASSIC: &str = include_str!("../testdata/golden-classic.txt");

/// What `steady` says of the sequence.
pub const STEADY: &str = include_str!("../testdata/golden-steady.txt");

/// Frames in the sequence.
const FRAMES: u32 = 48;

/// Runs the named detector over the sequence: one line per frame with its number, motion, score, the grid's checksum,
/// and the regions.
pub fn golden(name: &str) -> Result<String, UnknownDetector> {
    let (geometry, _) = Geometry::for_source(641, 480);
    let mut detector = create(name, geometry, &Settings::default())?;
    let mut luma = vec![0; geometry.pixels()];
    let mut lines = String::new();
    for n in 0..FRAMES {
        draw(n, usize::from(geometry.width), &mut luma);
        let verdict = detector.update(&luma, i64::from(n) * 33_333);
        lines.push_str(&line(n, verdict));
    }
    Ok(lines)
}

fn line(n: u32, verdict: &Verdict) -> String {
    let mut line = format!("{n} {} {} {:08x}", u8::from(verdict.motion), verdict.score, checksum(&verdict.grid.0));
    for r in &verdict.regions {
        // Writing to a string cannot fail.
        let _ = write!(line, " {},{},{}x{}:{}", r.x, r.y, r.w, r.h, r.strength);
    }
    line.push('\n');
    line
}

/// FNV-1a.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn draw(n: u32, width: usize, luma: &mut [u8]) {
    for (y, row) in luma.chunks_exact_mut(width).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            let noise = checksum(&[n as u8, x as u8, y as u8]) >> 13 & 3;
            let light = if n >= 40 { 30 } else { 0 };
            *pixel = (60 + x as u32 / 4 + y as u32 / 3 + light + noise) as u8;
        }
    }
    let n = n as usize;
    // A large block crosses, a small one meets it half way, and a speck flickers that is too small to count.
    if (4..30).contains(&n) {
        fill(luma, width, n * 6 - 20, 30, 14, 40, 220);
    }
    if (10..26).contains(&n) {
        fill(luma, width, 150 - n * 4, 50, 6, 12, 20);
    }
    if n % 3 == 1 {
        fill(luma, width, 20, 100, 2, 2, 190);
    }
}

fn fill(luma: &mut [u8], width: usize, left: usize, top: usize, w: usize, h: usize, grey: u8) {
    for row in luma.chunks_exact_mut(width).skip(top).take(h) {
        row.iter_mut().skip(left).take(w).for_each(|pixel| *pixel = grey);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_detector_is_an_error() {
        assert!(golden("none").is_err());
    }
}
