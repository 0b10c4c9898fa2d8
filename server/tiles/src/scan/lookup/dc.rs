//! DC differences.

use super::{Codes, LOOK, Looks, ShortCode, value};
use crate::scan::bits::Bits;
use crate::tables::Table;
use crate::{ScanError, Unsupported};

/// Highest category of a DC difference.
const DC_MOST: u8 = 11;

/// DC differences of one table.
#[derive(Clone, Debug, Default)]
pub(crate) struct DcLookup {
    /// By the next bits: length of code and value in the low byte, value above. When the value does not fit, the length of
    /// the code with [`Self::CODE_ALONE`], and the category above; 0 when the code does not fit.
    pub(super) entries: Looks<i32>,
    codes: Codes,
}

impl DcLookup {
    const CODE_ALONE: i32 = 0x80;

    /// Becomes that of a table.
    pub(crate) fn learn(&mut self, table: &Table) -> Result<(), ScanError> {
        if table.symbols.iter().any(|&category| category > DC_MOST) {
            return Err(Unsupported::Symbols.into());
        }
        self.codes.learn(table);
        self.entries.0.fill(0);
        for code in ShortCode::all(table) {
            let part = code.part(&mut self.entries.0[..]);
            let category = u32::from(code.symbol);
            let each = part.len() >> category;
            if each == 0 {
                part.fill((category << 8) as i32 | Self::CODE_ALONE | code.length as i32);
                continue;
            }
            for (bits, part) in (0..).zip(part.chunks_exact_mut(each)) {
                part.fill(value(bits, category) << 8 | (code.length + category) as i32);
            }
        }
        Ok(())
    }

    /// The next difference. Needs a full window and leaves at least [`AFTER_DC`] bits in it.
    #[inline(always)]
    pub(crate) fn difference(&self, bits: &mut Bits<'_>) -> Result<i32, ScanError> {
        let entry = self.entries.0[bits.peek(LOOK) as usize];
        if entry & Self::CODE_ALONE == 0 && entry != 0 {
            bits.consume(entry as u32 & 0x7f);
            return Ok(entry >> 8);
        }
        let (category, length) = match entry {
            0 => self.codes.find(bits.peek(16))?,
            entry => ((entry >> 8) as u8, entry as u32 & 0x7f),
        };
        bits.consume(length);
        let category = u32::from(category);
        let found = if category == 0 { 0 } else { value(bits.peek(category), category) };
        bits.consume(category);
        bits.refill();
        Ok(found)
    }
}
