//! Day, night and infrared: how colours come out, and where the camera's own lamps reach.

use crate::canvas::Frame;
use crate::maths::{mix, smooth, vec2};

/// The camera's way of seeing. Times are seconds since the scene's start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Look {
    /// In colour.
    Day,
    /// Dark, with hardly any colour, by the light of a lamp over the door.
    Night,
    /// In grey by infrared lamps from one second to another, at dusk otherwise.
    Infrared { from: f32, to: f32 },
}

/// How long the picture is black while the filter moves.
const BLACK: f32 = 0.2;

impl Look {
    /// How much of the light reaches each pixel, in 1/256; empty by day.
    pub(crate) fn reach(self, frame: Frame) -> Vec<u16> {
        if self == Self::Day {
            return Vec::new();
        }
        let pixels = (0..frame.height).flat_map(|y| (0..frame.width).map(move |x| (x, y)));
        pixels
            .map(|(x, y)| {
                let at = frame.position(x.into(), y.into());
                let out = vec2(at.x * 0.85, at.y - 0.62).length();
                // A bright middle, dark corners, and nothing beyond the fence.
                let spot = mix(0.30, 1.0, 1.0 / (1.0 + 5.0 * out * out));
                let far = mix(0.22, 1.0, smooth(0.10, 0.42, at.y));
                (256.0 * spot * far) as u16
            })
            .collect()
    }

    /// Recolours the picture of second `t`.
    pub(crate) fn apply(self, t: f32, reach: &[u16], rgb: &mut [u8]) {
        match self {
            Self::Day => {}
            Self::Night => lit(rgb, reach, [0.66, 0.68, 0.72], 0.60, 12.0),
            Self::Infrared { from, to } if t < from => dusk(rgb, settling(t - from).min(settling(t - to))),
            Self::Infrared { from, to } if t < to => infrared(rgb, reach, settling(t - from)),
            Self::Infrared { to, .. } => dusk(rgb, settling(t - to)),
        }
    }
}

/// Brightness after a switch: black, then too bright, then right. 1 before it.
fn settling(since: f32) -> f32 {
    if since < 0.0 {
        1.0
    } else if since < BLACK {
        0.04
    } else {
        mix(1.9, 1.0, smooth(BLACK, 1.6, since))
    }
}

/// Little light, a blue cast.
fn dusk(rgb: &mut [u8], gain: f32) {
    let factors = [0.40, 0.43, 0.50].map(|factor| (256.0 * factor * gain) as u32);
    for pixel in rgb.chunks_exact_mut(3) {
        for (value, factor) in pixel.iter_mut().zip(factors) {
            *value = ((u32::from(*value) * factor) >> 8).min(255) as u8;
        }
    }
}

/// Grey; leaves and cloth are brighter than they look by day.
fn infrared(rgb: &mut [u8], reach: &[u16], gain: f32) {
    let gain = (256.0 * gain) as u32;
    for (pixel, &reach) in rgb.chunks_exact_mut(3).zip(reach) {
        let [r, g, b] = [0, 1, 2].map(|c| u32::from(pixel[c]));
        let grey = (150 * r + 190 * g + 40 * b) >> 8;
        let seen = (((grey * u32::from(reach)) >> 8) * gain) >> 8;
        pixel.fill(seen.min(255) as u8);
    }
}

/// Dim and almost grey: `keep` of the colour, `floor` grey levels where no light is.
fn lit(rgb: &mut [u8], reach: &[u16], tint: [f32; 3], grey_share: f32, floor: f32) {
    let tint = tint.map(|factor| (256.0 * factor) as u32);
    let (grey_share, floor) = ((256.0 * grey_share) as u32, floor as u32);
    for (pixel, &reach) in rgb.chunks_exact_mut(3).zip(reach) {
        let grey = (77 * u32::from(pixel[0]) + 150 * u32::from(pixel[1]) + 29 * u32::from(pixel[2])) >> 8;
        for (value, tint) in pixel.iter_mut().zip(tint) {
            let pale = (grey * grey_share + u32::from(*value) * (256 - grey_share)) >> 8;
            *value = (floor + ((((pale * u32::from(reach)) >> 8) * tint) >> 8)).min(255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(t: f32) -> [u8; 3] {
        let frame = Frame::new(40, 30);
        let look = Look::Infrared { from: 10.0, to: 20.0 };
        let mut rgb: Vec<u8> = [60, 120, 180].repeat(40 * 30);
        look.apply(t, &look.reach(frame), &mut rgb);
        let middle = (20 * 40 + 20) * 3;
        [rgb[middle], rgb[middle + 1], rgb[middle + 2]]
    }

    #[test]
    fn infrared_is_grey_and_dusk_is_not() {
        for t in [0.0, 25.0] {
            let [r, _, b] = seen(t);
            assert!(b > r + 20, "{t}");
        }
        let [r, g, b] = seen(15.0);
        assert!(r == g && g == b && r > 60, "{r} {g} {b}");
    }

    #[test]
    fn the_switch_goes_through_black_and_too_bright() {
        let greys = [10.1, 10.3, 15.0].map(|t| seen(t)[0]);
        assert!(greys[0] < 10 && greys[1] > greys[2] + 40, "{greys:?}");
    }
}
