//! One pass over a picture's entropy code.
#![expect(clippy::inline_always, reason = "what reads bits has them in registers only as a part of the pass")]

mod bits;
mod lookup;
mod luma;

pub(crate) use bits::{Bits, Entropy};
use lookup::{AcSkips, AcValues, DcLookup};

use crate::header::{self, BLOCK, Header, Quantisation, Shape};
use crate::tables::Table;
use crate::{Rect, ScanError, Unsupported};
use luma::{Block, Steps};

/// The size at which brightness is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// 1/4 of width and height.
    Quarter,
    /// 1/8 of width and height.
    Eighth,
    /// Not at all: only the index.
    None,
}

/// Where an MCU's bits are, and what its DC coefficients are coded against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mcu {
    /// Offset of its first bit.
    pub(crate) start: u32,
    /// Number of its bits.
    pub(crate) bits: u16,
    /// For each component, how far behind the start its first block begins.
    pub(crate) offsets: [u16; 3],
    /// DC coefficient of each component's first block.
    pub(crate) first: [i16; 3],
    /// DC coefficient of each component's last block: the next MCU's are told as differences from these.
    pub(crate) last: [i16; 3],
}

/// A brightness plane, row by row without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Luma<'a> {
    /// Width in pixels: the picture's, scaled and rounded up.
    pub width: u16,
    /// Height in pixels: the picture's, scaled and rounded up.
    pub height: u16,
    /// `width * height` bytes, 0 black to 255 white; empty when none was wanted.
    pub data: &'a [u8],
}

/// What one pass over a picture found. Its memory is reused for the next.
#[derive(Clone, Debug, Default)]
pub struct Scanned {
    pub(crate) header: Header,
    pub(crate) entropy: Entropy,
    pub(crate) mcus: Vec<Mcu>,
    /// Dequantised DC coefficients of brightness, row by row of blocks, those of whole MCUs: eight times the block's mean
    /// less 128.
    pub(crate) means: Vec<i16>,
    /// The plane, at first as wide and high as the MCUs are, then cut; behind it what is left of others.
    luma: Vec<u8>,
    luma_size: (u16, u16),
}

impl Scanned {
    /// Size of the picture and of its MCUs.
    pub fn shape(&self) -> Shape {
        self.header.shape
    }

    /// Brightness at the scale that was asked for.
    pub fn luma(&self) -> Luma<'_> {
        let (width, height) = self.luma_size;
        Luma { width, height, data: &self.luma[..usize::from(width) * usize::from(height)] }
    }

    /// Bytes of the picture without its header.
    pub(crate) fn bytes(&self) -> usize {
        self.entropy.bits() / 8
    }

    /// Bytes that the MCUs of some rectangles have, but for their DC differences and stuffing.
    pub(crate) fn bytes_of(&self, rects: &[Rect]) -> usize {
        let columns = self.header.shape.columns();
        let rows = rects.iter().flat_map(|rect| {
            let x = usize::from(rect.x);
            let rows = usize::from(rect.y)..usize::from(rect.y) + usize::from(rect.height);
            rows.map(move |row| (row * columns + x, usize::from(rect.width)))
        });
        let bits: usize =
            rows.flat_map(|(at, width)| &self.mcus[at..at + width]).map(|mcu| usize::from(mcu.bits)).sum();
        bits / 8
    }

    /// Brightness in blocks of 8×8 pixels, row by row, those of whole MCUs: eight times the mean less 128.
    pub fn block_means(&self) -> &[i16] {
        &self.means
    }

    /// How finely [`Self::block_means`] are told: they are multiples of this.
    pub fn brightness_step(&self) -> i32 {
        self.dc_step(0)
    }

    /// What a component's DC coefficients are multiplied by.
    pub(crate) fn dc_step(&self, component: usize) -> i32 {
        let table = self.header.components.get(component).map(|c| usize::from(c.quantisation));
        table.and_then(|table| self.header.quantisation[table]).map_or(1, |table| i32::from(table[0]))
    }

    /// Blocks of brightness in a row of [`Self::means`].
    pub(crate) fn means_width(&self) -> usize {
        self.header.shape.columns() * usize::from(self.header.components.first().map_or(1, |luma| luma.across))
    }

    /// Whether the difference of an MCU's first blocks is from 0, because a restart marker stands before it.
    pub(crate) fn restarts_at(&self, mcu: usize) -> bool {
        let interval = usize::from(self.header.restart);
        mcu == 0 || (interval > 0 && mcu.is_multiple_of(interval))
    }
}

/// Scans pictures. Keeps the decoding tables while the pictures' tables stay the same, and all memory.
#[derive(Debug, Default)]
pub struct Scanner {
    scanned: Scanned,
    dc: Slots<DcLookup>,
    values: Slots<AcValues>,
    skips: Slots<AcSkips>,
    steps: Option<(Quantisation, Steps)>,
}

impl Scanner {
    /// A scanner without memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Scans a JPEG: brightness at `scale`, and an index of its MCUs.
    ///
    /// Any bytes may be given, but sizes are not limited here: memory grows with the width and height that the header
    /// tells, but no further than the entropy-coded data has bits for. On an error nothing of the last picture is left.
    pub fn scan(&mut self, jpeg: &[u8], scale: Scale) -> Result<&Scanned, ScanError> {
        self.scan_at(jpeg, |_| Some(scale))
    }

    /// The same at a scale that depends on the picture's size; [`ScanError::Unwanted`] if there is none for it.
    pub fn scan_at(&mut self, jpeg: &[u8], scale: impl FnOnce(Shape) -> Option<Scale>) -> Result<&Scanned, ScanError> {
        let result = self.read(jpeg, scale);
        if let Err(error) = result {
            self.scanned.header = Header::default();
            self.scanned.mcus.clear();
            self.scanned.means.clear();
            self.scanned.luma_size = (0, 0);
            return Err(error);
        }
        Ok(&self.scanned)
    }

    /// What the last scan found; of an empty picture if it found nothing.
    pub fn last(&self) -> &Scanned {
        &self.scanned
    }

    fn read(&mut self, jpeg: &[u8], scale: impl FnOnce(Shape) -> Option<Scale>) -> Result<(), ScanError> {
        let (header, at) = header::read(jpeg)?;
        let scale = scale(header.shape).ok_or(ScanError::Unwanted)?;
        let end = self.scanned.entropy.read(jpeg, at)?;
        check_end(jpeg, end)?;
        check_intervals(&header, &self.scanned.entropy)?;
        self.scanned.header = header;
        self.prepare(scale)?;
        match scale {
            Scale::Quarter => self.pass::<4>(),
            Scale::Eighth => self.pass::<8>(),
            Scale::None => self.pass::<0>(),
        }
    }

    /// Makes the decoding tables and the memory that the pass needs.
    fn prepare(&mut self, scale: Scale) -> Result<(), ScanError> {
        let header = &self.scanned.header;
        let quantisation = quantisation(header)?;
        for (i, component) in header.components.iter().enumerate() {
            self.dc.set(component.dc, table(&header.tables.dc, component.dc)?, DcLookup::learn)?;
            let ac = table(&header.tables.ac, component.ac)?;
            if i == 0 && scale == Scale::Quarter {
                self.values.set(component.ac, ac, AcValues::learn)?;
            } else {
                self.skips.set(component.ac, ac, AcSkips::learn)?;
            }
        }
        if self.steps.as_ref().is_none_or(|(of, _)| *of != quantisation) {
            self.steps = Some((quantisation, Steps::new(&quantisation)));
        }
        let (shape, luma) = (header.shape, header.components[0]);
        let (columns, rows) = (shape.columns(), shape.rows());
        let blocks = columns * rows * usize::from(luma.across) * usize::from(luma.down);
        self.scanned.mcus.clear();
        self.scanned.mcus.reserve(columns * rows);
        self.scanned.means.resize(blocks, 0);
        let (pixels, divisor) = match scale {
            Scale::Quarter => (4, 4),
            Scale::Eighth => (1, 8),
            Scale::None => (0, u16::MAX),
        };
        if self.scanned.luma.len() < blocks * pixels {
            self.scanned.luma.resize(blocks * pixels, 0);
        }
        self.scanned.luma_size =
            if pixels == 0 { (0, 0) } else { (shape.width.div_ceil(divisor), shape.height.div_ceil(divisor)) };
        Ok(())
    }

    /// Decodes all MCUs. `DIVISOR` is 4 or 8 for brightness at that scale, 0 for none.
    fn pass<const DIVISOR: usize>(&mut self) -> Result<(), ScanError> {
        let Scanned { header, entropy, mcus, means, luma, luma_size } = &mut self.scanned;
        let Some((quantisation, steps)) = &self.steps else { return Ok(()) };
        let step = i32::from(quantisation[0]);
        let (columns, rows) = (header.shape.columns(), header.shape.rows());
        let (brightness, colours) = header.components.split_at(1);
        let brightness = brightness[0];
        let (across, down) = (usize::from(brightness.across), usize::from(brightness.down));
        let coders: Vec<Colour<'_>> = colours
            .iter()
            .filter_map(|c| {
                Some(Colour { blocks: c.across * c.down, dc: self.dc.get(c.dc)?, ac: self.skips.get(c.ac)? })
            })
            .collect();
        let Some(dc) = self.dc.get(brightness.dc) else { return Ok(()) };
        let (values, skips) = (self.values.get(brightness.ac), self.skips.get(brightness.ac));
        let width = columns * across;
        let mut interval = 0;
        let mut left = usize::from(header.restart);
        let mut bits = entropy.reader(0);
        let mut last = [0i32; 3];
        let mut block = Block::new();
        for row in 0..rows {
            for column in 0..columns {
                if header.restart > 0 {
                    if left == 0 {
                        interval += 1;
                        left = usize::from(header.restart);
                        bits = entropy.reader(entropy.start(interval));
                        last = [0; 3];
                    }
                    left -= 1;
                }
                let start = bits.position();
                let mut mcu = Mcu { start: start as u32, ..Mcu::default() };
                for y in 0..down {
                    for x in 0..across {
                        bits.refill();
                        last[0] += dc.difference(&mut bits)?;
                        if x + y == 0 {
                            mcu.first[0] = coefficient(last[0])?;
                        }
                        let at = (row * down + y) * width + column * across + x;
                        let dequantised = last[0].wrapping_mul(step);
                        means[at] = dequantised.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
                        if DIVISOR == 4 {
                            let Some(ac) = values else { return Ok(()) };
                            block.clear(last[0] as i16);
                            let any = ac.read(&mut bits, |at, coefficient| block.set(at, coefficient))?;
                            let [upper, lower] =
                                if any { block.pixels(steps) } else { [[luma::mean(dequantised); 2]; 2] };
                            let at = (row * down + y) * 4 * width + (column * across + x) * 2;
                            luma[at..at + 2].copy_from_slice(&upper);
                            luma[at + 2 * width..at + 2 * width + 2].copy_from_slice(&lower);
                        } else {
                            let Some(ac) = skips else { return Ok(()) };
                            ac.skip(&mut bits)?;
                            if DIVISOR == 8 {
                                luma[at] = luma::mean(dequantised);
                            }
                        }
                    }
                }
                mcu.last[0] = coefficient(last[0])?;
                for (i, colour) in (1..).zip(&coders) {
                    mcu.offsets[i] = (bits.position() - start) as u16;
                    mcu.first[i] = colour.skip(&mut bits, &mut last[i])?;
                    mcu.last[i] = coefficient(last[i])?;
                }
                mcu.bits = (bits.position() - start) as u16;
                if bits.position() > entropy.end(interval) {
                    return Err(ScanError::Truncated);
                }
                mcus.push(mcu);
            }
        }
        if let Some(factor) = BLOCK.checked_div(DIVISOR) {
            crop(luma, width * factor, usize::from(luma_size.0), usize::from(luma_size.1));
        }
        Ok(())
    }
}

/// How a colour component is passed over.
struct Colour<'a> {
    blocks: u8,
    dc: &'a DcLookup,
    ac: &'a AcSkips,
}

impl Colour<'_> {
    /// Passes over an MCU's blocks; gives the first's DC coefficient and leaves the last's.
    #[inline(always)]
    fn skip(&self, bits: &mut Bits<'_>, last: &mut i32) -> Result<i16, ScanError> {
        let mut first = 0;
        for block in 0..self.blocks {
            bits.refill();
            *last += self.dc.difference(bits)?;
            if block == 0 {
                first = coefficient(*last)?;
            }
            self.ac.skip(bits)?;
        }
        Ok(first)
    }
}

/// A DC coefficient as an encoder may write it.
#[inline]
fn coefficient(value: i32) -> Result<i16, ScanError> {
    // Differences have up to 11 bits and sign, and so have the coefficients that they are between.
    if (-2047..=2047).contains(&value) { Ok(value as i16) } else { Err(ScanError::Damaged("a block is out of range")) }
}

/// Cuts a plane of rows of `stride` bytes to its left upper `width` × `height`.
fn crop(plane: &mut [u8], stride: usize, width: usize, height: usize) {
    if stride != width {
        for row in 1..height {
            plane.copy_within(row * stride..row * stride + width, row * width);
        }
    }
}

/// Whether the picture ends behind its scan.
fn check_end(jpeg: &[u8], mut at: usize) -> Result<(), ScanError> {
    loop {
        match header::segment(jpeg, at)? {
            (0xd9, ..) => return Ok(()),
            (0xda, ..) => return Err(Unsupported::SeveralScans.into()),
            (0xdc, ..) => return Err(Unsupported::LateHeight.into()),
            (_, _, next) => at = next,
        }
    }
}

/// Whether there are as many restart intervals as the size says.
fn check_intervals(header: &Header, entropy: &Entropy) -> Result<(), ScanError> {
    let mcus = header.shape.columns() * header.shape.rows();
    // A block has a code for its DC and one for its AC coefficients at least, so memory is bounded by the input.
    if 2 * mcus > entropy.bits() {
        return Err(ScanError::Truncated);
    }
    let expected = if header.restart == 0 { 1 } else { mcus.div_ceil(usize::from(header.restart)) };
    match entropy.intervals().cmp(&expected) {
        std::cmp::Ordering::Less => Err(ScanError::Damaged("restart markers are missing")),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(ScanError::Damaged("there are more restart markers than told")),
    }
}

fn quantisation(header: &Header) -> Result<Quantisation, ScanError> {
    let mut tables = header.components.iter().map(|c| header.quantisation[usize::from(c.quantisation)]);
    if tables.clone().any(|table| table.is_none()) {
        return Err(ScanError::Damaged("a quantisation table is missing"));
    }
    tables.next().flatten().ok_or(ScanError::Damaged("a quantisation table is missing"))
}

fn table(tables: &[Option<Table>; 4], number: u8) -> Result<&Table, ScanError> {
    tables[usize::from(number)].as_ref().ok_or(ScanError::Damaged("a Huffman table is missing"))
}

/// What was made of the tables with four numbers.
#[derive(Debug)]
struct Slots<T>([Option<Slot<T>>; 4]);

/// What was made of a table.
#[derive(Debug)]
struct Slot<T> {
    /// The table; `None` while it is not known to be sound.
    of: Option<Table>,
    made: T,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self([None, None, None, None])
    }
}

impl<T: Default> Slots<T> {
    /// Makes it of `table`, unless that was done last time.
    fn set(
        &mut self,
        number: u8,
        table: &Table,
        learn: fn(&mut T, &Table) -> Result<(), ScanError>,
    ) -> Result<(), ScanError> {
        let slot = self.0[usize::from(number)].get_or_insert_with(|| Slot { of: None, made: T::default() });
        if slot.of.as_ref() != Some(table) {
            slot.of = None;
            learn(&mut slot.made, table)?;
            slot.of = Some(table.clone());
        }
        Ok(())
    }

    fn get(&self, number: u8) -> Option<&T> {
        self.0[usize::from(number)].as_ref().map(|slot| &slot.made)
    }
}
