//! Walks a JPEG's markers from start to end without decoding, whole or piece by piece.

use super::{JpegError, Limits};

/// How colour is sampled relative to brightness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// Brightness only.
    Grey,
    /// Colour for each pixel.
    S444,
    /// Colour for every second pixel of a row: what most webcams send.
    S422,
    /// Colour for each block of two by two pixels.
    S420,
    /// Anything else.
    Other,
}

/// What a JPEG says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Width in pixels, within the limits.
    pub width: u16,
    /// Height in pixels, within the limits.
    pub height: u16,
    /// Number of components: 1 or 3.
    pub components: u8,
    /// How colour is sampled.
    pub sampling: Sampling,
    /// Offset after the end-of-image marker; what follows belongs to somebody else.
    pub end: usize,
    /// Offset of the first start-of-scan marker.
    pub scan: usize,
    /// Whether it carries Huffman tables; webcams may leave the standard ones out.
    pub huffman: bool,
}

/// Reads the header of the JPEG at the start of `bytes` and finds its end.
///
/// Any bytes may be given. Errors say why it is not a whole, showable JPEG within `limits`.
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Header, JpegError> {
    match Walk::default().advance(bytes, limits)? {
        Some(header) => Ok(header),
        None if bytes.len() < 2 && !bytes.is_empty() && bytes[0] != 0xff => Err(JpegError::NotJpeg),
        None => Err(JpegError::Truncated { bytes: bytes.len() }),
    }
}

/// Where the walk stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before the start-of-image marker.
    #[default]
    Start,
    /// At the 0xff of a marker.
    Marker,
    /// Inside entropy-coded data.
    Entropy,
}

/// What a start-of-frame segment says.
#[derive(Clone, Copy, Debug)]
struct Shape {
    width: u16,
    height: u16,
    components: u8,
    sampling: Sampling,
}

/// A walk that can be taken up again when more bytes have come; offsets are from the start-of-image marker.
#[derive(Clone, Debug, Default)]
pub(super) struct Walk {
    at: usize,
    /// End of the application segments and comments at the start, as far as a marker followed: there are thumbnails in
    /// them, no pictures.
    applications: usize,
    after_application: bool,
    place: Place,
    shape: Option<Shape>,
    scan: Option<usize>,
    huffman: bool,
}

impl Walk {
    /// After an error, where another picture may begin. A segment that was cut has swallowed what came after it, so it
    /// is not always the place of the error; but a thumbnail in a whole segment is not a picture.
    pub(super) fn resume_at(&self, bytes: &[u8]) -> usize {
        let is_start = bytes.get(self.at..).is_some_and(|rest| rest.starts_with(&[0xff, 0xd8]));
        if is_start { self.at } else { self.applications.max(2) }
    }

    /// Walks on through `bytes`, which must begin with what was given before. `None`: more bytes are needed.
    pub(super) fn advance(&mut self, bytes: &[u8], limits: &Limits) -> Result<Option<Header>, JpegError> {
        loop {
            if self.at > limits.bytes {
                return Err(JpegError::TooManyBytes { most: limits.bytes });
            }
            let more = match self.place {
                Place::Start => self.start(bytes)?,
                Place::Entropy => self.entropy(bytes),
                Place::Marker => match self.marker(bytes, limits)? {
                    Walked::End(header) => return Ok(Some(header)),
                    Walked::On => true,
                    Walked::Short => false,
                },
            };
            if !more {
                return if bytes.len() > limits.bytes {
                    Err(JpegError::TooManyBytes { most: limits.bytes })
                } else {
                    Ok(None)
                };
            }
        }
    }

    fn start(&mut self, bytes: &[u8]) -> Result<bool, JpegError> {
        match bytes {
            [0xff, 0xd8, ..] => {
                self.at = 2;
                self.place = Place::Marker;
                Ok(true)
            }
            [] | [0xff] => Ok(false),
            _ => Err(JpegError::NotJpeg),
        }
    }

    /// Goes to the next marker that ends the entropy-coded data.
    fn entropy(&mut self, bytes: &[u8]) -> bool {
        while let Some(at) = find_ff(bytes, self.at) {
            self.at = at;
            match bytes.get(at + 1) {
                None => return false,
                Some(0x00 | 0xd0..=0xd7) => self.at = at + 2,
                Some(0xff) => self.at = at + 1,
                Some(_) => {
                    self.place = Place::Marker;
                    return true;
                }
            }
        }
        self.at = bytes.len();
        false
    }

    fn damaged(&self, what: &'static str) -> JpegError {
        JpegError::Damaged { at: self.at, what }
    }

    fn marker(&mut self, bytes: &[u8], limits: &Limits) -> Result<Walked, JpegError> {
        let Some(&first) = bytes.get(self.at) else { return Ok(Walked::Short) };
        if first != 0xff {
            return Err(self.damaged("a marker is missing"));
        }
        if std::mem::take(&mut self.after_application) {
            self.applications = self.at;
        }
        let Some(&code) = bytes.get(self.at + 1) else { return Ok(Walked::Short) };
        match code {
            // Any number of 0xff may stand before a marker's code.
            0xff => self.at += 1,
            0x01 | 0xd0..=0xd7 => self.at += 2,
            0xd8 => return Err(self.damaged("another picture begins")),
            0xd9 => return self.finish().map(Walked::End),
            0x00 | 0x02..=0xbf | 0xf0..=0xfd => return Err(self.damaged("unknown marker")),
            0xc0..=0xef | 0xfe => return self.segment(code, bytes, limits),
        }
        Ok(Walked::On)
    }

    fn finish(&self) -> Result<Header, JpegError> {
        let (Some(shape), Some(scan)) = (self.shape, self.scan) else {
            return Err(self.damaged("it ends without picture data"));
        };
        let Shape { width, height, components, sampling } = shape;
        Ok(Header { width, height, components, sampling, end: self.at + 2, scan, huffman: self.huffman })
    }

    fn segment(&mut self, code: u8, bytes: &[u8], limits: &Limits) -> Result<Walked, JpegError> {
        let Some(&[high, low]) = bytes.get(self.at + 2..self.at + 4) else { return Ok(Walked::Short) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length < 2 {
            return Err(self.damaged("a segment's length is below 2"));
        }
        let Some(body) = bytes.get(self.at + 4..self.at + 2 + length) else { return Ok(Walked::Short) };
        self.after_application = matches!(code, 0xe0..=0xef | 0xfe) && self.at == self.applications.max(2);
        match code {
            0xc4 => self.huffman = true,
            0xc8 | 0xcc => return Err(JpegError::Unsupported("arithmetic coding")),
            0xc0..=0xcf => self.frame(code, body, limits)?,
            0xda if self.shape.is_none() => return Err(self.damaged("picture data before its size")),
            0xda => {
                self.scan.get_or_insert(self.at);
                self.place = Place::Entropy;
            }
            _ => {}
        }
        self.at += 2 + length;
        Ok(Walked::On)
    }

    fn frame(&mut self, code: u8, body: &[u8], limits: &Limits) -> Result<(), JpegError> {
        if code > 0xc2 {
            return Err(JpegError::Unsupported("only baseline and progressive Huffman JPEGs can be shown"));
        }
        if self.shape.is_some() {
            return Err(self.damaged("it has two sizes"));
        }
        let [precision, h1, h0, w1, w0, components, factors @ ..] = body else {
            return Err(self.damaged("its size segment is too short"));
        };
        let (height, width) = (u16::from_be_bytes([*h1, *h0]), u16::from_be_bytes([*w1, *w0]));
        if *precision != 8 {
            return Err(JpegError::Unsupported("not 8 bits per sample"));
        }
        if width == 0 || height == 0 || width > limits.width || height > limits.height {
            let (most_width, most_height) = (limits.width, limits.height);
            return Err(JpegError::Dimensions { width, height, most_width, most_height });
        }
        if !matches!(components, 1 | 3) {
            return Err(JpegError::Unsupported("not grey or three colour components"));
        }
        if factors.len() < 3 * usize::from(*components) {
            return Err(self.damaged("its size segment is too short"));
        }
        let sampling = sampling(*components, factors);
        self.shape = Some(Shape { width, height, components: *components, sampling });
        Ok(())
    }
}

/// What one step through a marker gave.
enum Walked {
    On,
    Short,
    End(Header),
}

fn sampling(components: u8, factors: &[u8]) -> Sampling {
    if components == 1 {
        return Sampling::Grey;
    }
    // Three bytes for each component: id, horizontal and vertical factor, quantisation table.
    match (factors[1], factors[4], factors[7]) {
        (0x11, 0x11, 0x11) => Sampling::S444,
        (0x21, 0x11, 0x11) | (0x22, 0x12, 0x12) => Sampling::S422,
        (0x22, 0x11, 0x11) => Sampling::S420,
        _ => Sampling::Other,
    }
}

/// Offset of the first 0xff at or after `from`.
pub(super) fn find_ff(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr(0xff, bytes.get(from..)?).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_size_sampling_and_end() {
        let jpeg = testing::gradient_jpeg(64, 48);
        let mut junk = jpeg.clone();
        junk.extend_from_slice(&[0, 0, 0xff, 0xd9, 1, 2]);
        let header = inspect(&junk, &Limits::default()).unwrap();
        assert_eq!((header.width, header.height, header.components), (64, 48, 3));
        assert_eq!(header.end, jpeg.len());
        assert_eq!(header.sampling, Sampling::S420);
        assert!(header.huffman);
    }

    #[test]
    fn every_truncation_is_refused() {
        let jpeg = testing::gradient_jpeg(32, 24);
        for n in 0..jpeg.len() {
            assert_eq!(
                inspect(&jpeg[..n], &Limits::default()),
                Err(JpegError::Truncated { bytes: n }),
                "at {n} of {}",
                jpeg.len()
            );
        }
        assert!(inspect(&jpeg, &Limits::default()).is_ok());
    }

    #[test]
    fn sizes_over_the_limits_are_refused() {
        let jpeg = testing::gradient_jpeg(64, 48);
        let small = Limits { width: 63, ..Limits::default() };
        assert!(matches!(inspect(&jpeg, &small), Err(JpegError::Dimensions { width: 64, .. })));
        let few = Limits { bytes: 100, ..Limits::default() };
        assert_eq!(inspect(&jpeg, &few), Err(JpegError::TooManyBytes { most: 100 }));
        let mut zero = jpeg.clone();
        let sof = testing::find(&zero, &[0xff, 0xc0]).unwrap();
        zero[sof + 5] = 0;
        zero[sof + 6] = 0;
        assert!(matches!(inspect(&zero, &Limits::default()), Err(JpegError::Dimensions { height: 0, .. })));
    }

    #[test]
    fn the_thumbnail_in_a_segment_is_not_the_picture() {
        let thumbnail = testing::gradient_jpeg(16, 16);
        let jpeg = testing::gradient_jpeg(64, 48);
        let mut with = vec![0xff, 0xd8, 0xff, 0xe1];
        with.extend_from_slice(&u16::try_from(thumbnail.len() + 2).unwrap().to_be_bytes());
        with.extend_from_slice(&thumbnail);
        with.extend_from_slice(&jpeg[2..]);
        let header = inspect(&with, &Limits::default()).unwrap();
        assert_eq!((header.width, header.end), (64, with.len()));
    }

    #[test]
    fn a_picture_that_another_interrupts_is_damaged() {
        let jpeg = testing::gradient_jpeg(64, 48);
        let mut two = jpeg[..jpeg.len() - 30].to_vec();
        let at = two.len();
        two.extend_from_slice(&jpeg);
        let error = inspect(&two, &Limits::default()).unwrap_err();
        assert!(matches!(error, JpegError::Damaged { at: found, .. } if found == at), "{error}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = inspect(&bytes, &Limits::default());
        }

        #[test]
        fn any_change_of_a_real_jpeg_is_survived(at in 0usize..4000, byte: u8, cut in 0usize..4000) {
            let mut jpeg = testing::gradient_jpeg(48, 32);
            let n = jpeg.len();
            jpeg[at % n] = byte;
            jpeg.truncate(n - cut % n);
            if let Ok(header) = inspect(&jpeg, &Limits::default()) {
                prop_assert!(header.end <= jpeg.len());
                prop_assert_eq!(&jpeg[header.end - 2..header.end], &[0xff, 0xd9]);
                let completed = super::super::complete(&jpeg[..header.end], &header);
                prop_assert!(inspect(&completed, &Limits::default()).is_ok());
            }
        }

        #[test]
        fn piece_by_piece_is_as_whole(step in 1usize..200) {
            let jpeg = testing::gradient_jpeg(48, 32);
            let limits = Limits::default();
            let mut walk = Walk::default();
            let mut n = 0;
            let header = loop {
                n = (n + step).min(jpeg.len());
                if let Some(header) = walk.advance(&jpeg[..n], &limits).unwrap() { break header; }
            };
            prop_assert_eq!(header, inspect(&jpeg, &limits).unwrap());
        }
    }
}
