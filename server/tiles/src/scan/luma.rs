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

/// Columns of a row in a [`Block`]: 1, 3, 5 and 7.
const ODD_COLUMNS: usize = 4;
/// Where in a [`Block`] rows 1 and 3 begin, then 5 and 7, in pairs of coefficients that stand above each other.
const PAIRS: [usize; 2] = [0, 2 * ODD_COLUMNS];
/// Where row 0 begins, without its first coefficient.
const FIRST_ROW: usize = 4 * ODD_COLUMNS;
/// Where column 0 begins, without its first coefficient.
const FIRST_COLUMN: usize = 5 * ODD_COLUMNS;
/// Where the block's first coefficient is.
const FIRST: usize = 6 * ODD_COLUMNS;
/// What counts, and some room behind it up to a whole vector.
const COUNTED: usize = 32;
/// Where all goes that nobody reads.
const NOWHERE: usize = COUNTED;

/// Where in a [`Block`] a coefficient stands, by its place in zigzag order. A damaged block may have more than 64.
const PLACES: [u8; 256] = {
    let mut places = [NOWHERE as u8; 256];
    let mut at = 0;
    while at < 64 {
        let (row, column) = ((ZIGZAG[at] / 8) as usize, (ZIGZAG[at] % 8) as usize);
        let place = match (row, column) {
            (0, 0) => FIRST,
            (0, odd) if odd % 2 == 1 => FIRST_ROW + odd / 2,
            (odd, 0) if odd % 2 == 1 => FIRST_COLUMN + odd / 2,
            (odd, column) if odd % 2 == 1 && column % 2 == 1 => PAIRS[odd / 4] + column / 2 * 2 + odd / 2 % 2,
            _ => NOWHERE,
        };
        places[at] = place as u8;
        at += 1;
    }
    places
};

/// What coefficients are multiplied by, placed as they are.
#[derive(Clone, Debug)]
pub(crate) struct Steps([i16; COUNTED]);

impl Steps {
    pub(crate) fn new(quantisation: &Quantisation) -> Self {
        let mut steps = [0; COUNTED];
        for (&at, &step) in PLACES.iter().zip(quantisation) {
            if let Some(place) = steps.get_mut(usize::from(at)) {
                // 16 bits are what libjpeg-turbo multiplies with, too.
                *place = step as i16;
            }
        }
        Self(steps)
    }
}

/// Those of a block's coefficients that count, [`COUNTED`] of them, and behind them what nobody reads: as many as a byte can
/// name, so that no place has to be checked. Its memory is used for one block after the other.
pub(crate) struct Block([i16; 256]);

impl Block {
    /// A block of zeros.
    pub(crate) fn new() -> Self {
        Self([0; 256])
    }

    /// Makes all coefficients zero but the first.
    #[inline]
    pub(crate) fn clear(&mut self, first: i16) {
        self.0[..COUNTED].fill(0);
        self.0[FIRST] = first;
    }

    /// Sets the coefficient at a place in zigzag order.
    #[inline]
    pub(crate) fn set(&mut self, at: u8, coefficient: i16) {
        self.0[usize::from(PLACES[usize::from(at)])] = coefficient;
    }

    /// The two rows of two pixels.
    #[inline]
    pub(crate) fn pixels(&self, steps: &Steps) -> [[u8; 2]; 2] {
        let value = |at: usize| i32::from(self.0[at].wrapping_mul(steps.0[at]));
        // No sum is too large: the four factors together are less than 2^16, the values at most 2^15.
        let odd: [i32; ODD_COLUMNS] = std::array::from_fn(|i| {
            let [upper, lower] = PAIRS.map(|pairs| pairs + 2 * i);
            value(upper) * ODD[0] + value(upper + 1) * ODD[1] + value(lower) * ODD[2] + value(lower + 1) * ODD[3]
        });
        let odd_first: i32 = (0..).zip(ODD).map(|(n, factor)| value(FIRST_COLUMN + n) * factor).sum();
        let even: [i32; ODD_COLUMNS] = std::array::from_fn(|i| value(FIRST_ROW + i) << (CONST_BITS + 2));
        let even_first = value(FIRST) << (CONST_BITS + 2);
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
