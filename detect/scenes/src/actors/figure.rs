//! A figure made of limbs, drawn over the picture with round shading and smooth edges.

use crate::brush::over;
use crate::canvas::Frame;
use crate::maths::{Colour, Vec2, scaled, vec2};
use crate::shape::{Limb, ellipse};

/// A limb and its colour.
struct Part {
    limb: Limb,
    colour: Colour,
}

/// Limbs in the order in which they are drawn, and a shadow on the floor.
pub(crate) struct Figure {
    /// Where it stands.
    ground: Vec2,
    /// 1 to the right, -1 to the left.
    heading: f32,
    /// Scene units per unit of the figure.
    scale: f32,
    shadow: Vec2,
    /// How bright it is where it stands: 1 by day.
    light: f32,
    parts: Vec<Part>,
}

impl Figure {
    /// Where the light comes from: the window, upper left.
    const LIGHT: Vec2 = vec2(-0.55, -0.75);

    /// A figure without limbs. `shadow` is the shadow's radii in the figure's unit.
    pub(crate) fn new(ground: Vec2, heading: f32, scale: f32, shadow: Vec2) -> Self {
        Self { ground, heading, scale, shadow: shadow.times(scale), light: 1.0, parts: Vec::with_capacity(24) }
    }

    /// The same in less light.
    pub(crate) fn lit(self, light: f32) -> Self {
        Self { light, ..self }
    }

    /// Adds a limb. Points are in the figure's own coordinates: forward and up from where it stands.
    pub(crate) fn limb(&mut self, from: Vec2, from_radius: f32, to: Vec2, to_radius: f32, colour: Colour) {
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
    pub(crate) fn bounds(&self) -> (Vec2, Vec2) {
        let shadow = (self.ground.minus(self.shadow), self.ground.plus(self.shadow));
        self.parts.iter().map(|part| part.limb.bounds()).fold(shadow, |(least, greatest), (a, b)| {
            (vec2(least.x.min(a.x), least.y.min(a.y)), vec2(greatest.x.max(b.x), greatest.y.max(b.y)))
        })
    }

    /// Draws it into a picture of three bytes per pixel.
    pub(crate) fn draw(&self, frame: Frame, rgb: &mut [u8]) {
        if self.shadow.x > 0.0 {
            self.draw_shadow(frame, rgb);
        }
        for part in &self.parts {
            let (least, greatest) = part.limb.bounds();
            let limb = part.limb.prepared(frame.pixel);
            over(frame, rgb, least, greatest, |at| {
                let (distance, out) = limb.distance(at)?;
                Some((frame.share(distance, 0.0), shaded(scaled(part.colour, self.light), out)))
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

/// Lighter towards the window, darker away from it, as if the limb were round.
fn shaded(colour: Colour, out: Vec2) -> Colour {
    let towards = out.dot(Figure::LIGHT).clamp(-1.0, 1.0);
    let facing = (1.0 - out.dot(out)).max(0.0).sqrt();
    scaled(colour, 0.80 + 0.24 * towards + 0.16 * facing)
}
