//! A figure made of limbs, drawn over the picture with round shading and smooth edges.

use crate::canvas::Frame;
use crate::maths::{Colour, Vec2, blend, scaled, vec2};
use crate::shape::{Limb, ellipse};

/// A limb and its colour.
struct Part {
    limb: Limb,
    colour: Colour,
}

/// Limbs in the order in which they are drawn, and a shadow on the floor.
pub(super) struct Figure {
    /// Where it stands.
    ground: Vec2,
    /// 1 to the right, -1 to the left.
    heading: f32,
    /// Scene units per unit of the figure.
    scale: f32,
    shadow: Vec2,
    parts: Vec<Part>,
}

impl Figure {
    /// Where the light comes from: the window, upper left.
    const LIGHT: Vec2 = vec2(-0.55, -0.75);

    /// A figure without limbs. `shadow` is the shadow's radii in the figure's unit.
    pub(super) fn new(ground: Vec2, heading: f32, scale: f32, shadow: Vec2) -> Self {
        Self { ground, heading, scale, shadow: shadow.times(scale), parts: Vec::with_capacity(24) }
    }

    /// Adds a limb. Points are in the figure's own coordinates: forward and up from where it stands.
    pub(super) fn limb(&mut self, from: Vec2, from_radius: f32, to: Vec2, to_radius: f32, colour: Colour) {
        let place = |p: Vec2| self.ground.plus(vec2(p.x * self.heading, -p.y).times(self.scale));
        let limb = Limb {
            from: place(from),
            to: place(to),
            from_radius: from_radius * self.scale,
            to_radius: to_radius * self.scale,
        };
        self.parts.push(Part { limb, colour });
    }

    /// Least and greatest corner of a box around it, shadow included.
    pub(super) fn bounds(&self) -> (Vec2, Vec2) {
        let shadow = (self.ground.minus(self.shadow), self.ground.plus(self.shadow));
        self.parts.iter().map(|part| part.limb.bounds()).fold(shadow, |(least, greatest), (a, b)| {
            (vec2(least.x.min(a.x), least.y.min(a.y)), vec2(greatest.x.max(b.x), greatest.y.max(b.y)))
        })
    }

    /// Draws it into a picture of three bytes per pixel.
    pub(super) fn draw(&self, frame: Frame, rgb: &mut [u8]) {
        self.draw_shadow(frame, rgb);
        for part in &self.parts {
            let (least, greatest) = part.limb.bounds();
            let limb = part.limb.prepared(frame.pixel);
            over(frame, rgb, least, greatest, |at| {
                let (distance, out) = limb.distance(at)?;
                Some((frame.share(distance, 0.0), shaded(part.colour, out)))
            });
        }
    }

    /// Darkest in the middle, nothing at the rim.
    fn draw_shadow(&self, frame: Frame, rgb: &mut [u8]) {
        let (least, greatest) = (self.ground.minus(self.shadow), self.ground.plus(self.shadow));
        over(frame, rgb, least, greatest, |at| {
            let inside = (-ellipse(at, self.ground, self.shadow) / self.shadow.y).clamp(0.0, 1.0);
            (inside > 0.0).then_some((0.5 * inside * (2.0 - inside), [22.0, 16.0, 12.0]))
        });
    }
}

/// Blends into each pixel of a box what `paint` gives for it, if anything: a share and a colour.
fn over(frame: Frame, rgb: &mut [u8], least: Vec2, greatest: Vec2, paint: impl Fn(Vec2) -> Option<(f32, Colour)>) {
    let Some([left, top, right, bottom]) = frame.pixels(least, greatest) else { return };
    let width = usize::from(frame.width);
    for y in top..bottom {
        let row = &mut rgb[(y * width + left) * 3..(y * width + right) * 3];
        for (x, pixel) in (left..right).zip(row.chunks_exact_mut(3)) {
            if let Some((share, colour)) = paint(frame.position(x, y)) {
                let below = [f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2])];
                let mixed = blend(below, colour, share).map(|channel| (channel + 0.5).clamp(0.0, 255.0) as u8);
                pixel.copy_from_slice(&mixed);
            }
        }
    }
}

/// Lighter towards the window, darker away from it, as if the limb were round.
fn shaded(colour: Colour, out: Vec2) -> Colour {
    let towards = out.dot(Figure::LIGHT).clamp(-1.0, 1.0);
    let facing = (1.0 - out.dot(out)).max(0.0).sqrt();
    scaled(colour, 0.80 + 0.24 * towards + 0.16 * facing)
}
