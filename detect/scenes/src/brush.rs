//! Painting on the bytes of a picture, for what changes from frame to frame.

use crate::canvas::Frame;
use crate::maths::{Colour, Vec2, blend};

/// Blends into each pixel of a box what `paint` gives for it, if anything: a share and a colour.
pub(crate) fn over(
    frame: Frame,
    rgb: &mut [u8],
    least: Vec2,
    greatest: Vec2,
    paint: impl Fn(Vec2) -> Option<(f32, Colour)>,
) {
    let Some([left, top, right, bottom]) = frame.pixels(least, greatest) else { return };
    let width = usize::from(frame.width);
    for y in top..bottom {
        let row = &mut rgb[(y * width + left) * 3..(y * width + right) * 3];
        for (x, pixel) in (left..right).zip(row.chunks_exact_mut(3)) {
            if let Some((share, colour)) = paint(frame.position(x, y)) {
                let below = [f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2])];
                let mixed = blend(below, colour, share).map(|channel| (channel + 0.5).clamp(0.0, 255.0) as u8);
                pixel.copy_from_slice(&mixed);
            }
        }
    }
}
