//! A spider on the lens: near, large, out of focus, and bright in the infrared lamps' light.

use super::{Moment, Presence};
use crate::Happening;
use crate::brush::over;
use crate::maths::{Colour, Vec2, scaled, sin_turns, smooth, vec2};
use crate::shape::Limb;

/// It lets itself down from above, crawls about and climbs up again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spider {
    pub(crate) from: f32,
    pub(crate) to: f32,
}

impl Spider {
    /// Edges are blurred over this.
    const BLUR: f32 = 0.035;
    const COLOUR: Colour = [226.0, 226.0, 226.0];
    /// Seconds that coming down and climbing up take.
    const THREAD: f32 = 4.0;

    /// Its middle and how it has turned, in turns; none while it is not there.
    fn place(self, t: f32) -> Option<(Vec2, f32)> {
        let (into, left) = (t - self.from, self.to - t);
        if into < 0.0 || left < 0.0 {
            return None;
        }
        // Stop and go.
        let crawled = into + 0.9 * sin_turns(into / 6.0);
        let at = vec2(0.06 + 0.30 * sin_turns(crawled / 37.0), 0.46 + 0.20 * sin_turns(crawled / 23.0));
        let down = smooth(0.0, Self::THREAD, into) * smooth(0.0, Self::THREAD, left);
        let at = vec2(at.x, at.y - (1.0 - down) * (at.y + 0.35));
        Some((at, 0.06 * sin_turns(crawled / 9.0)))
    }

    /// The thread while it hangs, then legs, then the body.
    fn limbs(self, t: f32) -> Vec<Limb> {
        let Some((at, turned)) = self.place(t) else { return Vec::new() };
        let (sine, cosine) = (sin_turns(turned), sin_turns(turned + 0.25));
        let place = |p: Vec2| at.plus(vec2(p.x * cosine - p.y * sine, p.x * sine + p.y * cosine));
        let limb = |from: Vec2, from_radius: f32, to: Vec2, to_radius: f32| Limb {
            from: place(from),
            to: place(to),
            from_radius,
            to_radius,
        };
        let mut limbs = Vec::with_capacity(18);
        for leg in 0..8_u8 {
            let side = if leg % 2 == 0 { 1.0 } else { -1.0 };
            let pair = f32::from(leg / 2) - 1.5;
            let step = sin_turns(t * 1.1 + f32::from(leg) * 0.375) * 0.012;
            let knee = vec2(side * 0.105, pair * 0.058 + step - 0.025);
            let foot = vec2(side * 0.165, pair * 0.085 + 1.8 * step + 0.02);
            limbs.push(limb(vec2(side * 0.022, pair * 0.018), 0.009, knee, 0.007));
            limbs.push(limb(knee, 0.007, foot, 0.004));
        }
        limbs.push(limb(vec2(0.0, -0.052), 0.050, vec2(0.0, -0.028), 0.046));
        limbs.push(limb(vec2(0.0, 0.022), 0.030, vec2(0.0, 0.042), 0.024));
        limbs
    }

    pub(crate) fn draw(self, moment: &Moment, rgb: &mut [u8]) {
        let frame = moment.frame;
        for limb in self.limbs(moment.t) {
            let (least, greatest) = grown(&limb);
            // What is thin and out of focus is also faint.
            let share = (0.35 + limb.from_radius / 0.05).min(0.97);
            let limb = limb.prepared(Self::BLUR);
            over(frame, rgb, least, greatest, |at| {
                let (distance, out) = limb.distance(at)?;
                let t = frame.share(distance, Self::BLUR);
                let colour = scaled(Self::COLOUR, 1.0 - 0.22 * out.y.clamp(-1.0, 1.0));
                Some((share * t * t * (3.0 - 2.0 * t), colour))
            });
        }
    }

    pub(crate) fn presence(self, moment: &Moment) -> Option<Presence> {
        let boxes = self.limbs(moment.t);
        let boxes = boxes.iter().map(grown);
        let (least, greatest) = boxes.reduce(|(least, greatest), (a, b)| {
            (vec2(least.x.min(a.x), least.y.min(a.y)), vec2(greatest.x.max(b.x), greatest.y.max(b.y)))
        })?;
        let pixels = moment.frame.pixels(least, greatest)?;
        Some(Presence { pixels, happening: Happening::Nuisance })
    }
}

/// The limb's box with its blur.
fn grown(limb: &Limb) -> (Vec2, Vec2) {
    let (least, greatest) = limb.bounds();
    let blur = vec2(Spider::BLUR, Spider::BLUR);
    (least.minus(blur), greatest.plus(blur))
}
