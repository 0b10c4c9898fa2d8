//! Brightness at 1/4 and 1/8 of the picture's size from coefficients, equal to what libjpeg-turbo's scaled decoding gives.
//!
//! At 1/8 a block of 8×8 pixels is its mean. At 1/4 it is 2×2 pixels; libjpeg's reduced inverse transform for these
//! (after Loeffler, Ligtenberg and Moschytz, with the output's even rows and columns averaged) looks at the
//! coefficients of rows and columns 0, 1, 3, 5 and 7 alone: columns first, rounded, then rows. The sums over a column are
//! linear in the coefficients, so they grow while the coefficients are decoded, with nothing to do for those that are 0.

use crate::header::Quantisation;

/// Fraction bits of the constants below.
const CONST_BITS: u32 = 13;
/// Fraction bits that are kept from the columns to the rows.
const PASS1_BITS: u32 = 2;
/// √2 times the sums of cosines with which rows (and columns) 1, 3, 5 and 7 count, in 13 bits.
const ODD: [i32; 4] = [29692, -10426, 6967, -5906];

/// Places of a block's coefficients in zigzag order: row times eight plus column (T.81, figure A.6).
#[rustfmt::skip]
const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Column sums of a block: of row 0 for columns 0, 1, 3, 5, 7, then of the odd rows for the same, then what does not count.
type Sums = [i32; 16];
/// Where the sums of odd rows begin.
const ODD_SUMS: usize = 8;
/// The sum that nobody reads.
const IGNORED: u8 = 15;

/// What each coefficient adds to which sum.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    /// By place in zigzag order; a damaged block may go past the last by the longest run.
    weights: [(i32, u8); 128],
}

impl Weights {
    pub(crate) fn new(quantisation: &Quantisation) -> Self {
        let mut weights = [(0, IGNORED); 128];
        let place = |n: u8| [0, 1, 3, 5, 7].iter().position(|&used| used == n);
        for ((weight, &at), &step) in weights.iter_mut().zip(&ZIGZAG).zip(quantisation) {
            let (Some(row), Some(column)) = (place(at / 8), place(at % 8)) else { continue };
            let step = i32::from(step);
            *weight = if row == 0 {
                (step << (CONST_BITS + 2), column as u8)
            } else {
                (step.wrapping_mul(ODD[row - 1]), (ODD_SUMS + column) as u8)
            };
        }
        Self { weights }
    }
}

/// A block while its coefficients come in.
pub(crate) struct Block<'a> {
    weights: &'a Weights,
    sums: Sums,
}

impl<'a> Block<'a> {
    #[inline]
    pub(crate) fn new(weights: &'a Weights) -> Self {
        Self { weights, sums: [0; 16] }
    }

    /// Takes the coefficient at a place in zigzag order.
    #[inline]
    pub(crate) fn add(&mut self, at: usize, coefficient: i32) {
        let (weight, sum) = self.weights.weights[at & 127];
        let sum = &mut self.sums[usize::from(sum & 15)];
        *sum = sum.wrapping_add(coefficient.wrapping_mul(weight));
    }

    /// The two rows of two pixels.
    #[inline]
    pub(crate) fn pixels(&self) -> [[u8; 2]; 2] {
        let (even, odd) = self.sums.split_at(ODD_SUMS);
        let round = |sum: i32| descale(sum, CONST_BITS - PASS1_BITS + 2);
        let upper: [i32; 5] = std::array::from_fn(|i| round(even[i].wrapping_add(odd[i])));
        let lower: [i32; 5] = std::array::from_fn(|i| round(even[i].wrapping_sub(odd[i])));
        [row(&upper), row(&lower)]
    }
}

#[inline]
fn row(columns: &[i32; 5]) -> [u8; 2] {
    let even = columns[0].wrapping_shl(CONST_BITS + 2);
    let odd = columns[1..].iter().zip(ODD).fold(0i32, |sum, (&c, factor)| sum.wrapping_add(c.wrapping_mul(factor)));
    let round = |sum: i32| pixel(descale(sum, CONST_BITS + PASS1_BITS + 3 + 2));
    [round(even.wrapping_add(odd)), round(even.wrapping_sub(odd))]
}

/// The mean of a block from its dequantised DC coefficient.
#[inline]
pub(crate) fn mean(dc: i32) -> u8 {
    pixel(descale(dc, 3))
}

#[inline]
fn descale(value: i32, bits: u32) -> i32 {
    value.wrapping_add(1 << (bits - 1)) >> bits
}

#[inline]
fn pixel(value: i32) -> u8 {
    value.saturating_add(128).clamp(0, 255) as u8
}
