//! A yardstick at one size, ready to be drawn.

use super::{Mount, Place, Plot};
use crate::actors::{Actor, Moment, Presence};
use crate::camera::exposure::Lighting;
use crate::camera::noise::Noise;
use crate::camera::{exposure, shake};
use crate::canvas::Frame;
use crate::maths::{mix, smooth};
use crate::places::furniture::Lamp;
use crate::places::tree::Tree;
use crate::places::{clouds, daylight, evening, room, yard};
use crate::{FRAMES_PER_SECOND, Happening, Picture, Scene, Truth, TruthBox};

/// A scene made from its [`Plot`].
pub(crate) struct Staged {
    plot: &'static Plot,
    seed: u64,
    frame: Frame,
    /// The place without the light that changes.
    place: Vec<u8>,
    /// What that light adds when it is full; empty where light does not change so.
    added: Vec<u8>,
    tree: Option<Tree>,
    /// How much of the camera's own light reaches each pixel; empty by day.
    reach: Vec<u16>,
    noise: Noise,
}

impl Staged {
    /// Sets the scene up for pictures of this size; 0 is taken as 1. Takes some tenths of a second.
    pub(crate) fn new(plot: &'static Plot, seed: u64, width: u16, height: u16) -> Self {
        let frame = Frame::new(width, height);
        let (mut place, added) = paint(plot.place, frame, seed);
        let mut tree = matches!(plot.place, Place::Yard | Place::CloudyYard).then(|| Tree::new(frame, seed));
        if !plot.actors.iter().any(|actor| matches!(actor, Actor::Tree(_))) {
            // It stands still: part of the place.
            if let Some(tree) = tree.take() {
                tree.draw(0.0, 0.0, &mut place);
            }
        }
        let noise = Noise::strong(seed, frame.width.into(), plot.noise);
        Self { plot, seed, frame, place, added, tree, reach: plot.look.reach(frame), noise }
    }

    fn moment(&self, n: u64) -> Moment {
        // Who shows it for longer than it lasts sees it again.
        let t = (n % self.plot.frames()) as f32 / self.plot.frames_per_second as f32;
        let light = match self.plot.place {
            Place::Evening(switches) => {
                mix(evening::LIGHT_ON_PEOPLE[0], evening::LIGHT_ON_PEOPLE[1], lamp(switches, t))
            }
            _ => 1.0,
        };
        Moment { frame: self.frame, seed: self.seed, n, t, light }
    }

    /// Draws frame `n` with these actors.
    fn render_with(&self, actors: &[Actor], n: u64, picture: &mut Picture) {
        picture.resize(self.frame.width, self.frame.height);
        let (moment, rgb) = (self.moment(n), picture.rgb_mut());
        self.light(&moment, rgb);
        let (near, far): (Vec<&Actor>, Vec<&Actor>) = actors.iter().partition(|actor| actor.on_the_lens());
        for actor in far {
            actor.draw(&moment, self.tree.as_ref(), rgb);
        }
        if matches!(self.plot.place, Place::CloudyYard) {
            clouds::shade(self.seed, moment.t, self.frame, rgb);
        }
        self.plot.look.apply(moment.t, &self.reach, rgb);
        let stride = usize::from(self.frame.width) * 3;
        exposure::expose(self.plot.exposures, moment.t, self.lighting(moment.t), stride, rgb);
        if self.plot.mount == Mount::Shaky {
            shake::shift(shake::offset(self.seed, n, moment.t, self.frame), self.frame, rgb);
        }
        for actor in near {
            actor.draw(&moment, None, rgb);
        }
        self.noise.add(n, self.frame.width.into(), rgb);
    }

    /// The place in the light of this moment.
    fn light(&self, moment: &Moment, rgb: &mut [u8]) {
        let strength = match self.plot.place {
            Place::Room => {
                let n = moment.n % self.plot.frames();
                daylight::strength(self.seed, n * FRAMES_PER_SECOND / self.plot.frames_per_second)
            }
            Place::Evening(switches) => (256.0 * lamp(switches, moment.t)) as u16,
            Place::Yard | Place::CloudyYard => return rgb.copy_from_slice(&self.place),
        };
        daylight::compose(&self.place, &self.added, strength, rgb);
    }

    /// Whether the lamp is on at second `t`, and since when.
    fn lighting(&self, t: f32) -> Lighting {
        const LONG: f32 = 1_000.0;
        let Place::Evening(switches) = self.plot.place else { return Lighting::On { since: LONG } };
        let done = switches.iter().take_while(|&&at| at <= t).count();
        let since = done.checked_sub(1).map_or(LONG, |last| t - switches[last]);
        if done % 2 == 1 { Lighting::Off { since } } else { Lighting::On { since } }
    }

    /// All that is seen in frame `n`, with what it does.
    fn presences(&self, n: u64) -> impl Iterator<Item = Presence> {
        let moment = self.moment(n);
        let grow = if self.plot.mount == Mount::Shaky { shake::REACH * f32::from(self.frame.height) } else { 0.0 };
        self.plot.actors.iter().filter_map(move |actor| {
            let presence = actor.presence(&moment, self.tree.as_ref())?;
            Some(Presence { pixels: self.grown(presence.pixels, grow.ceil() as usize), ..presence })
        })
    }

    fn grown(&self, [left, top, right, bottom]: [usize; 4], by: usize) -> [usize; 4] {
        let (width, height) = (usize::from(self.frame.width), usize::from(self.frame.height));
        [left.saturating_sub(by), top.saturating_sub(by), (right + by).min(width), (bottom + by).min(height)]
    }
}

/// The place without changing light, and what that adds.
fn paint(place: Place, frame: Frame, seed: u64) -> (Vec<u8>, Vec<u8>) {
    match place {
        Place::Room => {
            let room = room::paint(frame, seed, Lamp::Lit);
            let daylight = daylight::paint(&room);
            (room.to_rgb(), daylight.to_rgb())
        }
        Place::Evening(_) => evening::paint(frame, seed),
        Place::Yard | Place::CloudyYard => (yard::paint(frame, seed).to_rgb(), Vec::new()),
    }
}

/// How brightly the lamp glows at second `t`, 0 to 1. A filament takes a moment.
fn lamp(switches: &[f32], t: f32) -> f32 {
    const FILAMENT: f32 = 0.16;
    switches.iter().enumerate().fold(1.0, |glow, (number, &at)| {
        let target = if number % 2 == 0 { 0.0 } else { 1.0 };
        mix(glow, target, smooth(at, at + FILAMENT, t))
    })
}

impl Scene for Staged {
    fn name(&self) -> &'static str {
        self.plot.name
    }

    fn describe(&self) -> &'static str {
        self.plot.about
    }

    fn frames(&self) -> u64 {
        self.plot.frames()
    }

    fn frames_per_second(&self) -> u64 {
        self.plot.frames_per_second
    }

    fn size(&self) -> (u16, u16) {
        (self.frame.width, self.frame.height)
    }

    fn render(&self, n: u64, picture: &mut Picture) {
        self.render_with(self.plot.actors, n, picture);
    }

    fn truth(&self, n: u64) -> Truth {
        let mut truth = Truth::default();
        for presence in self.presences(n) {
            let around = TruthBox::around(presence.pixels);
            match presence.happening {
                Happening::Nothing => {}
                Happening::Nuisance => truth.nuisances.push(around),
                Happening::Unclear | Happening::Moving => truth.boxes.push(around),
            }
            truth.happening = truth.happening.max(presence.happening);
        }
        truth
    }
}

#[cfg(test)]
mod tests;
