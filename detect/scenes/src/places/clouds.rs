//! Shadows of clouds that drift over the yard.

use crate::canvas::Frame;
use crate::maths::{hills, smooth, vec2};

/// Darkens a picture as the clouds of second `t` do.
pub(crate) fn shade(seed: u64, t: f32, frame: Frame, rgb: &mut [u8]) {
    /// Pixels from one known shade to the next; between them it changes evenly.
    const STEP: usize = 16;
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let columns = width / STEP + 2;
    let mut knots = vec![[0_i32; 2]; columns];
    let at = |x: usize, y: usize| (256.0 * light(seed, t, frame, x, y)) as i32;
    for (y, row) in rgb.chunks_exact_mut(width * 3).enumerate().take(height) {
        if y % STEP == 0 {
            for (column, knot) in knots.iter_mut().enumerate() {
                *knot = [at(column * STEP, y), at(column * STEP, y + STEP)];
            }
        }
        let down = (y % STEP) as i32;
        let of_row = |column: usize| knots[column][0] * (STEP as i32 - down) + knots[column][1] * down;
        for (column, pixels) in row.chunks_mut(STEP * 3).enumerate() {
            let (left, right) = (of_row(column), of_row(column + 1));
            for (x, pixel) in (0_i32..).zip(pixels.chunks_exact_mut(3)) {
                let factor = (left * (STEP as i32 - x) + right * x) >> 8;
                for value in pixel {
                    *value = ((i32::from(*value) * factor + 128) >> 8).min(255) as u8;
                }
            }
        }
    }
}

/// The share of the light that is left at a pixel.
fn light(seed: u64, t: f32, frame: Frame, x: usize, y: usize) -> f32 {
    let at = frame.position(x, y);
    // The ground is seen at a slant: far away, clouds look flat.
    let over = vec2(at.x + 0.20 * t, 1.9 * at.y + 0.02 * t);
    let cover = 0.68 * hills(seed ^ 0x91, over.times(0.8)) + 0.32 * hills(seed ^ 0x92, over.times(1.9));
    let thick = 0.5 * hills(seed ^ 0x93, vec2(t * 0.05, 0.5));
    // Shadows lie on the ground and the fence, not on the sky.
    let ground = smooth(0.12, 0.34, at.y);
    1.08 - 0.48 * ground * smooth(0.40, 0.66, cover) - 0.25 * thick
}
