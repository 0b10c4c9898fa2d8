//! A camera's frames as a stream of whole pictures and tiles, the same for all viewers that are in step.
//!
//! A viewer's canvas shows some frame, named by its sequence number. Tiles name the frame they are to be laid on: whoever
//! shows another needs the whole picture, and with that of *any* frame of the stream is in step. So whatever was lost,
//! one frame mends it, and nobody else notices.
//!
//! At every frame a viewer's canvas then holds the camera's own coefficients of that frame wherever the detector saw
//! motion and a margin around, and elsewhere of frames whose 16×16 blocks differ from this one's by at most four grey
//! levels in their mean.

mod cells;
mod follower;
mod ledger;
mod means;

use crate::{Cutter, Rect, Scanned, Shape, Sheet};
pub use cells::CELL;
use cells::{Grid, Look};
pub use follower::{Follower, Give};
use ledger::Ledger;
pub use means::Means;

/// Pixels around a region that are sent with it, at least: whole cells are.
const MARGIN: u16 = 4;
/// Tiles go when they have at most so many hundredths of the bytes that the whole picture has without its header.
const WORTH_CUTTING: usize = 90;
/// Bytes of one place in a message: six numbers of 16 bits.
const PLACE_BYTES: usize = 12;

/// A rectangle in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Left edge.
    pub x: u16,
    /// Upper edge.
    pub y: u16,
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

/// What goes to viewers of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The whole picture, to all.
    Picture {
        /// The frame.
        seq: u64,
    },
    /// Tiles to those in step, the whole picture to the others.
    Tiles(Tiles),
}

/// What changed since another frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// The frame.
    pub seq: u64,
    /// The frame that must be shown before.
    pub base: u64,
    /// The changed parts.
    pub sheet: Sheet,
    /// Number of the sheet's head: another whenever the camera changed its tables.
    pub head: u32,
}

impl Step {
    /// The frame.
    pub fn seq(&self) -> u64 {
        match self {
            Self::Picture { seq } => *seq,
            Self::Tiles(tiles) => tiles.seq,
        }
    }
}

/// Decides frame by frame what goes to viewers.
#[derive(Debug, Default)]
pub struct TileStream {
    /// The last frame, and its shape, if what is shown of it is known.
    last: Option<(u64, Shape)>,
    ledger: Ledger,
    cutter: Cutter,
    head: Vec<u8>,
    head_number: u32,
    now: Vec<Look>,
    send: Vec<bool>,
}

impl TileStream {
    /// A stream that nothing was sent of.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next frame, with what the detector saw move in it. Sequence numbers must differ.
    pub fn step(&mut self, seq: u64, scanned: &Scanned, regions: &[Region]) -> Step {
        cells::look(scanned, &mut self.now);
        let mut cutter = std::mem::take(&mut self.cutter);
        let step = self.next(seq, scanned.shape(), regions, |rects| cutter.cut_if_worth(scanned, rects));
        self.cutter = cutter;
        step
    }

    /// The next frame, of which there are pixels and no JPEG yet. `sheet` codes the rectangles that viewers need of it, or
    /// answers `None` if the whole picture should go.
    pub fn step_of_pixels(
        &mut self,
        seq: u64,
        means: &Means,
        regions: &[Region],
        sheet: impl FnOnce(&[Rect]) -> Option<Sheet>,
    ) -> Step {
        if !means.are_complete() {
            return self.step_whole(seq);
        }
        cells::look_at_means(means, &mut self.now);
        self.next(seq, means.shape, regions, sheet)
    }

    fn next(
        &mut self,
        seq: u64,
        shape: Shape,
        regions: &[Region],
        sheet: impl FnOnce(&[Rect]) -> Option<Sheet>,
    ) -> Step {
        let before = self.last.replace((seq, shape));
        let sheet = match before {
            Some((base, of)) if of == shape => {
                self.choose(Grid::of(shape.width, shape.height), regions);
                let rects = rectangles(Grid::of(shape.width, shape.height), &self.send);
                let rects: Vec<Rect> = rects.into_iter().map(|rect| in_mcus(rect, shape)).collect();
                sheet(&rects).map(|sheet| (base, sheet))
            }
            _ => None,
        };
        let Some((base, sheet)) = sheet else {
            self.ledger.all_sent(&self.now);
            return Step::Picture { seq };
        };
        self.ledger.sent(&self.now, &self.send);
        if sheet.head != self.head {
            self.head.clone_from(&sheet.head);
            self.head_number += 1;
        }
        Step::Tiles(Tiles { seq, base, sheet, head: self.head_number })
    }

    /// The next frame, which could not be scanned.
    pub fn step_whole(&mut self, seq: u64) -> Step {
        self.last = None;
        Step::Picture { seq }
    }

    /// Chooses the cells that have to be sent.
    fn choose(&mut self, grid: Grid, regions: &[Region]) {
        self.send.clear();
        self.send.resize(grid.cells(), false);
        for &region in regions {
            mark(region, grid, &mut self.send);
        }
        self.ledger.choose(grid, &self.now, &mut self.send);
    }
}

impl Cutter {
    /// Cuts rectangles out of a picture, unless the sheet would not be worth it: not smaller than the whole by enough.
    pub fn cut_if_worth(&mut self, scanned: &Scanned, rects: &[Rect]) -> Option<Sheet> {
        let most = scanned.bytes() * WORTH_CUTTING / 100;
        if scanned.bytes_of(rects) > most {
            return None;
        }
        let sheet = self.cut(scanned, rects).ok()?;
        (sheet.body.len() + sheet.places.len() * PLACE_BYTES <= most).then_some(sheet)
    }
}

/// Marks the cells that a region and its margin touch.
fn mark(region: Region, grid: Grid, send: &mut [bool]) {
    let span = |start: u16, length: u16, cells: usize| {
        let end = usize::from(start) + usize::from(length) + usize::from(MARGIN);
        let first = usize::from(start.saturating_sub(MARGIN)) / CELL;
        first.min(cells)..end.div_ceil(CELL).min(cells)
    };
    for y in span(region.y, region.height, grid.rows) {
        for x in span(region.x, region.width, grid.columns) {
            send[y * grid.columns + x] = true;
        }
    }
}

/// The chosen cells as rectangles that do not overlap: runs of a row, joined with equal ones above.
fn rectangles(grid: Grid, send: &[bool]) -> Vec<Rect> {
    let mut done: Vec<Rect> = Vec::new();
    let mut open: Vec<Rect> = Vec::new();
    for (y, row) in (0u16..).zip(send.chunks_exact(grid.columns.max(1))) {
        let mut next = Vec::new();
        let mut x = 0;
        while x < row.len() {
            let length = row[x..].iter().take_while(|&&send| send).count();
            if length > 0 {
                let run = Rect { x: x as u16, y, width: length as u16, height: 1 };
                let above = open.iter().position(|rect| rect.x == run.x && rect.width == run.width);
                let joined = above.map_or(run, |above| {
                    let above = open.swap_remove(above);
                    Rect { height: above.height + 1, ..above }
                });
                next.push(joined);
            }
            x += length + 1;
        }
        done.append(&mut open);
        open = next;
    }
    done.append(&mut open);
    done
}

/// A rectangle of cells in MCUs, without those that lie wholly outside the picture.
fn in_mcus(cells: Rect, shape: Shape) -> Rect {
    let (across, down) = (CELL as u16 / shape.mcu_width, CELL as u16 / shape.mcu_height);
    let (x, y) = (cells.x * across, cells.y * down);
    Rect {
        x,
        y,
        width: (cells.width * across).min(shape.columns() as u16 - x),
        height: (cells.height * down).min(shape.rows() as u16 - y),
    }
}
