//! Shapes as distances: negative inside, positive outside, in the scene's unit. Edges come out smooth because a pixel's
//! share follows from its distance.

use crate::maths::{Vec2, mix, vec2};

/// An upright rectangle by its middle and half its size, with corners rounded by `round`.
pub(crate) fn rectangle(at: Vec2, middle: Vec2, half: Vec2, round: f32) -> f32 {
    let d = at.minus(middle);
    let (x, y) = (d.x.abs() - half.x + round, d.y.abs() - half.y + round);
    vec2(x.max(0.0), y.max(0.0)).length() + x.max(y).min(0.0) - round
}

/// An ellipse by its middle and radii; near the edge a good approximation of the distance.
pub(crate) fn ellipse(at: Vec2, middle: Vec2, radii: Vec2) -> f32 {
    let d = at.minus(middle);
    let scaled = vec2(d.x / radii.x, d.y / radii.y);
    let slope = vec2(scaled.x / radii.x, scaled.y / radii.y).length();
    let reach = scaled.length();
    if slope == 0.0 { -radii.x.min(radii.y) } else { (reach - 1.0) * reach / slope }
}

/// A convex polygon with corners in clockwise order (as seen on the screen).
pub(crate) fn polygon(at: Vec2, corners: &[Vec2]) -> f32 {
    let mut furthest = f32::MIN;
    for (i, &corner) in corners.iter().enumerate() {
        let edge = corners[(i + 1) % corners.len()].minus(corner);
        let outward = vec2(edge.y, -edge.x);
        furthest = furthest.max(at.minus(corner).dot(outward) / edge.length().max(1e-6));
    }
    furthest
}

/// A limb: thick at one end, perhaps thinner at the other, round at both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limb {
    pub(crate) from: Vec2,
    pub(crate) to: Vec2,
    pub(crate) from_radius: f32,
    pub(crate) to_radius: f32,
}

impl Limb {
    /// Ready to be asked about many places; those further away than `margin` are of no interest.
    pub(crate) fn prepared(&self, margin: f32) -> PreparedLimb {
        let axis = self.to.minus(self.from);
        let length = axis.length();
        let normal = (length >= self.from_radius.min(self.to_radius))
            .then(|| vec2(-axis.y, axis.x).times(1.0 / length.max(1e-6)));
        PreparedLimb { limb: *self, axis, per_length: 1.0 / axis.dot(axis).max(1e-9), normal, margin }
    }

    /// Least and greatest corner of a box around it.
    pub(crate) fn bounds(&self) -> (Vec2, Vec2) {
        let (a, b, ra, rb) = (self.from, self.to, self.from_radius, self.to_radius);
        (
            vec2((a.x - ra).min(b.x - rb), (a.y - ra).min(b.y - rb)),
            vec2((a.x + ra).max(b.x + rb), (a.y + ra).max(b.y + rb)),
        )
    }
}

/// A limb with everything worked out that does not depend on the place asked about.
pub(crate) struct PreparedLimb {
    limb: Limb,
    axis: Vec2,
    /// 1 / the axis's length squared.
    per_length: f32,
    /// Square to the axis; none when the limb is so short that it is a ball.
    normal: Option<Vec2>,
    margin: f32,
}

impl PreparedLimb {
    /// The distance, and the direction out from the limb's axis, scaled so that the rim is at length 1. Beyond the ends
    /// of a long limb it goes on as if the limb did, so that shading runs smoothly over joints; a short limb is a ball.
    /// `None` outside of the margin.
    pub(crate) fn distance(&self, at: Vec2) -> Option<(f32, Vec2)> {
        let d = at.minus(self.limb.from);
        let along = (d.dot(self.axis) * self.per_length).clamp(0.0, 1.0);
        let radius = mix(self.limb.from_radius, self.limb.to_radius, along);
        let out = d.minus(self.axis.times(along));
        let (away, reach) = (out.dot(out), radius + self.margin);
        if away > reach * reach {
            return None;
        }
        let aside = self.normal.map_or(out, |normal| normal.times(out.dot(normal)));
        Some((away.sqrt() - radius, aside.times(1.0 / radius)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-4
    }

    #[test]
    fn distances_are_negative_inside_and_positive_outside() {
        let middle = vec2(1.0, 1.0);
        assert!(close(rectangle(vec2(1.0, 1.0), middle, vec2(0.5, 0.25), 0.0), -0.25));
        assert!(close(rectangle(vec2(1.8, 1.65), middle, vec2(0.5, 0.25), 0.0), 0.5));
        assert!(close(ellipse(vec2(3.0, 1.0), middle, vec2(1.0, 1.0)), 1.0));
        assert!(ellipse(middle, middle, vec2(0.4, 0.2)) < 0.0);
        let square = [vec2(0.0, 0.0), vec2(1.0, 0.0), vec2(1.0, 1.0), vec2(0.0, 1.0)];
        assert!(close(polygon(vec2(0.5, 0.25), &square), -0.25));
        assert!(close(polygon(vec2(1.5, 0.5), &square), 0.5));
    }

    #[test]
    fn limbs_taper_and_fit_their_bounds() {
        let limb = Limb { from: vec2(0.0, 0.0), to: vec2(1.0, 0.0), from_radius: 0.2, to_radius: 0.1 };
        let prepared = limb.prepared(0.5);
        let distance = |x, y| prepared.distance(vec2(x, y)).unwrap();
        assert!(close(distance(0.0, 0.5).0, 0.3));
        assert!(close(distance(1.0, 0.5).0, 0.4));
        assert!(close(distance(0.0, 0.2).1.y, 1.0));
        assert!(prepared.distance(vec2(0.0, 0.71)).is_none());
        assert_eq!(limb.bounds(), (vec2(-0.2, -0.2), vec2(1.1, 0.2)));
    }
}
