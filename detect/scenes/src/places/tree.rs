//! The yard's tree, cut out so that it can sway before everything behind it.

use crate::canvas::{Canvas, Frame};
use crate::maths::{Colour, Vec2, hash, scaled, sin_turns, unit, vec2};
use crate::shape::Limb;

/// Where the trunk meets the lawn.
const ROOT: Vec2 = vec2(-0.40, 0.63);

/// The box in which all of it stays however it sways: least and greatest corner.
const REACH: [Vec2; 2] = [vec2(-0.80, 0.0), vec2(-0.03, 0.68)];

/// Heaps of leaves: middle and radius.
const HEAPS: [(f32, f32, f32); 11] = [
    (-0.54, 0.20, 0.11),
    (-0.27, 0.21, 0.11),
    (-0.40, 0.25, 0.11),
    (-0.62, 0.11, 0.09),
    (-0.20, 0.10, 0.08),
    (-0.48, 0.10, 0.12),
    (-0.32, 0.11, 0.12),
    (-0.55, 0.02, 0.09),
    (-0.26, 0.02, 0.09),
    (-0.42, 0.01, 0.12),
    (-0.40, 0.15, 0.10),
];

/// The tree at rest, ready to be laid over pictures of one size.
pub(crate) struct Tree {
    frame: Frame,
    /// Red, green, blue, each times the share, and the share itself.
    pixels: Vec<[u8; 4]>,
}

impl Tree {
    pub(crate) fn new(frame: Frame, seed: u64) -> Self {
        let (mut colours, mut shares) = (Canvas::new(frame), Canvas::new(frame));
        let mut lay = |limb: &Limb, colour: Colour| {
            colours.paint_limb(limb, |out| scaled(colour, 1.0 - 0.16 * out.x - 0.10 * out.y));
            shares.paint_limb(limb, |_| [255.0; 3]);
        };
        trunk(&mut lay);
        leaves(&mut lay, seed);
        let (colours, shares) = (colours.to_rgb(), shares.to_rgb());
        let pairs = colours.chunks_exact(3).zip(shares.chunks_exact(3));
        let pixels = pairs.map(|(colour, share)| [colour[0], colour[1], colour[2], share[0]]).collect();
        Self { frame, pixels }
    }

    /// The pixels that it may cover.
    pub(crate) fn extent(&self) -> Option<[usize; 4]> {
        self.frame.pixels(REACH[0], REACH[1])
    }

    /// Lays it over a picture, bent by a wind of this strength (0 none, 1 strong) at second `t`.
    pub(crate) fn draw(&self, wind: f32, t: f32, rgb: &mut [u8]) {
        let Some([left, top, right, bottom]) = self.extent() else { return };
        let width = usize::from(self.frame.width);
        let per_unit = f32::from(self.frame.height);
        for y in top..bottom {
            let row = &mut rgb[(y * width + left) * 3..(y * width + right) * 3];
            let up = ((ROOT.y - self.frame.position(0, y).y) / ROOT.y).max(0.0);
            let bend = wind * up * up * (0.022 * sin_turns(t * 0.31) + 0.012 * sin_turns(t * 0.83 + 0.2) + 0.012);
            for (x, pixel) in (left..right).zip(row.chunks_exact_mut(3)) {
                let at = self.frame.position(x, y);
                // Boughs go their own ways.
                let flutter = 0.007 * wind * up * sin_turns(t * 1.3 + 2.7 * at.x + 3.9 * at.y);
                let (sx, sy) = ((bend + flutter) * per_unit, 0.7 * flutter * per_unit);
                let [r, g, b, share] = self.sample(x as f32 - sx, y as f32 + sy);
                if share > 0 {
                    for (below, over) in pixel.iter_mut().zip([r, g, b]) {
                        *below = ((u32::from(*below) * (255 - share) + 127) / 255 + over).min(255) as u8;
                    }
                }
            }
        }
    }

    /// The four channels between pixels.
    fn sample(&self, x: f32, y: f32) -> [u32; 4] {
        let (width, height) = (i32::from(self.frame.width), i32::from(self.frame.height));
        let (fx, fy) = ((x * 16.0).floor() as i32, (y * 16.0).floor() as i32);
        let (left, top, across, down) = (fx >> 4, fy >> 4, (fx & 15) as u32, (fy & 15) as u32);
        let pixel = |x: i32, y: i32| {
            self.pixels[(y.clamp(0, height - 1) * width + x.clamp(0, width - 1)) as usize].map(u32::from)
        };
        let row = |y: i32| {
            let (one, other) = (pixel(left, y), pixel(left + 1, y));
            [0, 1, 2, 3].map(|i| one[i] * (16 - across) + other[i] * across)
        };
        let (upper, lower) = (row(top), row(top + 1));
        [0, 1, 2, 3].map(|i| (upper[i] * (16 - down) + lower[i] * down) >> 8)
    }
}

fn trunk(lay: &mut impl FnMut(&Limb, Colour)) {
    const BARK: Colour = [92.0, 76.0, 62.0];
    let fork = vec2(-0.405, 0.38);
    let mut limb = |from: Vec2, from_radius: f32, to: Vec2, to_radius: f32| {
        lay(&Limb { from, to, from_radius, to_radius }, BARK);
    };
    limb(ROOT, 0.034, vec2(-0.41, 0.58), 0.024);
    limb(vec2(-0.41, 0.58), 0.024, fork, 0.019);
    limb(fork, 0.018, vec2(-0.52, 0.22), 0.010);
    limb(fork, 0.018, vec2(-0.29, 0.20), 0.010);
    limb(fork, 0.017, vec2(-0.42, 0.15), 0.008);
    limb(vec2(-0.47, 0.29), 0.010, vec2(-0.60, 0.17), 0.006);
    limb(vec2(-0.33, 0.26), 0.009, vec2(-0.20, 0.15), 0.005);
}

fn leaves(lay: &mut impl FnMut(&Limb, Colour), seed: u64) {
    for (number, (x, y, radius)) in (0_u64..).zip(HEAPS) {
        for leaf in 0..120_u64 {
            let looks = hash(seed ^ 0x81 ^ hash(number << 32 | leaf));
            let d = vec2(2.0 * unit(looks) - 1.0, 2.0 * unit(hash(looks)) - 1.0);
            if d.dot(d) > 1.0 {
                continue;
            }
            let at = vec2(x, y).plus(d.times(radius));
            let light = 0.70 - 0.28 * d.y - 0.14 * d.x + 0.34 * (unit(looks.rotate_left(17)) - 0.5);
            let turn = vec2(unit(looks.rotate_left(29)) - 0.5, unit(looks.rotate_left(41)) - 0.4);
            let limb = Limb { from: at, to: at.plus(turn.times(0.034)), from_radius: 0.011, to_radius: 0.004 };
            lay(&limb, scaled([94.0, 116.0, 62.0], light));
        }
    }
}
