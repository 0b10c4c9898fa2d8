//! Settings: one TOML file, environment variables over it, flags over both. Says what every key means, checks it, and
//! knows where each value came from.

mod alert;
mod byte_size;
mod detection;
mod dirs;
mod error;
mod layers;
mod objects;
mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use rtm2_camera::SourceUrl;
use rtm2_detect::Settings;
use serde::{Deserialize, Serialize};

pub use alert::{Alert, Command, Webhook};
pub use byte_size::ByteSize;
pub use detection::{Detect, Zone, ZoneKind};
pub use dirs::{config_file_candidates, state_dir};
pub use error::ConfigError;
pub use layers::{Layers, Loaded, Origin, env_name, environment, known_keys};
pub use objects::Objects;
pub use tls::{Tls, TlsSource};

/// The annotated default file that `rtm2 config default` prints.
pub const DEFAULT_FILE: &str = include_str!("default.toml");

/// Most cameras of one server.
const MAX_CAMERAS: usize = 64;

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The web server.
    pub web: Web,
    /// TLS.
    pub tls: Tls,
    /// The recorder.
    pub store: Store,
    /// The detector.
    pub detect: Detect,
    /// What a model makes of motion.
    pub objects: Objects,
    /// Alerts.
    pub alert: Alert,
    /// The cameras, in the order of their ids. None: the first camera found, else the demo scene.
    #[serde(rename = "camera")]
    pub cameras: Vec<Camera>,
}

/// The web server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Web {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Listen on the network, with TLS: where nothing else is said, with certificates of an authority of its own.
    pub lan: bool,
    /// The name that is announced on the network with `lan`, without `.local`; none when empty.
    pub mdns: String,
    /// Further origins, such as `https://cams.example.net`, whose pages may talk to this server: the public name when
    /// it stands behind a proxy.
    pub origins: Vec<String>,
    /// Whether session cookies are for HTTPS only. Set it behind a proxy that speaks TLS.
    pub secure_cookies: bool,
    /// Addresses and networks of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.
    pub trusted_proxies: Vec<String>,
    /// Viewers at a time, over all users.
    pub max_viewers: u32,
    /// Viewers at a time of one user.
    pub max_viewers_per_user: u32,
}

/// The recorder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Store {
    /// Keep nothing on disk but accounts: only the newest frames of motion, in memory.
    pub memory_only: bool,
    /// Frames of motion kept per camera with `memory-only`.
    pub memory_frames: u32,
    /// Space for frames; the oldest go when it is used up.
    pub budget: ByteSize,
    /// Space that stays free on the volume, whoever uses up the rest; old frames go to keep it.
    pub min_free: ByteSize,
    /// Seconds recorded before motion; 0 for none.
    pub pre_capture: u32,
    /// Memory for these, per camera.
    pub pre_capture_memory: ByteSize,
    /// Seconds recorded after motion; 0 for none.
    pub post_capture: u32,
    /// Seconds without motion after which an event is over.
    pub event_gap: u32,
    /// Seconds between still frames that are kept for later detection; 0 for none.
    pub stills: u32,
}

/// One camera.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Camera {
    /// Where its pictures come from, as a URL.
    #[serde(default)]
    pub source: String,
    /// A file that holds the URL instead, to keep a password out of the configuration.
    #[serde(default)]
    pub source_file: Option<PathBuf>,
    /// Its name on the page; the source when empty.
    #[serde(default)]
    pub name: String,
    /// Picture size as `WIDTHxHEIGHT`; the nearest that the camera has is taken.
    #[serde(default)]
    pub size: Option<String>,
    /// Frames a second; the nearest that the camera has is taken.
    #[serde(default)]
    pub fps: Option<u16>,
    /// Space for its frames, within that for all cameras; none of its own if nothing is said.
    #[serde(default)]
    pub budget: Option<ByteSize>,
    /// Where in its picture motion counts.
    #[serde(rename = "zone", default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 5000)),
            lan: false,
            mdns: "rtm2".into(),
            origins: Vec::new(),
            secure_cookies: false,
            trusted_proxies: Vec::new(),
            max_viewers: 500,
            max_viewers_per_user: 16,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            memory_only: false,
            memory_frames: 64,
            budget: ByteSize(10 << 30),
            min_free: ByteSize(256 << 20),
            pre_capture: 3,
            pre_capture_memory: ByteSize(16 << 20),
            post_capture: 3,
            event_gap: 10,
            stills: 0,
        }
    }
}

impl Config {
    /// Takes out what must not be shown, such as passwords in sources.
    pub fn redact(&mut self) {
        for camera in &mut self.cameras {
            if let Ok(source) = camera.source() {
                camera.source = source.label();
                camera.source_file = None;
            }
        }
        for webhook in &mut self.alert.webhooks {
            webhook.redact();
        }
    }

    /// Checks what types alone cannot; the error names the key.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.cameras.len() > MAX_CAMERAS {
            return Err(ConfigError::value(
                "camera",
                format!("{} cameras are more than {MAX_CAMERAS}", self.cameras.len()),
            ));
        }
        if !rtm2_detect::NAMES.contains(&self.detect.name.as_str()) {
            let known = rtm2_detect::NAMES.join("`, `");
            return Err(ConfigError::value(
                "detect.name",
                format!("there is no detector `{}`; there is `{known}`", self.detect.name),
            ));
        }
        self.objects.validate()?;
        if self.store.budget.0 < MIN_BUDGET {
            let minimum = ByteSize(MIN_BUDGET);
            return Err(ConfigError::value(
                "store.budget",
                format!("{} is too small; give at least {minimum}", self.store.budget),
            ));
        }
        self.store.validate_events()?;
        if self.store.memory_frames == 0 {
            return Err(ConfigError::value(
                "store.memory-frames",
                "0 frames would keep nothing; give at least 1".into(),
            ));
        }
        for (key, most) in
            [("max-viewers", self.web.max_viewers), ("max-viewers-per-user", self.web.max_viewers_per_user)]
        {
            if most == 0 {
                return Err(ConfigError::value(
                    &format!("web.{key}"),
                    "0 would let nobody watch; give at least 1".into(),
                ));
            }
        }
        for origin in &self.web.origins {
            if !(origin.starts_with("http://") || origin.starts_with("https://")) || origin.ends_with('/') {
                let message = format!("`{origin}` is not an origin; write it like `https://cams.example.net`");
                return Err(ConfigError::value("web.origins", message));
            }
        }
        self.validate_tls()?;
        self.detect.steady()?;
        self.alerts("")?;
        for (i, camera) in self.cameras.iter().enumerate() {
            self.detector_settings(i)?;
            camera.source().map_err(|message| ConfigError::value(&format!("camera[{i}].source"), message))?;
            camera.size().map_err(|message| ConfigError::value(&format!("camera[{i}].size"), message))?;
            if camera.fps.is_some_and(|fps| !(1..=240).contains(&fps)) {
                return Err(ConfigError::value(&format!("camera[{i}].fps"), "give a rate between 1 and 240".into()));
            }
            if let Some(budget) = camera.budget.filter(|budget| budget.0 < MIN_BUDGET) {
                let message = format!("{budget} is too small; give at least {}", ByteSize(MIN_BUDGET));
                return Err(ConfigError::value(&format!("camera[{i}].budget"), message));
            }
        }
        Ok(())
    }

    /// What the detector of the camera with this number is made with. A camera that was found and not configured has
    /// what all have.
    pub fn detector_settings(&self, camera: usize) -> Result<Settings, ConfigError> {
        let zones = self.cameras.get(camera).map_or(&[][..], |camera| &camera.zones);
        self.detect.settings(&format!("camera[{camera}]"), zones)
    }
}

/// Most seconds recorded before or after motion.
const MAX_CAPTURE: u32 = 60;
/// Longest pause within an event in seconds.
const MAX_GAP: u32 = 300;
/// Longest time between still frames in seconds.
const MAX_STILLS: u32 = 86_400;

impl Store {
    fn validate_events(&self) -> Result<(), ConfigError> {
        for (key, seconds) in [("store.pre-capture", self.pre_capture), ("store.post-capture", self.post_capture)] {
            if seconds > MAX_CAPTURE {
                return Err(ConfigError::value(key, format!("{seconds} s are more than the {MAX_CAPTURE} s possible")));
            }
        }
        let least = self.pre_capture.max(self.post_capture).max(1);
        if !(least..=MAX_GAP).contains(&self.event_gap) {
            let message = format!(
                "{} s is no pause between events; give {least} to {MAX_GAP}, at least what is recorded around motion",
                self.event_gap
            );
            return Err(ConfigError::value("store.event-gap", message));
        }
        if self.stills > MAX_STILLS {
            let message = format!("{} s are more than a day ({MAX_STILLS}); give less, or 0 for none", self.stills);
            return Err(ConfigError::value("store.stills", message));
        }
        Ok(())
    }
}

/// Below this a few minutes of motion would push each other out.
const MIN_BUDGET: u64 = 16 << 20;

impl Camera {
    /// A camera with only a source.
    pub fn with_source(source: &str) -> Self {
        Self { source: source.into(), ..Self::default() }
    }

    /// The parsed source, from the file if one is named.
    pub fn source(&self) -> Result<SourceUrl, String> {
        match &self.source_file {
            Some(_) if !self.source.is_empty() => Err("give `source` or `source-file`, not both".into()),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|e| format!("cannot read source-file {}: {e}", path.display()))?
                .trim()
                .parse::<SourceUrl>()
                .map_err(|e| e.to_string()),
            None if self.source.is_empty() => Err("is missing; write for example `source = \"camera:0\"`".into()),
            None => self.source.parse::<SourceUrl>().map_err(|e| e.to_string()),
        }
    }

    /// The wanted picture size.
    pub fn size(&self) -> Result<Option<(u16, u16)>, String> {
        let Some(text) = &self.size else { return Ok(None) };
        let parsed = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
        match parsed {
            Some((w, h)) if w > 0 && h > 0 => Ok(Some((w, h))),
            _ => Err(format!("`{text}` is not a size; write it like `640x480`")),
        }
    }

    /// What the page calls it: its name, else the telling part of its source.
    pub fn display_name(&self, source: &SourceUrl) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        let label = source.label();
        let (_, rest) = label.split_once(':').unwrap_or(("", &label));
        let rest = rest.split('?').next().unwrap_or_default();
        match source.scheme() {
            "demo" => "Living room".into(),
            "camera" => format!("Camera {}", rest.trim_start_matches("/dev/")),
            "file" => rest.trim_end_matches('/').rsplit('/').next().unwrap_or(rest).into(),
            _ => rest.trim_start_matches('/').split('/').next().unwrap_or(rest).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_default_is_the_default() {
        let parsed: Config = toml::from_str(DEFAULT_FILE).unwrap();
        assert_eq!(parsed, Config::default());
    }

    #[test]
    fn every_key_is_explained_in_the_default_file() {
        for key in known_keys() {
            let leaf = key.rsplit('.').next().unwrap();
            let explained = DEFAULT_FILE.lines().any(|l| l.trim_start_matches("# ").starts_with(&format!("{leaf} =")));
            assert!(explained, "{key} is not in default.toml");
        }
    }

    #[test]
    fn a_camera_without_a_name_is_called_after_its_source() {
        let name = |source: &str| Camera::with_source(source).display_name(&source.parse().unwrap());
        assert_eq!(name("demo:?fps=5"), "Living room");
        assert_eq!(name("camera:1"), "Camera 1");
        assert_eq!(name("camera:/dev/video2"), "Camera video2");
        assert_eq!(name("file:/clips/front door.mp4?loop"), "front door.mp4");
        assert_eq!(name("http://eva:secret@10.0.0.9:8080/video?x=1"), "10.0.0.9:8080");
        let named = Camera { name: "Door".into(), ..Camera::with_source("camera:0") };
        assert_eq!(named.display_name(&"camera:0".parse().unwrap()), "Door");
    }

    #[test]
    fn wrong_values_are_refused_with_their_key() {
        let refused = |text: &str| toml::from_str::<Config>(text).unwrap().validate().unwrap_err().to_string();
        assert!(refused("[store]\nbudget = \"1KiB\"").contains("store.budget"));
        assert!(refused("[store]\npre-capture = 61").contains("store.pre-capture"));
        assert!(refused("[store]\nevent-gap = 2").contains("store.event-gap"));
        assert!(refused("[store]\nstills = 90000").contains("store.stills"));
        assert!(refused("[[camera]]\nsource = \"camera:0\"\nbudget = \"1MiB\"").contains("camera[0].budget"));
        assert!(refused("[detect]\nname = \"clasic\"").contains("`classic`"));
        assert!(refused("[[camera]]\nname = \"Door\"").contains("camera[0].source"));
        assert!(refused("[[camera]]\nsource = \"camera:0\"\nsize = \"big\"").contains("640x480"));
        assert!(refused("[[camera]]\nsource = \"camera:0\"\nfps = 0").contains("camera[0].fps"));
        assert!(refused("[web]\nmax-viewers-per-user = 0").contains("web.max-viewers-per-user"));
        assert!(refused("[web]\norigins = [\"cams.example.net\"]").contains("web.origins"));
    }
}
