//! A mask summed up in coarse cells.

use crate::Grid;
use core::ops::Range;

/// Fills `grid` with the share of set pixels in each cell, rounded up so that a single one still shows. Planes smaller
/// than the grid have their pixels in several cells.
pub(crate) fn shares(mask: &[u8], width: usize, grid: &mut Grid) {
    grid.0.fill(0);
    if width == 0 {
        return;
    }
    let height = mask.len() / width;
    for (row, cells) in grid.0.chunks_exact_mut(Grid::COLUMNS).enumerate() {
        let rows = part(row, Grid::ROWS, height);
        for (column, cell) in cells.iter_mut().enumerate() {
            let columns = part(column, Grid::COLUMNS, width);
            let pixels = rows.len() * columns.len();
            let set: usize = rows
                .clone()
                .filter_map(|y| mask.get(y * width + columns.start..y * width + columns.end))
                .map(|ones| ones.iter().map(|&one| usize::from(one)).sum::<usize>())
                .sum();
            *cell = (set * 255).div_ceil(pixels.max(1)) as u8;
        }
    }
}

/// The `index`-th of `parts` nearly equal parts of `0..length`, at least one long where there is anything at all.
fn part(index: usize, parts: usize, length: usize) -> Range<usize> {
    let start = index * length / parts;
    start..((index + 1) * length / parts).max(start + 1).min(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_mask_fills_every_cell() {
        for (width, height) in [(160, 120), (1, 1), (17, 5), (3, 200)] {
            let mut grid = Grid::default();
            shares(&vec![1; width * height], width, &mut grid);
            assert!(grid.0.iter().all(|&cell| cell == 255), "{width}x{height}");
        }
    }

    #[test]
    fn one_pixel_shows_in_its_cell_alone() {
        let mut mask = vec![0; 160 * 120];
        mask[35 * 160 + 47] = 1;
        let mut grid = Grid::default();
        shares(&mask, 160, &mut grid);
        let set: Vec<_> = (0..grid.0.len()).filter(|&i| grid.0[i] != 0).collect();
        assert_eq!(set, [3 * Grid::COLUMNS + 4]);
        assert_eq!(grid.0[set[0]], 3, "1 of 100 pixels, of 255");
    }

    #[test]
    fn half_a_cell_is_half() {
        let mut mask = vec![0; 160 * 120];
        for y in 0..10 {
            mask[y * 160..y * 160 + 5].fill(1);
        }
        let mut grid = Grid::default();
        shares(&mask, 160, &mut grid);
        assert_eq!(grid.0[0], 128);
    }
}
