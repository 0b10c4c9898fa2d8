//! Loops over planes that detectors are made of. A plane is a slice of `width * height` bytes, row by row; a mask is a
//! plane of 0 and 1. Each operation owns its scratch memory, so that nothing is allocated per frame.

mod blur;
mod cells;
mod components;
mod difference;
mod dilation;
mod neighbourhood;

pub(crate) use blur::Blur;
pub(crate) use cells::shares;
pub(crate) use components::{Blob, Components};
pub(crate) use difference::changed;
pub(crate) use dilation::Dilation;
pub(crate) use neighbourhood::Neighbourhood;
