//! What can be tuned, checked when it is set, so that detectors need not.
//!
//! Lengths and areas are parts per million of the picture, never pixels: the same settings mean the same at every
//! resolution.

use crate::{SteadySettings, Zones};
use core::fmt;

/// Settings of all detectors; each detector reads its own part, and all read the zones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What `classic` reads.
    pub classic: ClassicSettings,
    /// What `steady` reads.
    pub steady: SteadySettings,
    /// Where motion counts.
    pub zones: Zones,
}

/// Settings of the `classic` detector. The defaults are the original's numbers, which were pixels of 640×480.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicSettings {
    threshold: u8,
    min_area_ppm: u32,
    blur_ppm: u32,
    spread_across_ppm: u32,
    spread_down_ppm: u32,
}

impl Default for ClassicSettings {
    fn default() -> Self {
        Self {
            threshold: 25,
            // 400 of 640×480 pixels.
            min_area_ppm: 1_302,
            // A 21-pixel Gaussian kernel has a standard deviation of 3.5 pixels, here of 640.
            blur_ppm: 5_469,
            // Two dilations by a 9×4 ellipse reach 8 pixels of 640 sideways and 3 of 480 up and down.
            spread_across_ppm: 12_500,
            spread_down_ppm: 6_250,
        }
    }
}

impl ClassicSettings {
    /// Largest [`Self::min_area_ppm`]: half of the picture.
    pub const MAX_AREA_PPM: u32 = 500_000;
    /// Largest [`Self::blur_ppm`] and spread: a twentieth of the picture.
    pub const MAX_LENGTH_PPM: u32 = 50_000;

    /// A pixel changed when its grey value differs by more than this from the reference.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// A changed area counts as motion when it is larger than this, in parts per million of the picture.
    pub fn min_area_ppm(&self) -> u32 {
        self.min_area_ppm
    }

    /// Standard deviation of the blur, in parts per million of the picture's width.
    pub fn blur_ppm(&self) -> u32 {
        self.blur_ppm
    }

    /// How far changed pixels spread sideways, both dilations together, in parts per million of the picture's width.
    pub fn spread_across_ppm(&self) -> u32 {
        self.spread_across_ppm
    }

    /// How far changed pixels spread up and down, in parts per million of the picture's height.
    pub fn spread_down_ppm(&self) -> u32 {
        self.spread_down_ppm
    }

    /// Sets the grey difference: 1 to 254.
    pub fn with_threshold(self, threshold: u8) -> Result<Self, SettingsError> {
        check("threshold", u32::from(threshold), 1, 254)?;
        Ok(Self { threshold, ..self })
    }

    /// Sets the smallest area: 1 to [`Self::MAX_AREA_PPM`].
    pub fn with_min_area_ppm(self, min_area_ppm: u32) -> Result<Self, SettingsError> {
        check("min-area-ppm", min_area_ppm, 1, Self::MAX_AREA_PPM)?;
        Ok(Self { min_area_ppm, ..self })
    }

    /// Sets the blur: 0 (none) to [`Self::MAX_LENGTH_PPM`].
    pub fn with_blur_ppm(self, blur_ppm: u32) -> Result<Self, SettingsError> {
        check("blur-ppm", blur_ppm, 0, Self::MAX_LENGTH_PPM)?;
        Ok(Self { blur_ppm, ..self })
    }

    /// Sets the spread of changed pixels, sideways: 0 (none) to [`Self::MAX_LENGTH_PPM`].
    pub fn with_spread_across_ppm(self, spread_across_ppm: u32) -> Result<Self, SettingsError> {
        check("spread-across-ppm", spread_across_ppm, 0, Self::MAX_LENGTH_PPM)?;
        Ok(Self { spread_across_ppm, ..self })
    }

    /// Sets the spread of changed pixels, up and down: 0 (none) to [`Self::MAX_LENGTH_PPM`].
    pub fn with_spread_down_ppm(self, spread_down_ppm: u32) -> Result<Self, SettingsError> {
        check("spread-down-ppm", spread_down_ppm, 0, Self::MAX_LENGTH_PPM)?;
        Ok(Self { spread_down_ppm, ..self })
    }
}

/// A setting was out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// The setting's name as configuration files write it.
    pub name: &'static str,
    /// The refused value.
    pub value: u32,
    /// Smallest accepted value.
    pub least: u32,
    /// Largest accepted value.
    pub most: u32,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, least, most } = self;
        write!(f, "detector setting `{name}` is {value}, give it a value from {least} to {most}")
    }
}

impl core::error::Error for SettingsError {}

pub(crate) fn check(name: &'static str, value: u32, least: u32, most: u32) -> Result<(), SettingsError> {
    if (least..=most).contains(&value) { Ok(()) } else { Err(SettingsError { name, value, least, most }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_pass_their_own_checks() {
        let given = ClassicSettings::default();
        let checked = given
            .clone()
            .with_threshold(given.threshold())
            .and_then(|s| s.with_min_area_ppm(given.min_area_ppm()))
            .and_then(|s| s.with_blur_ppm(given.blur_ppm()))
            .and_then(|s| s.with_spread_across_ppm(given.spread_across_ppm()))
            .and_then(|s| s.with_spread_down_ppm(given.spread_down_ppm()));
        assert_eq!(checked, Ok(given));
    }

    #[test]
    fn what_is_out_of_range_is_refused_with_the_range() {
        let settings = ClassicSettings::default;
        assert!(settings().with_threshold(0).is_err());
        assert!(settings().with_threshold(255).is_err());
        assert!(settings().with_blur_ppm(50_001).is_err());
        assert!(settings().with_spread_across_ppm(50_001).is_err());
        assert!(settings().with_spread_down_ppm(50_001).is_err());
        let error = settings().with_min_area_ppm(0).unwrap_err();
        assert_eq!(error.to_string(), "detector setting `min-area-ppm` is 0, give it a value from 1 to 500000");
    }
}
