//! The empty scene: for each pixel a level, and how far below and above it lately swung.
//!
//! Leaves, flags and a shaking mount make a pixel show several things in turn. A range that remembers them is cheaper
//! than several levels each with a weight, and its 3×3 extremes also forgive an edge that moves by a pixel.

use super::light::Light;
use super::pace::{Factor, Pace, Rate, high_half, ones};
use crate::ops::Neighbourhood;
use crate::vectors::vectorised;
use alloc::{vec, vec::Vec};

/// Time constant of learning where nothing moves: fast enough for the sun, slow enough that somebody who lingers at
/// the edge of the threshold is not learned.
pub(super) const TAU_MS: u32 = 8_000;
/// How many times slower is learned where something is: what truly changed is taken in by other rules.
const UNDER_MOTION: u32 = 20;
/// Learning after the light jumped: the fit is never perfect, and what it leaves over must go soon.
const UNSETTLED_MS: u32 = 250;
/// How long a swing is remembered: gusts come every few seconds.
const MEMORY_MS: u32 = 12_000;
/// Time constant of widening where a pixel is quiet.
const WIDEN_MS: u32 = 800;
/// Onsets within the memory that make a pixel a swinging one (1/128): a visitor switches it on once, perhaps twice.
const SWINGS: i16 = 5 * 64;
/// An onset, in the same unit.
const ONSET: i16 = 128;
/// Onsets counted at most: more would only delay forgetting.
const MOST_ONSETS: i16 = 12 * ONSET;
/// In the first moments everything is taken for the scene's own swing.
const OPENING_MS: u32 = 1_500;
/// Time constant of moving the background towards today's light, so that one long dusk does not add up.
const FOLLOW_MS: u32 = 2_000;

/// What the background would look like in today's light, and how the picture differs.
pub(super) struct Compared {
    /// Picture minus expectation, 1/128 grey.
    pub(super) difference: Vec<i16>,
    /// The expectation in grey levels.
    pub(super) expected: Vec<u8>,
    /// How far the picture is outside of the range, in grey levels.
    pub(super) outside: Vec<u8>,
    low: Vec<u8>,
    high: Vec<u8>,
    spread: Vec<u8>,
}

impl Compared {
    pub(super) fn new(pixels: usize) -> Self {
        let plane = vec![0; pixels];
        Self {
            difference: vec![0; pixels],
            expected: plane.clone(),
            outside: plane.clone(),
            low: plane.clone(),
            high: plane.clone(),
            spread: plane,
        }
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        let narrow = [&self.expected, &self.outside, &self.low, &self.high, &self.spread];
        2 * self.difference.capacity() + narrow.into_iter().map(Vec::capacity).sum::<usize>()
    }
}

/// What learning has to know of the frame.
pub(super) struct Lesson<'a> {
    pub(super) pace: Pace,
    /// Milliseconds since the first frame.
    pub(super) age_ms: u32,
    pub(super) light: Light,
    pub(super) unsettled: bool,
    /// Pixels in or beside something, whatever it is.
    pub(super) busy: &'a [u8],
    /// Pixels outside of range by more than the threshold, before cleaning.
    pub(super) raw: &'a [u8],
    /// Pixels in or beside something that travels.
    pub(super) travelling: &'a [u8],
}

/// The learned background.
pub(super) struct Background {
    /// 1/128 grey, in the light that the scene had when it was learned.
    pub(super) level: Vec<i16>,
    below: Vec<i16>,
    above: Vec<i16>,
    /// Onsets lately, in 1/128.
    onsets: Vec<i16>,
    raw_before: Vec<u8>,
}

impl Background {
    pub(super) fn new(pixels: usize) -> Self {
        let plane = vec![0; pixels];
        Self {
            level: plane.clone(),
            below: plane.clone(),
            above: plane.clone(),
            onsets: plane,
            raw_before: vec![0; pixels],
        }
    }

    /// Takes a picture for the empty scene and forgets what swung.
    pub(super) fn start(&mut self, luma: &[u8]) {
        for plane in [&mut self.below, &mut self.above, &mut self.onsets] {
            plane.fill(0);
        }
        for (level, &grey) in self.level.iter_mut().zip(luma) {
            *level = i16::from(grey) << 7;
        }
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        let wide: usize = [&self.level, &self.below, &self.above, &self.onsets].into_iter().map(Vec::capacity).sum();
        2 * wide + self.raw_before.capacity()
    }

    /// How often each pixel switched on lately, in 1/128, travellers apart.
    pub(super) fn onsets(&self) -> &[i16] {
        &self.onsets
    }

    /// Compares the picture with this background in the given light.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn compare(&self, luma: &[u8], light: Light, around: &mut Neighbourhood, to: &mut Compared) {
        vectorised!({
            let Light { gain, offset } = light;
            for (((level, grey), difference), expected) in
                self.level.iter().zip(luma).zip(&mut to.difference).zip(&mut to.expected)
            {
                let sixteenths = (high_half(*level, gain) + offset).clamp(0, 255 * 16);
                *expected = ((sixteenths + 8) >> 4) as u8;
                *difference = ((i16::from(*grey) << 4) - sixteenths) << 3;
            }
            // From 1/128 grey to grey levels of today.
            let reach = Factor::new(u32::from(gain.max(1) as u16), 8192 * 128);
            for ((below, expected), low) in self.below.iter().zip(&to.expected).zip(&mut to.spread) {
                *low = expected.saturating_sub(reach.of(*below) as u8);
            }
            around.smallest(&to.spread, &mut to.low);
            for ((above, expected), high) in self.above.iter().zip(&to.expected).zip(&mut to.spread) {
                *high = expected.saturating_add(reach.of(*above) as u8);
            }
            around.largest(&to.spread, &mut to.high);
            for (((grey, low), high), outside) in luma.iter().zip(&to.low).zip(&to.high).zip(&mut to.outside) {
                *outside = grey.saturating_sub(*high).max(low.saturating_sub(*grey));
            }
        });
    }

    /// Learns from the frame that was compared.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn learn(&mut self, compared: &Compared, lesson: &Lesson<'_>) {
        vectorised!({
            let (pace, gain) = (lesson.pace, lesson.light.gain);
            let constant = if lesson.unsettled { UNSETTLED_MS } else { TAU_MS.min(lesson.age_ms) };
            let quiet = pace.within_ms(constant).in_light(gain);
            let moving = pace.within_ms(constant * UNDER_MOTION).in_light(gain);
            for ((level, difference), busy) in self.level.iter_mut().zip(&compared.difference).zip(lesson.busy) {
                let is_quiet = ones(*busy == 0);
                *level = add(*level, (quiet.of(*difference) & is_quiet) | (moving.of(*difference) & !is_quiet));
            }
            if lesson.light.is_foreign() {
                let follow = pace.within_ms(FOLLOW_MS);
                for (level, expected) in self.level.iter_mut().zip(&compared.expected) {
                    *level = add(*level, follow.of((i16::from(*expected) << 7) - *level));
                }
            }
            self.count_onsets(lesson);
            self.widen(compared, lesson);
        });
    }

    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    fn count_onsets(&mut self, lesson: &Lesson<'_>) {
        vectorised!({
            let forget = lesson.pace.within_ms(MEMORY_MS);
            let flags = lesson.raw.iter().zip(&mut self.raw_before).zip(lesson.travelling).zip(lesson.busy);
            for (onsets, (((raw, before), travelling), busy)) in self.onsets.iter_mut().zip(flags) {
                // Single pixels that switch on are noise, which has its own measure.
                let onset = raw & !*before & !travelling & busy & 1;
                *onsets = (*onsets - forget.of(*onsets) + i16::from(onset) * ONSET).clamp(0, MOST_ONSETS);
                *before = *raw;
            }
        });
    }

    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    fn widen(&mut self, compared: &Compared, lesson: &Lesson<'_>) {
        vectorised!({
            let gain = lesson.light.gain;
            let forget = lesson.pace.within_ms(MEMORY_MS);
            let follow = lesson.pace.within_ms(WIDEN_MS);
            let opening = if lesson.age_ms < OPENING_MS { 0 } else { SWINGS };
            // 1/16 of 1 / gain.
            let inverse = Factor::new(8192 / 16, u32::from(gain.max(1) as u16));
            let flags = self.onsets.iter().zip(lesson.busy).zip(lesson.travelling);
            let ranges = self.below.iter_mut().zip(&mut self.above);
            for (((below, above), difference), ((onsets, busy), travelling)) in
                ranges.zip(&compared.difference).zip(flags)
            {
                // In the background's own light, 1/128 grey again.
                let own = inverse.of(*difference).clamp(-2047, 2047) << 4;
                let swings = ones(*onsets >= opening) & ones(*travelling == 0);
                let quiet = ones(*busy == 0);
                *below = wider(*below - forget.of(*below), own.saturating_neg(), swings, quiet, follow);
                *above = wider(*above - forget.of(*above), own, swings, quiet, follow);
            }
        });
    }

    /// Takes the picture into the background at the pixels `at`, whatever moves there.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn absorb(
        &mut self,
        at: core::ops::Range<usize>,
        compared: &Compared,
        light: Light,
        pace: Pace,
        ms: u32,
    ) {
        let rate = pace.within_ms(ms).in_light(light.gain);
        let Some((level, difference)) = self.level.get_mut(at.clone()).zip(compared.difference.get(at)) else { return };
        for (level, difference) in level.iter_mut().zip(difference) {
            *level = add(*level, rate.of(*difference));
        }
    }
}

/// A level plus a step, within white and black.
fn add(level: i16, step: i16) -> i16 {
    level.saturating_add(step).clamp(0, 255 * 128)
}

/// How far a range reaches after a deviation: all the way under `swings`, part of it under `quiet`, both all ones or
/// all zeros. Free of branches, so that many pixels are done at once.
fn wider(width: i16, deviation: i16, swings: i16, quiet: i16, follow: Rate) -> i16 {
    let excess = deviation.saturating_sub(width).max(0);
    let step = (excess & swings) | (follow.of(excess) & quiet & !swings);
    (width + step).clamp(0, WIDEST)
}

/// A range wider than this (1/128 grey) would hide a visitor in any light.
const WIDEST: i16 = 120 * 128;

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 8;

    /// Shows grey `of(second)` for some seconds at 20 frames a second and gives what is outside of the range at last.
    fn shown(background: &mut Background, seconds: u32, busy: u8, of: impl Fn(u32) -> u8) -> u8 {
        let mut around = Neighbourhood::new(WIDTH);
        let mut compared = Compared::new(WIDTH * WIDTH);
        for tick in 0..seconds * 20 {
            let luma = [of(tick); WIDTH * WIDTH];
            background.compare(&luma, Light::SAME, &mut around, &mut compared);
            let raw: Vec<u8> = compared.outside.iter().map(|&outside| u8::from(outside > 10)).collect();
            let lesson = Lesson {
                pace: Pace::new(50_000, tick),
                age_ms: 60_000,
                light: Light::SAME,
                unsettled: false,
                busy: &[busy; WIDTH * WIDTH],
                raw: &raw,
                travelling: &[0; WIDTH * WIDTH],
            };
            background.learn(&compared, &lesson);
        }
        compared.outside[9]
    }

    fn started() -> Background {
        let mut background = Background::new(WIDTH * WIDTH);
        background.start(&[100; WIDTH * WIDTH]);
        background
    }

    #[test]
    fn what_is_quiet_is_learned_and_what_is_busy_is_not() {
        let mut background = started();
        assert!(shown(&mut background, 16, 0, |_| 106) <= 1);
        assert!((104..=106).contains(&(background.level[9] >> 7)), "{}", background.level[9] >> 7);
        let mut background = started();
        assert!(shown(&mut background, 16, 1, |_| 160) > 50);
    }

    #[test]
    fn a_pixel_that_swings_has_a_range_that_is_forgotten_later() {
        let mut background = started();
        let outside = shown(&mut background, 6, 1, |tick| if tick / 10 % 2 == 0 { 100 } else { 150 });
        assert!(outside < 15, "{outside}");
        shown(&mut background, 60, 0, |_| 100);
        assert!(shown(&mut background, 1, 1, |_| 150) > 30);
    }

    #[test]
    fn absorbing_takes_the_picture_in() {
        let mut background = started();
        let mut compared = Compared::new(WIDTH * WIDTH);
        let mut around = Neighbourhood::new(WIDTH);
        for tick in 0..40 {
            background.compare(&[180; WIDTH * WIDTH], Light::SAME, &mut around, &mut compared);
            background.absorb(3..5, &compared, Light::SAME, Pace::new(50_000, tick), 200);
        }
        assert!(background.level[3] >> 7 >= 178 && background.level[5] >> 7 == 100);
    }
}
