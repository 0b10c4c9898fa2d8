//! The room in the evening: what is left of the day, and what the lamp adds to it.

use super::furniture::{BULB, Lamp};
use super::room::{self, WINDOW, WINDOW_HALF};
use crate::canvas::Frame;
use crate::maths::{Colour, mix, smooth};
use crate::shape::rectangle;

/// How much light falls on a person when the lamp is off, and when it is on.
pub(crate) const LIGHT_ON_PEOPLE: [f32; 2] = [0.30, 0.78];

/// What dusk leaves of the colours.
const DUSK: Colour = [0.24, 0.27, 0.33];

/// The dark room, and what the lamp adds.
pub(crate) fn paint(frame: Frame, seed: u64) -> (Vec<u8>, Vec<u8>) {
    let mut dark = room::paint(frame, seed, Lamp::Dark);
    let lit = room::paint(frame, seed, Lamp::Lit);
    dark.each(|_, colour| [0, 1, 2].map(|c| colour[c] * DUSK[c]));
    let mut lamp = lit;
    lamp.each(|at, colour| {
        // The whole room has some of it, near walls more.
        let away = at.minus(BULB).length();
        let light = mix(0.42, 0.86, 1.0 / (1.0 + away * away / 0.16)) * mix(1.0, 0.86, smooth(0.6, 1.3, away));
        // What is outside gets none of it; the pane only mirrors the room a little.
        let outside = smooth(0.004, -0.004, rectangle(at, WINDOW, WINDOW_HALF, 0.0));
        let light = light * mix(1.0, 0.45, outside);
        let warm = [light, light * 0.90, light * 0.74];
        [0, 1, 2].map(|c| (colour[c] * (warm[c] - DUSK[c] * 0.4)).max(0.0))
    });
    (dark.to_rgb(), lamp.to_rgb())
}
