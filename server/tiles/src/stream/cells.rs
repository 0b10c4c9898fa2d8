//! What a picture looks like in blocks of 16×16 pixels, and what of it viewers may still be shown.

use std::array;

use super::Means;
use crate::{Scanned, Shape};

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
    look_at_brightness(shape, (&scanned.means, scanned.means_width()), looks);
    for component in 1..usize::from(shape.components) {
        look_at_colour(scanned, Grid::of(shape.width, shape.height), component, looks);
    }
}

/// The same for a picture of which no JPEG was made.
pub(super) fn look_at_means(means: &Means, looks: &mut Vec<Look>) {
    let shape = means.shape;
    look_at_brightness(shape, (&means.brightness, usize::from(shape.width).div_ceil(8)), looks);
    for (component, colour) in (1..).zip(&means.colour) {
        for (look, &mean) in looks.iter_mut().zip(colour) {
            look[4 + component] = mean;
        }
    }
}

/// Begins the looks with the means of brightness, of blocks that lie `stride` to a row.
fn look_at_brightness(shape: Shape, (means, stride): (&[i16], usize), looks: &mut Vec<Look>) {
    let grid = Grid::of(shape.width, shape.height);
    // Blocks and MCUs that stick out of the picture hold nothing that is seen: the last inside stands for them.
    let blocks = (usize::from(shape.width).div_ceil(8), usize::from(shape.height).div_ceil(8));
    looks.clear();
    for y in 0..grid.rows {
        let row = |dy: usize| &means[(2 * y + dy).min(blocks.1 - 1) * stride..][..blocks.0];
        let rows = row(0).chunks(2).zip(row(1).chunks(2));
        looks.extend(rows.map(|(upper, lower)| {
            let right = |pair: &[i16]| pair[pair.len() - 1];
            let four = [upper[0], right(upper), lower[0], right(lower)];
            let mean = four.iter().map(|&mean| i32::from(mean)).sum::<i32>() / 4;
            [mean as i16, four[0], four[1], four[2], four[3], 0, 0, 0]
        }));
    }
}

/// Fills in the means of a colour difference.
fn look_at_colour(scanned: &Scanned, grid: Grid, component: usize, looks: &mut [Look]) {
    let shape = scanned.shape();
    let (columns, rows) = (shape.columns(), shape.rows());
    let per_cell = (CELL / usize::from(shape.mcu_width.max(8)), CELL / usize::from(shape.mcu_height.max(8)));
    let (step, ends) = (scanned.dc_step(component), (2 * per_cell.0 * per_cell.1) as i32);
    for (y, looks) in looks.chunks_exact_mut(grid.columns).enumerate() {
        for (x, look) in looks.iter_mut().enumerate() {
            let mut sum = 0;
            for dy in 0..per_cell.1 {
                let row = (y * per_cell.1 + dy).min(rows - 1) * columns;
                for dx in 0..per_cell.0 {
                    let mcu = &scanned.mcus[row + (x * per_cell.0 + dx).min(columns - 1)];
                    sum += i32::from(mcu.first[component]) + i32::from(mcu.last[component]);
                }
            }
            look[4 + component] = (sum * step / ends).clamp(i16::MIN.into(), i16::MAX.into()) as i16;
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

    /// Calls `far` with each cell that may be further from what is shown than `percent` of what it may be, and with how far it
    /// is, in percent. Most cells of most frames are not, and pass in a few vector instructions.
    pub(super) fn far(&self, now: &[Look], percent: i32, mut far: impl FnMut(usize, i32)) {
        let least = LIMITS.map(|limit| ((i32::from(limit) * (percent + 1) + 99) / 100).min(i16::MAX.into()) as i16);
        for (cell, (now, (low, high))) in now.iter().zip(self.low.iter().zip(&self.high)).enumerate() {
            let off: Look = array::from_fn(|i| now[i].saturating_sub(low[i]).max(high[i].saturating_sub(now[i])));
            if (0..off.len()).fold(0, |any, i| any | u8::from(off[i] >= least[i])) > 0 {
                let distances = (0..off.len()).map(|i| i32::from(off[i]) * 100 / i32::from(LIMITS[i]));
                far(cell, distances.fold(0, i32::max));
            }
        }
    }

    /// Each cell was sent, or was not and may be shown to who enters now.
    pub(super) fn next(&mut self, now: &[Look], sent: &[bool]) {
        for ((now, &sent), (low, high)) in now.iter().zip(sent).zip(self.low.iter_mut().zip(&mut self.high)) {
            if sent {
                (*low, *high) = (*now, *now);
            } else {
                *low = array::from_fn(|i| low[i].min(now[i]));
                *high = array::from_fn(|i| high[i].max(now[i]));
            }
        }
    }
}
