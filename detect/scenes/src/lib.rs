//! Generated scenes with truth: what the `demo:` source shows and what detectors are measured with.
//!
//! A scene draws any of its frames from the frame's number alone, so that it can be sought, replayed and compared.
//! The same seed, size and number give the same bytes on every target: arithmetic is in integers and in `f32`
//! additions, multiplications, divisions and square roots, which IEEE 754 defines to the last bit.
//!
//! Not here: files, JPEG, clocks and pacing. Whoever shows a scene decides when which frame is due.

mod actors;
mod brush;
mod camera;
mod canvas;
mod demo;
mod maths;
mod picture;
mod places;
mod score;
mod shape;
mod yardsticks;

pub use demo::DemoScene;
pub use picture::Picture;
pub use score::{Score, Share, play, score};

use yardsticks::{PLOTS, Staged};

/// Frames per second at which the demo scene looks right. Showing it more slowly means leaving numbers out.
/// Other scenes say theirs: [`Scene::frames_per_second`].
pub const FRAMES_PER_SECOND: u64 = 30;

/// The names that [`by_name`] knows: the demo scene and the yardsticks.
pub const NAMES: &[&str] = &{
    let mut names = [DemoScene::NAME; PLOTS.len() + 1];
    let mut i = 0;
    while i < PLOTS.len() {
        names[i + 1] = PLOTS[i].name;
        i += 1;
    }
    names
};

/// The names of the scenes that detectors are measured with.
pub fn yardsticks() -> &'static [&'static str] {
    &NAMES[1..]
}

/// A box around something that moves, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TruthBox {
    /// Left edge.
    pub x: u16,
    /// Upper edge.
    pub y: u16,
    /// Width.
    pub w: u16,
    /// Height.
    pub h: u16,
}

impl TruthBox {
    /// Left, top, and the pixels after the last.
    pub(crate) fn around([left, top, right, bottom]: [usize; 4]) -> Self {
        Self { x: left as u16, y: top as u16, w: (right - left) as u16, h: (bottom - top) as u16 }
    }
}

/// What a detector should make of a frame, from the least to the most important.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// Nothing moves: firing is wrong.
    #[default]
    Nothing,
    /// Something moves that nobody wants to hear of: rain, leaves, a spider, a television.
    Nuisance,
    /// Somebody stands still, or so little of somebody is seen that either answer is right.
    Unclear,
    /// Something moves that a viewer wants to hear of.
    Moving,
}

/// What really happens in a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// What a detector should make of it.
    pub happening: Happening,
    /// Where somebody is, or what somebody carries, shadows included.
    pub boxes: Vec<TruthBox>,
    /// Where something moves that nobody wants to hear of.
    pub nuisances: Vec<TruthBox>,
}

impl Truth {
    /// Whether something moves that a viewer wants to hear of.
    pub fn moving(&self) -> bool {
        self.happening == Happening::Moving
    }
}

/// A generated scene of one size.
pub trait Scene: Send + Sync {
    /// The name that sources and tables use.
    fn name(&self) -> &'static str;

    /// What it shows, in a line.
    fn describe(&self) -> &'static str;

    /// How many frames it has. Those beyond can be drawn, too: it goes on, or starts again.
    fn frames(&self) -> u64;

    /// Frames per second at which it looks right.
    fn frames_per_second(&self) -> u64;

    /// Width and height of its pictures in pixels.
    fn size(&self) -> (u16, u16);

    /// Draws frame `n`; a picture of another size is made to fit.
    fn render(&self, n: u64, picture: &mut Picture);

    /// What happens in frame `n`.
    fn truth(&self, n: u64) -> Truth;
}

/// Makes the named scene. Widths and heights of 0 are taken as 1.
pub fn by_name(name: &str, seed: u64, width: u16, height: u16) -> Result<Box<dyn Scene>, UnknownScene> {
    if name == DemoScene::NAME {
        return Ok(Box::new(DemoScene::new(seed, width, height)));
    }
    let plot = PLOTS.iter().find(|plot| plot.name == name).ok_or_else(|| UnknownScene { name: name.to_owned() })?;
    Ok(Box::new(Staged::new(plot, seed, width, height)))
}

/// There is no scene of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScene {
    /// The name asked for.
    pub name: String,
}

impl std::fmt::Display for UnknownScene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unknown scene `{}`, choose from: {}", self.name, NAMES.join(", "))
    }
}

impl std::error::Error for UnknownScene {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_makes_the_scene_of_that_name() {
        for name in NAMES {
            let scene = by_name(name, 1, 64, 48).unwrap();
            assert_eq!((scene.name(), scene.size()), (*name, (64, 48)));
            assert!(scene.frames() > 0 && !scene.describe().is_empty());
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let Err(error) = by_name("garden", 1, 64, 48) else { panic!("made a scene") };
        assert!(error.to_string().starts_with("unknown scene `garden`, choose from: demo, person-near, "), "{error}");
    }
}
