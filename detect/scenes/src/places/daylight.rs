//! The light that comes through the window and drifts with the clouds: too slowly to be a movement.

use super::room::{WINDOW, WINDOW_HALF};
use crate::FRAMES_PER_SECOND;
use crate::canvas::Canvas;
use crate::maths::{Colour, Vec2, hash, sin_turns, smooth, unit, vec2};
use crate::shape::{polygon, rectangle};

/// Full daylight in [`strength`]'s unit.
const FULL: u16 = 256;

/// Frames of the two waves that the drift is made of. Neither is a multiple of the visits' cycle.
const WAVES: [u64; 2] = [97 * FRAMES_PER_SECOND, 41 * FRAMES_PER_SECOND];

/// How strong the daylight is in frame `n`: about a half up to [`FULL`].
pub(crate) fn strength(seed: u64, n: u64) -> u16 {
    let wave = |period: u64| sin_turns((n % period) as f32 / period as f32 + unit(hash(seed ^ period)));
    let [slow, quick] = WAVES.map(wave);
    (f32::from(FULL) * (0.78 + 0.16 * slow + 0.05 * quick)) as u16
}

/// The room as full daylight adds to it.
pub(crate) fn paint(room: &Canvas) -> Canvas {
    let mut canvas = Canvas { frame: room.frame, colours: room.colours.clone() };
    canvas.each(|at, albedo| {
        let light = light(at);
        [0, 1, 2].map(|c| albedo[c] * light[c])
    });
    canvas
}

/// `room + daylight * strength`, pixel by pixel: the room in any light that is added to it.
pub(crate) fn compose(room: &[u8], daylight: &[u8], strength: u16, rgb: &mut [u8]) {
    for ((pixel, &room), &daylight) in rgb.iter_mut().zip(room).zip(daylight) {
        let added = (u16::from(daylight) * strength) >> 8;
        *pixel = (u16::from(room) + added).min(255) as u8;
    }
}

fn light(at: Vec2) -> Colour {
    // The sky itself, a glow around the window, and a little everywhere.
    let glass = smooth(0.004, -0.004, rectangle(at, WINDOW, WINDOW_HALF, 0.0));
    let from_window = at.minus(WINDOW).length() / 0.42;
    let glow = 0.13 / (1.0 + from_window * from_window);
    let cool = 0.05 + glow + 0.14 * glass;
    let sun = 0.62 * patch(at);
    [cool * 0.96 + sun, cool + sun * 0.93, cool * 1.06 + sun * 0.76]
}

/// The sun on the floor, with the shadow of the window's bars.
fn patch(at: Vec2) -> f32 {
    const CORNERS: [Vec2; 4] = [vec2(-0.36, 0.705), vec2(-0.13, 0.705), vec2(0.13, 0.93), vec2(-0.22, 0.93)];
    let sunlit = smooth(0.012, -0.016, polygon(at, &CORNERS));
    if sunlit == 0.0 {
        return 0.0;
    }
    let down = ((at.y - CORNERS[0].y) / (CORNERS[3].y - CORNERS[0].y)).clamp(0.0, 1.0);
    let left = CORNERS[0].x + (CORNERS[3].x - CORNERS[0].x) * down;
    let right = CORNERS[1].x + (CORNERS[2].x - CORNERS[1].x) * down;
    let across = (at.x - left) / (right - left);
    let upright = smooth(0.012, 0.045, (across - 0.5).abs());
    let level = smooth(0.012, 0.05, (down - 0.42).abs());
    sunlit * (0.25 + 0.75 * upright * level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daylight_drifts_far_but_slowly_and_never_overflows() {
        for seed in 0..5 {
            let all: Vec<_> = (0..10_000).map(|n| strength(seed, n)).collect();
            let (least, most) = (*all.iter().min().unwrap(), *all.iter().max().unwrap());
            assert!(most <= FULL && least >= FULL / 2, "{least} {most}");
            assert!(most - least > 60);
            assert!(all.windows(2).all(|pair| pair[0].abs_diff(pair[1]) <= 1));
        }
    }
}
