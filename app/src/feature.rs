//! What is remembered of each second with motion, small enough to hold a year of them: how much changed, how large the
//! biggest region was, whether the light shifted, and where on a coarse map.

use serde::{Deserialize, Serialize};

use crate::{Region, Timestamp};

/// Cells of the map from left to right.
pub const COLUMNS: usize = 8;
/// Cells of the map from top to bottom.
pub const ROWS: usize = 6;
/// Bytes of a map: two cells each, the left one in the low half.
pub const MAP: usize = COLUMNS * ROWS / 2;
/// Bytes of a record as [`Feature::encode`] writes it.
pub const RECORD: usize = 4 + 2 + 2 + 2 + MAP;

/// The map that a detector hands over has twice as many cells each way.
const GRID: (usize, usize) = (2 * COLUMNS, 2 * ROWS);

/// A second with motion. Every value is the largest of its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// The UTC second's start.
    pub second: Timestamp,
    /// Share of the picture that changed, of 65535; of the boxes' area where no map is known.
    pub area: u16,
    /// Share of the picture that the biggest region covers, of 65535.
    pub biggest: u16,
    /// Whether the light shifted as a whole.
    pub light: bool,
    /// How much of each cell changed, 0 to 15, row by row; anything at all is at least 1.
    pub map: [u8; MAP],
}

impl Feature {
    /// Of one frame: its size in pixels, its boxes, and the detector's map of 16 × 12 shares of 255, if there is one.
    pub fn of_frame(at: Timestamp, size: (u16, u16), boxes: &[Region], grid: Option<&[u8]>, light: bool) -> Self {
        let whole = (u64::from(size.0) * u64::from(size.1)).max(1);
        let share = |pixels: u64| (pixels * 65_535 / whole).min(65_535) as u16;
        let pixels = |r: &Region| u64::from(r.w) * u64::from(r.h);
        let biggest = share(boxes.iter().map(pixels).max().unwrap_or(0));
        let mut map = [0; MAP];
        let area = if let Some(grid) = grid.filter(|grid| grid.len() == GRID.0 * GRID.1) {
            for (i, value) in grid.iter().enumerate() {
                raise(&mut map, i % GRID.0 / 2, i / GRID.0 / 2, value.div_ceil(17));
            }
            let sum: u64 = grid.iter().map(|value| u64::from(*value)).sum();
            (sum * 65_535 / (255 * grid.len() as u64)) as u16
        } else {
            for region in boxes {
                cover(&mut map, size, region);
            }
            share(boxes.iter().map(pixels).sum())
        };
        Self { second: at.second(), area, biggest, light, map }
    }

    /// Takes in another frame's of the same second.
    pub fn join(&mut self, other: &Self) {
        self.area = self.area.max(other.area);
        self.biggest = self.biggest.max(other.biggest);
        self.light |= other.light;
        for (mine, theirs) in self.map.iter_mut().zip(other.map) {
            *mine = (*mine & 15).max(theirs & 15) | (*mine >> 4).max(theirs >> 4) << 4;
        }
    }

    /// A cell of the map, 0 to 15; 0 outside of it.
    pub fn cell(&self, column: usize, row: usize) -> u8 {
        if column >= COLUMNS || row >= ROWS {
            return 0;
        }
        let i = row * COLUMNS + column;
        self.map[i / 2] >> (4 * (i % 2)) & 15
    }

    /// Appends the record: seconds since the epoch, area, biggest, flags (bit 0: light), map; little endian.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend(((self.second.0 / crate::time::MICROS_PER_SECOND) as u32).to_le_bytes());
        for value in [self.area, self.biggest, u16::from(self.light)] {
            out.extend(value.to_le_bytes());
        }
        out.extend(self.map);
    }

    /// Reads a record; `None` if the bytes are too few.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let record = bytes.first_chunk::<RECORD>()?;
        let value = |i: usize| u16::from_le_bytes([record[i], record[i + 1]]);
        let seconds = u32::from_le_bytes([record[0], record[1], record[2], record[3]]);
        let mut map = [0; MAP];
        map.copy_from_slice(&record[RECORD - MAP..]);
        let second = Timestamp(i64::from(seconds) * crate::time::MICROS_PER_SECOND);
        Some(Self { second, area: value(4), biggest: value(6), light: value(8) & 1 != 0, map })
    }
}

/// Raises a cell to a value of 0 to 15.
fn raise(map: &mut [u8; MAP], column: usize, row: usize, value: u8) {
    let i = row * COLUMNS + column;
    let shift = 4 * (i % 2);
    let old = map[i / 2] >> shift & 15;
    map[i / 2] += (value.min(15).max(old) - old) << shift;
}

/// Fills the cells that a box touches.
fn cover(map: &mut [u8; MAP], size: (u16, u16), region: &Region) {
    let cell =
        |pixel: u32, size: u16, cells: usize| ((pixel as usize * cells) / usize::from(size.max(1))).min(cells - 1);
    let (right, bottom) = (u32::from(region.x) + u32::from(region.w), u32::from(region.y) + u32::from(region.h));
    let columns = cell(region.x.into(), size.0, COLUMNS)..=cell(right.saturating_sub(1), size.0, COLUMNS);
    for row in cell(region.y.into(), size.1, ROWS)..=cell(bottom.saturating_sub(1), size.1, ROWS) {
        for column in columns.clone() {
            raise(map, column, row, 15);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detectors_map_is_halved_and_nothing_that_moved_is_lost() {
        let mut grid = [0; 192];
        grid[5 * 16 + 6] = 1;
        grid[5 * 16 + 7] = 255;
        grid[11 * 16 + 15] = 3;
        let feature = Feature::of_frame(Timestamp(1_999_999), (64, 48), &[], Some(&grid), true);
        assert_eq!((feature.second.0, feature.light, feature.biggest), (1_000_000, true, 0));
        assert_eq!((feature.cell(3, 2), feature.cell(7, 5), feature.cell(0, 0)), (15, 1, 0));
        assert_eq!(feature.area, (259 * 65_535 / (255 * 192)) as u16);
    }

    #[test]
    fn without_a_map_the_boxes_make_one() {
        let boxes =
            [Region { x: 0, y: 0, w: 32, h: 24, strength: 1 }, Region { x: 63, y: 47, w: 9, h: 9, strength: 1 }];
        let feature = Feature::of_frame(Timestamp(0), (64, 48), &boxes, None, false);
        assert_eq!((feature.cell(0, 0), feature.cell(3, 2), feature.cell(4, 2), feature.cell(7, 5)), (15, 15, 0, 15));
        assert_eq!(feature.biggest, 16_383);
        // Sizes that make no sense divide nothing by zero.
        Feature::of_frame(Timestamp(0), (0, 0), &boxes, None, false);
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_joins_cell_by_cell() {
        let boxes = |x| [Region { x, y: 0, w: 8, h: 8, strength: 1 }];
        let mut a = Feature::of_frame(Timestamp(7_000_000), (64, 48), &boxes(0), None, false);
        a.join(&Feature::of_frame(Timestamp(7_000_001), (64, 48), &boxes(56), None, true));
        assert_eq!((a.cell(0, 0), a.cell(7, 0), a.cell(3, 0), a.light), (15, 15, 0, true));
        let mut bytes = Vec::new();
        a.encode(&mut bytes);
        assert_eq!(bytes.len(), RECORD);
        assert_eq!(Feature::decode(&bytes), Some(a));
        assert_eq!(Feature::decode(&bytes[1..]), None);
    }
}
