//! Lookups against codes written out by hand, and against entries found bit by bit.

use proptest::prelude::*;

use super::*;
use crate::scan::bits::Entropy;
use crate::tables::Tables;

fn dc(table: &Table) -> DcLookup {
    let mut lookup = DcLookup::default();
    lookup.learn(table).unwrap();
    lookup
}

fn skips(table: &Table) -> AcSkips {
    let mut lookup = AcSkips::default();
    lookup.learn(table).unwrap();
    lookup
}

fn values(table: &Table) -> AcValues {
    let mut lookup = AcValues::default();
    lookup.learn(table).unwrap();
    lookup
}

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
    let lookup = dc(standard().dc[0].as_ref().unwrap());
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
    let table = tables.ac[0].as_ref().unwrap();
    let (values, skips) = (values(table), skips(table));
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
    skips(table).skip(&mut bits).unwrap();
    assert_eq!(bits.position(), 3 * 63);
    let mut bits = entropy.reader(0);
    let mut found = [0; 256];
    assert_eq!(values(table).read(&mut bits, |at, value| found[usize::from(at)] = value), Ok(true));
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
        let skip = skips(table).skip(&mut entropy.reader(0));
        assert!(matches!(skip, Err(ScanError::Damaged(_))), "{text}");
        let read = values(table).read(&mut entropy.reader(0), |_, _| {});
        assert!(matches!(read, Err(ScanError::Damaged(_))), "{text}");
    }
}

/// Tables of AC symbols in any order, with codes of any lengths.
fn ac_tables() -> impl Strategy<Value = Table> {
    tables((0..=255).filter(|symbol| matches!(symbol, 0 | 0xf0) || (1..=10).contains(&(symbol & 15))).collect())
}

/// Tables of these symbols in any order, with codes of any lengths.
fn tables(symbols: Vec<u8>) -> impl Strategy<Value = Table> {
    let most = symbols.len();
    let lengths = prop::collection::vec(prop_oneof![3 => 1usize..=6, 2 => 4usize..=16], 1..most);
    (Just(symbols).prop_shuffle(), lengths).prop_map(|(symbols, mut lengths)| {
        lengths.sort_unstable();
        let mut counts = [0u8; 16];
        let mut room = 1u32 << 16;
        for length in lengths {
            // The code of all ones stays free.
            if room > 1 << (16 - length) {
                room -= 1 << (16 - length);
                counts[length - 1] += 1;
            }
        }
        let number = counts.iter().map(|&n| usize::from(n)).sum();
        Table { counts, symbols: symbols[..number].to_vec() }
    })
}

/// The bits of a look from a place on, the highest of so many first.
fn bits_of(look: u32, from: u32, count: u32) -> u32 {
    look >> (LOOK - from - count) & ((1 << count) - 1)
}

/// The code that stands in a look from a place on.
fn code_at(table: &Table, look: u32, from: u32) -> Option<ShortCode> {
    let stands = |code: &ShortCode| from + code.length <= LOOK && bits_of(look, from, code.length) == code.bits;
    ShortCode::all(table).into_iter().find(stands)
}

/// What [`DcLookup`] should say of a look.
fn difference(table: &Table, look: u32) -> i32 {
    let Some(ShortCode { symbol, length, .. }) = code_at(table, look, 0) else { return 0 };
    let category = u32::from(symbol);
    if length + category > LOOK {
        return i32::from(symbol) << 8 | 0x80 | length as i32;
    }
    let found = if category == 0 { 0 } else { value(bits_of(look, length, category), category) };
    found << 8 | (length + category) as i32
}

/// What [`AcSkips`] should say of a look.
fn skipped(table: &Table, look: u32) -> [u8; 2] {
    let (mut bits, mut coefficients) = (0, 0);
    while bits < LOOK
        && let Some(code) = code_at(table, look, bits)
        && coefficients + code.zeros() + 1 < END
    {
        bits += code.length;
        if code.symbol == END_OF_BLOCK {
            return [bits as u8, coefficients | END];
        }
        bits += code.category();
        coefficients += code.zeros() + 1;
    }
    if bits == 0 { [0, NONE] } else { [bits as u8, coefficients] }
}

/// What [`AcValues`] should say of a look.
fn valued(table: &Table, look: u32) -> [u8; 8] {
    let (mut bits, mut coefficients, mut end) = (0, 0, 0);
    let (mut places, mut found) = (Vec::new(), Vec::new());
    while let Some(code) = code_at(table, look, bits) {
        let (before, category) = (bits + code.length, code.category());
        if code.symbol == END_OF_BLOCK {
            (bits, end) = (before, END);
            break;
        }
        if before + category > LOOK || places.len() == 2 {
            break;
        }
        let of = bits_of(look, before, category);
        places.push(coefficients + code.zeros());
        found.push(if category == 0 { 0 } else { value(of, category) as i16 });
        coefficients += code.zeros() + 1;
        bits = before + category;
    }
    if bits == 0 {
        let (symbol, length) = code_at(table, look, 0).map_or((0, 0), |code| (code.symbol, code.length));
        return [length as u8, NONE, 0, NONE, 0, 0, symbol, 0];
    }
    places.resize(2, coefficients);
    found.resize(2, 0);
    let [v0, v1] = [found[0], found[1]].map(i16::to_le_bytes);
    [bits as u8, coefficients | end, places[0], places[1], v0[0], v0[1], v1[0], v1[1]]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Laid out code by code the entries are those found bit by bit, whatever table was learnt before.
    #[test]
    fn every_look_is_what_its_bits_say(tables in prop::collection::vec(ac_tables(), 2)) {
        let (mut skips, mut values) = (AcSkips::default(), AcValues::default());
        for table in &tables {
            skips.learn(table).unwrap();
            values.learn(table).unwrap();
            for look in 0..1 << LOOK {
                prop_assert_eq!(skips.entries.0[look as usize].to_le_bytes(), skipped(table, look), "{:011b}", look);
                prop_assert_eq!(values.entries.0[look as usize].to_le_bytes(), valued(table, look), "{:011b}", look);
            }
        }
    }

    #[test]
    fn every_look_is_the_difference_that_its_bits_say(tables in prop::collection::vec(tables((0..12).collect()), 2)) {
        let mut lookup = DcLookup::default();
        for table in &tables {
            lookup.learn(table).unwrap();
            for look in 0..1 << LOOK {
                prop_assert_eq!(lookup.entries.0[look as usize], difference(table, look), "{:011b}", look);
            }
        }
    }
}
