//! The scenes that detectors are measured with. A [`Plot`] declares one: a place, its light, who acts in it, and what
//! the camera makes of it.

mod plots;
mod staged;

pub(crate) use plots::PLOTS;
pub(crate) use staged::Staged;

use crate::actors::Actor;
use crate::camera::exposure::Exposure;
use crate::camera::look::Look;

/// Where a scene takes place and by what light. Times are seconds since the scene's start.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// The room by drifting daylight.
    Room,
    /// The room in the evening. The lamp is on at first; at each of these moments it is switched.
    Evening(&'static [f32]),
    /// The yard in even light.
    Yard,
    /// The yard, with shadows of clouds drifting over it.
    CloudyYard,
}

/// Whether the camera is fixed well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mount {
    Firm,
    Shaky,
}

/// A scene's declaration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plot {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) seconds: u64,
    pub(crate) frames_per_second: u64,
    pub(crate) place: Place,
    /// From back to front.
    pub(crate) actors: &'static [Actor],
    pub(crate) look: Look,
    pub(crate) exposures: &'static [Exposure],
    pub(crate) mount: Mount,
    /// Standard deviation of the sensor's noise in grey levels.
    pub(crate) noise: f32,
}

impl Plot {
    pub(crate) const fn frames(&self) -> u64 {
        self.seconds * self.frames_per_second
    }
}
