//! What a picture looks like in blocks of 16×16 pixels, and what of it viewers may still be shown.

use crate::Scanned;

/// Width and height of a cell in pixels: of one, two or four MCUs.
pub const CELL: usize = 16;

/// What is known of a cell, in eighths of a grey level: the mean of its brightness, those of its four blocks, and those of
/// its colour differences.
pub(super) type Look = [i16; 8];

/// How far each of a [`Look`] may be from what is shown: the mean 3.5 levels, which leaves half a level for the rounding
/// of pixels; a block 8, which catches what moved within a cell; colour 6.
pub(super) const LIMITS: Look = [28, 64, 64, 64, 64, 48, 48, i16::MAX];

/// Cells of a picture: how many there are across and down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Grid {
    pub(super) fn of(width: u16, height: u16) -> Self {
        Self { columns: usize::from(width).div_ceil(CELL), rows: usize::from(height).div_ceil(CELL) }
    }

    pub(super) fn cells(self) -> usize {
        self.columns * self.rows
    }
}

/// Looks at all cells of a picture.
pub(super) fn look(scanned: &Scanned, looks: &mut Vec<Look>) {
    let shape = scanned.shape();
    let grid = Grid::of(shape.width, shape.height);
    // Blocks and MCUs that stick out of the picture hold nothing that is seen: the last inside stands for them.
    let blocks = (usize::from(shape.width).div_ceil(8), usize::from(shape.height).div_ceil(8));
    let stride = scanned.means_width();
    let (columns, rows) = (shape.columns(), shape.rows());
    let per_cell = (CELL / usize::from(shape.mcu_width.max(8)), CELL / usize::from(shape.mcu_height.max(8)));
    looks.clear();
    for y in 0..grid.rows {
        for x in 0..grid.columns {
            let block = |dx: usize, dy: usize| {
                scanned.means[(2 * y + dy).min(blocks.1 - 1) * stride + (2 * x + dx).min(blocks.0 - 1)]
            };
            let four = [block(0, 0), block(1, 0), block(0, 1), block(1, 1)];
            let mean = four.iter().map(|&mean| i32::from(mean)).sum::<i32>() / 4;
            let mut look = [mean as i16, four[0], four[1], four[2], four[3], 0, 0, 0];
            for component in 1..usize::from(shape.components) {
                let mut sum = 0;
                for dy in 0..per_cell.1 {
                    for dx in 0..per_cell.0 {
                        let row = (y * per_cell.1 + dy).min(rows - 1);
                        let mcu = &scanned.mcus[row * columns + (x * per_cell.0 + dx).min(columns - 1)];
                        sum += i32::from(mcu.first[component]) + i32::from(mcu.last[component]);
                    }
                }
                let mean = sum * scanned.dc_step(component) / (2 * per_cell.0 * per_cell.1) as i32;
                look[4 + component] = mean.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
            }
            looks.push(look);
        }
    }
}

/// What viewers that are in step may be shown of each cell: anything between the lowest and the highest look since the
/// cell was last sent to all.
///
/// Viewers enter with the whole picture of any frame, at a time that nobody tells the stream; so it counts with one
/// having entered at each.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    low: Vec<Look>,
    high: Vec<Look>,
}

impl Shown {
    /// The whole picture was sent.
    pub(super) fn all(&mut self, now: &[Look]) {
        self.low.clear();
        self.low.extend_from_slice(now);
        self.high.clone_from(&self.low);
    }

    /// How far a cell may be from what is shown, in hundredths of what it may be.
    pub(super) fn distance(&self, cell: usize, now: &Look) -> i32 {
        let (low, high) = (&self.low[cell], &self.high[cell]);
        (0..now.len())
            .map(|i| {
                let far = (i32::from(now[i]) - i32::from(low[i])).max(i32::from(high[i]) - i32::from(now[i]));
                far * 100 / i32::from(LIMITS[i])
            })
            .fold(0, i32::max)
    }

    /// A cell was sent, or was not and may be shown to who enters now.
    pub(super) fn next(&mut self, cell: usize, now: &Look, sent: bool) {
        let (low, high) = (&mut self.low[cell], &mut self.high[cell]);
        if sent {
            (*low, *high) = (*now, *now);
        } else {
            for i in 0..now.len() {
                low[i] = low[i].min(now[i]);
                high[i] = high[i].max(now[i]);
            }
        }
    }
}
