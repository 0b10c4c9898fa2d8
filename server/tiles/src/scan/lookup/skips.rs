//! AC coefficients, skipped.

use super::{AC_MOST, AFTER_DC, Codes, END, FULL, LOOK, Looks, NONE, ShortCode, Symbol, block_end, check_ac};
use crate::ScanError;
use crate::scan::bits::Bits;
use crate::tables::{END_OF_BLOCK, Table};

/// AC coefficients of one table, for whoever skips them.
#[derive(Clone, Debug, Default)]
pub(crate) struct AcSkips {
    /// As many symbols as fit, by the next bits: bits in the lowest byte, coefficients in the next with [`END`] if they end
    /// the block, or [`NONE`] when none fits. The last one's value may lie behind them.
    pub(super) entries: Looks<u16>,
    codes: Codes,
}

impl AcSkips {
    /// Looks that are taken without filling the window again, each of [`LOOK`] bits at most and of a value behind them.
    const LOOKS: u32 = AFTER_DC / (LOOK + AC_MOST as u32);

    /// Becomes that of a table.
    pub(crate) fn learn(&mut self, table: &Table) -> Result<(), ScanError> {
        check_ac(table)?;
        self.codes.learn(table);
        lay_out(&mut self.entries.0[..], Found::default(), &ShortCode::all(table));
        Ok(())
    }

    /// Reads past a block's coefficients. Needs [`AFTER_DC`] bits in the window.
    #[inline(always)]
    pub(crate) fn skip(&self, bits: &mut Bits<'_>) -> Result<(), ScanError> {
        let mut at = 1u8;
        'filled: loop {
            for _ in 0..Self::LOOKS {
                let [low, coefficients] = self.entries.0[bits.peek(LOOK) as usize].to_le_bytes();
                let after = at.wrapping_add(coefficients);
                if coefficients & END != 0 && after < END + FULL {
                    bits.consume(low.into());
                    return Ok(());
                }
                if after <= FULL {
                    bits.consume(low.into());
                    at = after;
                    continue;
                }
                // A block may be full without an end: then the look's last symbols are of the next block.
                if at >= FULL {
                    return block_end(at);
                }
                bits.refill();
                match self.codes.symbol(bits)? {
                    Symbol::End => return Ok(()),
                    Symbol::Run(zeros, _) => at += zeros + 1,
                }
                bits.refill();
                continue 'filled;
            }
            bits.refill();
        }
    }
}

/// Symbols that were found in the bits of a look.
#[derive(Clone, Copy, Default)]
struct Found {
    bits: u32,
    coefficients: u8,
}

impl Found {
    fn packed(self) -> u16 {
        u16::from_le_bytes(if self.bits == 0 { [0, NONE] } else { [self.bits as u8, self.coefficients] })
    }
}

/// Fills the entries that begin with what was found, by the bits behind it.
fn lay_out(entries: &mut [u16], found: Found, codes: &[ShortCode]) {
    // Where no further symbol fits.
    entries.fill(found.packed());
    for code in ShortCode::fitting(codes, entries.len()) {
        let coefficients = found.coefficients + code.zeros() + 1;
        if coefficients >= END {
            continue;
        }
        let part = code.part(entries);
        let bits = found.bits + code.length;
        if code.symbol == END_OF_BLOCK {
            part.fill(Found { bits, coefficients: found.coefficients | END }.packed());
            continue;
        }
        let next = Found { bits: bits + code.category(), coefficients };
        let each = part.len() >> code.category();
        if each <= 1 {
            part.fill(next.packed());
            continue;
        }
        // Whatever the value's bits, the same may follow.
        let (first, others) = part.split_at_mut(each);
        lay_out(first, next, codes);
        others.chunks_exact_mut(each).for_each(|other| other.copy_from_slice(first));
    }
}
