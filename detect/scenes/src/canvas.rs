//! A picture in the making: colours in floating point, on which shapes are laid one over the other.

use crate::maths::{Colour, Vec2, blend, vec2};
use crate::shape::Limb;

/// Width and height in pixels, and where each pixel lies in the scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// A pixel's edge in scene units.
    pub(crate) pixel: f32,
    /// How far the picture reaches to each side of the middle.
    pub(crate) half_width: f32,
}

impl Frame {
    /// A frame of this size; 0 is taken as 1.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let pixel = 1.0 / f32::from(height);
        Self { width, height, pixel, half_width: f32::from(width) * pixel / 2.0 }
    }

    /// The middle of a pixel.
    pub(crate) fn position(self, x: usize, y: usize) -> Vec2 {
        vec2((x as f32 + 0.5) * self.pixel - self.half_width, (y as f32 + 0.5) * self.pixel)
    }

    /// The pixels that a box of the scene touches, clipped: left, top, and the ones after the last. `None` when the
    /// box is outside.
    pub(crate) fn pixels(self, least: Vec2, greatest: Vec2) -> Option<[usize; 4]> {
        let clip = |value: f32, most: u16| value.clamp(0.0, f32::from(most)) as usize;
        let height = f32::from(self.height);
        let column = |x: f32| (x + self.half_width) * height;
        let left = clip(column(least.x).floor(), self.width);
        let right = clip(column(greatest.x).ceil(), self.width);
        let top = clip((least.y * height).floor(), self.height);
        let bottom = clip((greatest.y * height).ceil(), self.height);
        (left < right && top < bottom).then_some([left, top, right, bottom])
    }

    /// The share of a pixel that lies inside a shape at this distance from its edge, the edge blurred over `soft`.
    pub(crate) fn share(self, distance: f32, soft: f32) -> f32 {
        (0.5 - distance / soft.max(self.pixel)).clamp(0.0, 1.0)
    }
}

/// Colours of all pixels.
pub(crate) struct Canvas {
    pub(crate) frame: Frame,
    pub(crate) colours: Vec<Colour>,
}

impl Canvas {
    pub(crate) fn new(frame: Frame) -> Self {
        Self { frame, colours: vec![[0.0; 3]; usize::from(frame.width) * usize::from(frame.height)] }
    }

    /// Changes every pixel by its place and its colour so far.
    pub(crate) fn each(&mut self, change: impl Fn(Vec2, Colour) -> Colour) {
        let whole = [0, 0, usize::from(self.frame.width), usize::from(self.frame.height)];
        self.each_of(whole, change);
    }

    /// Changes the pixels from left and top up to right and bottom.
    fn each_of(&mut self, [left, top, right, bottom]: [usize; 4], change: impl Fn(Vec2, Colour) -> Colour) {
        let width = usize::from(self.frame.width);
        for (y, row) in self.colours.chunks_exact_mut(width).enumerate().take(bottom).skip(top) {
            for (x, colour) in row.iter_mut().enumerate().take(right).skip(left) {
                *colour = change(self.frame.position(x, y), *colour);
            }
        }
    }

    /// Lays a shape with a sharp edge over what is there.
    pub(crate) fn paint(&mut self, shape: impl Fn(Vec2) -> f32, colour: impl Fn(Vec2) -> Colour) {
        let frame = self.frame;
        self.each(|at, below| {
            let covered = frame.share(shape(at), 0.0);
            if covered > 0.0 { blend(below, colour(at), covered) } else { below }
        });
    }

    /// Lays a limb over what is there, coloured by the direction out from its axis.
    pub(crate) fn paint_limb(&mut self, limb: &Limb, colour: impl Fn(Vec2) -> Colour) {
        let frame = self.frame;
        let (least, greatest) = limb.bounds();
        let Some(pixels) = frame.pixels(least, greatest) else { return };
        let limb = limb.prepared(frame.pixel);
        self.each_of(pixels, |at, below| match limb.distance(at) {
            Some((distance, out)) => blend(below, colour(out), frame.share(distance, 0.0)),
            None => below,
        });
    }

    /// Multiplies by `tint` inside a shape whose edge is blurred over `soft`: shadows and glows.
    pub(crate) fn tint(&mut self, shape: impl Fn(Vec2) -> f32, soft: f32, tint: Colour) {
        let frame = self.frame;
        self.each(|at, below| {
            let t = frame.share(shape(at), soft);
            // An S-shaped ramp looks softer than a straight one.
            let t = t * t * (3.0 - 2.0 * t);
            [0, 1, 2].map(|c| below[c] * (1.0 + (tint[c] - 1.0) * t))
        });
    }

    /// To bytes, three per pixel.
    pub(crate) fn to_rgb(&self) -> Vec<u8> {
        self.colours.iter().flat_map(|colour| colour.map(|channel| (channel + 0.5).clamp(0.0, 255.0) as u8)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_clipped_to_the_picture() {
        let frame = Frame::new(200, 100);
        assert_eq!(frame.pixels(vec2(-0.5, 0.1), vec2(0.0, 0.25)), Some([50, 10, 100, 25]));
        assert_eq!(frame.pixels(vec2(-9.0, -9.0), vec2(9.0, 9.0)), Some([0, 0, 200, 100]));
        assert_eq!(frame.pixels(vec2(1.1, 0.0), vec2(1.5, 1.0)), None);
    }

    #[test]
    fn edges_are_shared_between_inside_and_outside() {
        let mut canvas = Canvas::new(Frame::new(4, 2));
        // The edge runs through the middle of the second column.
        canvas.paint(|at| at.x + 0.25, |_| [200.0; 3]);
        assert_eq!(canvas.to_rgb()[..12], [200, 200, 200, 100, 100, 100, 0, 0, 0, 0, 0, 0]);
    }
}
