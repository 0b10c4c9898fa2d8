//! Brightness at 1/4 and 1/8 of the picture's size from coefficients, equal to what libjpeg-turbo's scaled decoding gives.
//!
//! At 1/8 a block of 8×8 pixels is its mean. At 1/4 it is 2×2 pixels; libjpeg's reduced inverse transform for these
//! (after Loeffler, Ligtenberg and Moschytz, with the output's even rows and columns averaged) looks at the
//! coefficients of rows and columns 0, 1, 3, 5 and 7 alone: columns first, rounded, then rows.

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

/// Rows and columns that count.
const COUNTS: usize = 5;
/// Where in a [`Block`] the coefficients begin that are not in an odd column: those of column 0, then what nobody reads.
const FIRST_COLUMN: usize = 4 * COUNTS;
const NOWHERE: usize = 31;

/// Where in a [`Block`] a coefficient stands, by its place in zigzag order: five rows of the four odd columns, so that a row is
/// one vector, then column 0. A damaged block may have more than 64 by the longest run.
const PLACES: [u8; 128] = {
    let mut places = [NOWHERE as u8; 128];
    let mut at = 0;
    while at < 64 {
        let (row, column) = ((ZIGZAG[at] / 8) as usize, (ZIGZAG[at] % 8) as usize);
        if row == 0 || row % 2 == 1 {
            let row = row.div_ceil(2);
            if column == 0 {
                places[at] = (FIRST_COLUMN + row) as u8;
            } else if column % 2 == 1 {
                places[at] = (row * 4 + column / 2) as u8;
            }
        }
        at += 1;
    }
    places
};

/// What coefficients are multiplied by, placed as they are.
#[derive(Clone, Debug)]
pub(crate) struct Steps([i16; 32]);

impl Steps {
    pub(crate) fn new(quantisation: &Quantisation) -> Self {
        let mut steps = [0; 32];
        for (&at, &step) in PLACES.iter().zip(quantisation) {
            // 16 bits are what libjpeg-turbo multiplies with, too.
            steps[usize::from(at)] = step as i16;
        }
        Self(steps)
    }
}

/// Those of a block's coefficients that count. Its memory is used for one block after the other.
pub(crate) struct Block([i16; 32]);

impl Block {
    /// A block of zeros.
    pub(crate) fn new() -> Self {
        Self([0; 32])
    }

    /// Makes all coefficients zero but the first.
    #[inline]
    pub(crate) fn clear(&mut self, first: i16) {
        self.0 = [0; 32];
        self.0[FIRST_COLUMN] = first;
    }

    /// Sets the coefficient at a place in zigzag order.
    #[inline]
    pub(crate) fn set(&mut self, at: usize, coefficient: i16) {
        self.0[usize::from(PLACES[at & 127]) & 31] = coefficient;
    }

    /// The two rows of two pixels.
    #[inline]
    pub(crate) fn pixels(&self, steps: &Steps) -> [[u8; 2]; 2] {
        let value = |at: usize| i32::from(self.0[at].wrapping_mul(steps.0[at]));
        let row = |n: usize| -> [i32; 4] { std::array::from_fn(|i| value(n * 4 + i)) };
        let (mut odd, mut odd_first) = ([0i32; 4], 0i32);
        for (n, factor) in (1..COUNTS).zip(ODD) {
            let row = row(n);
            for i in 0..4 {
                odd[i] = odd[i].wrapping_add(row[i] * factor);
            }
            odd_first = odd_first.wrapping_add(value(FIRST_COLUMN + n) * factor);
        }
        let (even, even_first) =
            (row(0).map(|value| value << (CONST_BITS + 2)), value(FIRST_COLUMN) << (CONST_BITS + 2));
        let round = |sum: i32| descale(sum, CONST_BITS - PASS1_BITS + 2);
        let upper: [i32; 4] = std::array::from_fn(|i| round(even[i].wrapping_add(odd[i])));
        let lower: [i32; 4] = std::array::from_fn(|i| round(even[i].wrapping_sub(odd[i])));
        [pair(round(even_first.wrapping_add(odd_first)), upper), pair(round(even_first.wrapping_sub(odd_first)), lower)]
    }
}

/// Two pixels from a row's column 0 and odd columns.
#[inline]
fn pair(first: i32, columns: [i32; 4]) -> [u8; 2] {
    let even = first.wrapping_shl(CONST_BITS + 2);
    let odd = columns.into_iter().zip(ODD).fold(0i32, |sum, (c, factor)| sum.wrapping_add(c.wrapping_mul(factor)));
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
