//! The little mathematics that scenes need, the same to the last bit on every target.

/// A point or a distance. Scenes use picture heights as the unit, with the origin in the middle of the upper edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Vec2 {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

pub(crate) const fn vec2(x: f32, y: f32) -> Vec2 {
    Vec2 { x, y }
}

impl Vec2 {
    pub(crate) fn plus(self, other: Self) -> Self {
        vec2(self.x + other.x, self.y + other.y)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        vec2(self.x - other.x, self.y - other.y)
    }

    pub(crate) fn times(self, factor: f32) -> Self {
        vec2(self.x * factor, self.y * factor)
    }

    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }
}

/// A colour, 0 to 255 per channel, with room beyond for light.
pub(crate) type Colour = [f32; 3];

pub(crate) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

pub(crate) fn blend(a: Colour, b: Colour, t: f32) -> Colour {
    [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]
}

pub(crate) fn scaled(colour: Colour, factor: f32) -> Colour {
    colour.map(|channel| channel * factor)
}

/// 0 below `from`, 1 above `to`, a smooth S between; `from` may be the larger.
pub(crate) fn smooth(from: f32, to: f32, value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Sine of `turns` whole turns, to about a thousandth. Not the library's: that one differs between targets.
pub(crate) fn sin_turns(turns: f32) -> f32 {
    let t = turns - turns.floor();
    let (half, sign) = if t < 0.5 { (t, 1.0) } else { (t - 0.5, -1.0) };
    // Bhaskara's approximation over half a turn.
    let product = half * (0.5 - half);
    sign * 16.0 * product / (1.25 - 4.0 * product)
}

pub(crate) fn cos_turns(turns: f32) -> f32 {
    sin_turns(turns + 0.25)
}

/// Well mixed bits of a number (the finaliser of splitmix64).
pub(crate) fn hash(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// From 0 up to 1, by the upper bits of a hash.
pub(crate) fn unit(hash: u64) -> f32 {
    (hash >> 40) as f32 / 16_777_216.0
}

/// One of several choices that make up the looks of something: the `which`-th, from 0 up to 1.
pub(crate) fn choice(looks: u64, which: u64) -> f32 {
    unit(hash(looks ^ hash(which)))
}

/// Smooth random hills of size 1, 0 to 1.
pub(crate) fn hills(seed: u64, at: Vec2) -> f32 {
    let (x, y) = (at.x.floor(), at.y.floor());
    let corner = |dx: f32, dy: f32| {
        let (x, y) = ((x + dx) as i32 as u32, (y + dy) as i32 as u32);
        unit(hash(seed ^ hash(u64::from(x) << 32 | u64::from(y))))
    };
    let (u, v) = (smooth(0.0, 1.0, at.x - x), smooth(0.0, 1.0, at.y - y));
    mix(mix(corner(0.0, 0.0), corner(1.0, 0.0), u), mix(corner(0.0, 1.0), corner(1.0, 1.0), u), v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_is_a_sine() {
        for step in -50..50_i16 {
            let turns = f32::from(step) / 17.0;
            let exact = (f64::from(turns) * std::f64::consts::TAU).sin() as f32;
            assert!((sin_turns(turns) - exact).abs() < 0.002, "{turns}");
            assert!((cos_turns(turns) - (f64::from(turns) * std::f64::consts::TAU).cos() as f32).abs() < 0.002);
        }
    }

    #[test]
    fn hills_have_no_steps() {
        let mut last = hills(1, vec2(-3.0, 0.3));
        for step in 1..600_i16 {
            let next = hills(1, vec2(-3.0 + f32::from(step) / 100.0, 0.3));
            assert!((next - last).abs() < 0.03 && (0.0..=1.0).contains(&next));
            last = next;
        }
    }
}
