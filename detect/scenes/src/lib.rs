//! Generated scenes with truth: what the `demo:` source shows and what detectors are measured with.
//!
//! A scene draws any of its frames from the frame's number alone, so that it can be sought, replayed and compared.
//! The same seed, size and number give the same bytes on every target: arithmetic is in integers and in `f32` additions,
//! multiplications, divisions and square roots, which IEEE 754 defines to the last bit.
//!
//! Not here: files, JPEG, clocks and pacing. Whoever shows a scene decides when which frame is due.

mod canvas;
mod demo;
mod maths;
mod noise;
mod picture;
mod shape;

pub use demo::DemoScene;
pub use picture::Picture;

/// Frames per second at which a scene looks right. Showing it more slowly means leaving numbers out.
pub const FRAMES_PER_SECOND: u64 = 30;

/// The names that [`by_name`] knows.
pub const NAMES: &[&str] = &[DemoScene::NAME];

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

/// What really happens in a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Whether something moves that a viewer wants to hear of.
    pub moving: bool,
    /// Where, shadows included.
    pub boxes: Vec<TruthBox>,
}

/// A generated scene of one size.
pub trait Scene: Send + Sync {
    /// The name that sources and tables use.
    fn name(&self) -> &'static str;

    /// Width and height of its pictures in pixels.
    fn size(&self) -> (u16, u16);

    /// Draws frame `n`; a picture of another size is made to fit.
    fn render(&self, n: u64, picture: &mut Picture);

    /// What happens in frame `n`.
    fn truth(&self, n: u64) -> Truth;
}

/// Makes the named scene. Widths and heights of 0 are taken as 1.
pub fn by_name(name: &str, seed: u64, width: u16, height: u16) -> Result<Box<dyn Scene>, UnknownScene> {
    match name {
        DemoScene::NAME => Ok(Box::new(DemoScene::new(seed, width, height))),
        _ => Err(UnknownScene { name: name.to_owned() }),
    }
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
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let Err(error) = by_name("garden", 1, 64, 48) else { panic!("made a scene") };
        assert_eq!(error.to_string(), "unknown scene `garden`, choose from: demo");
    }
}
