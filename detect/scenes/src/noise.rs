//! Sensor noise: faint, different in every frame, the same for the same frame.

use crate::maths::hash;

/// Ready-made noise, added to pictures from another place of the table for each row of each frame.
pub(crate) struct Noise {
    /// Offsets around [`Noise::MIDDLE`], three per pixel: mostly grey, a little colour.
    table: Vec<u8>,
    seed: u64,
}

impl Noise {
    /// Pixels in the table beyond the widest row; rows start at a random one of them.
    const PIXELS: usize = 1 << 14;
    /// The table's value for no change.
    const MIDDLE: i16 = 16;

    /// Noise for rows of `width` pixels.
    pub(crate) fn new(seed: u64, width: usize) -> Self {
        let mut table = Vec::with_capacity((Self::PIXELS + width) * 3);
        for pixel in 0..Self::PIXELS + width {
            let bits = hash(seed ^ hash(pixel as u64));
            let grey = bell(bits);
            for channel in 0..3 {
                let colour = bell(bits >> (16 + 16 * channel)) / 2;
                table.push((Self::MIDDLE + i16::midpoint(grey, colour)) as u8);
            }
        }
        Self { table, seed }
    }

    /// Adds the noise of frame `n` to rows of `width` pixels.
    pub(crate) fn add(&self, n: u64, width: usize, rgb: &mut [u8]) {
        for (y, row) in rgb.chunks_exact_mut(width * 3).enumerate() {
            let place = hash(self.seed ^ n.wrapping_mul(0x1_0000_0001) ^ ((y as u64) << 48)) as usize % Self::PIXELS;
            for (pixel, &offset) in row.iter_mut().zip(&self.table[place * 3..]) {
                *pixel = (i16::from(*pixel) + i16::from(offset) - Self::MIDDLE).clamp(0, 255) as u8;
            }
        }
    }
}

/// A roughly bell-shaped number from -6 to 6, standard deviation about 2.4.
fn bell(bits: u64) -> i16 {
    (0..4).map(|i| (bits >> (4 * i) & 3) as i16).sum::<i16>() - 6 + (bits >> 3 & 1) as i16 - (bits >> 7 & 1) as i16
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
