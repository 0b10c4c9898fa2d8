//! A made-up walk for measurements: a person in a noisy room, the same on every target. Not a realistic scene.

use crate::Geometry;
use alloc::{vec, vec::Vec};

/// Frames a second of the walk.
pub const FPS: i64 = 15;
/// Frames until the person has gone to and fro once; the walk goes on as it began.
pub const FRAMES: usize = 120;

/// The frames of the walk at analysis scale, one after the other. Before the first one shown to a detector, show it
/// [`empty`] for some seconds.
pub fn frames(geometry: Geometry) -> Vec<Vec<u8>> {
    (0..FRAMES)
        .map(|n| {
            let mut luma = empty(geometry, n);
            let (width, height) = (usize::from(geometry.width), usize::from(geometry.height));
            // From one eighth of the picture to seven and back.
            let way = n.min(FRAMES - n) * 2 * (width * 3 / 4) / FRAMES;
            person(&mut luma, width, width / 8 + way, height * 3 / 8, n);
            luma
        })
        .collect()
}

/// The empty room with the noise of frame `n`.
pub fn empty(geometry: Geometry, n: usize) -> Vec<u8> {
    let width = usize::from(geometry.width).max(1);
    let mut luma = vec![0; geometry.pixels()];
    for (i, grey) in luma.iter_mut().enumerate() {
        let (x, y) = (i % width, i / width);
        let furniture = 60 + x / 20 % 3 * 30 + y / 30 % 2 * 25;
        let noise = (i as u32 ^ (n as u32).wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b) >> 29;
        *grey = (furniture as u32 + noise % 5) as u8;
    }
    luma
}

/// Head, coat and legs that swing, a third of the picture high.
fn person(luma: &mut [u8], width: usize, left: usize, top: usize, n: usize) {
    let tall = luma.len() / width.max(1) / 3;
    let wide = tall * 2 / 5;
    for (y, row) in luma.chunks_exact_mut(width.max(1)).skip(top).take(tall).enumerate() {
        let swing = if y * 2 > tall { n / 2 % 4 } else { 0 };
        let (inset, grey) = if y * 5 < tall { (wide / 3, 200) } else { (swing, if y * 2 < tall { 35 } else { 150 }) };
        row.iter_mut().skip(left + inset).take(wide.saturating_sub(2 * inset)).for_each(|pixel| *pixel = grey);
    }
}
