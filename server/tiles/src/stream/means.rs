//! What the JPEG of a picture would say of its blocks, told by who has the pixels.

use super::cells::{CELL, Grid};
use crate::Shape;

/// The means of a picture's blocks as its JPEG would have them: each is the dequantised DC coefficient, eight times the
/// mean less 128. A stream that gets them in place of a [`crate::Scanned`] picture decides the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Means {
    /// Size of the picture, and of the MCUs that its JPEG would have.
    pub shape: Shape,
    /// Of brightness, for each block of 8×8 pixels that is not wholly outside the picture, row by row.
    pub brightness: Vec<i16>,
    /// Of the two colour differences, for each cell of 16×16 pixels, row by row; empty for grey.
    pub colour: [Vec<i16>; 2],
}

impl Means {
    /// Whether there is one for each block and cell.
    pub(super) fn are_complete(&self) -> bool {
        let Shape { width, height, mcu_width, mcu_height, components } = self.shape;
        let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
        let cells = if components == 1 { 0 } else { Grid::of(width, height).cells() };
        let mcu = |side: u16| side == 8 || usize::from(side) == CELL;
        blocks > 0
            && mcu(mcu_width)
            && mcu(mcu_height)
            && self.brightness.len() == blocks
            && self.colour.iter().all(|colour| colour.len() == cells)
    }
}
