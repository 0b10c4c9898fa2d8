//! Takes interleaved camera formats apart into the planes that the encoder takes, without a detour over RGB.

use super::encode::Range;

/// Brightness and colour planes.
///
/// Brightness rows (and for NV12 their number) are rounded up to even: the encoder reads whole pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Planes {
    pub(super) y: Vec<u8>,
    pub(super) u: Vec<u8>,
    pub(super) v: Vec<u8>,
}

/// Stretches a brightness of video range (16 to 235) to the full range of JPEG.
///
/// Arithmetic in 16 bits in place of a table, so that a compiler makes vector instructions of it.
fn full_brightness(y: u8) -> u8 {
    let stretched = (u16::from(y.saturating_sub(16)) * 255 + 109) / 219;
    stretched.min(255) as u8
}

/// Stretches a colour difference of video range (16 to 240 around 128) to the full range of JPEG.
fn full_colour(c: u8) -> u8 {
    let (above, below) = (c.saturating_sub(128), 128u8.saturating_sub(c));
    // One of them is 0, and so is what becomes of it.
    let stretch = |distance: u8| ((u16::from(distance) * 255 + 112) / 224) as u8;
    128u8.saturating_add(stretch(above)).saturating_sub(stretch(below))
}

impl Planes {
    /// Takes YUYV rows of `stride` bytes apart: colour planes are `width / 2` (rounded up) by `height`.
    pub(super) fn of_yuyv(data: &[u8], width: usize, height: usize, stride: usize, range: Range) -> Self {
        let half = width.div_ceil(2);
        let mut planes = Self::of_sizes(2 * half * height, half * height);
        let ys = planes.y.chunks_exact_mut(2 * half);
        let us = planes.u.chunks_exact_mut(half);
        let vs = planes.v.chunks_exact_mut(half);
        for (((row, y), u), v) in data.chunks(stride).zip(ys).zip(us).zip(vs) {
            for (out, pair) in y.iter_mut().zip(row.chunks_exact(2)) {
                *out = pair[0];
            }
            for ((quad, u), v) in row.chunks_exact(4).zip(u).zip(v) {
                (*u, *v) = (quad[1], quad[3]);
            }
        }
        planes.stretched(range)
    }

    /// Takes NV12 (brightness rows, then rows of colour pairs) apart: colour planes are half the size, rounded up.
    pub(super) fn of_nv12(data: &[u8], width: usize, height: usize, stride: usize, range: Range) -> Self {
        let (half, rows) = (width.div_ceil(2), height.div_ceil(2));
        let mut planes = Self::of_sizes(4 * half * rows, half * rows);
        let (bright, colour) = data.split_at((stride * height).min(data.len()));
        for (row, y) in bright.chunks(stride).zip(planes.y.chunks_exact_mut(2 * half)) {
            y.copy_from_slice(&row[..2 * half]);
        }
        if height % 2 == 1 {
            let last = 2 * half * (height - 1);
            planes.y.copy_within(last..last + 2 * half, last + 2 * half);
        }
        let us = planes.u.chunks_exact_mut(half);
        let vs = planes.v.chunks_exact_mut(half);
        for ((row, u), v) in colour.chunks(stride).zip(us).zip(vs) {
            for ((pair, u), v) in row.chunks_exact(2).zip(u).zip(v) {
                (*u, *v) = (pair[0], pair[1]);
            }
        }
        planes.stretched(range)
    }

    fn of_sizes(y: usize, c: usize) -> Self {
        Self { y: vec![0; y], u: vec![128; c], v: vec![128; c] }
    }

    fn stretched(mut self, range: Range) -> Self {
        if range == Range::Full {
            return self;
        }
        self.y.iter_mut().for_each(|y| *y = full_brightness(*y));
        for colours in [&mut self.u, &mut self.v] {
            for c in colours.iter_mut() {
                *c = full_colour(*c);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn video_range_becomes_full_range() {
        assert_eq!([16, 235, 0, 255].map(full_brightness), [0, 255, 0, 255]);
        assert_eq!([128, 16, 240, 0, 255].map(full_colour), [128, 0, 255, 0, 255]);
        let stretched = |value: u8, zero: f64, span: f64| (f64::from(value) - zero) * 255.0 / span;
        for value in 0..=255 {
            assert_eq!(full_brightness(value), stretched(value, 16.0, 219.0).round() as u8);
            assert_eq!(full_colour(value), (128.0 + stretched(value, 128.0, 224.0).round()) as u8);
        }
    }

    #[test]
    fn padded_rows_are_cut() {
        let planes = Planes::of_yuyv(&[1, 2, 3, 4, 99, 99, 5, 6, 7, 8, 99, 99], 2, 2, 6, Range::Full);
        assert_eq!((&planes.y[..], &planes.u[..], &planes.v[..]), (&[1, 3, 5, 7][..], &[2, 6][..], &[4, 8][..]));
        let planes = Planes::of_nv12(&[1, 2, 99, 3, 4, 99, 5, 6, 99], 2, 2, 3, Range::Full);
        assert_eq!((&planes.y[..], &planes.u[..], &planes.v[..]), (&[1, 2, 3, 4][..], &[5][..], &[6][..]));
    }
}
