//! A bag that somebody brings, puts down and fetches later.

use super::figure::Figure;
use super::walk::{Progress, Walk};
use super::{Moment, Presence};
use crate::Happening;
use crate::maths::{Colour, Vec2, smooth, vec2};

/// Who brings it and who fetches it. Both walks stop at the same place and have the same heading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bag {
    pub(crate) brought: Walk,
    pub(crate) fetched: Walk,
}

/// Where it is.
struct Place {
    ground: Vec2,
    /// How far it hangs over the ground, in scene units.
    lifted: f32,
    moves: bool,
}

impl Bag {
    /// Putting down and picking up take so long.
    const BENDING: f32 = 1.2;
    const CLOTH: Colour = [178.0, 62.0, 44.0];
    const STRAP: Colour = [70.0, 44.0, 36.0];

    fn place(&self, moment: &Moment) -> Option<Place> {
        let before = self.brought.progress(moment);
        if let Some(progress) = before.filter(|progress| !progress.resumed) {
            let down = progress.paused.map_or(0.0, |[since, _]| smooth(0.1, Self::BENDING, since));
            return Some(carried(&progress, down));
        }
        if moment.t < self.brought.from {
            return None;
        }
        let after = self.fetched.progress(moment);
        if moment.t > self.fetched.from && after.is_none() {
            return None;
        }
        match after {
            Some(progress) if progress.resumed => Some(carried(&progress, 0.0)),
            Some(Progress { pose, paused: Some([_, left]), .. }) => {
                let progress = Progress { pose, paused: Some([0.0, left]), resumed: false };
                Some(carried(&progress, smooth(0.1, Self::BENDING, left)))
            }
            _ => self.standing(),
        }
    }

    /// On the floor before the place of the pause.
    fn standing(&self) -> Option<Place> {
        let (walk, pause) = (self.brought, self.brought.pause?);
        let ground = vec2(pause.at + walk.heading * 0.20 * walk.height, walk.ground);
        Some(Place { ground, lifted: 0.0, moves: false })
    }

    pub(crate) fn figure(&self, moment: &Moment) -> Option<Figure> {
        let Place { ground, lifted, .. } = self.place(moment)?;
        let scale = self.brought.height;
        let shadow = if lifted > 0.0 { vec2(0.0, 0.0) } else { vec2(0.13, 0.03) };
        let mut figure = Figure::new(ground, self.brought.heading, scale, shadow);
        let up = lifted / scale;
        let at = |x: f32, y: f32| vec2(x, y + up);
        figure.limb(at(-0.045, 0.16), 0.008, at(-0.02, 0.205), 0.007, Self::STRAP);
        figure.limb(at(0.045, 0.16), 0.008, at(0.02, 0.205), 0.007, Self::STRAP);
        figure.limb(at(-0.02, 0.205), 0.007, at(0.02, 0.205), 0.007, Self::STRAP);
        figure.limb(at(-0.055, 0.05), 0.05, at(0.055, 0.05), 0.05, Self::CLOTH);
        figure.limb(at(-0.05, 0.11), 0.05, at(0.05, 0.11), 0.05, Self::CLOTH);
        figure.limb(at(-0.075, 0.085), 0.006, at(0.075, 0.085), 0.006, Self::STRAP);
        Some(figure)
    }

    pub(crate) fn presence(&self, moment: &Moment) -> Option<Presence> {
        let (least, greatest) = self.figure(moment)?.bounds();
        let pixels = moment.frame.pixels(least, greatest)?;
        // Who carries it is in the picture and decides whether that is motion.
        let moves = self.place(moment)?.moves;
        let happening = if moves { Happening::Unclear } else { Happening::Nothing };
        Some(Presence { pixels, happening })
    }
}

/// In the hand of who walks; `down` goes from 0 (carried) to 1 (on the floor).
fn carried(progress: &Progress, down: f32) -> Place {
    let pose = progress.pose;
    let forward = 0.03 + 0.17 * down;
    Place {
        ground: pose.ground.plus(vec2(pose.heading * forward * pose.height, 0.0)),
        lifted: 0.20 * pose.height * (1.0 - down),
        moves: down < 1.0,
    }
}
