//! Box means of a full-size plane: for cameras whose luma does not come from a JPEG decoder that shrinks by itself.

use crate::{Geometry, Scale};

/// Bytes that are added up at once.
const LANES: usize = 8;
/// Columns worked on at a time: their sums fit the processor's nearest cache.
const PIECE: usize = 512;

impl Geometry {
    /// Shrinks `luma`, a plane as large as the camera's picture, to `small`, the plane that detectors look at: each
    /// pixel is the rounded mean of the box that it stands for. At the right and lower border a box holds what is left.
    ///
    /// `scale` is the one that came with this geometry. Slices of other lengths are a caller's mistake and change
    /// nothing.
    pub fn shrink(self, scale: Scale, luma: &[u8], small: &mut [u8]) {
        let (source, width) = (usize::from(self.source_width), usize::from(self.width));
        let fits = scale.apply(self.source_width) == self.width && scale.apply(self.source_height) == self.height;
        if !fits || luma.len() != source * usize::from(self.source_height) || small.len() != self.pixels() {
            return;
        }
        let k = usize::from(scale.denominator());
        for (rows, small) in luma.chunks(k * source).zip(small.chunks_exact_mut(width)) {
            let whole = if rows.len() == k * source { source / k } else { 0 };
            match scale {
                Scale::Full => small.copy_from_slice(rows),
                Scale::Half => shrink_rows::<2>(rows, source, &mut small[..whole]),
                Scale::Quarter => shrink_rows::<4>(rows, source, &mut small[..whole]),
                Scale::Eighth => shrink_rows::<8>(rows, source, &mut small[..whole]),
            }
            for (x, grey) in
                small.iter_mut().enumerate().skip(if k == 1 { width } else { whole / (LANES / k) * (LANES / k) })
            {
                *grey = mean(rows, source, x * k, k);
            }
        }
    }
}

/// The mean of one box, which the border may cut off.
fn mean(rows: &[u8], source: usize, start: usize, k: usize) -> u8 {
    let end = (start + k).min(source);
    let sum: usize = rows.chunks_exact(source).flat_map(|row| &row[start..end]).map(|&grey| usize::from(grey)).sum();
    let n = rows.len() / source * (end - start);
    ((sum + n / 2) / n) as u8
}

/// Means of `K` by `K` pixels, as many as there are whole groups of eight columns for. Eight bytes are one number whose
/// 16-bit parts are added side by side: plain integers, of which compilers make the widest instructions there are.
fn shrink_rows<const K: usize>(rows: &[u8], source: usize, small: &mut [u8]) {
    const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
    let mut sums = [0_u64; PIECE / LANES];
    for (piece, small) in small.chunks_mut(PIECE / K).enumerate() {
        let groups = small.len() / (LANES / K);
        let sums = &mut sums[..groups];
        sums.fill(0);
        for row in rows.chunks_exact(source) {
            // Eight rows of pairs stay below 8 · 510.
            let (eights, _) = row[piece * PIECE..][..groups * LANES].as_chunks::<LANES>();
            for (sum, eight) in sums.iter_mut().zip(eights) {
                let eight = u64::from_le_bytes(*eight);
                *sum += (eight & PAIRS) + (eight >> 8 & PAIRS);
            }
        }
        for (sum, small) in sums.iter().zip(small.chunks_exact_mut(LANES / K)) {
            let half = (K * K / 2) as u64;
            // Sums of neighbouring 16-bit parts come to stand in the lower of the two.
            let mut all = *sum;
            if K >= 4 {
                all += all >> 16;
            }
            if K == 8 {
                all += all >> 32;
            }
            for (i, grey) in small.iter_mut().enumerate() {
                *grey = (((all >> (i * K * 8) & 0xffff) + half) / (K * K) as u64) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_mean_of_each_box(
            (w, h, luma) in (1_u16..70, 1_u16..40)
                .prop_flat_map(|(w, h)| (Just(w), Just(h), prop::collection::vec(any::<u8>(), usize::from(w * h)))),
            scale in prop::sample::select(&Scale::ALL[..]),
        ) {
            let geometry =
                Geometry { source_width: w, source_height: h, width: scale.apply(w), height: scale.apply(h) };
            let mut small = vec![7; geometry.pixels()];
            geometry.shrink(scale, &luma, &mut small);
            let k = usize::from(scale.denominator());
            for (i, &grey) in small.iter().enumerate() {
                let (x, y) = (i % usize::from(geometry.width) * k, i / usize::from(geometry.width) * k);
                let inside: Vec<usize> = (y..(y + k).min(usize::from(h)))
                    .flat_map(|y| (x..(x + k).min(usize::from(w))).map(move |x| y * usize::from(w) + x))
                    .map(|i| usize::from(luma[i]))
                    .collect();
                let mean = (inside.iter().sum::<usize>() + inside.len() / 2) / inside.len();
                prop_assert_eq!(usize::from(grey), mean);
            }
        }
    }

    #[test]
    fn wide_pictures_are_shrunk_piece_by_piece() {
        let (geometry, scale) = Geometry::for_source(1920, 1080);
        let luma: Vec<u8> = (0..1920 * 1080).map(|i| (i % 1920 / 8 + i / 1920 / 8) as u8).collect();
        let mut small = vec![0; geometry.pixels()];
        geometry.shrink(scale, &luma, &mut small);
        assert!(small.iter().enumerate().all(|(i, &grey)| grey == (i % 240 + i / 240) as u8));
        geometry.shrink(scale, &luma, &mut [0; 3]);
    }
}
