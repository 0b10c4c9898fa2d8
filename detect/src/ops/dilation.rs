//! Growing the set pixels of a mask by an ellipse.

use alloc::{vec, vec::Vec};

/// Dilation by an ellipse of whole-pixel radii, for masks of one width.
pub(crate) struct Dilation {
    width: usize,
    /// How far the ellipse reaches sideways, by rows above or below its centre.
    reach: Vec<usize>,
    /// Which rows of the source hold anything: most do not.
    occupied: Vec<bool>,
}

impl Dilation {
    /// Larger radii make no sense at analysis scale and would only be slow.
    const MAX_RADIUS: u32 = 32;

    pub(crate) fn new(width: usize, height: usize, radius_x: u32, radius_y: u32) -> Self {
        let (rx, ry) = (radius_x.min(Self::MAX_RADIUS), radius_y.min(Self::MAX_RADIUS));
        Self { width, reach: (0..=ry).map(|dy| half_width(rx, ry, dy)).collect(), occupied: vec![false; height] }
    }

    /// Writes to `grown` the mask `source` grown by the ellipse. Both hold `width * height` bytes.
    pub(crate) fn apply(&mut self, source: &[u8], grown: &mut [u8]) {
        grown.fill(0);
        if self.width == 0 {
            return;
        }
        for (occupied, row) in self.occupied.iter_mut().zip(source.chunks_exact(self.width)) {
            *occupied = row.iter().fold(0, |any, &pixel| any | pixel) != 0;
        }
        for (y, grown) in grown.chunks_exact_mut(self.width).enumerate() {
            for (dy, &reach) in self.reach.iter().enumerate() {
                if dy > 0
                    && let Some(above) = y.checked_sub(dy)
                {
                    self.spread(source, above, reach, grown);
                }
                self.spread(source, y + dy, reach, grown);
            }
        }
    }

    /// Bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.reach.capacity() * size_of::<usize>() + self.occupied.capacity()
    }

    /// Adds row `y` of `source` to `grown`, moved by every distance up to `reach`.
    fn spread(&self, source: &[u8], y: usize, reach: usize, grown: &mut [u8]) {
        if !self.occupied.get(y).is_some_and(|&occupied| occupied) {
            return;
        }
        let Some(row) = source.get(y * self.width..(y + 1) * self.width) else { return };
        merge(grown, row);
        for shift in 1..=reach.min(self.width - 1) {
            merge(&mut grown[shift..], row);
            merge(grown, &row[shift..]);
        }
    }
}

/// Sets in `to` what is set in `from`, over the shorter of the two.
fn merge(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to |= from;
    }
}

/// `rx * sqrt(1 - (dy / ry)^2)`, rounded.
fn half_width(rx: u32, ry: u32, dy: u32) -> usize {
    if ry == 0 {
        return rx as usize;
    }
    let doubled = (4 * rx * rx * (ry * ry - dy * dy)).isqrt();
    ((doubled + ry) / (2 * ry)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_ellipses_have_the_expected_shape() {
        let rows = |rx, ry| Dilation::new(9, 9, rx, ry).reach;
        assert_eq!(rows(1, 0), [1]);
        assert_eq!(rows(1, 1), [1, 0]);
        assert_eq!(rows(4, 2), [4, 3, 0]);
        assert_eq!(rows(0, 2), [0, 0, 0]);
    }

    proptest! {
        #[test]
        fn sets_what_any_set_pixel_reaches(
            (width, source) in (1_usize..24, 1_usize..24)
                .prop_flat_map(|(w, h)| (Just(w), prop::collection::vec((0_u8..12).prop_map(|v| u8::from(v == 0)), w * h))),
            rx in 0_u32..6,
            ry in 0_u32..6,
        ) {
            let height = source.len() / width;
            let mut grown = vec![9; source.len()];
            Dilation::new(width, height, rx, ry).apply(&source, &mut grown);
            for y in 0..height {
                for x in 0..width {
                    let wanted = (0..source.len()).filter(|&i| source[i] == 1).any(|i| {
                        let (dx, dy) = ((i % width).abs_diff(x), (i / width).abs_diff(y) as u32);
                        dy <= ry && dx <= half_width(rx, ry, dy)
                    });
                    prop_assert_eq!(grown[y * width + x], u8::from(wanted), "at {},{}", x, y);
                }
            }
        }
    }
}
