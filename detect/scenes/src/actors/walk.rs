//! A walk through the picture, perhaps with a stop.

use super::figure::Figure;
use super::person::{self, Pose, STRIDE};
use super::{Moment, Presence};
use crate::Happening;
use crate::canvas::Frame;
use crate::maths::{sin_turns, smooth, vec2};

/// Somebody who stops on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    /// Where, in scene units from the middle.
    pub(crate) at: f32,
    pub(crate) seconds: f32,
}

/// Somebody comes in at one side, walks through and leaves at the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    /// When it starts, just outside of the picture.
    pub(crate) from: f32,
    /// Where the feet are, down from the upper edge.
    pub(crate) ground: f32,
    /// The person's height.
    pub(crate) height: f32,
    /// 1 to the right, -1 to the left.
    pub(crate) heading: f32,
    pub(crate) pause: Option<Pause>,
    /// Something hides all that is further right than this.
    pub(crate) hidden_from: Option<f32>,
    /// Who it is: another number, another person.
    pub(crate) who: u64,
}

/// Where a walk has got to.
pub(crate) struct Progress {
    pub(crate) pose: Pose,
    /// Seconds into the pause, and seconds that are left of it.
    pub(crate) paused: Option<[f32; 2]>,
    /// Whether the pause is over.
    pub(crate) resumed: bool,
}

impl Walk {
    /// Heights per second: an unhurried walk.
    const PACE: f32 = 0.78;

    /// A walk without a stop.
    pub(crate) const fn through(from: f32, ground: f32, height: f32, heading: f32, who: u64) -> Self {
        Self { from, ground, height, heading, pause: None, hidden_from: None, who }
    }

    /// The same with a stop.
    pub(crate) const fn stopping(self, at: f32, seconds: f32) -> Self {
        Self { pause: Some(Pause { at, seconds }), ..self }
    }

    /// The same behind something that reaches from here to the right edge.
    pub(crate) const fn behind(self, from: f32) -> Self {
        Self { hidden_from: Some(from), ..self }
    }

    /// Where it has got to; none before and after.
    pub(crate) fn progress(&self, moment: &Moment) -> Option<Progress> {
        // Far enough outside that shadow and bag are, too.
        let edge = moment.frame.half_width + 0.36 * self.height;
        let speed = Self::PACE * self.height;
        let into = moment.t - self.from;
        let (walking, vigour, paused, resumed) = self.timing(into, edge, speed);
        let walked = walking * speed;
        if into < 0.0 || walked > 2.0 * edge {
            return None;
        }
        // Nobody stands like a post.
        let sway = 0.006 * self.height * (1.0 - vigour) * sin_turns(into * 0.17);
        let pose = Pose {
            ground: vec2(self.heading * (walked - edge) + sway, self.ground),
            heading: self.heading,
            height: self.height,
            phase: walked / (STRIDE * self.height),
            vigour,
            looks: self.who,
        };
        Some(Progress { pose, paused, resumed })
    }

    /// Seconds walked, how vigorously, the pause that it is in, and whether the pause is over.
    fn timing(&self, into: f32, edge: f32, speed: f32) -> (f32, f32, Option<[f32; 2]>, bool) {
        const SETTLING: f32 = 0.3;
        let Some(pause) = self.pause else { return (into, 1.0, None, false) };
        let arrival = (edge + self.heading * pause.at) / speed;
        let departure = arrival + pause.seconds;
        let slowing = smooth(arrival, arrival - SETTLING, into);
        if into < arrival {
            (into, slowing, None, false)
        } else if into < departure {
            (arrival, 0.0, Some([into - arrival, departure - into]), false)
        } else {
            (into - pause.seconds, smooth(departure, departure + SETTLING, into), None, true)
        }
    }

    fn figure(&self, moment: &Moment) -> Option<Figure> {
        Some(person::figure(&self.progress(moment)?.pose))
    }

    /// The column from which on it is hidden.
    fn hidden(&self, frame: Frame) -> usize {
        let width = f32::from(frame.width);
        self.hidden_from.map_or(width, |x| ((x + frame.half_width) / frame.pixel).clamp(0.0, width)) as usize
    }

    pub(crate) fn draw(&self, moment: &Moment, rgb: &mut [u8]) {
        let Some(figure) = self.figure(moment) else { return };
        let hiding = self.hidden_from.map(|_| rgb.to_vec());
        figure.lit(moment.light).draw(moment.frame, rgb);
        let Some(hiding) = hiding else { return };
        let stride = usize::from(moment.frame.width) * 3;
        let from = self.hidden(moment.frame) * 3;
        for (row, hiding) in rgb.chunks_exact_mut(stride).zip(hiding.chunks_exact(stride)) {
            row[from..].copy_from_slice(&hiding[from..]);
        }
    }

    pub(crate) fn presence(&self, moment: &Moment) -> Option<Presence> {
        let progress = self.progress(moment)?;
        let (least, greatest) = person::figure(&progress.pose).bounds();
        let [left, top, right, bottom] = moment.frame.pixels(least, greatest)?;
        let right = right.min(self.hidden(moment.frame));
        if left >= right {
            return None;
        }
        let pixels = [left, top, right, bottom];
        // Standing still is neither motion nor an empty picture.
        let still = progress.paused.is_some_and(|[since, _]| since > 1.0);
        let happening = if still || !well_seen(moment, pixels, greatest.x - least.x) {
            Happening::Unclear
        } else {
            Happening::Moving
        };
        Some(Presence { pixels, happening })
    }
}

/// Whether so much of a figure that is `width` scene units wide is seen that it must be heard of: not only an arm or a
/// foot, and a thousandth of the picture, where a figure fills less than half of its box.
fn well_seen(moment: &Moment, [left, top, right, bottom]: [usize; 4], width: f32) -> bool {
    let seen = (right - left) as f32 * moment.frame.pixel;
    let picture = usize::from(moment.frame.width) * usize::from(moment.frame.height);
    seen >= 0.4 * width && (right - left) * (bottom - top) * 400 >= picture
}
