//! Huffman tables as a JPEG defines them (ITU-T T.81, annex C): how many codes of each length, and their symbols.

use std::sync::LazyLock;

use crate::{STANDARD_TABLES, ScanError};

/// The symbol that ends a block.
pub(crate) const END_OF_BLOCK: u8 = 0;
/// Categories that a difference of two DC coefficients of 8-bit pictures can have: 0 to 11.
pub(crate) const DC_CATEGORIES: u8 = 12;

/// One table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Number of codes of 1 to 16 bits.
    pub(crate) counts: [u8; 16],
    /// The symbols, shortest code first.
    pub(crate) symbols: Vec<u8>,
}

/// A code: its bits, right-aligned, and how many they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) bits: u16,
    pub(crate) length: u8,
}

impl Table {
    /// Takes a table from the front of a DHT segment's body, after the byte that names it.
    fn take(body: &mut &[u8]) -> Result<Self, ScanError> {
        const SHORT: ScanError = ScanError::Damaged("a Huffman table is cut short");
        let (counts, rest) = body.split_first_chunk::<16>().ok_or(SHORT)?;
        let number = counts.iter().map(|&n| usize::from(n)).sum();
        let (symbols, rest) = rest.split_at_checked(number).ok_or(SHORT)?;
        *body = rest;
        let table = Self { counts: *counts, symbols: symbols.to_vec() };
        if table.free() < 0 || number > 256 {
            return Err(ScanError::Damaged("a Huffman table has more codes than fit"));
        }
        Ok(table)
    }

    /// How many codes of 16 bits are left over; below zero when there are more codes than fit.
    fn free(&self) -> i64 {
        let taken: i64 = (1i64..).zip(&self.counts).map(|(length, &n)| i64::from(n) << (16 - length)).sum();
        (1 << 16) - taken
    }

    /// All symbols with their codes, shortest first.
    pub(crate) fn codes(&self) -> impl Iterator<Item = (u8, Code)> {
        let (mut next, mut rest) = (0u32, &self.symbols[..]);
        (1u8..).zip(&self.counts).flat_map(move |(length, &n)| {
            let (symbols, others) = rest.split_at(rest.len().min(usize::from(n)));
            rest = others;
            next <<= 1;
            let codes = (next..).map(move |bits| Code { bits: bits as u16, length });
            next += u32::from(n);
            symbols.iter().copied().zip(codes)
        })
    }

    /// The table with codes for all of `wanted`, the codes it has unchanged. `None` when there is no room.
    ///
    /// Tables made for one picture have no code for what does not occur in it. Every encoder leaves the code of all
    /// ones free (T.81, C.2), so there is room behind it for longer codes.
    pub(crate) fn extended(&self, wanted: impl Iterator<Item = u8>) -> Option<Self> {
        let missing: Vec<u8> = wanted.filter(|symbol| !self.symbols.contains(symbol)).collect();
        let mut table = self.clone();
        if missing.is_empty() {
            return Some(table);
        }
        let longest = (1..=16).rev().find(|&length| self.counts[length - 1] > 0)?;
        // One of the codes of the new length stays free, the one of all ones.
        let length = (longest..=16).find(|&length| self.free() >> (16 - length) > missing.len() as i64)?;
        table.counts[length - 1] = table.counts[length - 1].checked_add(missing.len() as u8)?;
        table.symbols.extend(missing);
        Some(table)
    }
}

/// The tables that a picture has defined, by class and number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tables {
    pub(crate) dc: [Option<Table>; 4],
    pub(crate) ac: [Option<Table>; 4],
}

impl Tables {
    /// Reads the body of a DHT segment.
    pub(crate) fn define(&mut self, mut body: &[u8]) -> Result<(), ScanError> {
        while let Some((&name, rest)) = body.split_first() {
            body = rest;
            let class = match name >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return Err(ScanError::Damaged("a Huffman table of no known class")),
            };
            let slot = class.get_mut(usize::from(name & 15)).ok_or(ScanError::Damaged("a fifth Huffman table"))?;
            *slot = Some(Table::take(&mut body)?);
        }
        Ok(())
    }

    /// Puts the standard tables where there are none, as decoders do for Motion-JPEG.
    pub(crate) fn complete(&mut self) {
        for (own, standard) in [(&mut self.dc, &STANDARD.dc), (&mut self.ac, &STANDARD.ac)] {
            for (slot, standard) in own.iter_mut().zip(standard) {
                if slot.is_none() {
                    slot.clone_from(standard);
                }
            }
        }
    }
}

static STANDARD: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables::default();
    let read = tables.define(&STANDARD_TABLES[4..]);
    debug_assert!(read.is_ok(), "the standard tables are sound");
    tables
});

#[cfg(test)]
mod tests {
    use super::*;

    fn standard_dc() -> Table {
        STANDARD.dc[0].clone().unwrap()
    }

    #[test]
    fn standard_codes_are_those_of_annex_k() {
        let codes: Vec<_> = standard_dc().codes().collect();
        assert_eq!(codes[0], (0, Code { bits: 0b00, length: 2 }));
        assert_eq!(codes[1], (1, Code { bits: 0b010, length: 3 }));
        assert_eq!(codes[11], (11, Code { bits: 0b1_1111_1110, length: 9 }));
        let ac: Vec<_> = STANDARD.ac[0].as_ref().unwrap().codes().collect();
        assert!(ac.contains(&(0x00, Code { bits: 0b1010, length: 4 })));
        assert!(ac.contains(&(0xf0, Code { bits: 0b111_1111_1001, length: 11 })));
    }

    #[test]
    fn missing_symbols_get_codes_and_the_others_keep_theirs() {
        // Three codes of two bits; the fourth, of all ones, is free.
        let mut counts = [0; 16];
        counts[1] = 3;
        let table = Table { counts, symbols: vec![0, 2, 5] };
        let extended = table.extended(0..DC_CATEGORIES).unwrap();
        let before: Vec<_> = table.codes().collect();
        let after: Vec<_> = extended.codes().collect();
        assert_eq!(after[..3], before);
        assert_eq!(after.len(), usize::from(DC_CATEGORIES));
        assert!(extended.free() > 0, "the code of all ones stays free");
        assert_eq!(standard_dc().extended(0..DC_CATEGORIES).unwrap(), standard_dc());
    }

    #[test]
    fn a_table_without_room_is_not_extended() {
        let mut counts = [1; 16];
        counts[15] = 1;
        let table = Table { counts, symbols: (20..36).collect() };
        assert_eq!(table.free(), 1);
        assert_eq!(table.extended([0].into_iter()), None);
    }

    #[test]
    fn too_many_codes_are_refused() {
        let mut body = vec![0u8; 17];
        body[1] = 3;
        body.extend([1, 2, 3]);
        assert!(matches!(Tables::default().define(&body), Err(ScanError::Damaged(_))));
        assert!(matches!(Tables::default().define(&body[..10]), Err(ScanError::Damaged(_))));
        assert!(matches!(Tables::default().define(&[0x20]), Err(ScanError::Damaged(_))));
    }
}
