//! What one viewer has, and so what it can be given.

use super::Step;

/// What a viewer is to be given of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Give {
    /// The whole picture.
    Picture,
    /// The tiles; with the sheet's head, if the viewer has another or none.
    Tiles {
        /// Whether the head must be sent.
        head: bool,
    },
}

/// Follows one viewer: in step while it has got each frame since its last whole picture.
///
/// Ask [`Self::give`] for each frame that goes to the viewer, and for no other: what is left out, for whatever reason, is
/// noticed at the next frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Follower {
    shows: Option<u64>,
    head: Option<u32>,
}

impl Follower {
    /// What the viewer is to be given, which it then has.
    pub fn give(&mut self, step: &Step) -> Give {
        let before = self.shows.replace(step.seq());
        let Step::Tiles(tiles) = step else { return Give::Picture };
        if before != Some(tiles.base) {
            return Give::Picture;
        }
        Give::Tiles { head: self.head.replace(tiles.head) != Some(tiles.head) }
    }

    /// The viewer may have lost something: it connected anew, subscribed anew or says so.
    pub fn lost(&mut self) {
        *self = Self::default();
    }
}
