//! What changed within the last moments, against a mean that follows in a moment. Something that is not the
//! background but does not change either stands still.

use super::light::median;
use super::pace::{Pace, ones};
use crate::ops::Neighbourhood;
use crate::vectors::vectorised;
use alloc::{vec, vec::Vec};

/// Time constant of the mean that follows.
const FOLLOW_MS: u32 = 150;
/// The same just after the light jumped, so that the jump itself is soon forgotten.
const UNSETTLED_MS: u32 = 80;
/// Smallest step (grey levels) that is activity.
const LEAST: i16 = 6;
/// How many of the nine pixels around must step together.
const TOGETHER: u8 = 4;
/// "Long ago".
const LONG_MS: u16 = u16::MAX;

/// Since when each pixel is at rest.
pub(super) struct Activity {
    /// 1/128 grey.
    mean: Vec<i16>,
    since_ms: Vec<u16>,
    stepped: Vec<u8>,
    counted: Vec<u8>,
    histogram: [u16; 256],
}

impl Activity {
    pub(super) fn new(pixels: usize) -> Self {
        Self {
            mean: vec![0; pixels],
            since_ms: vec![LONG_MS; pixels],
            stepped: vec![0; pixels],
            counted: vec![0; pixels],
            histogram: [0; 256],
        }
    }

    pub(super) fn start(&mut self, luma: &[u8]) {
        for (mean, &grey) in self.mean.iter_mut().zip(luma) {
            *mean = i16::from(grey) << 7;
        }
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        2 * (self.mean.capacity() + self.since_ms.capacity()) + self.stepped.capacity() + self.counted.capacity()
    }

    /// Milliseconds since each pixel last changed.
    pub(super) fn since_ms(&self) -> &[u16] {
        &self.since_ms
    }

    /// Looks at the next picture. The step that the whole picture made is light, and taken off.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn update(
        &mut self,
        luma: &[u8],
        deviations: &[i16],
        unsettled: bool,
        pace: Pace,
        around: &mut Neighbourhood,
    ) {
        vectorised!({
            let common = self.common_step(luma) << 7;
            let follow = pace.within_ms(if unsettled { UNSETTLED_MS } else { FOLLOW_MS });
            for (((mean, grey), deviation), stepped) in
                self.mean.iter_mut().zip(luma).zip(deviations).zip(&mut self.stepped)
            {
                let step = (i16::from(*grey) << 7) - *mean;
                let limit = (2 * *deviation + 3 * 128).max(LEAST << 7);
                *stepped = u8::from(step.saturating_sub(common).saturating_abs() > limit);
                *mean += follow.of(step);
            }
            around.count(&self.stepped, &mut self.counted);
            let ms = pace.ms;
            for (since, counted) in self.since_ms.iter_mut().zip(&self.counted) {
                *since = since.saturating_add(ms) & ones(*counted < TOGETHER) as u16;
            }
        });
    }

    /// Adds to `still_ms` where something is that has been at rest, and begins anew elsewhere.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn count_stillness(&self, busy: &[u8], still_ms: &mut [u16], pace: Pace) {
        vectorised!({
            let ms = pace.ms;
            for ((still, busy), since) in still_ms.iter_mut().zip(busy).zip(&self.since_ms) {
                let rests = ones(*busy != 0) & ones(*since != 0);
                *still = still.saturating_add(ms) & rests as u16;
            }
        });
    }

    /// The median step of the picture in grey levels, from every 7th pixel.
    fn common_step(&mut self, luma: &[u8]) -> i16 {
        self.histogram.fill(0);
        let mut n = 0;
        for (mean, grey) in self.mean.iter().zip(luma).step_by(7) {
            let step = (i16::from(*grey) - ((*mean + 64) >> 7)).clamp(-128, 127) + 128;
            self.histogram[step as usize] = self.histogram[step as usize].saturating_add(1);
            n += 1;
        }
        median(&self.histogram, n) as i16 - 128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 20;

    fn after(frames: u32, of: impl Fn(u32, usize) -> u8) -> Activity {
        let mut activity = Activity::new(WIDTH * WIDTH);
        let mut around = Neighbourhood::new(WIDTH);
        let noise = [128; WIDTH * WIDTH];
        for n in 0..frames {
            let luma: Vec<u8> = (0..WIDTH * WIDTH).map(|i| of(n, i)).collect();
            if n == 0 {
                activity.start(&luma);
            }
            activity.update(&luma, &noise, false, Pace::new(50_000, n), &mut around);
        }
        activity
    }

    #[test]
    fn a_change_is_active_and_then_at_rest() {
        let block = |i: usize| i % WIDTH < 6 && i / WIDTH < 6;
        let came = |frames| after(frames, |n, i| if n >= 10 && block(i) { 200 } else { 90 }).since_ms()[21];
        assert!(came(10) > 10_000);
        assert_eq!(came(11), 0);
        assert!((800..2000).contains(&came(45)), "{}", came(45));
    }

    #[test]
    fn a_step_of_the_whole_picture_is_not_activity() {
        let activity = after(20, |n, _| if n >= 10 { 140 } else { 90 });
        assert!(activity.since_ms().iter().all(|&ms| ms > 10_000));
    }

    #[test]
    fn stillness_counts_where_something_is() {
        let activity = after(5, |_, _| 90);
        let mut still = [1000, 1000];
        activity.count_stillness(&[0, 1], &mut still, Pace::new(50_000, 0));
        assert_eq!(still, [0, 1050]);
    }
}
