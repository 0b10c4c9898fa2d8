use proptest::prelude::*;

use super::*;

const NUMBER: u32 = 20_500;
const START: i64 = NUMBER as i64 * DAY_US;

fn bar(second: i64, count: u32) -> Bar {
    let start = Timestamp(START + second * MICROS_PER_SECOND);
    Bar { start, count, first: Timestamp(start.0 + 40_123) }
}

fn feature(second: i64, area: u16, cell: usize) -> Feature {
    let mut map = [0; feature::MAP];
    map[cell / 2] = 3 << (4 * (cell % 2));
    let second = Timestamp(START + second * MICROS_PER_SECOND);
    Feature { second, area, biggest: area / 2, light: cell == 47, map }
}

fn day() -> Day {
    let bars = [bar(0, 3), bar(1, 9), bar(86_399, 70_000)];
    let features = [feature(0, 500, 0), feature(5, 9, 9), feature(86_399, 65_535, 47)];
    Day::new(CameraId(2), NUMBER, &bars, &features)
}

#[test]
fn bars_and_records_meet_by_second() {
    let seconds = day().seconds;
    let first = Second { bar: bar(0, 3), area: 500, biggest: 250, light: false, is_known: true, cells: 1 };
    assert_eq!(seconds.get(0), Some(first));
    // A second without a record hides nothing.
    let unknown = seconds.get(1).unwrap();
    assert_eq!((unknown.area, unknown.biggest, unknown.cells, unknown.is_known), (65_535, 65_535, ALL_CELLS, false));
    let last = seconds.get(2).unwrap();
    assert_eq!((last.bar.count, last.light, last.cells), (65_535, true, 1 << 47));
    assert_eq!(seconds.get(3), None);
    assert_eq!(Day::new(CameraId(2), NUMBER + 1, &[bar(7, 1)], &[]).seconds.len(), 0);
}

#[test]
fn the_bytes_are_those_that_the_document_shows() {
    let document = include_str!("../../../docs/day-index.md");
    let block = document.split("```hex\n").nth(1).unwrap().split("```").next().unwrap();
    let golden: Vec<u8> = block.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let day = Day::new(CameraId(2), NUMBER, &[bar(61, 3), bar(62, 9)], &[feature(61, 500, 47)]);
    assert_eq!(day.encode(), golden, "{:02x?}", day.encode());
    assert_eq!(Day::decode(&golden), Ok(day));
}

#[test]
fn what_is_cut_or_foreign_says_so() {
    let bytes = day().encode();
    assert_eq!(Day::decode(&bytes), Ok(day()));
    for end in 0..bytes.len() {
        let why = Day::decode(&bytes[..end]).unwrap_err();
        assert!(matches!(why, DayError::Foreign | DayError::Length { .. }), "{end}: {why}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(Day::decode(&longer), Err(DayError::Length { .. })));
    let mut newer = bytes.clone();
    newer[4] = 2;
    assert_eq!(Day::decode(&newer), Err(DayError::Version(2)));
    assert_eq!(Day::decode(b"<!doctype html>"), Err(DayError::Foreign));
    assert!(Day::decode(&bytes[..40]).unwrap_err().to_string().contains("40 bytes"));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let bytes = day().encode();
    for bit in 0..bytes.len() * 8 {
        let mut wrong = bytes.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert!(Day::decode(&wrong).is_err(), "bit {bit}");
    }
}

/// Bytes with the checksum put right, so that what is behind it is reached too.
fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() >= HEADER {
        let check = checksum(&bytes);
        bytes[HEADER - 8..HEADER].copy_from_slice(&check.to_le_bytes());
    }
    bytes
}

proptest! {
    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Day::decode(&bytes).is_err());
    }

    #[test]
    fn garbage_behind_a_right_head_is_refused_or_sound(
        count in 0_usize..12,
        body in prop::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], 240),
    ) {
        let mut bytes = Day { camera: CameraId(0), number: NUMBER, seconds: Seconds::default() }.encode();
        bytes[16] = count as u8;
        bytes.extend(&body[..count * WIDTH]);
        if let Ok(day) = Day::decode(&signed(bytes.clone())) {
            prop_assert!(day.seconds.at.is_sorted_by(|a, b| a < b));
            prop_assert_eq!(day.encode(), signed(bytes));
        }
    }

    #[test]
    fn any_day_is_read_as_it_was_written(
        rows in prop::collection::btree_map(0_i64..86_400, (1_u32..70, 0_i64..1_000_000, any::<Option<(u16, u16, bool, [u8; feature::MAP])>>()), 0..200),
    ) {
        let bars: Vec<Bar> = rows.iter().map(|(s, (count, first, _))| {
            Bar { first: Timestamp(START + s * MICROS_PER_SECOND + first), ..bar(*s, *count) }
        }).collect();
        let features: Vec<Feature> = rows.iter().filter_map(|(s, (_, _, f))| f.map(|(area, biggest, light, map)| {
            Feature { second: Timestamp(START + s * MICROS_PER_SECOND), area, biggest, light, map }
        })).collect();
        let day = Day::new(CameraId(7), NUMBER, &bars, &features);
        prop_assert_eq!(day.seconds.bars().collect::<Vec<_>>(), bars);
        let bytes = day.encode();
        prop_assert!(bytes.len() <= LONGEST);
        prop_assert_eq!(Day::decode(&bytes), Ok(day));
    }
}
