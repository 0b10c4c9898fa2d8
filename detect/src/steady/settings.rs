//! What can be tuned in `steady`. The defaults need no touching.

use crate::SettingsError;
use crate::settings::check;

/// Settings of the `steady` detector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SteadySettings {
    sensitivity: u8,
    min_area_ppm: u32,
    max_area_ppm: u32,
    min_duration_ms: u32,
}

impl Default for SteadySettings {
    fn default() -> Self {
        Self {
            sensitivity: 50,
            // Of 640×480 about 12 by 26 pixels: a person far away.
            min_area_ppm: 1_000,
            max_area_ppm: 1_000_000,
            // Insects, drops and flashes rarely last as long.
            min_duration_ms: 120,
        }
    }
}

impl SteadySettings {
    /// Largest [`Self::sensitivity`].
    pub const MAX_SENSITIVITY: u8 = 100;
    /// Largest area: the whole picture.
    pub const MAX_AREA_PPM: u32 = 1_000_000;
    /// Longest [`Self::min_duration_ms`]: ten seconds.
    pub const MAX_DURATION_MS: u32 = 10_000;

    /// 0 (only what is obvious) to 100 (whatever could be something); 50 is meant for everybody.
    pub fn sensitivity(&self) -> u8 {
        self.sensitivity
    }

    /// Smaller areas do not count, in parts per million of the picture.
    pub fn min_area_ppm(&self) -> u32 {
        self.min_area_ppm
    }

    /// Larger areas do not count, in parts per million of the picture.
    pub fn max_area_ppm(&self) -> u32 {
        self.max_area_ppm
    }

    /// How long an area must last, in milliseconds; small ones half as long again.
    pub fn min_duration_ms(&self) -> u32 {
        self.min_duration_ms
    }

    /// Sets the sensitivity: 0 to 100.
    pub fn with_sensitivity(self, sensitivity: u8) -> Result<Self, SettingsError> {
        check("sensitivity", u32::from(sensitivity), 0, u32::from(Self::MAX_SENSITIVITY))?;
        Ok(Self { sensitivity, ..self })
    }

    /// Sets the smallest area: 1 to the largest.
    pub fn with_min_area_ppm(self, min_area_ppm: u32) -> Result<Self, SettingsError> {
        check("min-area-ppm", min_area_ppm, 1, self.max_area_ppm)?;
        Ok(Self { min_area_ppm, ..self })
    }

    /// Sets the largest area: the smallest to [`Self::MAX_AREA_PPM`].
    pub fn with_max_area_ppm(self, max_area_ppm: u32) -> Result<Self, SettingsError> {
        check("max-area-ppm", max_area_ppm, self.min_area_ppm, Self::MAX_AREA_PPM)?;
        Ok(Self { max_area_ppm, ..self })
    }

    /// Sets how long an area must last: 0 to [`Self::MAX_DURATION_MS`].
    pub fn with_min_duration_ms(self, min_duration_ms: u32) -> Result<Self, SettingsError> {
        check("min-duration-ms", min_duration_ms, 0, Self::MAX_DURATION_MS)?;
        Ok(Self { min_duration_ms, ..self })
    }
}

/// What thresholds are to be at a sensitivity, in percent of the usual: twice at 0, half at 100.
pub(super) fn demand_percent(sensitivity: u8) -> u16 {
    let sensitivity = u16::from(sensitivity.min(SteadySettings::MAX_SENSITIVITY));
    if sensitivity <= 50 { 200 - 2 * sensitivity } else { 150 - sensitivity }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_pass_their_own_checks() {
        let given = SteadySettings::default();
        let checked = given
            .clone()
            .with_sensitivity(given.sensitivity())
            .and_then(|s| s.with_min_area_ppm(given.min_area_ppm()))
            .and_then(|s| s.with_max_area_ppm(given.max_area_ppm()))
            .and_then(|s| s.with_min_duration_ms(given.min_duration_ms()));
        assert_eq!(checked, Ok(given));
    }

    #[test]
    fn what_is_out_of_range_is_refused_with_the_range() {
        let settings = SteadySettings::default;
        assert!(settings().with_min_area_ppm(0).is_err());
        assert!(settings().with_max_area_ppm(999).is_err(), "below the smallest");
        assert!(settings().with_max_area_ppm(1_000_001).is_err());
        assert!(settings().with_min_duration_ms(10_001).is_err());
        let error = settings().with_sensitivity(101).unwrap_err();
        assert_eq!(error.to_string(), "detector setting `sensitivity` is 101, give it a value from 0 to 100");
    }

    #[test]
    fn more_sensitivity_asks_for_less() {
        assert_eq!([0, 50, 100].map(demand_percent), [200, 100, 50]);
        assert!((0..100).all(|s| demand_percent(s) > demand_percent(s + 1)));
    }
}
