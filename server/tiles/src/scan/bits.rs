//! Entropy-coded data without its stuffing, and reading bits from it.

use memchr::memchr;

use crate::ScanError;

/// Zeros behind the data, so that it can be read in pieces of eight bytes.
const PADDING: usize = 8;
/// Offsets of bits are kept in 32 bits.
const MOST_BYTES: usize = 1 << 28;

/// The entropy-coded data of one scan: zero bytes behind 0xff and restart markers taken out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entropy {
    /// The data, then padding.
    bytes: Vec<u8>,
    /// Where each restart interval ends.
    ends: Vec<usize>,
}

impl Entropy {
    /// Reads the data from `at` to the marker behind it, and gives that marker's place.
    pub(crate) fn read(&mut self, jpeg: &[u8], mut at: usize) -> Result<usize, ScanError> {
        self.bytes.clear();
        self.ends.clear();
        self.bytes.reserve(jpeg.len().saturating_sub(at) + PADDING);
        loop {
            let rest = jpeg.get(at..).ok_or(ScanError::Truncated)?;
            let ff = memchr(0xff, rest).ok_or(ScanError::Truncated)?;
            self.bytes.extend_from_slice(&rest[..ff]);
            at += ff;
            match *jpeg.get(at + 1).ok_or(ScanError::Truncated)? {
                0x00 => {
                    self.bytes.push(0xff);
                    at += 2;
                }
                0xff => at += 1,
                marker @ 0xd0..=0xd7 => {
                    if usize::from(marker & 7) != self.ends.len() % 8 {
                        return Err(ScanError::Damaged("a restart marker is out of order"));
                    }
                    self.ends.push(self.bytes.len());
                    at += 2;
                }
                _ => break,
            }
        }
        if self.bytes.len() > MOST_BYTES {
            return Err(ScanError::Damaged("it is larger than any picture"));
        }
        self.ends.push(self.bytes.len());
        self.bytes.extend_from_slice(&[0; PADDING]);
        Ok(at)
    }

    /// Bits of all intervals.
    pub(crate) fn bits(&self) -> usize {
        self.end(self.ends.len() - 1)
    }

    /// Number of restart intervals.
    pub(crate) fn intervals(&self) -> usize {
        self.ends.len()
    }

    /// Offset of the bit behind an interval.
    pub(crate) fn end(&self, interval: usize) -> usize {
        self.ends[interval] * 8
    }

    /// Offset of an interval's first bit.
    pub(crate) fn start(&self, interval: usize) -> usize {
        if interval == 0 { 0 } else { self.end(interval - 1) }
    }

    /// A reader that begins at a bit.
    pub(crate) fn reader(&self, bit: usize) -> Bits<'_> {
        let mut bits = Bits { bytes: &self.bytes, at: (bit / 8) as u32, window: 0, filled: 0 };
        bits.refill();
        bits.consume(bit as u32 % 8);
        bits
    }
}

/// Reads bits, the highest of each byte first. Behind the end there are zeros; whoever reads checks where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    /// The byte that goes into the window next: [`MOST_BYTES`] are less than 32 bits count.
    at: u32,
    /// The next bits, from the highest down. Below the filled ones there may be more of the next byte already.
    window: u64,
    /// How many bits of the window count.
    filled: u32,
}

impl Bits<'_> {
    /// Fills the window to at least 56 bits.
    #[inline]
    pub(crate) fn refill(&mut self) {
        let at = self.at as usize;
        let next = self.bytes.get(at..at + 8).and_then(<[u8]>::first_chunk).map_or(0, |&next| u64::from_be_bytes(next));
        self.window |= next >> self.filled;
        let taken = (63 - self.filled) / 8;
        self.at += taken;
        self.filled += taken * 8;
    }

    /// The next `count` bits, 1 to 32, as a number.
    #[inline]
    pub(crate) fn peek(&self, count: u32) -> u32 {
        (self.window >> (64 - count)) as u32
    }

    /// Goes on by `count` bits, of which as many must be in the window.
    #[inline]
    pub(crate) fn consume(&mut self, count: u32) {
        debug_assert!(count <= self.filled, "the window holds too few bits");
        self.window <<= count;
        self.filled = self.filled.wrapping_sub(count);
    }

    /// Offset of the next bit.
    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.at as usize * 8 - self.filled as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffing_and_restart_markers_are_taken_out() {
        let data = [1, 0xff, 0, 2, 0xff, 0xd0, 3, 0xff, 0xff, 0xd1, 0xff, 0xd9];
        let mut entropy = Entropy::default();
        assert_eq!(entropy.read(&data, 0), Ok(10));
        assert_eq!(entropy.bytes[..4], [1, 0xff, 2, 3]);
        assert_eq!(entropy.ends, [3, 4, 4]);
        assert_eq!((entropy.start(1), entropy.end(1)), (24, 32));
    }

    #[test]
    fn what_has_no_end_is_refused() {
        let mut entropy = Entropy::default();
        for data in [&[][..], &[1, 2], &[1, 0xff], &[1, 0xff, 0]] {
            assert_eq!(entropy.read(data, 0), Err(ScanError::Truncated), "{data:?}");
        }
        assert_eq!(entropy.read(&[1], 5), Err(ScanError::Truncated));
        assert!(matches!(entropy.read(&[0xff, 0xd1, 0xff, 0xd9], 0), Err(ScanError::Damaged(_))));
    }

    #[test]
    fn bits_come_in_order_and_zeros_follow() {
        let mut entropy = Entropy::default();
        let data: Vec<u8> = (0..40u8).chain([0xff, 0xd9]).collect();
        entropy.read(&data, 0).unwrap();
        let mut bits = entropy.reader(3);
        let mut expected = 3;
        for count in (1..=27).cycle().take(100) {
            bits.refill();
            assert_eq!(bits.position(), expected);
            let value = (0..count).fold(0, |value, i| {
                let bit = expected + i as usize;
                let byte = data[..40].get(bit / 8).copied().unwrap_or(0);
                value << 1 | u32::from(byte >> (7 - bit % 8) & 1)
            });
            assert_eq!(bits.peek(count), value, "at {expected}");
            bits.consume(count);
            expected += count as usize;
        }
    }
}
