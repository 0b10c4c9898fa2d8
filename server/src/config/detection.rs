//! The detector's settings and zones as the configuration writes them, and as the detector takes them.

use rtm2_detect::{Point, Settings, SettingsError, SteadySettings, Zones};
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// The detector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Detect {
    /// Its name; `rtm2 replay --help` lists them.
    pub name: String,
    /// 0 (only what is obvious) to 100 (whatever could be something). Read by `steady`, as all that follow.
    pub sensitivity: u8,
    /// Smaller things do not count, in percent of the picture.
    pub min_size: f64,
    /// Larger things do not count, in percent of the picture.
    pub max_size: f64,
    /// How long a thing must be seen before it counts, in milliseconds.
    pub min_duration_ms: u32,
}

/// What a zone is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneKind {
    /// Watched; where there is one, only such zones are.
    #[default]
    Include,
    /// Never watched.
    Ignore,
}

/// A part of a camera's picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Zone {
    /// Its name, each camera's zones having different ones.
    pub name: String,
    /// Its corners in their order around it, as fractions of the picture from the upper left.
    pub polygon: Vec<[f64; 2]>,
    /// What it is for.
    #[serde(default)]
    pub kind: ZoneKind,
    /// Its own sensitivity, 0 to 100; the detector's when absent.
    #[serde(default)]
    pub sensitivity: Option<u8>,
}

/// Parts per million in a percent.
const PPM: f64 = 10_000.0;

impl Default for Detect {
    fn default() -> Self {
        let steady = SteadySettings::default();
        Self {
            name: "steady".into(),
            sensitivity: steady.sensitivity(),
            min_size: f64::from(steady.min_area_ppm()) / PPM,
            max_size: f64::from(steady.max_area_ppm()) / PPM,
            min_duration_ms: steady.min_duration_ms(),
        }
    }
}

impl Detect {
    /// What all cameras have in common; the error names the key.
    pub(super) fn steady(&self) -> Result<SteadySettings, ConfigError> {
        let ppm = |key, percent: f64| {
            let wrong = || {
                ConfigError::value(
                    key,
                    format!("{percent} is no share of the picture; give percent from 0.0001 to 100"),
                )
            };
            (0.0001..=100.0).contains(&percent).then_some((percent * PPM).round() as u32).ok_or_else(wrong)
        };
        let range = |key, error: SettingsError| {
            let text =
                format!("{} is out of range; give it a value from {} to {}", error.value, error.least, error.most);
            ConfigError::value(key, text)
        };
        let (least, most) = (ppm("detect.min-size", self.min_size)?, ppm("detect.max-size", self.max_size)?);
        if least > most {
            let message = format!("{} is more than detect.max-size, which is {}", self.min_size, self.max_size);
            return Err(ConfigError::value("detect.min-size", message));
        }
        let sizes =
            SteadySettings::default().with_min_area_ppm(least).and_then(|settings| settings.with_max_area_ppm(most));
        sizes
            .map_err(|error| range("detect.min-size", error))?
            .with_sensitivity(self.sensitivity)
            .map_err(|error| range("detect.sensitivity", error))?
            .with_min_duration_ms(self.min_duration_ms)
            .map_err(|error| range("detect.min-duration-ms", error))
    }

    /// What the detector of a camera with these zones is made with; `camera` is the key of the camera's section.
    pub(super) fn settings(&self, camera: &str, zones: &[Zone]) -> Result<Settings, ConfigError> {
        let zones = zones.iter().enumerate().try_fold(Zones::default(), |zones, (n, zone)| {
            let key = |leaf: &str| format!("{camera}.zone[{n}].{leaf}");
            let refused = |error: rtm2_detect::ZoneError| ConfigError::value(&key(error.key()), error.to_string());
            let zone = zone.checked().map_err(refused)?;
            zones.with(zone).map_err(refused)
        })?;
        Ok(Settings { steady: self.steady()?, zones, ..Settings::default() })
    }
}

impl Zone {
    fn checked(&self) -> Result<rtm2_detect::Zone, rtm2_detect::ZoneError> {
        let kind = match self.kind {
            ZoneKind::Include => rtm2_detect::ZoneKind::Include,
            ZoneKind::Ignore => rtm2_detect::ZoneKind::Ignore,
        };
        // A corner outside of the picture stays outside of it, so that it is refused by its number.
        let outside = Point { x_ppm: u32::MAX, y_ppm: u32::MAX };
        let corners: Vec<Point> =
            self.polygon.iter().map(|&[x, y]| Point::from_fractions(x, y).unwrap_or(outside)).collect();
        rtm2_detect::Zone::new(&self.name, kind, &corners, self.sensitivity)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    fn refused(text: &str) -> String {
        toml::from_str::<Config>(text).unwrap().validate().unwrap_err().to_string()
    }

    #[test]
    fn settings_of_the_detector_are_refused_by_their_key() {
        assert!(refused("[detect]\nsensitivity = 101").starts_with("detect.sensitivity: 101 is out of range"));
        assert!(refused("[detect]\nmin-size = 0.0").starts_with("detect.min-size: 0 is no share"));
        assert!(refused("[detect]\nmax-size = 101.0").starts_with("detect.max-size: 101 is no share"));
        let crossed = refused("[detect]\nmin-size = 5\nmax-size = 2.5");
        assert_eq!(crossed, "detect.min-size: 5 is more than detect.max-size, which is 2.5");
        assert!(refused("[detect]\nmin-duration-ms = 60000").starts_with("detect.min-duration-ms: 60000"));
    }

    #[test]
    fn zones_are_refused_by_their_key() {
        let zone =
            |text: &str| refused(&format!("[[camera]]\nsource = \"demo:\"\n[[camera.zone]]\nname = \"door\"\n{text}"));
        assert!(zone("polygon = [[0, 0], [1, 0]]").starts_with("camera[0].zone[0].polygon: 2 corners"));
        assert!(
            zone("polygon = [[0, 0], [1.5, 0], [0, 1]]").starts_with("camera[0].zone[0].polygon: corner 2 is outside")
        );
        let bow = "polygon = [[0, 0], [1, 1], [1, 0], [0, 1]]";
        assert!(zone(bow).starts_with("camera[0].zone[0].polygon: side 1 and side 3 cross"));
        let good = "polygon = [[0, 0], [1, 0], [0, 1]]";
        assert!(zone(&format!("{good}\nsensitivity = 120")).starts_with("camera[0].zone[0].sensitivity"));
        assert!(zone(&format!("{good}\nkind = \"ignore\"\nsensitivity = 20")).contains("zone[0].sensitivity"));
        let twice = format!("{good}\n[[camera.zone]]\nname = \"door\"\n{good}");
        assert!(zone(&twice).starts_with("camera[0].zone[1].name: another zone"));
        assert!(
            toml::from_str::<Config>("[[camera]]\n[[camera.zone]]\nname = \"a\"\npolygon = []\nkind = \"hide\"")
                .is_err()
        );
    }

    #[test]
    fn a_camera_gets_its_zones_and_what_all_have() {
        let text = "[detect]\nsensitivity = 70\nmin-size = 0.5\n[[camera]]\nsource = \"demo:\"\n[[camera]]\n\
                    source = \"demo:\"\n[[camera.zone]]\nname = \"street\"\npolygon = [[0, 0], [1, 0], [1, 0.4], [0, 0.4]]\n\
                    kind = \"ignore\"";
        let config: Config = toml::from_str(text).unwrap();
        config.validate().unwrap();
        let [first, second] = [0, 1].map(|n| config.detector_settings(n).unwrap());
        assert_eq!((first.steady.sensitivity(), first.steady.min_area_ppm()), (70, 5_000));
        assert!(first.zones.is_empty());
        assert_eq!(second.zones.all()[0].name(), "street");
        assert!(config.detector_settings(7).unwrap().zones.is_empty(), "a camera that was found has none");
    }
}
