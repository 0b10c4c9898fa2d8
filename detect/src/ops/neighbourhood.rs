//! What the 3×3 pixels around each pixel come to: the largest, the smallest, how many. Beyond the border there is
//! nothing.

use alloc::{vec, vec::Vec};

/// Operations over 3×3 pixels for planes of one size.
pub(crate) struct Neighbourhood {
    width: usize,
    /// The plane after the vertical pass.
    down: Vec<u8>,
}

impl Neighbourhood {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, down: vec![0; width * height] }
    }

    /// The largest value around each pixel; of a mask, its dilation.
    pub(crate) fn largest(&mut self, source: &[u8], result: &mut [u8]) {
        self.combine(source, result, u8::max);
    }

    /// The smallest value around each pixel; of a mask, its erosion.
    pub(crate) fn smallest(&mut self, source: &[u8], result: &mut [u8]) {
        self.combine(source, result, u8::min);
    }

    /// How many of the nine pixels of a mask are set.
    pub(crate) fn count(&mut self, mask: &[u8], result: &mut [u8]) {
        self.combine(mask, result, u8::wrapping_add);
    }

    /// Both passes. At the border, where a neighbour is missing, the others are combined.
    fn combine(&mut self, source: &[u8], result: &mut [u8], two: impl Fn(u8, u8) -> u8 + Copy) {
        let width = self.width;
        if width == 0 {
            return;
        }
        let height = source.len() / width;
        let row = |y: usize| &source[y * width..(y + 1) * width];
        for (y, down) in self.down.chunks_exact_mut(width).enumerate().take(height) {
            down.copy_from_slice(row(y));
            if y > 0 {
                merge(down, row(y - 1), two);
            }
            if y + 1 < height {
                merge(down, row(y + 1), two);
            }
        }
        for (down, result) in self.down.chunks_exact(width).zip(result.chunks_exact_mut(width)) {
            result.copy_from_slice(down);
            merge(&mut result[1..], down, two);
            merge(result, &down[1..], two);
        }
    }
}

/// Combines `from` into `to`, over the shorter of the two.
fn merge(to: &mut [u8], from: &[u8], two: impl Fn(u8, u8) -> u8) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = two(*to, from);
    }
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
            let mut around = Neighbourhood::new(width, plane.len() / width);
            let [mut largest, mut smallest, mut sum] = [plane.clone(), plane.clone(), plane.clone()];
            around.largest(&plane, &mut largest);
            around.smallest(&plane, &mut smallest);
            around.count(&plane, &mut sum);
            for i in 0..plane.len() {
                let near: Vec<u8> = (0..plane.len())
                    .filter(|j| (i % width).abs_diff(j % width) <= 1 && (i / width).abs_diff(j / width) <= 1)
                    .map(|j| plane[j])
                    .collect();
                prop_assert_eq!(Some(largest[i]), near.iter().copied().max());
                prop_assert_eq!(Some(smallest[i]), near.iter().copied().min());
                prop_assert_eq!(sum[i], near.iter().sum::<u8>());
            }
        }
    }
}
