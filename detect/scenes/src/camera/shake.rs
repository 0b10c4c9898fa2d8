//! A camera on a mast or a door frame that shakes.

use crate::canvas::Frame;
use crate::maths::{hash, sin_turns, unit};

/// The picture is moved by up to this share of its height.
pub(crate) const REACH: f32 = 0.010;

/// Where the picture has moved to in frame `n` at second `t`: right and down, in pixels. Gusts come and go.
pub(crate) fn offset(seed: u64, n: u64, t: f32, frame: Frame) -> [f32; 2] {
    let gust = (0.15 + 0.6 * sin_turns(t / 7.0) + 0.4 * sin_turns(t / 2.9)).clamp(0.05, 1.0);
    let looks = hash(seed ^ 0xe3 ^ hash(n));
    let reach = REACH * gust * f32::from(frame.height);
    [reach * (2.0 * unit(looks) - 1.0), reach * (2.0 * unit(hash(looks)) - 1.0)]
}

/// Moves the picture; at the edges it goes on as it ended.
pub(crate) fn shift([right, down]: [f32; 2], frame: Frame, rgb: &mut [u8]) {
    let still = rgb.to_vec();
    let (width, height) = (i32::from(frame.width), i32::from(frame.height));
    let (fx, fy) = ((-right * 16.0).floor() as i32, (-down * 16.0).floor() as i32);
    let (dx, dy, u, v) = (fx >> 4, fy >> 4, (fx & 15) as u32, (fy & 15) as u32);
    let columns: Vec<[usize; 2]> =
        (0..width).map(|x| [x + dx, x + dx + 1].map(|x| x.clamp(0, width - 1) as usize * 3)).collect();
    let row = |y: i32| &still[(y.clamp(0, height - 1) * width * 3) as usize..][..width as usize * 3];
    for (y, target) in (0..height).zip(rgb.chunks_exact_mut(width as usize * 3)) {
        let (upper, lower) = (row(y + dy), row(y + dy + 1));
        for (pixel, &[a, b]) in target.chunks_exact_mut(3).zip(&columns) {
            for (c, value) in pixel.iter_mut().enumerate() {
                let across = |row: &[u8]| u32::from(row[a + c]) * (16 - u) + u32::from(row[b + c]) * u;
                *value = ((across(upper) * (16 - v) + across(lower) * v + 128) >> 8) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_half_pixels_are_moved_as_told() {
        let frame = Frame::new(4, 3);
        let mut rgb: Vec<u8> = (0..3).flat_map(|_| [0, 0, 0, 0, 0, 0, 200, 200, 200, 0, 0, 0]).collect();
        shift([1.0, 0.0], frame, &mut rgb);
        assert_eq!(rgb[..12], [0, 0, 0, 0, 0, 0, 0, 0, 0, 200, 200, 200]);
        shift([-0.5, 1.0], frame, &mut rgb);
        assert_eq!(rgb[12..24], [0, 0, 0, 0, 0, 0, 100, 100, 100, 200, 200, 200]);
    }

    #[test]
    fn shaking_stays_in_its_reach_and_differs_from_frame_to_frame() {
        let frame = Frame::new(320, 240);
        let all: Vec<_> = (0..200_u16).map(|n| offset(1, n.into(), f32::from(n) / 15.0, frame)).collect();
        assert!(all.iter().flatten().all(|d| d.abs() <= REACH * 240.0));
        assert!(
            all.iter().any(|d| d[0].abs() > 1.5)
                && all.windows(2).all(|pair| pair[0][0].to_bits() != pair[1][0].to_bits())
        );
    }
}
