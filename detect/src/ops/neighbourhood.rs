//! What the 3×3 pixels around each pixel come to: the largest, the smallest, all of their bits, how many. Beyond the border there is
//! nothing.

use crate::vectors::vectorised;
use alloc::{vec, vec::Vec};

/// Operations over 3×3 pixels for planes of one size.
pub(crate) struct Neighbourhood {
    width: usize,
    /// A row after the vertical pass.
    down: Vec<u8>,
}

impl Neighbourhood {
    pub(crate) fn new(width: usize) -> Self {
        Self { width, down: vec![0; width] }
    }

    /// The largest value around each pixel; of a mask, its dilation.
    pub(crate) fn largest(&mut self, source: &[u8], result: &mut [u8]) {
        self.combine(source, result, u8::max);
    }

    /// The smallest value around each pixel; of a mask, its erosion.
    pub(crate) fn smallest(&mut self, source: &[u8], result: &mut [u8]) {
        self.combine(source, result, u8::min);
    }

    /// All bits that are set around each pixel.
    pub(crate) fn union(&mut self, source: &[u8], result: &mut [u8]) {
        self.combine(source, result, |a, b| a | b);
    }

    /// How many of the nine pixels of a mask are set.
    pub(crate) fn count(&mut self, mask: &[u8], result: &mut [u8]) {
        self.combine(mask, result, u8::wrapping_add);
    }

    /// Both passes, row by row. At the border, where a neighbour is missing, the others are combined.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    fn combine(&mut self, source: &[u8], result: &mut [u8], two: impl Fn(u8, u8) -> u8 + Copy) {
        vectorised!({
            let width = self.width;
            if width == 0 {
                return;
            }
            let rows = source.len() / width;
            let row = |y: usize| &source[y * width..(y + 1) * width];
            for (y, result) in result.chunks_exact_mut(width).enumerate().take(rows) {
                match (y > 0, y + 1 < rows) {
                    (true, true) => three(&mut self.down, row(y - 1), row(y), row(y + 1), two),
                    (true, false) => three(&mut self.down, row(y - 1), row(y), &[], two),
                    (false, true) => three(&mut self.down, row(y), row(y + 1), &[], two),
                    (false, false) => self.down.copy_from_slice(row(y)),
                }
                across(&self.down, result, two);
            }
        });
    }

    /// Bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.down.capacity()
    }
}

/// Combines rows; the third may be missing.
#[expect(clippy::inline_always, reason = "a part of what is compiled for the processor")]
#[inline(always)]
fn three(to: &mut [u8], a: &[u8], b: &[u8], c: &[u8], two: impl Fn(u8, u8) -> u8) {
    if c.is_empty() {
        for ((to, &a), &b) in to.iter_mut().zip(a).zip(b) {
            *to = two(a, b);
        }
        return;
    }
    for (((to, &a), &b), &c) in to.iter_mut().zip(a).zip(b).zip(c) {
        *to = two(two(a, b), c);
    }
}

/// Combines each value of a row with those beside it.
#[expect(clippy::inline_always, reason = "a part of what is compiled for the processor")]
#[inline(always)]
fn across(row: &[u8], to: &mut [u8], two: impl Fn(u8, u8) -> u8) {
    let n = row.len();
    if n < 3 {
        for (x, to) in to.iter_mut().enumerate() {
            *to = row[x.saturating_sub(1)..(x + 2).min(n)].iter().copied().reduce(&two).unwrap_or(0);
        }
        return;
    }
    for (((to, &left), &middle), &right) in to[1..].iter_mut().zip(row).zip(&row[1..]).zip(&row[2..]) {
        *to = two(two(left, middle), right);
    }
    to[0] = two(row[0], row[1]);
    to[n - 1] = two(row[n - 2], row[n - 1]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_looking_at_each_neighbour(
            (width, plane) in (1_usize..12, 1_usize..12)
                .prop_flat_map(|(w, h)| (Just(w), prop::collection::vec(0_u8..20, w * h))),
        ) {
            let mut around = Neighbourhood::new(width);
            let [mut largest, mut smallest, mut union, mut sum] = [(); 4].map(|()| plane.clone());
            around.largest(&plane, &mut largest);
            around.smallest(&plane, &mut smallest);
            around.union(&plane, &mut union);
            around.count(&plane, &mut sum);
            for i in 0..plane.len() {
                let near: Vec<u8> = (0..plane.len())
                    .filter(|j| (i % width).abs_diff(j % width) <= 1 && (i / width).abs_diff(j / width) <= 1)
                    .map(|j| plane[j])
                    .collect();
                prop_assert_eq!(Some(largest[i]), near.iter().copied().max());
                prop_assert_eq!(Some(smallest[i]), near.iter().copied().min());
                prop_assert_eq!(union[i], near.iter().fold(0, |all, bits| all | bits));
                prop_assert_eq!(sum[i], near.iter().sum::<u8>());
            }
        }
    }
}
