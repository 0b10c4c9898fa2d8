//! Sensor noise: faint, different in every frame, the same for the same frame.

use crate::maths::hash;

/// Ready-made noise, added to pictures from another place of the table for each row of each frame.
pub(crate) struct Noise {
    /// Offsets, three per pixel: mostly grey, a little colour.
    table: Vec<i8>,
    seed: u64,
}

impl Noise {
    /// Pixels in the table beyond the widest row; rows start at a random one of them.
    const PIXELS: usize = 1 << 14;

    /// Faint noise, as by day, for rows of `width` pixels.
    pub(crate) fn new(seed: u64, width: usize) -> Self {
        let mut table = Vec::with_capacity((Self::PIXELS + width) * 3);
        for pixel in 0..Self::PIXELS + width {
            let bits = hash(seed ^ hash(pixel as u64));
            let grey = bell(bits);
            for channel in 0..3 {
                let colour = bell(bits >> (16 + 16 * channel)) / 2;
                table.push(i16::midpoint(grey, colour) as i8);
            }
        }
        Self { table, seed }
    }

    /// Noise of this standard deviation in grey levels, at most 24, for rows of `width` pixels. Neighbours share some
    /// of it, as cameras smear it when they compress.
    pub(crate) fn strong(seed: u64, width: usize, deviation: f32) -> Self {
        let pixels = Self::PIXELS + width;
        // A mean of two neighbours deviates less than each of them, by the square root of a half.
        let scale = deviation.clamp(0.0, 24.0) * 1.415 / FINE_DEVIATION;
        let grain = |pixel: usize| fine_bell(hash(seed ^ hash(pixel as u64)));
        let mut table = Vec::with_capacity(pixels * 3);
        for pixel in 0..pixels {
            let grey = f32::midpoint(grain(pixel), grain(pixel + 1));
            for channel in 1..=3_u64 {
                let colour = fine_bell(hash(seed ^ channel ^ hash(pixel as u64 / 2))) * 0.25;
                table.push(((grey + colour) * scale) as i8);
            }
        }
        Self { table, seed }
    }

    /// Adds the noise of frame `n` to rows of `width` pixels.
    pub(crate) fn add(&self, n: u64, width: usize, rgb: &mut [u8]) {
        for (y, row) in rgb.chunks_exact_mut(width * 3).enumerate() {
            let place = hash(self.seed ^ n.wrapping_mul(0x1_0000_0001) ^ ((y as u64) << 48)) as usize % Self::PIXELS;
            for (pixel, &offset) in row.iter_mut().zip(&self.table[place * 3..]) {
                *pixel = (i16::from(*pixel) + i16::from(offset)).clamp(0, 255) as u8;
            }
        }
    }
}

/// A roughly bell-shaped number from -6 to 6, standard deviation about 2.4.
fn bell(bits: u64) -> i16 {
    (0..4).map(|i| (bits >> (4 * i) & 3) as i16).sum::<i16>() - 6 + (bits >> 3 & 1) as i16 - (bits >> 7 & 1) as i16
}

/// Standard deviation of [`fine_bell`].
const FINE_DEVIATION: f32 = 36.9;

/// A bell-shaped number from -126 to 126.
fn fine_bell(bits: u64) -> f32 {
    (0..4).map(|i| (bits >> (6 * i) & 63) as f32).sum::<f32>() - 126.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_and_black_stay_near_white_and_black() {
        let noise = Noise::new(5, 64);
        for (value, range) in [(0_u8, 0..=10_u8), (255, 245..=255)] {
            let mut rgb = vec![value; 64 * 16 * 3];
            noise.add(7, 64, &mut rgb);
            assert!(rgb.iter().all(|pixel| range.contains(pixel)));
        }
    }

    #[test]
    fn strong_noise_has_the_deviation_asked_for() {
        for deviation in [3.0_f32, 9.0] {
            let mut rgb = vec![128_u8; 64 * 64 * 3];
            Noise::strong(5, 64, deviation).add(3, 64, &mut rgb);
            let variance = rgb.iter().map(|&v| (f32::from(v) - 128.0).powi(2)).sum::<f32>() / rgb.len() as f32;
            assert!((variance.sqrt() / deviation - 1.0).abs() < 0.15, "{deviation}: {}", variance.sqrt());
        }
    }

    #[test]
    fn noise_is_faint_balanced_and_different_in_every_frame() {
        let noise = Noise::new(5, 64);
        let (mut first, mut second) = (vec![100_u8; 64 * 48 * 3], vec![100_u8; 64 * 48 * 3]);
        noise.add(0, 64, &mut first);
        noise.add(1, 64, &mut second);
        assert_ne!(first, second);
        let offsets: Vec<f32> = first.iter().map(|&v| f32::from(v) - 100.0).collect();
        let mean = offsets.iter().sum::<f32>() / offsets.len() as f32;
        let variance = offsets.iter().map(|v| v * v).sum::<f32>() / offsets.len() as f32;
        assert!(mean.abs() < 0.15, "{mean}");
        assert!((0.5..3.0).contains(&variance), "{variance}");
    }
}
