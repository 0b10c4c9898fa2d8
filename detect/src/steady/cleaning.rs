//! From single changed pixels to areas: stray ones are dropped, gaps are closed.

use crate::ops::{Components, Neighbourhood};
use crate::vectors::vectorised;
use alloc::{vec, vec::Vec};

/// A pixel stays when so many of the nine around it changed,
const MANY: u8 = 5;
/// or so many when it changed itself and by far.
const ENOUGH: u8 = 3;

/// Cleans masks of one size.
pub(super) struct Cleaning {
    mask: Vec<u8>,
    busy: Vec<u8>,
    scratch: Vec<u8>,
    components: Components,
}

impl Cleaning {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let plane = vec![0; width * height];
        let components = Components::new(width, height);
        Self { mask: plane.clone(), busy: plane.clone(), scratch: plane, components }
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.mask.capacity() + self.busy.capacity() + self.scratch.capacity() + self.components.bytes()
    }

    /// The changed pixels after cleaning.
    pub(super) fn mask(&self) -> &[u8] {
        &self.mask
    }

    /// The same and a pixel around them.
    pub(super) fn busy(&self) -> &[u8] {
        &self.busy
    }

    /// The connected areas of [`Self::busy`]: areas two pixels apart are one.
    pub(super) fn areas(&self) -> &Components {
        &self.components
    }

    /// Cleans what changed, `raw`, given also what changed by far, `strong`.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn clean(&mut self, raw: &[u8], strong: &[u8], around: &mut Neighbourhood) {
        vectorised!({
            around.count(raw, &mut self.scratch);
            for (((mask, count), raw), strong) in self.mask.iter_mut().zip(&self.scratch).zip(raw).zip(strong) {
                *mask = u8::from(*count >= MANY) | (u8::from(*count >= ENOUGH) & raw & strong);
            }
            // Closing, and one dilation more for what is around.
            around.largest(&self.mask, &mut self.scratch);
            around.smallest(&self.scratch, &mut self.mask);
            around.largest(&self.mask, &mut self.busy);
            self.components.find(&self.busy);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(pixels: &[(usize, usize)], strong: u8) -> Vec<(usize, usize)> {
        let mut raw = vec![0; 400];
        for &(x, y) in pixels {
            raw[y * 20 + x] = 1;
        }
        let far: Vec<u8> = raw.iter().map(|&one| one * strong).collect();
        let mut cleaning = Cleaning::new(20, 20);
        cleaning.clean(&raw, &far, &mut Neighbourhood::new(20));
        (0..400).filter(|&i| cleaning.mask()[i] == 1).map(|i| (i % 20, i / 20)).collect()
    }

    #[test]
    fn stray_pixels_are_dropped_and_clear_lines_stay() {
        assert_eq!(cleaned(&[(3, 3), (12, 5)], 1), []);
        let line: Vec<_> = (4..12).map(|y| (9, y)).collect();
        assert_eq!(cleaned(&line, 0), []);
        assert_eq!(cleaned(&line, 1), line[1..7]);
    }

    #[test]
    fn a_gap_is_closed() {
        let block: Vec<_> = (25..225).map(|i| (i % 20, i / 20)).filter(|&(x, y)| x != 10 || y != 5).collect();
        assert!(cleaned(&block, 1).contains(&(10, 5)));
    }
}
