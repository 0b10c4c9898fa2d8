//! The detectors by name.

use crate::{BoxedDetector, Classic, Geometry, Settings, Steady};
use alloc::{boxed::Box, string::String};
use core::fmt;

/// The names that [`create`] knows.
pub const NAMES: &[&str] = &[Classic::NAME, Steady::NAME];

/// Makes the named detector.
pub fn create(name: &str, geometry: Geometry, settings: &Settings) -> Result<BoxedDetector, UnknownDetector> {
    match name {
        Classic::NAME => Ok(Box::new(Classic::new(geometry, &settings.classic, &settings.zones))),
        Steady::NAME => Ok(Box::new(Steady::new(geometry, &settings.steady, &settings.zones))),
        _ => Err(UnknownDetector { name: name.into() }),
    }
}

/// There is no detector of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDetector {
    /// The name asked for.
    pub name: String,
}

impl fmt::Display for UnknownDetector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown detector `{}`, choose from: {}", self.name, NAMES.join(", "))
    }
}

impl core::error::Error for UnknownDetector {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_makes_the_detector_of_that_name() {
        let (geometry, _) = Geometry::for_source(640, 480);
        for name in NAMES {
            assert_eq!(create(name, geometry, &Settings::default()).unwrap().name(), *name);
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let (geometry, _) = Geometry::for_source(640, 480);
        let Err(error) = create("clasic", geometry, &Settings::default()) else { panic!("made a detector") };
        assert_eq!(error.to_string(), "unknown detector `clasic`, choose from: classic, steady");
    }
}
