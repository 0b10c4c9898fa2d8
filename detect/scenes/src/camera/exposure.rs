//! How bright the picture comes out: gain, haze, and the mains' flicker row by row.

use crate::maths::{sin_turns, smooth};

/// Gains are in 1/256.
const ONE: f32 = 256.0;

/// Whether the lamp is on, and for how many seconds it has been so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Lighting {
    On { since: f32 },
    Off { since: f32 },
}

/// What makes the picture brighter or darker. Times are seconds since the scene's start.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exposure {
    /// Always the same.
    Steady { gain: f32, haze: f32 },
    /// The automatic control loses its balance every `every` seconds, by up to `swing` of the brightness, and swings
    /// back to it.
    Pumping { every: f32, swing: f32 },
    /// The automatic control slowly makes up for a lamp that is off: up to `most` times as bright.
    Adapting { most: f32 },
    /// Lamps on alternating current, read out row by row: bands of `depth` of the brightness wander over the picture.
    Flicker { depth: f32 },
}

impl Exposure {
    /// Gain and offset of the whole picture at second `t`.
    fn whole(self, t: f32, lighting: Lighting) -> (f32, f32) {
        match self {
            Self::Steady { gain, haze } => (gain, haze),
            Self::Pumping { every, swing } => {
                let into = t - (t / every).floor() * every;
                let decay = 1.0 / (1.0 + 0.5 * into * into);
                // Starts and ends at rest.
                let wave = smooth(0.0, 0.35, into) * sin_turns(0.1 + into * 0.55) * smooth(every, every - 1.0, into);
                (1.0 + swing * decay * wave, 0.0)
            }
            Self::Adapting { most } => {
                let made_up = match lighting {
                    Lighting::Off { since } => smooth(0.4, 3.0, since),
                    Lighting::On { since } => smooth(1.6, 0.2, since),
                };
                (1.0 + (most - 1.0) * made_up, 0.0)
            }
            Self::Flicker { .. } => (1.0, 0.0),
        }
    }

    /// Factor of a row, `down` from 0 at the top to 1 at the bottom.
    fn row(self, t: f32, down: f32) -> f32 {
        match self {
            // The bands wander because the frame rate is no divisor of the mains'.
            Self::Flicker { depth } => {
                1.0 + depth * sin_turns(1.6 * down - 0.83 * t) + 0.25 * depth * sin_turns(3.3 * t)
            }
            _ => 1.0,
        }
    }
}

/// Applies all of them to a picture with rows of `stride` bytes.
pub(crate) fn expose(exposures: &[Exposure], t: f32, lighting: Lighting, stride: usize, rgb: &mut [u8]) {
    if exposures.is_empty() {
        return;
    }
    let (mut gain, mut haze) = (1.0, 0.0);
    for exposure in exposures {
        let (by, offset) = exposure.whole(t, lighting);
        gain *= by;
        haze += offset;
    }
    let rows = rgb.len() / stride;
    for (y, row) in rgb.chunks_exact_mut(stride).enumerate() {
        let down = y as f32 / rows as f32;
        let of_row = exposures.iter().fold(gain, |gain, exposure| gain * exposure.row(t, down));
        brighten(row, (of_row * ONE) as i32, haze as i32);
    }
}

/// `value * gain / 256 + offset`, clipped.
fn brighten(row: &mut [u8], gain: i32, offset: i32) {
    for value in row {
        *value = (((i32::from(*value) * gain + 128) >> 8) + offset).clamp(0, 255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(exposures: &[Exposure], t: f32) -> Vec<u8> {
        let mut rgb = vec![100; 3 * 40];
        expose(exposures, t, Lighting::On { since: 99.0 }, 3, &mut rgb);
        rgb
    }

    #[test]
    fn pumping_swings_both_ways_and_comes_to_rest() {
        let all: Vec<u8> = (0..150_u8)
            .map(|n| grey(&[Exposure::Pumping { every: 10.0, swing: 0.4 }], f32::from(n) / 15.0)[0])
            .collect();
        assert!(*all.iter().max().unwrap() > 120 && *all.iter().min().unwrap() < 92, "{all:?}");
        assert!(all[0].abs_diff(100) <= 1 && all[149].abs_diff(100) <= 1);
    }

    #[test]
    fn flicker_makes_bands_that_wander_around_the_true_brightness() {
        let (one, two) =
            (grey(&[Exposure::Flicker { depth: 0.1 }], 1.0), grey(&[Exposure::Flicker { depth: 0.1 }], 1.07));
        assert_ne!(one, two);
        assert!(one.iter().max().unwrap() - one.iter().min().unwrap() > 15);
        assert!(one.iter().all(|&v| (86..=114).contains(&v)));
    }

    #[test]
    fn a_dark_room_is_made_up_for_slowly() {
        let shown = |lighting| {
            let mut rgb = vec![40; 3];
            expose(&[Exposure::Adapting { most: 1.5 }], 0.0, lighting, 3, &mut rgb);
            rgb[0]
        };
        assert_eq!([0.0, 0.3, 9.0].map(|since| shown(Lighting::Off { since })), [40, 40, 60]);
        assert_eq!([0.0, 9.0].map(|since| shown(Lighting::On { since })), [60, 40]);
    }
}
