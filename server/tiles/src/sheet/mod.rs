//! Cutting rectangles out of a scanned picture, without decoding them to pixels.
//!
//! All rectangles go onto one small JPEG, the *sheet*: its coefficients are the picture's own, its bits are copied but
//! for the DC differences where another MCU stands before than in the picture. What the rectangles leave free is flat and
//! costs a few bits for each block.
//!
//! A sheet is two parts. The **head** is the tables (DQT, DHT), about 600 bytes that stay the same for most cameras, so
//! they need not be sent with each sheet. The **body** is the rest. Start of image, head and body are a JPEG.

mod coded;
mod layout;
mod writer;

use crate::Scanned;
use crate::header::Header;
use crate::scan::Mcu;
use crate::tables::{Code, DC_CATEGORIES, END_OF_BLOCK, Table};
pub use layout::{Layout, Place, Rect, lay_out};
use writer::Writer;

/// What every JPEG begins with.
const START_OF_IMAGE: [u8; 2] = [0xff, 0xd8];

/// Why a picture cannot be cut. The whole of it can always be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    /// There is no rectangle.
    #[error("there is nothing to cut")]
    Nothing,
    /// A rectangle is empty or sticks out of the picture.
    #[error("a rectangle of {width}x{height} at {x},{y} is not inside the picture of {columns}x{rows} MCUs", x = .rect.x, y = .rect.y, width = .rect.width, height = .rect.height)]
    Outside {
        /// The rectangle.
        rect: Rect,
        /// The picture's width in MCUs.
        columns: usize,
        /// The picture's height in MCUs.
        rows: usize,
    },
    /// The sheet would be larger than a JPEG can be.
    #[error("the rectangles do not fit a JPEG")]
    TooLarge,
    /// The picture's Huffman tables have no room for the codes that cutting needs.
    #[error("the picture's Huffman tables have no room for more codes")]
    FullTables,
    /// The picture's Huffman tables have several codes for one difference: which one stands there is not in the index.
    #[error("the picture's Huffman tables have two codes for one symbol")]
    TwoCodes,
}

/// Rectangles of a picture on one JPEG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What lies where.
    pub places: Vec<Place>,
    /// The tables.
    pub head: Vec<u8>,
    /// Size, scan and end.
    pub body: Vec<u8>,
}

impl Sheet {
    /// The JPEG.
    pub fn jpeg(&self) -> Vec<u8> {
        [&START_OF_IMAGE[..], &self.head, &self.body].concat()
    }
}

impl Scanned {
    /// Cuts rectangles out of the picture. They may overlap.
    pub fn cut(&self, rects: &[Rect]) -> Result<Sheet, CutError> {
        Cutter::default().cut(self, rects)
    }
}

/// Cuts one picture after the other: what cutting makes of a picture's tables is kept while they stay the same.
#[derive(Debug, Default)]
pub struct Cutter {
    made: Option<(Header, CutTables)>,
}

impl Cutter {
    /// Cuts rectangles out of a picture, as [`Scanned::cut`] does.
    pub fn cut(&mut self, scanned: &Scanned, rects: &[Rect]) -> Result<Sheet, CutError> {
        let shape = scanned.shape();
        let (columns, rows) = (shape.columns(), shape.rows());
        let inside = |rect: &Rect| {
            rect.area() > 0
                && usize::from(rect.x) + usize::from(rect.width) <= columns
                && usize::from(rect.y) + usize::from(rect.height) <= rows
        };
        if let Some(&rect) = rects.iter().find(|rect| !inside(rect)) {
            return Err(CutError::Outside { rect, columns, rows });
        }
        if rects.is_empty() {
            return Err(CutError::Nothing);
        }
        let layout = lay_out(rects).ok_or(CutError::TooLarge)?;
        let pixels = |mcus: u16, of: u16| mcus.checked_mul(of).ok_or(CutError::TooLarge);
        let size = (pixels(layout.width, shape.mcu_width)?, pixels(layout.height, shape.mcu_height)?);
        let tables = self.tables(&scanned.header)?;
        let mut body = Vec::new();
        write_frame(&scanned.header, size, &mut body);
        let mut cut = Cut { of: scanned, tables, writer: Writer::new(&mut body), last: [0; 3], copying: None };
        for mcu in order(&layout, columns) {
            match mcu {
                Some(mcu) => cut.mcu(mcu)?,
                None => cut.flat(),
            }
        }
        cut.finish();
        body.extend([0xff, 0xd9]);
        Ok(Sheet { places: layout.places, head: tables.head.clone(), body })
    }

    /// The tables of sheets of such a picture.
    fn tables(&mut self, header: &Header) -> Result<&CutTables, CutError> {
        let made = match self.made.take() {
            Some(made) if made.0 == *header => made,
            _ => (header.clone(), CutTables::new(header)?),
        };
        Ok(&self.made.insert(made).1)
    }
}

/// For each MCU of the sheet, the picture's that lies there.
fn order(layout: &Layout, columns: usize) -> Vec<Option<usize>> {
    let width = usize::from(layout.width);
    let mut order = vec![None; width * usize::from(layout.height)];
    for place in &layout.places {
        for row in 0..usize::from(place.of.height) {
            let to = (usize::from(place.y) + row) * width + usize::from(place.x);
            let from = (usize::from(place.of.y) + row) * columns + usize::from(place.of.x);
            let line = order[to..to + usize::from(place.of.width)].iter_mut();
            line.zip(from..).for_each(|(slot, mcu)| *slot = Some(mcu));
        }
    }
    order
}

/// The tables of sheets: the picture's, with codes for all that may come up in cutting.
#[derive(Debug)]
struct CutTables {
    head: Vec<u8>,
    components: Vec<CutComponent>,
}

#[derive(Debug)]
struct CutComponent {
    blocks: u8,
    /// By category of the difference.
    dc: [Code; DC_CATEGORIES as usize],
    end_of_block: Code,
}

impl CutTables {
    fn new(header: &Header) -> Result<Self, CutError> {
        const FULL: CutError = CutError::FullTables;
        let mut head = Vec::new();
        write_quantisation(header, &mut head);
        let (mut written, mut components) = (Vec::new(), Vec::new());
        for component in &header.components {
            let table = |of: &[Option<Table>; 4], number: u8| of[usize::from(number)].clone().ok_or(FULL);
            let dc = table(&header.tables.dc, component.dc)?.extended(0..DC_CATEGORIES).ok_or(FULL)?;
            let ac = table(&header.tables.ac, component.ac)?.extended([END_OF_BLOCK].into_iter()).ok_or(FULL)?;
            for (name, table) in [(component.dc, &dc), (0x10 | component.ac, &ac)] {
                if !written.contains(&name) {
                    write_huffman(name, table, &mut head);
                    written.push(name);
                }
            }
            let mut codes = [Code { bits: 0, length: 0 }; DC_CATEGORIES as usize];
            for (category, code) in dc.codes() {
                if let Some(slot) = codes.get_mut(usize::from(category)) {
                    let before = std::mem::replace(slot, code);
                    if before.length > 0 {
                        return Err(CutError::TwoCodes);
                    }
                }
            }
            let end = ac.codes().find(|&(symbol, _)| symbol == END_OF_BLOCK).ok_or(FULL)?;
            components.push(CutComponent { blocks: component.across * component.down, dc: codes, end_of_block: end.1 });
        }
        Ok(Self { head, components })
    }
}

fn write_quantisation(header: &Header, out: &mut Vec<u8>) {
    for number in 0..4u8 {
        if !header.components.iter().any(|component| component.quantisation == number) {
            continue;
        }
        let Some(table) = &header.quantisation[usize::from(number)] else { continue };
        if table.iter().all(|&step| step < 256) {
            out.extend([0xff, 0xdb, 0, 67, number]);
            out.extend(table.iter().map(|&step| step as u8));
        } else {
            out.extend([0xff, 0xdb, 0, 131, 0x10 | number]);
            out.extend(table.iter().flat_map(|step| step.to_be_bytes()));
        }
    }
}

fn write_huffman(name: u8, table: &Table, out: &mut Vec<u8>) {
    out.extend([0xff, 0xc4]);
    out.extend((19 + table.symbols.len() as u16).to_be_bytes());
    out.push(name);
    out.extend(table.counts);
    out.extend(&table.symbols);
}

/// Writes the frame and scan segments of a sheet of `size` pixels.
fn write_frame(header: &Header, (width, height): (u16, u16), out: &mut Vec<u8>) {
    let number = header.components.len() as u8;
    out.extend([0xff, header.frame_code, 0, 8 + 3 * number, 8]);
    out.extend(height.to_be_bytes());
    out.extend(width.to_be_bytes());
    out.push(number);
    for (id, component) in (1..).zip(&header.components) {
        out.extend([id, component.across << 4 | component.down, component.quantisation]);
    }
    out.extend([0xff, 0xda, 0, 6 + 2 * number, number]);
    for (id, component) in (1..).zip(&header.components) {
        out.extend([id, component.dc << 4 | component.ac]);
    }
    out.extend([0, 63, 0]);
}

/// A sheet while its MCUs are written.
struct Cut<'a> {
    of: &'a Scanned,
    tables: &'a CutTables,
    writer: Writer<'a>,
    /// DC coefficients of the last blocks written.
    last: [i16; 3],
    /// Bits that are still to be copied, and the MCU behind them.
    copying: Option<(usize, usize, usize)>,
}

impl Cut<'_> {
    /// Writes an MCU of the picture.
    fn mcu(&mut self, at: usize) -> Result<(), CutError> {
        let mcu = self.of.mcus[at];
        let (start, end) = (mcu.start as usize, mcu.start as usize + usize::from(mcu.bits));
        let restarts = self.of.restarts_at(at);
        if let Some((_, to, next)) = &mut self.copying
            && *next == at
            && !restarts
        {
            (*to, *next) = (end, at + 1);
        } else {
            self.flush();
            let before = if restarts { [0; 3] } else { self.of.mcus[at - 1].last };
            let from = if before == self.last { start } else { self.recode(&mcu, before)? };
            self.copying = Some((from, end, at + 1));
        }
        self.last = mcu.last;
        Ok(())
    }

    /// Writes an MCU with other DC differences up to the last of them, where those of the picture are from `before`; gives
    /// the bit from where on it can be copied.
    fn recode(&mut self, mcu: &Mcu, before: [i16; 3]) -> Result<usize, CutError> {
        let start = mcu.start as usize;
        let mut from = start;
        for (i, component) in self.tables.components.iter().enumerate() {
            let at = start + usize::from(mcu.offsets[i]);
            self.writer.copy(&self.of.entropy, from, at);
            let difference = |last: i16| i32::from(mcu.first[i]) - i32::from(last);
            put_difference(&mut self.writer, component, difference(self.last[i]))?;
            let (code, category) = component.code_of(difference(before[i]))?;
            from = at + usize::from(code.length) + category as usize;
        }
        Ok(from)
    }

    /// Writes a flat MCU as bright as the block before.
    fn flat(&mut self) {
        self.flush();
        for component in &self.tables.components {
            for _ in 0..component.blocks {
                self.writer.code(component.dc[0]);
                self.writer.code(component.end_of_block);
            }
        }
    }

    fn flush(&mut self) {
        if let Some((from, to, _)) = self.copying.take() {
            self.writer.copy(&self.of.entropy, from, to);
        }
    }

    fn finish(mut self) {
        self.flush();
        self.writer.finish();
    }
}

impl CutComponent {
    /// The code of a DC difference, of which the picture has the same if it has it at all, and its category (ITU-T T.81,
    /// F.1.2.1).
    fn code_of(&self, difference: i32) -> Result<(Code, u32), CutError> {
        let category = 32 - difference.unsigned_abs().leading_zeros();
        // Two coefficients of eight-bit pictures differ by 11 bits at most; damaged ones may by more.
        let code = self.dc.get(category as usize).ok_or(CutError::FullTables)?;
        Ok((*code, category))
    }
}

/// Writes a DC difference.
fn put_difference(writer: &mut Writer<'_>, component: &CutComponent, difference: i32) -> Result<(), CutError> {
    let (code, category) = component.code_of(difference)?;
    let bits = if difference < 0 { difference - 1 + (1 << category) } else { difference };
    writer.code(code);
    writer.put(bits as u32, category);
    Ok(())
}
