//! Falling rain. Drops are so fast that each frame has its own.

use super::{Moment, Presence};
use crate::Happening;
use crate::brush::over;
use crate::maths::{hash, mix, unit, vec2};
use crate::shape::Limb;

/// It rains from one second to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rain {
    pub(crate) from: f32,
    pub(crate) to: f32,
    /// Streaks in a frame at the heaviest.
    pub(crate) streaks: u64,
}

impl Rain {
    fn falls(&self, t: f32) -> bool {
        (self.from..self.to).contains(&t)
    }

    pub(crate) fn draw(&self, moment: &Moment, rgb: &mut [u8]) {
        if !self.falls(moment.t) {
            return;
        }
        let frame = moment.frame;
        for streak in 0..self.streaks {
            let looks = hash(moment.seed ^ hash(moment.n) ^ hash(streak).rotate_left(13));
            let near = unit(looks) * unit(looks);
            let at = vec2((2.2 * unit(hash(looks)) - 1.1) * frame.half_width, 1.15 * unit(hash(looks ^ 1)) - 0.1);
            let fall = vec2(0.16, 1.0).times(mix(0.035, 0.15, near));
            let radius = mix(0.0009, 0.0028, near);
            let limb = Limb { from: at, to: at.plus(fall), from_radius: radius, to_radius: radius * 1.2 };
            let (least, greatest) = limb.bounds();
            let (limb, share) = (limb.prepared(frame.pixel), mix(0.50, 0.30, near));
            over(frame, rgb, least, greatest, |at| {
                let (distance, _) = limb.distance(at)?;
                Some((share * frame.share(distance, 0.0), [212.0, 218.0, 222.0]))
            });
        }
    }

    pub(crate) fn presence(&self, moment: &Moment) -> Option<Presence> {
        let pixels = [0, 0, moment.frame.width.into(), moment.frame.height.into()];
        self.falls(moment.t).then_some(Presence { pixels, happening: Happening::Nuisance })
    }
}
