//! AC coefficients with their values.

use super::{AFTER_DC, Codes, END, FULL, LOOK, Looks, NONE, ShortCode, Symbol, block_end, check_ac, value};
use crate::ScanError;
use crate::scan::bits::Bits;
use crate::tables::{END_OF_BLOCK, Table};

/// AC coefficients of one table, for whoever wants their values.
///
/// An entry holds up to two symbols, because what decoding costs is the wait from one look to the next: the bits of each
/// look are known only when the look before is over.
#[derive(Clone, Debug, Default)]
pub(crate) struct AcValues {
    /// As many symbols as fit, by the next bits: see [`Entry`].
    pub(super) entries: Looks<u64>,
    codes: Codes,
}

impl AcValues {
    /// Looks that are taken without filling the window again, each of [`LOOK`] bits at most.
    const LOOKS: u32 = AFTER_DC / LOOK;

    /// Becomes that of a table.
    pub(crate) fn learn(&mut self, table: &Table) -> Result<(), ScanError> {
        check_ac(table)?;
        self.codes.learn(table);
        lay_out(&mut self.entries.0[..], Entry::default(), &ShortCode::all(table));
        Ok(())
    }

    /// Reads a block's coefficients and sets each at its place in zigzag order, and perhaps zeros at places behind it, and
    /// anything at places from [`FULL`] on. Tells whether there was any. Needs [`AFTER_DC`] bits in the window.
    #[inline(always)]
    pub(crate) fn read(&self, bits: &mut Bits<'_>, mut set: impl FnMut(u8, i16)) -> Result<bool, ScanError> {
        let mut at = 1u8;
        'filled: loop {
            for _ in 0..Self::LOOKS {
                let entry = self.entries.0[bits.peek(LOOK) as usize];
                let [low, coefficients, p0, p1, ..] = entry.to_le_bytes();
                set(at.wrapping_add(p0), (entry >> 32) as i16);
                set(at.wrapping_add(p1), (entry >> 48) as i16);
                let after = at.wrapping_add(coefficients);
                if coefficients & END != 0 && after < END + FULL {
                    bits.consume(low.into());
                    return Ok(after > END + 1);
                }
                if after <= FULL {
                    bits.consume(low.into());
                    at = after;
                    continue;
                }
                // A block may be full without an end: then the look's last symbols are of the next block.
                if at >= FULL {
                    return block_end(at).map(|()| true);
                }
                bits.refill();
                let symbol = match (low, coefficients) {
                    (1.., NONE) => Symbol::read(bits, (entry >> 48) as u8, low.into()),
                    _ => self.codes.symbol(bits)?,
                };
                bits.refill();
                match symbol {
                    Symbol::End => return Ok(at > 1),
                    Symbol::Run(zeros, found) => {
                        at += zeros;
                        set(at, found as i16);
                        at += 1;
                    }
                }
                continue 'filled;
            }
            bits.refill();
        }
    }
}

/// Up to two symbols that follow each other, while they are put together.
///
/// Packed it has, from the lowest byte on: bits of all; coefficients of all, zeros included, and [`END`] if they end the
/// block; the place of each value behind the first coefficient; the values in 16 bits each. What is not there is a zero
/// behind the last, where the next look writes anyway. One without a whole symbol has [`NONE`] coefficients, and if at least
/// its code fits, the code's bits in the lowest byte, and the symbol in place of the second value.
#[derive(Clone, Copy, Default)]
struct Entry {
    bits: u32,
    coefficients: u8,
    end: bool,
    places: [u8; 2],
    values: [i16; 2],
    held: usize,
}

impl Entry {
    /// The same with a further symbol and its value; `None` where there is no room for that.
    fn with(mut self, code: ShortCode, value: i16) -> Option<Self> {
        *self.places.get_mut(self.held)? = self.coefficients + code.zeros();
        *self.values.get_mut(self.held)? = value;
        self.held += 1;
        // Two symbols have at most 32 coefficients.
        self.coefficients += code.zeros() + 1;
        self.bits += code.length + code.category();
        Some(self)
    }

    /// The same, and the block ends behind it.
    fn ended(self, code: ShortCode) -> Self {
        Self { bits: self.bits + code.length, end: true, ..self }
    }

    fn packed(mut self) -> u64 {
        if self.bits == 0 {
            return code_alone(0, 0);
        }
        self.places[self.held..].fill(self.coefficients);
        let coefficients = self.coefficients | if self.end { END } else { 0 };
        let ([p0, p1], [v0, v1]) = (self.places, self.values.map(i16::to_le_bytes));
        u64::from_le_bytes([self.bits as u8, coefficients, p0, p1, v0[0], v0[1], v1[0], v1[1]])
    }
}

/// An entry without a whole symbol. Its first value is a zero where the next is written; its second is told to be where
/// nobody reads.
fn code_alone(symbol: u8, length: u32) -> u64 {
    u64::from_le_bytes([length as u8, NONE, 0, NONE, 0, 0, symbol, 0])
}

/// A packed entry with another value, of those that it holds the one that came `held`th.
fn with_value(packed: u64, held: usize, value: i16) -> u64 {
    let shift = 32 + 16 * held;
    packed & !(0xffff << shift) | u64::from(value.cast_unsigned()) << shift
}

/// Fills the entries that begin with `entry`, by the bits behind it.
fn lay_out(entries: &mut [u64], entry: Entry, codes: &[ShortCode]) {
    // Where no further symbol fits.
    entries.fill(entry.packed());
    for &code in ShortCode::fitting(codes, entries.len()) {
        let part = code.part(entries);
        if code.symbol == END_OF_BLOCK {
            part.fill(entry.ended(code).packed());
            continue;
        }
        let category = code.category();
        let each = part.len() >> category;
        let value = |bits: u32| if category == 0 { 0 } else { value(bits, category) as i16 };
        match entry.with(code, value(0)) {
            Some(next) if each > 0 => {
                // Whatever the value's bits, the same may follow.
                let (first, others) = part.split_at_mut(each);
                lay_out(first, next, codes);
                for (bits, other) in (1..).zip(others.chunks_exact_mut(each)) {
                    let value = value(bits);
                    other.iter_mut().zip(&*first).for_each(|(to, &from)| *to = with_value(from, entry.held, value));
                }
            }
            _ if entry.bits == 0 => part.fill(code_alone(code.symbol, code.length)),
            _ => {}
        }
    }
}
