//! What the blocks of a raw picture's JPEG would be in their means, without coding it: so it is known which have to be.
//!
//! A DC coefficient is the sum of its block's 64 samples, less 128 each, divided by eight and rounded to steps that follow
//! from the quality (ITU-T T.81, A.3.3 and A.3.4). Brightness comes out equal to what libjpeg-turbo codes, colour too where
//! the camera sends planes; that of RGB may be a step off, since it is rounded before it is averaged there.

use rtm2_tiles::Means;
use turbojpeg::PixelFormat;

use super::encode::{Encoder, Form, Pixels};

/// Width and height of a block in samples.
const BLOCK: usize = 8;
/// Steps of DC coefficients at quality 50, of brightness and of colour (ITU-T T.81, K.1).
const BASE_STEPS: [u32; 2] = [16, 17];
/// Parts of red, green and blue in the colour differences, in 65536ths.
const BLUENESS: [i64; 3] = [-11_059, -21_709, 32_768];
const REDNESS: [i64; 3] = [32_768, -27_439, -5_329];

impl Encoder {
    /// Fills in the means of a picture's blocks.
    pub fn means(&self, pixels: &Pixels, means: &mut Means) {
        means.shape = pixels.shape();
        let [fine, coarse] = BASE_STEPS.map(|step| Rounding::new(step, self.quality));
        let Means { brightness, colour, .. } = means;
        brightness.clear();
        colour.iter_mut().for_each(Vec::clear);
        match &pixels.form {
            Form::Planes { planes, .. } => {
                let half = pixels.width.div_ceil(2);
                block_means(&planes.y, 2 * half, &fine, brightness);
                for (plane, colour) in [&planes.u, &planes.v].into_iter().zip(colour) {
                    block_means(plane, half, &coarse, colour);
                    if means.shape.mcu_height == 8 {
                        // Two blocks below each other are a cell.
                        join_rows(half.div_ceil(BLOCK), colour);
                    }
                }
            }
            Form::Packed { data, pitch, format, .. } => {
                block_means(pixels.luma(), pixels.width, &fine, brightness);
                if *format != PixelFormat::GRAY {
                    let rows = data.chunks_exact(*pitch).take(pixels.height);
                    cell_colours(rows, pixels.width, *format == PixelFormat::BGR, &coarse, colour);
                }
            }
        }
    }
}

/// Rounds sums of 64 samples to multiples of a step, as DC coefficients are.
struct Rounding {
    step: i32,
    /// 2³² divided by eight steps, rounded up.
    inverse: u64,
}

impl Rounding {
    /// Steps at a quality, by libjpeg's rule.
    fn new(base: u32, quality: u8) -> Self {
        let quality = u32::from(quality.clamp(1, 100));
        let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
        let step = ((base * percent + 50) / 100).clamp(1, 255);
        Self { step: step as i32, inverse: (1 << 32_u64) / u64::from(8 * step) + 1 }
    }

    /// The dequantised coefficient of a block whose samples, less 128 each, have a sum.
    fn coefficient(&self, sum: i32) -> i16 {
        // Within 14 bits, so that the product is exact enough for the quotient to be right.
        let steps = ((u64::from(sum.unsigned_abs() + 4 * self.step.unsigned_abs()) * self.inverse) >> 32) as i32;
        (steps * self.step * sum.signum()) as i16
    }
}

/// Adds the mean of each block of a plane whose rows have `width` samples. The last row and column stand for what lies
/// behind them.
fn block_means(plane: &[u8], width: usize, rounding: &Rounding, means: &mut Vec<i16>) {
    let rows: Vec<&[u8]> = plane.chunks_exact(width).collect();
    let mut sums = vec![0u16; width];
    for band in rows.chunks(BLOCK) {
        let Some(last) = band.last() else { return };
        sums.fill(0);
        for row in band.iter().chain(std::iter::repeat_n(last, BLOCK - band.len())) {
            sums.iter_mut().zip(*row).for_each(|(sum, &sample)| *sum += u16::from(sample));
        }
        means.extend(sums.chunks(BLOCK).map(|columns| {
            let behind = (BLOCK - columns.len()) as u16 * columns[columns.len() - 1];
            let sum = columns.iter().sum::<u16>() + behind;
            rounding.coefficient(i32::from(sum) - 64 * 128)
        }));
    }
}

/// Makes one mean of two that lie below each other; the last stands for one that is missing.
fn join_rows(columns: usize, means: &mut Vec<i16>) {
    let rows = means.len() / columns;
    for y in 0..rows.div_ceil(2) {
        let (upper, lower) = (2 * y * columns, (2 * y + 1).min(rows - 1) * columns);
        for x in 0..columns {
            // Never behind what is still to be read.
            means[y * columns + x] = means[upper + x].midpoint(means[lower + x]);
        }
    }
    means.truncate(rows.div_ceil(2) * columns);
}

/// Adds the colour of each cell of 16×16 pixels of three bytes.
fn cell_colours<'a>(
    rows: impl Iterator<Item = &'a [u8]>,
    width: usize,
    swapped: bool,
    rounding: &Rounding,
    [blueness, redness]: &mut [Vec<i16>; 2],
) {
    const CELL: usize = 2 * BLOCK;
    let rows: Vec<&[u8]> = rows.map(|row| &row[..3 * width]).collect();
    let mut sums = vec![0u16; 3 * width];
    for band in rows.chunks(CELL) {
        sums.fill(0);
        for row in band {
            sums.iter_mut().zip(*row).for_each(|(sum, &part)| *sum += u16::from(part));
        }
        for columns in sums.chunks(3 * CELL) {
            let mut parts = [0i64; 3];
            for pixel in columns.as_chunks::<3>().0 {
                parts.iter_mut().zip(pixel).for_each(|(part, &sum)| *part += i64::from(sum));
            }
            if swapped {
                parts.swap(0, 2);
            }
            // As if the cell were whole, of 64 samples.
            let pixels = (columns.len() / 3 * band.len()) as i64;
            let mean = |weights: [i64; 3]| {
                let sum: i64 = parts.iter().zip(weights).map(|(part, weight)| part * weight).sum();
                rounding.coefficient(((sum * 64 / pixels) >> 16) as i32)
            };
            blueness.push(mean(BLUENESS));
            redness.push(mean(REDNESS));
        }
    }
}
