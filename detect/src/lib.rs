//! rtm2's motion detectors: luma and settings in, verdict out.
//!
//! Integer arithmetic only, no allocation per frame, no clock, no JPEG: the same source gives byte-identical verdicts
//! natively and in wasm. Detectors are made by name with [`create`]; the loops over planes that they share are in
//! `ops`.
//!
//! In wasm the loops over planes use its 128-bit instructions, which every browser has had since 2023; natively they are
//! compiled for the plainest processor of the target, and on x86-64 once more for those with AVX2 (`vectors`).
#![cfg_attr(not(test), no_std)]
extern crate alloc;

mod classic;
mod geometry;
pub mod golden;
mod ops;
mod registry;
mod settings;
mod shrink;
mod steady;
mod vectors;
mod verdict;
pub mod walk;
mod zones;

pub use classic::Classic;
pub use geometry::{Geometry, Scale};
pub use registry::{NAMES, UnknownDetector, create};
pub use settings::{ClassicSettings, Settings, SettingsError};
pub use steady::{Steady, SteadySettings};
pub use verdict::{Grid, Region, Scene, Verdict};
pub use zones::{Point, Zone, ZoneError, ZoneKind, Zones};

use alloc::boxed::Box;

/// What every detector can do.
pub trait Detector: Send {
    /// The name that settings and tables use.
    fn name(&self) -> &'static str;

    /// Looks at the next picture: `luma` holds `width * height` bytes row by row, `at_us` is its capture time in
    /// microseconds. Slices of another length are a caller's mistake and give the last verdict again.
    fn update(&mut self, luma: &[u8], at_us: i64) -> &Verdict;

    /// What it said of the last picture; nothing moves before the first.
    fn verdict(&self) -> &Verdict;

    /// Whether nothing as large as what counts stood out in the last picture, whatever it was taken for: then pictures
    /// that look the same need not be shown to it, as long as it gets some a second to learn from. `false` for detectors
    /// that do not tell.
    fn is_calm(&self) -> bool {
        false
    }

    /// Whether it learns by the clock, so that it sees what moves as well in half of a fast camera's pictures. `false` for
    /// detectors that go by pictures.
    fn is_paced(&self) -> bool {
        false
    }

    /// The pixels of the last picture that its verdict's motion is made of: a plane like the luma, 0 where nothing
    /// moved. `None` for detectors that keep no such plane.
    fn mask(&self) -> Option<&[u8]> {
        None
    }

    /// Bytes that it holds beside itself: reserved when it is made, and never more.
    fn memory(&self) -> usize;
}

/// A detector that can be moved between threads.
pub type BoxedDetector = Box<dyn Detector>;
