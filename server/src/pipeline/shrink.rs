//! Brightness of full size made as small as detectors want it.

use rtm2_detect::{Geometry, Scale};

/// Box means of `luma`, a plane of the source's size, at `scale`: what a JPEG decoder gives at that scale, without the
/// JPEG. At the right and lower border the boxes are what is left.
pub(super) fn shrink(luma: &[u8], geometry: Geometry, scale: Scale, small: &mut Vec<u8>) {
    let step = usize::from(scale.denominator());
    let width = usize::from(geometry.source_width);
    small.clear();
    small.reserve(geometry.pixels());
    for rows in luma.chunks(width * step) {
        for left in (0..width).step_by(step) {
            let right = (left + step).min(width);
            let boxed = rows.chunks_exact(width).map(|row| &row[left..right]);
            let (sum, n) = boxed.fold((0, 0), |(sum, n), part| {
                (sum + part.iter().map(|&grey| u32::from(grey)).sum::<u32>(), n + part.len() as u32)
            });
            small.push(((sum + n / 2) / n.max(1)) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_pixel_is_the_mean_of_what_it_covers() {
        let geometry = Geometry { source_width: 3, source_height: 3, width: 2, height: 2 };
        let mut small = Vec::new();
        shrink(&[10, 20, 100, 30, 41, 104, 7, 8, 9], geometry, Scale::Half, &mut small);
        assert_eq!(small, [25, 102, 8, 9]);
        let same = Geometry { width: 3, height: 3, ..geometry };
        shrink(&[1, 2, 3, 4, 5, 6, 7, 8, 9], same, Scale::Full, &mut small);
        assert_eq!(small, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn every_size_gives_the_plane_of_its_geometry() {
        let mut small = Vec::new();
        for (width, height) in [(640, 480), (641, 479), (1920, 1080), (1, 1), (17, 300)] {
            let (geometry, scale) = Geometry::for_source(width, height);
            shrink(&vec![9; usize::from(width) * usize::from(height)], geometry, scale, &mut small);
            assert_eq!(small, vec![9; geometry.pixels()], "{width}x{height}");
        }
    }
}
