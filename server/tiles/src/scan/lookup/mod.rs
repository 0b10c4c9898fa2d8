//! Huffman decoding by table: what the next bits mean, in one look.
//!
//! Codes of up to [`LOOK`] bits are looked up, and with them the value that follows when it fits as well; the rare longer
//! ones are found by their length (ITU-T T.81, annex F.2.2.3).
//!
//! Encoders that make the best tables for each picture, such as ffmpeg's, have others in each, so a lookup is laid out anew
//! in its memory: code by code, since what follows a code is the same whatever the bits of its value.

mod dc;
mod skips;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use dc::DcLookup;
pub(crate) use skips::AcSkips;
pub(crate) use values::AcValues;

use super::bits::Bits;
use crate::tables::{END_OF_BLOCK, Table};
use crate::{ScanError, Unsupported};

/// Bits that are looked at in one go.
const LOOK: u32 = 11;
/// Bits that a full window has at least when a DC difference is taken off.
pub(super) const AFTER_DC: u32 = 45;
/// Highest category of an AC coefficient of 8-bit pictures.
const AC_MOST: u8 = 10;

/// Coefficients of a look that holds no whole symbol: from anywhere in a block this is behind its end.
const NONE: u8 = 0x80;
/// Added to the coefficients of a look that ends the block, which are fewer: this, too, is behind the end.
const END: u8 = 0x40;
/// The place behind the last coefficient.
const FULL: u8 = 64;

const NO_CODE: ScanError = ScanError::Damaged("a code that its Huffman tables do not have");

/// An entry for each look.
#[derive(Clone, Debug)]
struct Looks<T>(Box<[T; 1 << LOOK]>);

impl<T: Copy + Default> Default for Looks<T> {
    fn default() -> Self {
        Self(Box::new([T::default(); 1 << LOOK]))
    }
}

/// Finds codes of any length.
#[derive(Clone, Debug, Default)]
struct Codes {
    /// For each length, the first 16 bits that a code of more bits begins with.
    ends: [u32; 17],
    /// For each length, what the code is to be reduced by to be an index into the symbols.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Codes {
    /// Takes over a table's codes.
    fn learn(&mut self, table: &Table) {
        self.symbols.clone_from(&table.symbols);
        let (mut code, mut index) = (0u32, 0i32);
        for (length, &n) in (1usize..).zip(&table.counts) {
            code <<= 1;
            self.offsets[length] = code as i32 - index;
            code += u32::from(n);
            index += i32::from(n);
            self.ends[length] = code << (16 - length);
        }
    }

    /// Symbol and length of the code that `next`, the next 16 bits, begin with.
    #[cold]
    #[inline(never)]
    fn find(&self, next: u32) -> Result<(u8, u32), ScanError> {
        // As long as there are lengths whose codes all end before: counted, since a search would be guessed wrong.
        let length = self.ends[..16].iter().filter(|&&end| next >= end).count();
        if next >= self.ends[16] {
            return Err(NO_CODE);
        }
        let index = (next >> (16 - length)) as i32 - self.offsets[length];
        let symbol = usize::try_from(index).ok().and_then(|index| self.symbols.get(index)).ok_or(NO_CODE)?;
        Ok((*symbol, length as u32))
    }

    /// Reads an AC symbol of any length. Needs 26 bits in the window.
    #[inline(always)]
    fn symbol(&self, bits: &mut Bits<'_>) -> Result<Symbol, ScanError> {
        let (symbol, length) = self.find(bits.peek(16))?;
        Ok(Symbol::read(bits, symbol, length))
    }
}

/// A symbol that the lookup does not hold whole.
enum Symbol {
    /// The block ends.
    End,
    /// So many zeros, then a value; sixteen zeros are fifteen and the value 0.
    Run(u8, i32),
}

impl Symbol {
    /// Takes a code's bits and the value behind them.
    #[inline]
    fn read(bits: &mut Bits<'_>, symbol: u8, length: u32) -> Self {
        bits.consume(length);
        let (zeros, category) = (symbol >> 4, u32::from(symbol & 15));
        if category == 0 {
            return if symbol == END_OF_BLOCK { Self::End } else { Self::Run(zeros, 0) };
        }
        let found = value(bits.peek(category), category);
        bits.consume(category);
        Self::Run(zeros, found)
    }
}

/// A coefficient from its category and bits (T.81, F.2.2.1).
#[inline]
fn value(bits: u32, category: u32) -> i32 {
    // Without a branch, which would be wrong every other time.
    let is_negative = i32::from(bits < 1 << category >> 1);
    bits as i32 - is_negative * ((1 << category) - 1)
}

/// A code that fits a look.
#[derive(Clone, Copy, Debug)]
struct ShortCode {
    symbol: u8,
    /// Number of its bits.
    length: u32,
    bits: u32,
}

impl ShortCode {
    /// All of a table, shortest first.
    fn all(table: &Table) -> Vec<Self> {
        let codes = table.codes().map(|(symbol, code)| Self {
            symbol,
            length: u32::from(code.length),
            bits: u32::from(code.bits),
        });
        codes.take_while(|code| code.length <= LOOK).collect()
    }

    /// Of all, shortest first, those that fit the bits by which so many entries are told apart.
    fn fitting(codes: &[Self], entries: usize) -> &[Self] {
        &codes[..codes.partition_point(|code| entries >> code.length > 0)]
    }

    /// Bits of the value behind it.
    fn category(self) -> u32 {
        u32::from(self.symbol & 15)
    }

    /// Zeros before its value.
    fn zeros(self) -> u8 {
        self.symbol >> 4
    }

    /// Of a block of entries, by the next bits, those for which the code comes first.
    fn part<T>(self, entries: &mut [T]) -> &mut [T] {
        let each = entries.len() >> self.length;
        &mut entries[self.bits as usize * each..][..each]
    }
}

/// Refuses AC tables that 8-bit pictures do not need.
fn check_ac(table: &Table) -> Result<(), ScanError> {
    let wrong = |symbol: u8| symbol & 15 > AC_MOST || (symbol.trailing_zeros() >= 4 && !matches!(symbol, 0 | 0xf0));
    if table.symbols.iter().any(|&symbol| wrong(symbol)) {
        return Err(Unsupported::Symbols.into());
    }
    Ok(())
}

fn block_end(at: u8) -> Result<(), ScanError> {
    if at == FULL { Ok(()) } else { Err(ScanError::Damaged("a block has more than 64 coefficients")) }
}
