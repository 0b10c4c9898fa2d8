//! A television on the wall that is on for a while.

use super::{Moment, Presence};
use crate::Happening;
use crate::brush::over;
use crate::maths::{Colour, Vec2, blend, hash, hills, scaled, sin_turns, smooth, unit, vec2};
use crate::shape::{ellipse, rectangle};

/// On from one second to another; the set hangs there all the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Television {
    pub(crate) from: f32,
    pub(crate) to: f32,
}

/// What is on: changes with every cut.
struct Shot {
    back: Colour,
    front: Colour,
    skin: Colour,
    looks: u64,
    /// Seconds since the cut.
    into: f32,
}

impl Television {
    const MIDDLE: Vec2 = vec2(0.095, 0.243);
    const HALF: Vec2 = vec2(0.186, 0.108);
    const BEZEL: f32 = 0.010;
    /// How far its light reaches on the wall.
    const GLOW: Vec2 = vec2(0.34, 0.24);
    /// Seconds from cut to cut, on average.
    const SHOT: f32 = 2.4;

    fn on(self, t: f32) -> bool {
        (self.from..self.to).contains(&t)
    }

    pub(crate) fn draw(self, moment: &Moment, rgb: &mut [u8]) {
        let shot = self.on(moment.t).then(|| Shot::at(moment.seed, moment.t - self.from));
        let frame = moment.frame;
        if let Some(shot) = &shot {
            let light = blend(shot.back, shot.front, 0.4);
            over(frame, rgb, Self::MIDDLE.minus(Self::GLOW), Self::MIDDLE.plus(Self::GLOW), |at| {
                let away = vec2((at.x - Self::MIDDLE.x) / Self::GLOW.x, (at.y - Self::MIDDLE.y) / Self::GLOW.y);
                let near = smooth(1.0, 0.3, away.length());
                (near > 0.0).then_some((0.16 * near, light))
            });
        }
        let outer = Self::HALF.plus(vec2(Self::BEZEL, Self::BEZEL));
        over(frame, rgb, Self::MIDDLE.minus(outer), Self::MIDDLE.plus(outer), |at| {
            let rim = rectangle(at, Self::MIDDLE, Self::HALF, 0.0);
            let glass = scaled([30.0, 32.0, 36.0], 1.0 + 0.5 * smooth(0.10, -0.10, at.x + at.y - 0.34));
            let screen = shot.as_ref().map_or(glass, |shot| shot.colour(at));
            let colour = blend([20.0, 20.0, 22.0], screen, frame.share(rim, 0.0));
            Some((frame.share(rectangle(at, Self::MIDDLE, outer, 0.004), 0.0), colour))
        });
    }

    pub(crate) fn presence(self, moment: &Moment) -> Option<Presence> {
        let (reach, happening) = if self.on(moment.t) {
            (Self::GLOW, Happening::Nuisance)
        } else {
            (Self::HALF.plus(vec2(Self::BEZEL, Self::BEZEL)), Happening::Nothing)
        };
        let pixels = moment.frame.pixels(Self::MIDDLE.minus(reach), Self::MIDDLE.plus(reach))?;
        Some(Presence { pixels, happening })
    }
}

impl Shot {
    fn at(seed: u64, t: f32) -> Self {
        let count = (t / Television::SHOT).floor();
        // Cuts come irregularly: each up to a second after its turn.
        let late = |count: f32| unit(hash(seed ^ 0xc7 ^ hash(count as i64 as u64)));
        let begin = count * Television::SHOT + late(count);
        let (count, begin) = if t < begin {
            (count - 1.0, (count - 1.0) * Television::SHOT + late(count - 1.0))
        } else {
            (count, begin)
        };
        let looks = hash(seed ^ 0xd5 ^ hash(count as i64 as u64));
        let colour = |which: u64, bright: f32| {
            let grey = 70.0 + 130.0 * unit(hash(looks ^ hash(which * 7)));
            [1, 2, 3].map(|c: u64| bright * (grey + 80.0 * (unit(hash(looks ^ hash(which * 7 + c))) - 0.5)))
        };
        let bright = 0.35 + 0.65 * unit(looks);
        Self {
            back: colour(1, bright),
            front: colour(2, 0.6 * bright),
            skin: scaled([222.0, 168.0, 138.0], 0.6 + 0.4 * bright),
            looks,
            into: t - begin,
        }
    }

    /// Somebody before a landscape, seen by a camera that pans.
    fn colour(&self, at: Vec2) -> Colour {
        let d = vec2(
            (at.x - Television::MIDDLE.x) / Television::HALF.y,
            (at.y - Television::MIDDLE.y) / Television::HALF.y,
        );
        let pan = self.into * 0.35 * (unit(self.looks.rotate_left(9)) - 0.5);
        let ridge = 0.2 - 0.9 * hills(self.looks, vec2(d.x * 1.4 + 3.0 * pan, 0.5));
        let scenery = blend(self.back, self.front, smooth(-0.04, 0.04, d.y - ridge));
        let talk = 0.03 * sin_turns(self.into * 1.7);
        let middle = vec2(1.6 * (unit(self.looks.rotate_left(23)) - 0.5) + talk, -0.1 + talk);
        let size = 0.30 + 0.30 * unit(self.looks.rotate_left(37));
        let soft = |distance: f32| smooth(0.03, -0.03, distance);
        let coat = soft(ellipse(d, middle.plus(vec2(0.0, 2.3 * size)), vec2(1.25 * size, 1.35 * size)));
        let face = soft(ellipse(d, middle, vec2(0.72 * size, size)));
        let hair = soft(ellipse(d, middle.minus(vec2(0.0, 0.35 * size)), vec2(0.80 * size, 0.85 * size)));
        let with_coat = blend(scenery, scaled(self.front, 0.6), coat);
        blend(
            blend(with_coat, [46.0, 36.0, 32.0], hair),
            self.skin,
            face * smooth(-0.45, -0.25, (d.y - middle.y) / size),
        )
    }
}
