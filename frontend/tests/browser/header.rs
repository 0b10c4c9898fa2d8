//! The browser's reading of headers against the shared one.

use js_sys::Uint8Array;
use rtm2_app::wire::tiles::{Laying, Place};
use rtm2_app::wire::{Flags, FrameHeader, FrameRef, TilesRef};
use rtm2_app::{CameraId, Region, Timestamp};
use rtm2_frontend::live::header::{parse, parse_tiles};
use wasm_bindgen_test::wasm_bindgen_test;

/// Pseudo-random numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn header(&mut self) -> FrameHeader {
        let boxes = self.next() % 65;
        FrameHeader {
            camera: CameraId(self.next() as u16),
            flags: Flags(self.next() as u16),
            seq: self.next(),
            at: Timestamp(self.next() as i64),
            width: self.next() as u16,
            height: self.next() as u16,
            score: self.next() as u16,
            boxes: (0..boxes).map(|_| Region::from([0; 5].map(|_: u8| self.next() as u16))).collect(),
        }
    }
}

/// The same for parts of a picture.
fn agree_on_tiles(bytes: &[u8]) {
    match (parse_tiles(&Uint8Array::from(bytes).buffer()), TilesRef::parse(bytes)) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!((ours.header, ours.laying), (theirs.header, theirs.laying));
            assert_eq!(bytes[ours.payload_at as usize..], [theirs.head, theirs.body].concat());
        }
        (Err(ours), Err(theirs)) => assert_eq!(ours, theirs),
        (ours, theirs) => panic!("{ours:?} is not {theirs:?}"),
    }
}

/// Both readers must agree on `bytes`, in what they find and in what they refuse.
fn agree(bytes: &[u8]) {
    let buffer = Uint8Array::from(bytes).buffer();
    match (parse(&buffer), FrameRef::parse(bytes)) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours.header, theirs.header);
            assert_eq!(&bytes[ours.jpeg_at as usize..], theirs.jpeg);
        }
        (Err(ours), Err(theirs)) => assert_eq!(ours, theirs),
        (ours, theirs) => panic!("{ours:?} is not {theirs:?}"),
    }
}

#[wasm_bindgen_test]
fn headers_read_in_the_browser_equal_the_shared_reader() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for _ in 0..200 {
        let mut bytes = Vec::new();
        numbers.header().encode(&mut bytes);
        bytes.extend([0xFF, 0xD8, 0xFF]);
        agree(&bytes);
        // Damaged: cut anywhere, and one byte of the fixed part changed.
        agree(&bytes[..numbers.next() as usize % bytes.len()]);
        bytes[numbers.next() as usize % 32] ^= numbers.next() as u8;
        agree(&bytes);
    }
}

#[wasm_bindgen_test]
fn headers_of_tiles_read_in_the_browser_equal_the_shared_reader() {
    let mut numbers = Numbers(0xD1B5_4A32_D192_ED03);
    for _ in 0..200 {
        let places = numbers.next() % 20;
        let laying = Laying {
            base: numbers.next(),
            head: numbers.next() as u32,
            head_len: (numbers.next() % 4) as u16,
            mcu: [numbers.next() as u8, numbers.next() as u8],
            places: (0..places).map(|_| Place::from([0; 6].map(|_: u8| numbers.next() as u16))).collect(),
        };
        let header = numbers.header();
        let mut bytes = Vec::new();
        laying.encode(&header, &mut bytes);
        bytes.extend([0xFF, 0xDB, 0x00, 0x43]);
        agree_on_tiles(&bytes);
        agree_on_tiles(&bytes[..numbers.next() as usize % bytes.len()]);
        let further = 32 + 10 * header.boxes.len();
        for at in [numbers.next() as usize % 32, further + numbers.next() as usize % 18] {
            bytes[at] ^= numbers.next() as u8;
            agree_on_tiles(&bytes);
        }
    }
}

#[wasm_bindgen_test]
fn a_golden_header_keeps_its_bytes() {
    let bytes = [
        1, 1, 42, 0, 2, 0, 3, 0, // kind, version, header length, camera, flags
        8, 7, 6, 5, 4, 3, 2, 1, // sequence
        0, 0, 0, 0, 1, 0, 0, 0, // captured at
        128, 2, 224, 1, 9, 0, 1, 0, // width, height, score, boxes
        1, 0, 2, 0, 3, 0, 4, 0, 5, 0, // a box
        0xFF, 0xD8,
    ];
    let parsed = parse(&Uint8Array::from(&bytes[..]).buffer()).unwrap();
    let expected = FrameHeader {
        camera: CameraId(2),
        flags: Flags::MOTION.with(Flags::KEY),
        seq: 0x0102_0304_0506_0708,
        at: Timestamp(1 << 32),
        width: 640,
        height: 480,
        score: 9,
        boxes: vec![Region { x: 1, y: 2, w: 3, h: 4, strength: 5 }],
    };
    assert_eq!((parsed.header, parsed.jpeg_at), (expected, 42));
}
