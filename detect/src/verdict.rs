//! What a detector says of one picture.

use alloc::vec::Vec;

/// A box around something that moved, in pixels of the camera's own picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Region {
    /// Left edge.
    pub x: u16,
    /// Upper edge.
    pub y: u16,
    /// Width.
    pub w: u16,
    /// Height.
    pub h: u16,
    /// How strongly it moved; comparable within one detector only.
    pub strength: u16,
    /// Number of the zone that most of it is in; none outside of all zones.
    pub zone: Option<u8>,
}

/// State of the scene beside motion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scene {
    /// Nothing special.
    #[default]
    Normal,
    /// The light changed as a whole.
    LightShift,
    /// Too dark to see much.
    Dark,
    /// The lens is covered.
    Covered,
    /// The same picture over and over.
    Frozen,
    /// The camera was turned or pushed, and has stayed so.
    Moved,
}

/// A coarse map of where it moved: [`Grid::COLUMNS`] × [`Grid::ROWS`] cells over the picture, each the share of its
/// pixels that changed, 0 to 255.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid(pub [u8; Grid::COLUMNS * Grid::ROWS]);

impl Grid {
    /// Cells from left to right.
    pub const COLUMNS: usize = 16;
    /// Cells from top to bottom.
    pub const ROWS: usize = 12;
}

impl Default for Grid {
    fn default() -> Self {
        Self([0; Self::COLUMNS * Self::ROWS])
    }
}

/// A detector's decision about one picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether something really moved.
    pub motion: bool,
    /// How sure, 0 to 65535; comparable within one detector only.
    pub score: u16,
    /// What moved, strongest first.
    pub regions: Vec<Region>,
    /// The same for each zone by number, of what is inside of it; 0 for zones that are ignored.
    pub zones: Vec<u16>,
    /// Where it moved.
    pub grid: Grid,
    /// The scene's state.
    pub scene: Scene,
}
