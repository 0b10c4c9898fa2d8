//! Each pixel's own noise, and the threshold that comes of it.

use super::pace::{Factor, Pace, ones};
use crate::vectors::vectorised;
use alloc::{vec, vec::Vec};

/// Smallest difference that can count in a well lit scene, in 1/16 grey on box means: below is compression and dirt.
const FLOOR: u16 = 7 * 16;
/// Smallest difference in the dark, where everything is as much fainter as the noise allows.
const DARK_FLOOR: u16 = 3 * 16;
/// How many tenths of its mean deviation a pixel must differ: 30 are 2.4 standard deviations, and five of nine pixels
/// must.
const DEVIATIONS: u32 = 30;
/// The same in the dark, where what deviates is the sensor, each pixel for itself, and not leaves or water.
const DARK_DEVIATIONS: u32 = 20;
/// What is assumed at first, in 1/128 grey.
const AT_FIRST: i16 = 2 * 128;
/// Time constant of learning where nothing moves.
const TAU_MS: u32 = 5_300;
/// Time constant of learning where something is, and the largest deviation believed there (grey levels): a tree is to
/// be learned, a person is not.
const BUSY_MS: u32 = 4_000;
const BUSY_MOST: i16 = 12;
/// Largest deviation believed elsewhere.
const QUIET_MOST: i16 = 30;
/// Thresholds end here: however noisy, a difference like this counts.
const MOST: u8 = 90;

/// Mean deviation per pixel.
pub(super) struct Noise {
    /// 1/128 grey.
    deviation: Vec<i16>,
}

impl Noise {
    pub(super) fn new(pixels: usize) -> Self {
        Self { deviation: vec![AT_FIRST; pixels] }
    }

    /// The mean deviations, in 1/128 grey.
    pub(super) fn deviations(&self) -> &[i16] {
        &self.deviation
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        2 * self.deviation.capacity()
    }

    /// Marks the pixels that are outside of their range by more than their threshold, and those by far more. Returns
    /// how many. With a `scale`, thresholds are multiplied by it pixel by pixel, in 1/64.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn judge(
        &self,
        outside: &[u8],
        demand: Demand,
        scale: Option<&[u8]>,
        raw: &mut [u8],
        strong: &mut [u8],
    ) -> usize {
        vectorised!({
            let floor = demand.grey(FLOOR);
            let factor = demand.deviations();
            let threshold = |deviation: i16| floor.saturating_add(factor.of(deviation) as u8).min(MOST);
            let pixels = outside.iter().zip(&self.deviation).zip(raw.iter_mut()).zip(strong);
            match scale {
                None => {
                    for (((&outside, &deviation), raw), strong) in pixels {
                        [*raw, *strong] = mark(outside, threshold(deviation));
                    }
                }
                Some(scale) => {
                    for ((((&outside, &deviation), raw), strong), &scale) in pixels.zip(scale) {
                        let threshold = (u16::from(threshold(deviation)) * u16::from(scale)) >> 6;
                        [*raw, *strong] = mark(outside, threshold.clamp(2, 200) as u8);
                    }
                }
            }
            // Rows of at most 255 pixels at once, so that bytes can be added up as bytes.
            raw.chunks(255).map(|some| usize::from(some.iter().fold(0_u8, |sum, one| sum.wrapping_add(*one)))).sum()
        })
    }

    /// Learns from how far the picture is outside of its range and how far from its expectation.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn learn(&mut self, outside: &[u8], difference: &[i16], busy: &[u8], pace: Pace, age_ms: u32) {
        vectorised!({
            let quiet = pace.within_ms(TAU_MS.min(age_ms));
            let moving = pace.within_ms(BUSY_MS.min(age_ms));
            for (((deviation, outside), difference), busy) in
                self.deviation.iter_mut().zip(outside).zip(difference).zip(busy)
            {
                // What is within the range counts a quarter: it is known already.
                let beyond = i16::from(*outside).min(100) << 5;
                let seen = beyond * 3 + (difference.saturating_abs() >> 2);
                let is_quiet = ones(*busy == 0);
                let most = (QUIET_MOST << 7 & is_quiet) | (BUSY_MOST << 7 & !is_quiet);
                let difference = seen.min(most) - *deviation;
                let step = (quiet.of(difference) & is_quiet) | (moving.of(difference) & !is_quiet);
                *deviation = (*deviation + step).max(0);
            }
        });
    }
}

/// Whether a pixel is outside of its range by more than the threshold, and by far more.
fn mark(outside: u8, threshold: u8) -> [u8; 2] {
    [u8::from(outside > threshold), u8::from(outside > threshold.saturating_add(threshold - threshold / 5))]
}

/// How much difference is asked for: by the user's sensitivity, and by how much there is to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Demand {
    /// From the sensitivity, in percent of the usual.
    percent: u16,
    /// From the light, in 1/256 of what is asked in good light.
    contrast: u16,
}

impl Demand {
    /// A mean grey level from which on a scene is well lit.
    const WELL_LIT: u16 = 80;

    pub(super) fn new(percent: u16, mean: u8) -> Self {
        let dark = 256 * DARK_FLOOR / FLOOR;
        let contrast = dark + (256 - dark) * u16::from(mean).min(Self::WELL_LIT) / Self::WELL_LIT;
        Self { percent, contrast }
    }

    /// What a zone asks for in the same light.
    pub(super) fn with_percent(self, percent: u16) -> Self {
        Self { percent, ..self }
    }

    /// A difference of this many 1/16 grey levels in good light, as whole grey levels of this scene, at least 2.
    pub(super) fn grey(self, sixteenths: u16) -> u8 {
        let scaled = u64::from(sixteenths) * u64::from(self.percent) * u64::from(self.contrast);
        ((scaled + 204_800) / (256 * 100 * 16)).clamp(2, 200) as u8
    }

    /// The same in 1/16 grey levels, without a least.
    pub(super) fn grey_sixteenths(self, sixteenths: u16) -> u16 {
        (u64::from(sixteenths) * u64::from(self.percent) * u64::from(self.contrast) / (256 * 100)) as u16
    }

    /// [`DEVIATIONS`] in this light, from 1/128 grey to grey levels.
    fn deviations(self) -> Factor {
        let dark = u32::from(256 * DARK_FLOOR / FLOOR);
        let lit = u32::from(self.contrast).saturating_sub(dark);
        let tenths = DARK_DEVIATIONS * 256 + (DEVIATIONS - DARK_DEVIATIONS) * 256 * lit / (256 - dark);
        Factor::new(tenths * u32::from(self.percent), 128 * 1000 * 256)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Demand = Demand { percent: 100, contrast: 256 };

    fn is_changed(noise: &Noise, outside: u8, demand: Demand) -> bool {
        let (mut raw, mut strong) = ([0; 1], [0; 1]);
        assert_eq!(noise.judge(&[outside], demand, None, &mut raw, &mut strong), usize::from(raw[0]));
        assert!(strong <= raw);
        raw[0] == 1
    }

    #[test]
    fn a_noisy_pixel_asks_for_more() {
        let mut noise = Noise::new(1);
        assert!(is_changed(&noise, 14, USUAL) && !is_changed(&noise, 7, USUAL));
        for tick in 0..600 {
            let swing = if tick % 2 == 0 { 40 } else { -40 };
            noise.learn(&[30], &[swing * 128], &[0], Pace::new(50_000, tick), 60_000);
        }
        assert!(!is_changed(&noise, 60, USUAL) && is_changed(&noise, 91, USUAL));
        for tick in 0..1200 {
            noise.learn(&[0], &[0], &[0], Pace::new(50_000, tick), 60_000);
        }
        assert!(is_changed(&noise, 9, USUAL));
    }

    #[test]
    fn a_scale_raises_and_lowers_thresholds() {
        let noise = Noise::new(3);
        let (mut raw, mut strong) = ([0; 3], [0; 3]);
        noise.judge(&[18; 3], USUAL, Some(&[32, 64, 128]), &mut raw, &mut strong);
        assert_eq!(raw, [1, 1, 0]);
        noise.judge(&[9; 3], USUAL, Some(&[32, 64, 128]), &mut raw, &mut strong);
        assert_eq!(raw, [1, 0, 0]);
    }

    #[test]
    fn a_visitor_does_not_teach_much() {
        let mut noise = Noise::new(1);
        for tick in 0..400 {
            noise.learn(&[100], &[100 * 128], &[1], Pace::new(50_000, tick), 60_000);
        }
        assert!(is_changed(&noise, 50, USUAL));
    }

    #[test]
    fn less_is_asked_in_the_dark_and_of_the_sensitive() {
        assert_eq!(Demand::new(100, 200).grey(FLOOR), 7);
        assert_eq!(Demand::new(100, 0).grey(FLOOR), 3);
        assert_eq!(Demand::new(50, 200).grey(FLOOR), 4);
        assert_eq!(Demand::new(200, 200).grey(FLOOR), 14);
    }
}
