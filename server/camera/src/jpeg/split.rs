//! Finds the JPEGs in a stream of bytes, whatever stands between them.
//!
//! A picture's end is found by walking its markers, so multipart boundaries and lengths are not needed and cannot lie:
//! the same splitter reads a file of concatenated JPEGs, the output of ffmpeg and every dialect of MJPEG over HTTP.

use bytes::{Buf, Bytes, BytesMut};

use super::walk::{Header, Walk, find_ff};
use super::{JpegError, Limits};

/// Bytes in, JPEGs out.
#[derive(Debug)]
pub struct Splitter {
    limits: Limits,
    buffer: BytesMut,
    walk: Option<Walk>,
    junk: usize,
}

impl Splitter {
    /// A splitter that refuses pictures over `limits`.
    pub fn new(limits: Limits) -> Self {
        Self { limits, buffer: BytesMut::new(), walk: None, junk: 0 }
    }

    /// Adds what has been read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next picture, trimmed at its end marker, or why something that began like one is not. `None`: push more.
    pub fn next_picture(&mut self) -> Option<Result<(Bytes, Header), JpegError>> {
        loop {
            let Some(walk) = &mut self.walk else {
                if self.skip_to_start() {
                    self.walk = Some(Walk::default());
                    continue;
                }
                return None;
            };
            return match walk.advance(&self.buffer, &self.limits) {
                Ok(None) => None,
                Ok(Some(header)) => {
                    self.walk = None;
                    self.junk = 0;
                    Some(Ok((self.buffer.split_to(header.end).freeze(), header)))
                }
                Err(error) => {
                    let skip = walk.resume_at(&self.buffer).clamp(2, self.buffer.len());
                    self.walk = None;
                    self.throw_away(skip);
                    Some(Err(error))
                }
            };
        }
    }

    /// At the end of the stream: why what is left is not a picture, if it began like one. Nothing is left then.
    pub fn finish(&mut self) -> Option<JpegError> {
        let cut = JpegError::Truncated { bytes: self.buffer.len() };
        self.throw_away(self.buffer.len());
        self.walk.take().map(|_| cut)
    }

    /// Bytes thrown away since the last picture.
    pub fn junk(&self) -> usize {
        self.junk
    }

    fn throw_away(&mut self, n: usize) {
        self.junk = self.junk.saturating_add(n);
        self.buffer.advance(n);
    }

    /// Throws away what stands before the next start-of-image marker; false when none is there yet.
    fn skip_to_start(&mut self) -> bool {
        let mut from = 0;
        while let Some(at) = find_ff(&self.buffer, from) {
            match self.buffer.get(at + 1..) {
                Some([0xd8, 0xff, ..]) => {
                    self.throw_away(at);
                    return true;
                }
                // Undecided until more has come.
                Some([] | [0xd8]) => {
                    self.throw_away(at);
                    return false;
                }
                _ => from = at + 1,
            }
        }
        self.throw_away(self.buffer.len());
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use proptest::prelude::*;

    fn pictures(bytes: &[u8], step: usize) -> (Vec<Bytes>, usize) {
        let mut splitter = Splitter::new(Limits::default());
        let (mut good, mut bad) = (Vec::new(), 0);
        for piece in bytes.chunks(step) {
            splitter.push(piece);
            while let Some(next) = splitter.next_picture() {
                match next {
                    Ok((jpeg, _)) => good.push(jpeg),
                    Err(_) => bad += 1,
                }
            }
        }
        (good, bad + usize::from(splitter.finish().is_some()))
    }

    #[test]
    fn a_cut_picture_costs_only_itself() {
        let (a, b) = (testing::gradient_jpeg(48, 32), testing::gradient_jpeg(64, 48));
        // Not where the end of what was cut fits the next picture's markers by chance.
        for keep in [a.len() - 1, a.len() - 2, a.len() / 2, 31, 100, 200, 300] {
            let mut stream = a[..keep].to_vec();
            stream.extend_from_slice(b"\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n");
            stream.extend_from_slice(&b);
            stream.extend_from_slice(&b);
            let (good, bad) = pictures(&stream, 100);
            assert_eq!(good.last().map(|jpeg| &jpeg[..]), Some(&b[..]), "kept {keep}");
            assert!(good.iter().all(|jpeg| jpeg[..] == b[..]) && bad >= 1, "kept {keep}: {bad} bad");
        }
    }

    #[test]
    fn the_thumbnail_of_a_cut_picture_is_not_a_picture() {
        let (thumbnail, jpeg) = (testing::gradient_jpeg(16, 16), testing::gradient_jpeg(64, 48));
        let length = u16::try_from(thumbnail.len() + 2).unwrap().to_be_bytes();
        let cut = [&[0xff, 0xd8, 0xff, 0xe1], &length[..], &thumbnail, &jpeg[2..jpeg.len() / 2]].concat();
        let (good, bad) = pictures(&[cut, jpeg.clone()].concat(), 100);
        assert_eq!((good.len(), bad), (1, 1));
        assert_eq!(good[0], jpeg);
    }

    #[test]
    fn endless_junk_takes_no_memory() {
        let mut splitter = Splitter::new(Limits::default());
        for _ in 0..200 {
            splitter.push(&[0xff; 1000]);
            assert!(splitter.next_picture().is_none());
            assert!(splitter.buffer.len() <= 2);
        }
        assert!(splitter.junk() > 190_000);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000), step in 1usize..300) {
            let _ = pictures(&bytes, step);
        }

        #[test]
        fn the_end_is_reached(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0usize..2000) {
            let jpeg = testing::gradient_jpeg(48, 32);
            let mut splitter = Splitter::new(Limits::default());
            splitter.push(&jpeg[..cut.min(jpeg.len() - 1)]);
            splitter.push(&bytes);
            while splitter.next_picture().is_some() {}
            let _ = splitter.finish();
            prop_assert!(splitter.next_picture().is_none() && splitter.finish().is_none());
        }

        #[test]
        fn pictures_come_out_as_they_went_in(
            junk in proptest::collection::vec(proptest::collection::vec(0u8..0xff, 0..80), 1..6),
            step in 1usize..700,
        ) {
            let jpeg = testing::gradient_jpeg(48, 32);
            let mut stream = Vec::new();
            for junk in &junk {
                stream.extend_from_slice(junk);
                stream.extend_from_slice(&jpeg);
            }
            let (good, bad) = pictures(&stream, step);
            prop_assert_eq!(bad, 0);
            prop_assert_eq!(good.len(), junk.len());
            prop_assert!(good.iter().all(|found| found[..] == jpeg[..]));
        }
    }
}
