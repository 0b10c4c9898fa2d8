//! What stands before the entropy-coded data: size, sampling, tables.

use crate::tables::Tables;
use crate::{ScanError, Unsupported};

/// Width and height of a block of coefficients in pixels.
pub(crate) const BLOCK: usize = 8;

/// How one component is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Component {
    /// Blocks of one MCU from left to right.
    pub(crate) across: u8,
    /// Blocks of one MCU from top to bottom.
    pub(crate) down: u8,
    /// Number of its quantisation table.
    pub(crate) quantisation: u8,
    /// Number of its DC table.
    pub(crate) dc: u8,
    /// Number of its AC table.
    pub(crate) ac: u8,
}

/// Size of a picture, and of the minimum coded units (MCUs) that it is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Width of the picture in pixels.
    pub width: u16,
    /// Height of the picture in pixels.
    pub height: u16,
    /// Width of an MCU in pixels: 8 or 16.
    pub mcu_width: u16,
    /// Height of an MCU in pixels: 8 or 16.
    pub mcu_height: u16,
    /// Components: 1 is grey, 3 is colour.
    pub components: u8,
}

impl Shape {
    /// MCUs from left to right; the last may stick out.
    pub fn columns(self) -> usize {
        usize::from(self.width.div_ceil(self.mcu_width.max(1)))
    }

    /// MCUs from top to bottom; the last may stick out.
    pub fn rows(self) -> usize {
        usize::from(self.height.div_ceil(self.mcu_height.max(1)))
    }
}

/// A quantisation table, in zigzag order.
pub(crate) type Quantisation = [u16; 64];

/// A header that was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) shape: Shape,
    pub(crate) components: Vec<Component>,
    pub(crate) quantisation: [Option<Quantisation>; 4],
    pub(crate) tables: Tables,
    /// MCUs between restart markers; 0 is none.
    pub(crate) restart: u16,
    /// The start-of-frame code: baseline or extended sequential.
    pub(crate) frame_code: u8,
}

/// Reads markers from the start-of-image marker to the scan; gives the header and where the entropy-coded data begins.
pub(crate) fn read(jpeg: &[u8]) -> Result<(Header, usize), ScanError> {
    if !jpeg.starts_with(&[0xff, 0xd8]) {
        return Err(ScanError::NotJpeg);
    }
    let mut reader = Reader::default();
    let mut at = 2;
    loop {
        let (code, body, end) = segment(jpeg, at)?;
        at = end;
        match code {
            0xc0 | 0xc1 => reader.frame(code, body)?,
            0xc2 => return Err(Unsupported::Progressive.into()),
            0xc4 => reader.header.tables.define(body)?,
            0xc9 | 0xca | 0xcc => return Err(Unsupported::Arithmetic.into()),
            0xc3 | 0xc5..=0xc8 | 0xcb | 0xcd..=0xcf | 0xde | 0xdf => return Err(Unsupported::OtherCoding.into()),
            0xd9 => return Err(ScanError::Damaged("it ends without picture data")),
            0xda => return Ok((reader.scan(body)?, at)),
            0xdb => reader.quantisation(body)?,
            0xdc => return Err(Unsupported::LateHeight.into()),
            0xdd => reader.restart(body)?,
            0xe0 => reader.jfif |= body.starts_with(b"JFIF\0"),
            0xee => reader.adobe(body),
            0x01 | 0xd0..=0xd7 | 0xe1..=0xef | 0xfe => {}
            _ => return Err(ScanError::Damaged("unknown marker")),
        }
    }
}

/// The segment at `at`: its code, its body and where the next begins.
pub(crate) fn segment(jpeg: &[u8], mut at: usize) -> Result<(u8, &[u8], usize), ScanError> {
    if *jpeg.get(at).ok_or(ScanError::Truncated)? != 0xff {
        return Err(ScanError::Damaged("a marker is missing"));
    }
    // Any number of 0xff may stand before a marker's code.
    let code = loop {
        at += 1;
        match *jpeg.get(at).ok_or(ScanError::Truncated)? {
            0xff => {}
            code => break code,
        }
    };
    at += 1;
    if matches!(code, 0x01 | 0xd0..=0xd9) {
        return Ok((code, &[], at));
    }
    let length = jpeg.get(at..at + 2).ok_or(ScanError::Truncated)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if length < 2 {
        return Err(ScanError::Damaged("a segment's length is below 2"));
    }
    let body = jpeg.get(at + 2..at + length).ok_or(ScanError::Truncated)?;
    Ok((code, body, at + length))
}

#[derive(Default)]
struct Reader {
    header: Header,
    ids: Vec<u8>,
    jfif: bool,
    /// The colour transform that an Adobe segment tells.
    adobe: Option<u8>,
}

impl Reader {
    fn frame(&mut self, code: u8, body: &[u8]) -> Result<(), ScanError> {
        const SHORT: ScanError = ScanError::Damaged("its size segment is too short");
        if !self.ids.is_empty() {
            return Err(ScanError::Damaged("it has two sizes"));
        }
        let ([precision, h1, h0, w1, w0, number], rest) = body.split_first_chunk().ok_or(SHORT)?;
        let (height, width) = (u16::from_be_bytes([*h1, *h0]), u16::from_be_bytes([*w1, *w0]));
        if *precision != 8 {
            return Err(Unsupported::Precision.into());
        }
        if width == 0 {
            return Err(ScanError::Damaged("its width is 0"));
        }
        if height == 0 {
            return Err(Unsupported::LateHeight.into());
        }
        if !matches!(number, 1 | 3) {
            return Err(Unsupported::Components.into());
        }
        let described = rest.get(..3 * usize::from(*number)).ok_or(SHORT)?;
        for component in described.chunks_exact(3) {
            let (across, down) = (component[1] >> 4, component[1] & 15);
            if component[2] > 3 {
                return Err(ScanError::Damaged("a fifth quantisation table"));
            }
            self.ids.push(component[0]);
            self.header.components.push(Component { across, down, quantisation: component[2], dc: 0, ac: 0 });
        }
        check_sampling(&mut self.header.components)?;
        let luma = self.header.components[0];
        let (mcu_width, mcu_height) = (u16::from(luma.across) * 8, u16::from(luma.down) * 8);
        self.header.shape = Shape { width, height, mcu_width, mcu_height, components: *number };
        self.header.frame_code = code;
        Ok(())
    }

    fn quantisation(&mut self, mut body: &[u8]) -> Result<(), ScanError> {
        const SHORT: ScanError = ScanError::Damaged("a quantisation table is cut short");
        while let Some((&name, rest)) = body.split_first() {
            let slot = self.header.quantisation.get_mut(usize::from(name & 15));
            let slot = slot.ok_or(ScanError::Damaged("a fifth quantisation table"))?;
            let mut table = [0; 64];
            let bytes = match name >> 4 {
                0 => {
                    let bytes = rest.get(..64).ok_or(SHORT)?;
                    table.iter_mut().zip(bytes).for_each(|(q, &byte)| *q = u16::from(byte));
                    64
                }
                1 => {
                    let bytes = rest.get(..128).ok_or(SHORT)?;
                    let values = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                    table.iter_mut().zip(values).for_each(|(q, value)| *q = value);
                    128
                }
                _ => return Err(ScanError::Damaged("a quantisation table of no known precision")),
            };
            if table.contains(&0) {
                return Err(ScanError::Damaged("a quantisation step of 0"));
            }
            *slot = Some(table);
            body = &rest[bytes..];
        }
        Ok(())
    }

    fn restart(&mut self, body: &[u8]) -> Result<(), ScanError> {
        let &[high, low] = body else { return Err(ScanError::Damaged("a restart interval of no known form")) };
        self.header.restart = u16::from_be_bytes([high, low]);
        Ok(())
    }

    fn adobe(&mut self, body: &[u8]) {
        if body.len() >= 12 && body.starts_with(b"Adobe") {
            self.adobe = Some(body[11]);
        }
    }

    /// The one scan that holds the whole picture.
    fn scan(mut self, body: &[u8]) -> Result<Header, ScanError> {
        const SHORT: ScanError = ScanError::Damaged("its scan segment is too short");
        if self.ids.is_empty() {
            return Err(ScanError::Damaged("picture data before its size"));
        }
        self.check_colour()?;
        let (&number, rest) = body.split_first().ok_or(SHORT)?;
        if usize::from(number) != self.ids.len() {
            return Err(Unsupported::SeveralScans.into());
        }
        let (chosen, rest) = rest.split_at_checked(2 * self.ids.len()).ok_or(SHORT)?;
        for ((component, id), chosen) in self.header.components.iter_mut().zip(&self.ids).zip(chosen.chunks_exact(2)) {
            if chosen[0] != *id {
                return Err(ScanError::Damaged("its scan names other components"));
            }
            (component.dc, component.ac) = (chosen[1] >> 4, chosen[1] & 15);
            if component.dc > 3 || component.ac > 3 {
                return Err(ScanError::Damaged("a fifth Huffman table"));
            }
        }
        if !rest.starts_with(&[0, 63, 0]) {
            return Err(ScanError::Damaged("its scan is not sequential"));
        }
        self.header.tables.complete();
        Ok(self.header)
    }

    /// Whether it is grey or YCbCr, by the rules of libjpeg.
    fn check_colour(&self) -> Result<(), ScanError> {
        let is_rgb = match self.adobe {
            _ if self.ids.len() == 1 || self.jfif => false,
            Some(transform) => transform == 0,
            None => self.ids == *b"RGB",
        };
        if is_rgb { Err(Unsupported::ColourSpace.into()) } else { Ok(()) }
    }
}

/// Whether brightness has at most two blocks each way and colour as many or half of them.
fn check_sampling(components: &mut [Component]) -> Result<(), ScanError> {
    let luma = components[0];
    if let [only] = components {
        // A scan of one component is not interleaved: an MCU is one block whatever the factors.
        if !matches!((only.across, only.down), (1..=4, 1..=4)) {
            return Err(ScanError::Damaged("a sampling factor is out of range"));
        }
        (only.across, only.down) = (1, 1);
        return Ok(());
    }
    let fits =
        |colour: &Component| (1..=luma.across).contains(&colour.across) && (1..=luma.down).contains(&colour.down);
    let blocks: u8 = components.iter().map(|c| c.across.saturating_mul(c.down)).fold(0, u8::saturating_add);
    // T.81, B.2.3: an MCU has ten blocks at most.
    if luma.across > 2 || luma.down > 2 || blocks > 10 || !components.iter().all(fits) {
        return Err(Unsupported::Sampling.into());
    }
    Ok(())
}
