//! rtm2's motion detectors: luma and settings in, verdict out.
//!
//! Integer arithmetic only, no allocation per frame, no clock, no JPEG: the same source gives byte-identical verdicts
//! natively and in wasm.
#![cfg_attr(not(test), no_std)]
extern crate alloc;

mod verdict;

pub use verdict::{Grid, Region, Scene, Verdict};

use alloc::boxed::Box;

/// Sizes that a detector is made for. When the camera's picture changes size, make a new detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Width of the camera's picture in pixels: regions are given in these.
    pub source_width: u16,
    /// Height of the camera's picture in pixels.
    pub source_height: u16,
    /// Width of the luma plane.
    pub width: u16,
    /// Height of the luma plane.
    pub height: u16,
}

/// What every detector can do.
pub trait Detector: Send {
    /// The name that settings and tables use.
    fn name(&self) -> &'static str;

    /// Looks at the next picture: `luma` holds `width * height` bytes row by row, `at_us` is its capture time in
    /// microseconds. Slices of another length are a caller's mistake and give the last verdict again.
    fn update(&mut self, luma: &[u8], at_us: i64) -> &Verdict;
}

/// A detector that can be moved between threads.
pub type BoxedDetector = Box<dyn Detector>;
