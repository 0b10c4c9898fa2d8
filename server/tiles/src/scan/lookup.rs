//! Huffman decoding by table: what the next bits mean, in one look.
//!
//! Codes of up to [`LOOK`] bits are looked up, and with them the value that follows when it fits as well; the rare longer
//! ones are found by their length (ITU-T T.81, annex F.2.2.3).

use super::bits::Bits;
use crate::tables::{END_OF_BLOCK, Table};
use crate::{ScanError, Unsupported};

/// Bits that are looked at in one go.
const LOOK: u32 = 11;
/// Bits that a full window has at least when a DC difference is taken off.
pub(super) const AFTER_DC: u32 = 45;
/// Highest category of an AC coefficient of 8-bit pictures.
const AC_MOST: u8 = 10;
/// Highest category of a DC difference.
const DC_MOST: u8 = 11;

const NO_CODE: ScanError = ScanError::Damaged("a code that its Huffman tables do not have");

/// Finds codes of any length.
#[derive(Clone, Debug)]
struct Codes {
    /// For each length, the first 16 bits that a code of more bits begins with.
    ends: [u32; 17],
    /// For each length, what the code is to be reduced by to be an index into the symbols.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Codes {
    fn new(table: &Table) -> Self {
        let mut codes = Self { ends: [0; 17], offsets: [0; 17], symbols: table.symbols.clone() };
        let (mut code, mut index) = (0u32, 0i32);
        for (length, &n) in (1usize..).zip(&table.counts) {
            code <<= 1;
            codes.offsets[length] = code as i32 - index;
            code += u32::from(n);
            index += i32::from(n);
            codes.ends[length] = code << (16 - length);
        }
        codes
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

/// Each code that fits a look: its symbol and length, and the looks that begin with it.
fn beginnings(table: &Table) -> impl Iterator<Item = (u8, u32, std::ops::Range<u32>)> {
    table.codes().take_while(|(_, code)| u32::from(code.length) <= LOOK).map(|(symbol, code)| {
        let (length, bits) = (u32::from(code.length), u32::from(code.bits));
        let free = LOOK - length;
        (symbol, length, bits << free..(bits + 1) << free)
    })
}

/// DC differences of one table.
#[derive(Clone, Debug)]
pub(crate) struct DcLookup {
    /// By the next bits: length of code and value in the low byte, value above. When the value does not fit, the length of
    /// the code with [`Self::CODE_ALONE`], and the category above; 0 when the code does not fit.
    entries: Box<[i32; 1 << LOOK]>,
    codes: Codes,
}

impl DcLookup {
    const CODE_ALONE: i32 = 0x80;

    pub(crate) fn new(table: &Table) -> Result<Self, ScanError> {
        if table.symbols.iter().any(|&category| category > DC_MOST) {
            return Err(Unsupported::Symbols.into());
        }
        let codes = Codes::new(table);
        let mut entries = Box::new([0; 1 << LOOK]);
        for (category, length, looks) in beginnings(table) {
            let (category, total) = (u32::from(category), length + u32::from(category));
            if total > LOOK {
                entries[looks.start as usize..looks.end as usize]
                    .fill((category << 8) as i32 | Self::CODE_ALONE | length as i32);
                continue;
            }
            for next in looks {
                let bits = next >> (LOOK - total) & ((1 << category) - 1);
                entries[next as usize] = value(bits, category) << 8 | total as i32;
            }
        }
        Ok(Self { entries, codes })
    }

    /// The next difference. Needs a full window and leaves at least [`AFTER_DC`] bits in it.
    #[inline(always)]
    pub(crate) fn difference(&self, bits: &mut Bits<'_>) -> Result<i32, ScanError> {
        let entry = self.entries[bits.peek(LOOK) as usize];
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

/// Refuses AC tables that 8-bit pictures do not need.
fn check_ac(table: &Table) -> Result<(), ScanError> {
    let wrong = |symbol: u8| symbol & 15 > AC_MOST || (symbol.trailing_zeros() >= 4 && !matches!(symbol, 0 | 0xf0));
    if table.symbols.iter().any(|&symbol| wrong(symbol)) {
        return Err(Unsupported::Symbols.into());
    }
    Ok(())
}

/// Coefficients of a look that holds no whole symbol: from anywhere in a block this is behind its end.
const NONE: u8 = 0x80;
/// Added to the coefficients of a look that ends the block, which are fewer: this, too, is behind the end.
const END: u8 = 0x40;
/// The place behind the last coefficient.
const FULL: u8 = 64;

/// AC coefficients of one table, for whoever wants their values.
///
/// An entry holds up to two symbols, because what decoding costs is the wait from one look to the next: the bits of each
/// look are known only when the look before is over.
#[derive(Clone, Debug)]
pub(crate) struct AcValues {
    /// As many symbols as fit, by the next bits: see [`Entry`].
    entries: Box<[u64; 1 << LOOK]>,
    codes: Codes,
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
    coefficients: u32,
    end: bool,
    places: [u8; 2],
    values: [i16; 2],
    held: usize,
}

impl Entry {
    /// Takes another symbol, unless it does not fit.
    fn add(&mut self, next: u32, (symbol, length): (u8, u32)) -> bool {
        let (run, category) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        let total = self.bits + length + category;
        if length == 0 || total > LOOK || self.end {
            return false;
        }
        if symbol == END_OF_BLOCK {
            (self.bits, self.end) = (total, true);
            return true;
        }
        let found = if category == 0 { 0 } else { value(next >> (LOOK - total) & ((1 << category) - 1), category) };
        let (Some(place), Some(value)) = (self.places.get_mut(self.held), self.values.get_mut(self.held)) else {
            return false;
        };
        (*place, *value) = ((self.coefficients + run) as u8, found as i16);
        (self.bits, self.coefficients) = (total, self.coefficients + run + 1);
        self.held += 1;
        true
    }

    fn packed(mut self, (symbol, length): (u8, u32)) -> u64 {
        if self.bits == 0 {
            // Its first value is a zero where the next is written; its second is told to be where nobody reads.
            return u64::from_le_bytes([length as u8, NONE, 0, NONE, 0, 0, symbol, 0]);
        }
        self.places[self.held..].fill(self.coefficients as u8);
        // Two symbols have at most 32 coefficients.
        let coefficients = self.coefficients as u8 | if self.end { END } else { 0 };
        let ([p0, p1], [v0, v1]) = (self.places, self.values.map(i16::to_le_bytes));
        u64::from_le_bytes([self.bits as u8, coefficients, p0, p1, v0[0], v0[1], v1[0], v1[1]])
    }
}

impl AcValues {
    /// Looks that are taken without filling the window again, each of [`LOOK`] bits at most.
    const LOOKS: u32 = AFTER_DC / LOOK;

    pub(crate) fn new(table: &Table) -> Result<Self, ScanError> {
        check_ac(table)?;
        let singles = singles(table);
        let mut entries = Box::new([0; 1 << LOOK]);
        for (next, packed) in (0..).zip(entries.iter_mut()) {
            let mut entry = Entry::default();
            while entry.add(next, singles[((next << entry.bits) & ((1 << LOOK) - 1)) as usize]) {}
            *packed = entry.packed(singles[next as usize]);
        }
        Ok(Self { entries, codes: Codes::new(table) })
    }

    /// Reads a block's coefficients and sets each at its place in zigzag order, and perhaps zeros at places behind it, and
    /// anything at places from [`FULL`] on. Tells whether there was any. Needs [`AFTER_DC`] bits in the window.
    #[inline(always)]
    pub(crate) fn read(&self, bits: &mut Bits<'_>, mut set: impl FnMut(u8, i16)) -> Result<bool, ScanError> {
        let mut at = 1u8;
        'filled: loop {
            for _ in 0..Self::LOOKS {
                let entry = self.entries[bits.peek(LOOK) as usize];
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

/// Symbol and length of the code that each look begins with; length 0 when it is longer than a look.
fn singles(table: &Table) -> Box<[(u8, u32); 1 << LOOK]> {
    let mut singles = Box::new([(0, 0); 1 << LOOK]);
    for (symbol, length, looks) in beginnings(table) {
        singles[looks.start as usize..looks.end as usize].fill((symbol, length));
    }
    singles
}

/// AC coefficients of one table, for whoever skips them.
#[derive(Clone, Debug)]
pub(crate) struct AcSkips {
    /// As many symbols as fit, by the next bits: bits in the lowest byte, coefficients in the next with [`END`] if they end
    /// the block, or [`NONE`] when none fits.
    entries: Box<[u16; 1 << LOOK]>,
    codes: Codes,
}

impl AcSkips {
    /// Looks that are taken without filling the window again, each of [`LOOK`] bits at most and of a value behind them.
    const LOOKS: u32 = AFTER_DC / (LOOK + AC_MOST as u32);

    pub(crate) fn new(table: &Table) -> Result<Self, ScanError> {
        check_ac(table)?;
        let singles = singles(table);
        let mut entries = Box::new([0; 1 << LOOK]);
        for (next, entry) in (0..).zip(entries.iter_mut()) {
            *entry = u16::from_le_bytes(symbols_in(next, &singles));
        }
        Ok(Self { entries, codes: Codes::new(table) })
    }

    /// Reads past a block's coefficients. Needs [`AFTER_DC`] bits in the window.
    #[inline(always)]
    pub(crate) fn skip(&self, bits: &mut Bits<'_>) -> Result<(), ScanError> {
        let mut at = 1u8;
        'filled: loop {
            for _ in 0..Self::LOOKS {
                let [low, coefficients] = self.entries[bits.peek(LOOK) as usize].to_le_bytes();
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

/// As many symbols as the bits of `next` hold, counted; the last one's value may lie behind them.
fn symbols_in(next: u32, singles: &[(u8, u32); 1 << LOOK]) -> [u8; 2] {
    let (mut bits, mut coefficients) = (0, 0);
    while bits < LOOK {
        let (symbol, length) = singles[((next << bits) & ((1 << LOOK) - 1)) as usize];
        let after = coefficients + (symbol >> 4) + 1;
        if length == 0 || length > LOOK - bits || after >= END {
            break;
        }
        if symbol == END_OF_BLOCK {
            return [(bits + length) as u8, coefficients | END];
        }
        bits += length + u32::from(symbol & 15);
        coefficients = after;
    }
    if bits == 0 { [0, NONE] } else { [bits as u8, coefficients] }
}

fn block_end(at: u8) -> Result<(), ScanError> {
    if at == FULL { Ok(()) } else { Err(ScanError::Damaged("a block has more than 64 coefficients")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::bits::Entropy;
    use crate::tables::Tables;

    /// Bits of a text of zeros and ones as entropy-coded data.
    fn coded(text: &str) -> Entropy {
        let digits: Vec<u8> = text.bytes().filter(|byte| matches!(byte, b'0' | b'1')).map(|byte| byte & 1).collect();
        let mut jpeg = Vec::new();
        for eight in digits.chunks(8) {
            let byte = (0..8).fold(0, |byte, i| byte << 1 | eight.get(i).copied().unwrap_or(1));
            jpeg.push(byte);
            if byte == 0xff {
                jpeg.push(0);
            }
        }
        jpeg.extend([0xff, 0xd9]);
        let mut entropy = Entropy::default();
        entropy.read(&jpeg, 0).unwrap();
        entropy
    }

    fn standard() -> Tables {
        let mut tables = Tables::default();
        tables.complete();
        tables
    }

    #[test]
    fn differences_have_their_signs() {
        let lookup = DcLookup::new(standard().dc[0].as_ref().unwrap()).unwrap();
        // Categories 0, 1 (both), 2 (both ends) and 11, which is longer than a look.
        let entropy = coded("00 0100 0101 01100 01111 111111110 10000000000 111111110 01111111111");
        let mut bits = entropy.reader(0);
        let found: Vec<_> = (0..7)
            .map(|_| {
                bits.refill();
                lookup.difference(&mut bits).unwrap()
            })
            .collect();
        assert_eq!(found, [0, -1, 1, -3, 3, 1024, -1024]);
    }

    #[test]
    fn values_and_skips_end_at_the_same_bit() {
        let tables = standard();
        let (values, skips) = (
            AcValues::new(tables.ac[0].as_ref().unwrap()).unwrap(),
            AcSkips::new(tables.ac[0].as_ref().unwrap()).unwrap(),
        );
        // 5 at place 1; three zeros and -1; sixteen zeros; 1; the end.
        let entropy = coded("100 101  111010 0  11111111001  00 1  1010");
        let mut bits = entropy.reader(0);
        let mut found = [0; 256];
        values.read(&mut bits, |at, value| found[usize::from(at)] = value).unwrap();
        let found: Vec<_> = (0..).zip(found).filter(|&(_, value)| value != 0).collect();
        assert_eq!(found, [(1, 5), (5, -1), (22, 1)]);
        assert_eq!(bits.position(), 6 + 7 + 11 + 3 + 4);
        let mut skipped = entropy.reader(0);
        skips.skip(&mut skipped).unwrap();
        assert_eq!(skipped.position(), bits.position());
    }

    #[test]
    fn a_full_block_has_no_end() {
        let tables = standard();
        let table = tables.ac[0].as_ref().unwrap();
        // 63 ones, then what would be an end if it were looked at.
        let entropy = coded(&("001".repeat(63) + "1010"));
        let mut bits = entropy.reader(0);
        AcSkips::new(table).unwrap().skip(&mut bits).unwrap();
        assert_eq!(bits.position(), 3 * 63);
        let mut bits = entropy.reader(0);
        let mut found = [0; 256];
        assert_eq!(AcValues::new(table).unwrap().read(&mut bits, |at, value| found[usize::from(at)] = value), Ok(true));
        assert_eq!(found[1..64], [1; 63]);
        assert_eq!(bits.position(), 3 * 63);
    }

    #[test]
    fn too_many_coefficients_and_unknown_codes_are_refused() {
        let tables = standard();
        let table = tables.ac[0].as_ref().unwrap();
        let sixteens = "11111111001".repeat(4);
        for text in [&sixteens[..], &"1".repeat(16)] {
            let entropy = coded(text);
            let skip = AcSkips::new(table).unwrap().skip(&mut entropy.reader(0));
            assert!(matches!(skip, Err(ScanError::Damaged(_))), "{text}");
            let read = AcValues::new(table).unwrap().read(&mut entropy.reader(0), |_, _| {});
            assert!(matches!(read, Err(ScanError::Damaged(_))), "{text}");
        }
    }
}
