//! Writing entropy-coded data.

use crate::scan::Entropy;
use crate::tables::Code;

/// Writes bits, the highest of each byte first, with a zero byte behind each 0xff (ITU-T T.81, F.1.2.3).
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    /// The bits that are not written yet, from the highest down.
    window: u64,
    /// How many they are, below 32.
    filled: u32,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, window: 0, filled: 0 }
    }

    /// Writes the lowest `count` bits of `bits`, 0 to 32; the others must be 0.
    pub(crate) fn put(&mut self, bits: u32, count: u32) {
        if count == 0 {
            return;
        }
        debug_assert!(count == 32 || bits >> count == 0, "more bits than told");
        self.window |= u64::from(bits) << (64 - self.filled - count);
        self.filled += count;
        if self.filled >= 32 {
            let word = (self.window >> 32) as u32;
            self.window <<= 32;
            self.filled -= 32;
            // A byte of word is 0xff where its complement is 0.
            if (!word).wrapping_sub(0x0101_0101) & word & 0x8080_8080 == 0 {
                self.out.extend_from_slice(&word.to_be_bytes());
            } else {
                word.to_be_bytes().into_iter().for_each(|byte| self.byte(byte));
            }
        }
    }

    pub(crate) fn code(&mut self, code: Code) {
        self.put(u32::from(code.bits), u32::from(code.length));
    }

    /// Copies bits of a picture.
    pub(crate) fn copy(&mut self, entropy: &Entropy, from: usize, to: usize) {
        let mut left = to.saturating_sub(from);
        let mut bits = entropy.reader(from);
        while left > 0 {
            let count = left.min(32) as u32;
            bits.refill();
            self.put(bits.peek(count), count);
            bits.consume(count);
            left -= count as usize;
        }
    }

    /// Fills the last byte with ones.
    pub(crate) fn finish(mut self) {
        let free = self.filled.next_multiple_of(8) - self.filled;
        self.put((1 << free) - 1, free);
        while self.filled > 0 {
            self.byte((self.window >> 56) as u8);
            self.window <<= 8;
            self.filled -= 8;
        }
    }

    fn byte(&mut self, byte: u8) {
        self.out.push(byte);
        if byte == 0xff {
            self.out.push(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_byte_is_filled_with_ones() {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        writer.put(0b010, 3);
        writer.finish();
        assert_eq!(out, [0b0101_1111]);
    }

    #[test]
    fn stuffing_follows_each_ff() {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        writer.put(0xffff_0102, 32);
        writer.put(0xf, 4);
        writer.finish();
        assert_eq!(out, [0xff, 0, 0xff, 0, 1, 2, 0xff, 0]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(pieces in proptest::collection::vec((any::<u32>(), 1u32..=32), 0..80), skip in 0usize..64) {
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out);
            for &(bits, count) in &pieces {
                writer.put(bits >> (32 - count), count);
            }
            writer.finish();
            out.extend([0xff, 0xd9]);
            let mut entropy = Entropy::default();
            entropy.read(&out, 0).unwrap();
            let mut bits = entropy.reader(0);
            for &(expected, count) in &pieces {
                bits.refill();
                prop_assert_eq!(bits.peek(count), expected >> (32 - count));
                bits.consume(count);
            }
            // A copy from anywhere reads the same.
            let total = bits.position();
            let from = skip.min(total);
            let mut copied = Vec::new();
            let mut writer = Writer::new(&mut copied);
            writer.copy(&entropy, from, total);
            writer.finish();
            copied.extend([0xff, 0xd9]);
            let mut copy = Entropy::default();
            copy.read(&copied, 0).unwrap();
            let (mut original, mut copy) = (entropy.reader(from), copy.reader(0));
            while original.position() < total {
                original.refill();
                copy.refill();
                prop_assert_eq!(original.peek(1), copy.peek(1));
                original.consume(1);
                copy.consume(1);
            }
        }
    }
}
