//! Today's light: gain and offset that carry the background to the picture at hand.
//!
//! Lamps, clouds and the camera's own exposure change all of the picture alike; what is left after the best fit is
//! what the rest of the detector looks at. Pixels that lately moved are left out, so that visitors do not rewrite it.

use alloc::vec::Vec;
use core::ops::Range;

/// Gain and offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Light {
    /// In 1/8192.
    pub(super) gain: i16,
    /// In 1/16 grey level.
    pub(super) offset: i16,
}

impl Light {
    pub(super) const SAME: Self = Self { gain: ONE as i16, offset: 0 };

    /// `level` (1/16 grey) in this light, also in 1/16.
    fn on(self, level: i16) -> i32 {
        ((i32::from(level) * i32::from(self.gain)) >> 13) + i32::from(self.offset)
    }

    /// How differently the two show a medium grey, in grey levels.
    pub(super) fn distance(self, other: Self) -> u32 {
        self.on(128 * 16).abs_diff(other.on(128 * 16)) >> 4
    }

    /// Whether the background no longer has today's light: more than 2 % or 1.5 grey levels off, which is more than a
    /// fit on noise wavers.
    pub(super) fn is_foreign(self) -> bool {
        i32::from(self.gain).abs_diff(ONE) > 164 || self.offset.abs() > 24
    }
}

/// 1 as a gain.
const ONE: i32 = 8192;
/// Gains beyond are no light but another picture.
const GAINS: Range<i64> = 2458..24_576;
/// Backgrounds too dark or too bright are clipped in one of the lights, and say nothing of the gain.
const USEFUL: Range<i16> = 12 * 128..240 * 128;
/// Pictures from this on are clipped.
const CLIPPED: u8 = 250;
/// Enough pixels for a fit that does not waver, few enough to cost little.
const SAMPLES: usize = 2400;
/// A fit this good (in 1/16 grey) needs no second start. Sensor noise on box means stays below.
const GOOD: u32 = 32;
/// With a smaller variance (grey levels squared) the samples say nothing of the gain.
const LEAST_VARIANCE: i64 = 25;

/// Fits the light, frame by frame.
pub(super) struct LightFit {
    /// Every how many-th pixel across and down is looked at.
    steps: [usize; 2],
    samples: Vec<(i16, i16)>,
    histogram: [u16; 256],
}

impl LightFit {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let pixels = width * height;
        let down = (pixels / SAMPLES).isqrt().max(1);
        let across = (pixels / SAMPLES / down).max(1);
        Self {
            steps: [across, down],
            samples: Vec::with_capacity(width.div_ceil(across) * height.div_ceil(down)),
            histogram: [0; 256],
        }
    }

    /// The light that carries `background` (1/128 grey) to `luma`, starting from the light `before`. Pixels with
    /// `busy` set are left out as long as enough others remain.
    pub(super) fn fit(&mut self, background: &[i16], luma: &[u8], busy: &[u8], width: usize, before: Light) -> Light {
        let all = self.collect(background, luma, busy, width);
        if self.samples.len() * 5 < all {
            self.collect(background, luma, &[], width);
        }
        if self.samples.is_empty() {
            return before;
        }
        let (mut best, mut error) = self.refined(before);
        if error > GOOD {
            let start = self.ratio();
            let (other, other_error) = self.refined(start);
            // A little better is chance.
            if other_error + 5 < error {
                (best, error) = (other, other_error);
            }
            let unchanged = self.median_error(before);
            if unchanged < error {
                best = before;
            }
        }
        best
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.samples.capacity() * size_of::<(i16, i16)>()
    }

    /// Gathers samples and returns how many there could have been.
    fn collect(&mut self, background: &[i16], luma: &[u8], busy: &[u8], width: usize) -> usize {
        self.samples.clear();
        let mut all = 0;
        let rows = background.chunks_exact(width).zip(luma.chunks_exact(width)).enumerate();
        let [across, down] = self.steps;
        for (y, (background, luma)) in rows.step_by(down) {
            let busy = busy.get(y * width..(y + 1) * width);
            for x in (0..width).step_by(across) {
                all += 1;
                let (level, grey) = (background[x], luma[x]);
                if USEFUL.contains(&level) && grey < CLIPPED && busy.is_none_or(|busy| busy[x] == 0) {
                    self.samples.push((level >> 3, i16::from(grey) << 4));
                }
            }
        }
        all
    }

    /// Two rounds of least squares over the samples that agree, and the median error of the result.
    fn refined(&mut self, start: Light) -> (Light, u32) {
        let mut light = start;
        let mut error = self.median_error(light);
        for _ in 0..2 {
            let limit = (6 * 16).max(error * 5 / 2);
            light = self.least_squares(light, limit).unwrap_or(light);
            let before = error;
            error = self.median_error(light);
            if before <= GOOD {
                break;
            }
        }
        (light, error)
    }

    /// In 1/16 grey, a little rounded.
    fn median_error(&mut self, light: Light) -> u32 {
        let counts = &mut self.histogram;
        counts.fill(0);
        for &(level, grey) in &self.samples {
            let error = i32::from(grey).abs_diff(light.on(level));
            counts[(error >> 2).min(255) as usize] += 1;
        }
        median(counts, self.samples.len()) as u32 * 4 + 2
    }

    fn least_squares(&self, light: Light, limit: u32) -> Option<Light> {
        let (mut n, mut sx, mut sy, mut sxx, mut sxy) = (0_i64, 0_i64, 0_i64, 0_i64, 0_i64);
        for &(level, grey) in &self.samples {
            if i32::from(grey).abs_diff(light.on(level)) < limit {
                let (x, y) = (i64::from(level), i64::from(grey));
                n += 1;
                sx += x;
                sy += y;
                sxx += x * x;
                sxy += x * y;
            }
        }
        if n < 50 {
            return None;
        }
        let spread = n * sxx - sx * sx;
        let gain = if spread > LEAST_VARIANCE * 256 * n * n {
            ((n * sxy - sx * sy) / (spread / i64::from(ONE))).clamp(GAINS.start, GAINS.end)
        } else {
            i64::from(light.gain)
        };
        let offset = (sy - ((gain * sx) >> 13)) / n;
        Some(Light { gain: gain as i16, offset: offset.clamp(-4080, 4080) as i16 })
    }

    /// The median ratio as a gain without offset.
    fn ratio(&mut self) -> Light {
        let counts = &mut self.histogram;
        counts.fill(0);
        for &(level, grey) in &self.samples {
            let ratio = i32::from(grey) * 64 / i32::from(level).max(1);
            counts[ratio.clamp(0, 255) as usize] += 1;
        }
        let gain = median(counts, self.samples.len()) as i64 * 128 + 64;
        Light { gain: gain.clamp(GAINS.start, GAINS.end) as i16, offset: 0 }
    }
}

/// The bin that holds the middle of `n` counted values.
pub(super) fn median(counts: &[u16; 256], n: usize) -> usize {
    let mut below = 0;
    counts
        .iter()
        .position(|&count| {
            below += usize::from(count);
            below * 2 >= n
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 160;

    fn scene() -> Vec<i16> {
        (0..WIDTH * 120).map(|i| (((i % WIDTH) * 90 / WIDTH + (i / WIDTH * 7) % 60 + 20) * 128) as i16).collect()
    }

    fn shown(background: &[i16], light: impl Fn(i32) -> i32) -> Vec<u8> {
        background.iter().map(|&level| light(i32::from(level) / 128).clamp(0, 255) as u8).collect()
    }

    #[test]
    fn a_lamp_that_goes_off_or_on_is_found_in_one_frame() {
        let background = scene();
        for (percent, offset) in [(100, 0), (50, 0), (62, 5), (140, -10), (170, 0), (95, 2)] {
            let luma = shown(&background, |grey| grey * percent / 100 + offset);
            let light = LightFit::new(WIDTH, luma.len() / WIDTH).fit(&background, &luma, &[], WIDTH, Light::SAME);
            let gain = i32::from(light.gain) * 100 / ONE;
            assert!((gain - percent).abs() <= 3, "{percent} % {offset}: {light:?}");
            assert!((i32::from(light.offset) / 16 - offset).abs() <= 3, "{percent} % {offset}: {light:?}");
        }
    }

    #[test]
    fn a_third_of_the_picture_in_white_does_not_rewrite_the_light() {
        let background = scene();
        let mut luma = shown(&background, |grey| grey);
        luma[..WIDTH * 40].fill(230);
        let light = LightFit::new(WIDTH, luma.len() / WIDTH).fit(&background, &luma, &[], WIDTH, Light::SAME);
        assert!(light.distance(Light::SAME) <= 2, "{light:?}");
    }

    #[test]
    fn a_picture_without_anything_useful_keeps_the_light() {
        let before = Light { gain: 5000, offset: 9 };
        let mut fit = LightFit::new(WIDTH, 120);
        let (background, luma) = (vec![0; WIDTH * 120], vec![255; WIDTH * 120]);
        assert_eq!(fit.fit(&background, &luma, &[], WIDTH, before), before);
    }
}
