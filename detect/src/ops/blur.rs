//! Gaussian blur in integers.

use alloc::{vec, vec::Vec};

/// A separable Gaussian blur for planes of one size. Beyond the border the outermost pixels go on.
pub(crate) struct Blur {
    width: usize,
    height: usize,
    /// The kernel's right half from its centre; the whole kernel adds up to 256.
    taps: Vec<u16>,
    /// One row with its border.
    padded: Vec<u8>,
    /// The plane after the horizontal pass.
    across: Vec<u8>,
    /// One row of sums, in 1/256 grey values.
    sums: Vec<u16>,
}

impl Blur {
    /// Standard deviations beyond this many pixels are taken as this: more is never useful at analysis scale.
    const MAX_SIGMA_PX: u64 = 8;

    /// A blur whose standard deviation is `sigma_ppm` parts per million of `width`.
    pub(crate) fn new(width: usize, height: usize, sigma_ppm: u32) -> Self {
        let sigma_q16 = (u64::from(sigma_ppm) * ((width as u64) << 16) / 1_000_000).min(Self::MAX_SIGMA_PX << 16);
        let taps = half_kernel((sigma_q16 * sigma_q16) >> 16);
        let padded = vec![0; width + 2 * (taps.len() - 1)];
        Self { width, height, taps, padded, across: vec![0; width * height], sums: vec![0; width] }
    }

    /// Writes the blurred `source` to `blurred`. Both hold `width * height` bytes.
    pub(crate) fn apply(&mut self, source: &[u8], blurred: &mut [u8]) {
        if self.width == 0 || self.height == 0 {
            return;
        }
        let radius = self.taps.len() - 1;
        for (row, across) in source.chunks_exact(self.width).zip(self.across.chunks_exact_mut(self.width)) {
            self.padded[..radius].fill(row[0]);
            self.padded[radius..radius + self.width].copy_from_slice(row);
            self.padded[radius + self.width..].fill(row[self.width - 1]);
            start(&mut self.sums, row, self.taps[0]);
            for (distance, &tap) in self.taps.iter().enumerate().skip(1) {
                add(&mut self.sums, &self.padded[radius - distance..], &self.padded[radius + distance..], tap);
            }
            finish(&self.sums, across);
        }
        for (y, blurred) in blurred.chunks_exact_mut(self.width).enumerate().take(self.height) {
            let row = |y: usize| &self.across[y * self.width..(y + 1) * self.width];
            start(&mut self.sums, row(y), self.taps[0]);
            for (distance, &tap) in self.taps.iter().enumerate().skip(1) {
                add(&mut self.sums, row(y.saturating_sub(distance)), row((y + distance).min(self.height - 1)), tap);
            }
            finish(&self.sums, blurred);
        }
    }

    /// Bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        2 * (self.taps.capacity() + self.sums.capacity()) + self.padded.capacity() + self.across.capacity()
    }
}

/// Begins the sums with the centre of the kernel and half a grey value for rounding. The kernel adds up to 256, so that
/// the sums stay below 256 * 255 + 128 and fit.
fn start(sums: &mut [u16], row: &[u8], tap: u16) {
    for (sum, &pixel) in sums.iter_mut().zip(row) {
        *sum = 128 + u16::from(pixel) * tap;
    }
}

/// Adds the two rows at one distance from the centre.
fn add(sums: &mut [u16], before: &[u8], after: &[u8], tap: u16) {
    for ((sum, &before), &after) in sums.iter_mut().zip(before).zip(after) {
        *sum += (u16::from(before) + u16::from(after)) * tap;
    }
}

fn finish(sums: &[u16], row: &mut [u8]) {
    for (pixel, sum) in row.iter_mut().zip(sums) {
        *pixel = (sum >> 8) as u8;
    }
}

/// The right half of a kernel with this variance (in 1/65536 square pixels): many small three-pixel kernels one after
/// another come to a Gaussian whose variance is the sum of theirs, without any exponential function.
fn half_kernel(variance_q16: u64) -> Vec<u16> {
    // A kernel (a, 1 - 2a, a) has the variance 2a; up to 1/2 it is itself bell-shaped.
    let passes = variance_q16.div_ceil(1 << 15);
    let side_q16 = variance_q16.checked_div(2 * passes).unwrap_or(0);
    let size = passes as usize + 1;
    // Right half in 1/2^32, from the centre; the left half mirrors it.
    let mut half = vec![0_u64; size];
    half[0] = 1 << 32;
    let mut next = half.clone();
    for _ in 0..passes {
        for (i, value) in next.iter_mut().enumerate() {
            let inner = half[i.abs_diff(1)];
            let outer = half.get(i + 1).copied().unwrap_or(0);
            *value = ((inner + outer) * side_q16 + half[i] * ((1 << 16) - 2 * side_q16)) >> 16;
        }
        core::mem::swap(&mut half, &mut next);
    }
    quantised(&half)
}

/// To 1/256, without tails that round to nothing, adding up to exactly 256.
fn quantised(half_q32: &[u64]) -> Vec<u16> {
    let mut taps: Vec<u16> = half_q32.iter().map(|weight| ((weight + (1 << 23)) >> 24) as u16).collect();
    while taps.len() > 1 && taps.last() == Some(&0) {
        taps.pop();
    }
    let sides: u16 = taps[1..].iter().sum();
    taps[0] = 256 - 2 * sides;
    taps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kernel(taps: &[u16]) -> Vec<i64> {
        taps.iter().skip(1).rev().chain(taps).map(|&tap| i64::from(tap)).collect()
    }

    #[test]
    fn kernels_add_up_fall_off_and_have_the_variance_asked_for() {
        for variance in [0.0, 0.1, 0.5, 0.766, 1.0, 3.0, 12.25, 40.0, 64.0] {
            let taps = half_kernel((variance * 65_536.0) as u64);
            assert!(taps.windows(2).all(|pair| pair[0] >= pair[1]), "{variance}: {taps:?}");
            let whole = kernel(&taps);
            assert_eq!(whole.iter().sum::<i64>(), 256, "{variance}");
            let middle = taps.len() as i64 - 1;
            let got = (0..).zip(&whole).map(|(i, &tap)| (i - middle).pow(2) * tap).sum::<i64>() as f64 / 256.0;
            assert!((got - variance).abs() <= 0.05 + variance * 0.15, "{variance}: {got}");
        }
    }

    #[test]
    fn the_original_kernel_at_its_own_size() {
        // 21 pixels wide at 640 columns, as the original's.
        let blur = Blur::new(640, 1, 5_469);
        assert!((9..=11).contains(&(blur.taps.len() - 1)), "{:?}", blur.taps);
    }

    fn round_pass(values: &[i64], kernel: &[i64]) -> i64 {
        (values.iter().zip(kernel).map(|(v, k)| v * k).sum::<i64>() + 128) >> 8
    }

    proptest! {
        #[test]
        fn equals_plain_convolution(
            (width, source) in (1_usize..20, 1_usize..20)
                .prop_flat_map(|(w, h)| (Just(w), prop::collection::vec(any::<u8>(), w * h))),
            sigma_ppm in 0_u32..200_000,
        ) {
            let height = source.len() / width;
            let mut blur = Blur::new(width, height, sigma_ppm);
            let mut blurred = vec![0; source.len()];
            blur.apply(&source, &mut blurred);

            let kernel = kernel(&blur.taps);
            let radius = blur.taps.len() as i64 - 1;
            let at = |plane: &[i64], x: i64, y: i64| {
                plane[y.clamp(0, height as i64 - 1) as usize * width + x.clamp(0, width as i64 - 1) as usize]
            };
            let pass = |plane: &[i64], dx: i64, dy: i64| -> Vec<i64> {
                (0..source.len() as i64)
                    .map(|i| {
                        let (x, y) = (i % width as i64, i / width as i64);
                        let values: Vec<_> = (-radius..=radius).map(|d| at(plane, x + d * dx, y + d * dy)).collect();
                        round_pass(&values, &kernel)
                    })
                    .collect()
            };
            let plane: Vec<i64> = source.iter().map(|&v| i64::from(v)).collect();
            let wanted: Vec<u8> = pass(&pass(&plane, 1, 0), 0, 1).iter().map(|&v| v as u8).collect();
            prop_assert_eq!(blurred, wanted);
        }
    }

    #[test]
    fn white_stays_white_under_every_kernel() {
        for sigma_ppm in [0, 5_469, 50_000] {
            let mut blurred = vec![0; 160 * 3];
            Blur::new(160, 3, sigma_ppm).apply(&[255; 160 * 3], &mut blurred);
            assert!(blurred.iter().all(|&pixel| pixel == 255));
        }
    }
}
