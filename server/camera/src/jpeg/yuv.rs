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

/// Tables that stretch video range (16 to 235, colour 16 to 240) to the full range of JPEG.
#[derive(Debug)]
struct Stretch {
    y: [u8; 256],
    c: [u8; 256],
}

static VIDEO: Stretch = Stretch { y: stretch(16, 219, 0), c: stretch(128, 224, 128) };

const fn stretch(zero: i32, span: i32, to: i32) -> [u8; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let scaled = (i - zero) * 255;
        let half = if scaled < 0 { -span / 2 } else { span / 2 };
        let value = (scaled + half) / span + to;
        table[i as usize] = if value < 0 {
            0
        } else if value > 255 {
            255
        } else {
            value as u8
        };
        i += 1;
    }
    table
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
        self.y.iter_mut().for_each(|y| *y = VIDEO.y[usize::from(*y)]);
        self.u.iter_mut().chain(&mut self.v).for_each(|c| *c = VIDEO.c[usize::from(*c)]);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn video_range_becomes_full_range() {
        assert_eq!((VIDEO.y[16], VIDEO.y[235], VIDEO.y[0], VIDEO.y[255]), (0, 255, 0, 255));
        assert_eq!((VIDEO.c[128], VIDEO.c[16], VIDEO.c[240]), (128, 0, 255));
    }

    #[test]
    fn padded_rows_are_cut() {
        let planes = Planes::of_yuyv(&[1, 2, 3, 4, 99, 99, 5, 6, 7, 8, 99, 99], 2, 2, 6, Range::Full);
        assert_eq!((&planes.y[..], &planes.u[..], &planes.v[..]), (&[1, 3, 5, 7][..], &[2, 6][..], &[4, 8][..]));
        let planes = Planes::of_nv12(&[1, 2, 99, 3, 4, 99, 5, 6, 99], 2, 2, 3, Range::Full);
        assert_eq!((&planes.y[..], &planes.u[..], &planes.v[..]), (&[1, 2, 3, 4][..], &[5][..], &[6][..]));
    }
}
