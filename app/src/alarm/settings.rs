//! What a device remembers of its alarm, as lines of text that survive any version: unknown lines are skipped, and
//! what cannot be read keeps its default.

use std::fmt::Write as _;

use super::{Pattern, Quiet, minutes_from, minutes_text};
use crate::CameraId;

/// A way in which an alarm is noticed. Each works, or fails, by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The phone shakes.
    Vibration,
    /// A tune plays.
    Sound,
    /// The system shows a notification.
    Notice,
    /// The page turns red.
    Red,
    /// The screen stays on.
    Wake,
    /// The tab's icon and title.
    Tab,
    /// A number on the installed app's icon.
    Badge,
}

impl Channel {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::Vibration, Self::Sound, Self::Notice, Self::Red, Self::Wake, Self::Tab, Self::Badge];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Channels that are switched on: all at first (R50).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels(u8);

impl Channels {
    const ALL: Self = Self((1 << Channel::ALL.len()) - 1);

    /// Whether one is on.
    pub const fn has(self, channel: Channel) -> bool {
        self.0 & channel.bit() != 0
    }

    /// The same with one the other way round.
    pub const fn toggled(self, channel: Channel) -> Self {
        Self(self.0 ^ channel.bit())
    }
}

/// Which counts ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Damping {
    /// 1, 2, 5 and every tenth (R51).
    #[default]
    Original,
    /// Every one.
    None,
}

/// What is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tune {
    /// Three rising notes.
    #[default]
    Chime,
    /// Two strokes of a bell.
    Bell,
    /// Short high tones.
    Beeps,
    /// Up and down.
    Siren,
    /// Two low knocks.
    Knock,
}

impl Tune {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Chime, Self::Bell, Self::Beeps, Self::Siren, Self::Knock];

    /// Its name, as it is shown and remembered.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chime => "Chime",
            Self::Bell => "Bell",
            Self::Beeps => "Beeps",
            Self::Siren => "Siren",
            Self::Knock => "Knock",
        }
    }

    /// The tune of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tune| tune.name() == name)
    }
}

/// Whether a camera can ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// It can.
    #[default]
    Yes,
    /// It cannot.
    No,
}

/// What is different for a camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CameraRule {
    /// Whether it can ring.
    pub watch: Watch,
    /// What is played for it.
    pub tune: Tune,
}

/// What is different for a zone of a camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ZoneRule {
    /// Whether it can ring.
    pub watch: Watch,
    /// What is played for it; what is played for its camera where nothing is said.
    pub tune: Option<Tune>,
}

/// How a device's alarm is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Channels that are on.
    pub channels: Channels,
    /// How it vibrates.
    pub pattern: Pattern,
    /// How loud it plays, 0 to 100.
    pub volume: u8,
    /// Which counts ring.
    pub damping: Damping,
    /// Shortest time between two rings for motion in seconds, 0 for none.
    pub cooldown_s: u32,
    /// When it makes no noise.
    pub quiet: Option<Quiet>,
    /// Seconds without acknowledgement after which it gets louder, and after as many again asks for help; 0 for never.
    pub escalate_s: u32,
    pub(super) cameras: Vec<(CameraId, CameraRule)>,
    /// By name: numbers change with the configuration.
    pub(super) zones: Vec<(CameraId, String, ZoneRule)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            channels: Channels::ALL,
            pattern: Pattern::default(),
            volume: 70,
            damping: Damping::Original,
            cooldown_s: 0,
            quiet: None,
            escalate_s: 60,
            cameras: Vec::new(),
            zones: Vec::new(),
        }
    }
}

impl Settings {
    /// Longest cooldown and patience, in seconds: an hour.
    pub const LONGEST_S: u32 = 3_600;
    /// Most zones of which something is remembered.
    pub const MOST_ZONES: usize = 256;

    /// What holds for a camera.
    pub fn camera(&self, camera: CameraId) -> CameraRule {
        self.cameras.iter().find(|(id, _)| *id == camera).map(|(_, rule)| *rule).unwrap_or_default()
    }

    /// Makes something else hold for a camera.
    pub fn set_camera(&mut self, camera: CameraId, rule: CameraRule) {
        self.cameras.retain(|(id, _)| *id != camera);
        if rule != CameraRule::default() {
            self.cameras.push((camera, rule));
        }
    }

    /// What holds for a zone of a camera.
    pub fn zone(&self, camera: CameraId, zone: &str) -> ZoneRule {
        let found = self.zones.iter().find(|(id, name, _)| *id == camera && name == zone);
        found.map(|(.., rule)| *rule).unwrap_or_default()
    }

    /// Makes something else hold for a zone of a camera. Of zones that are gone the oldest are forgotten in time.
    pub fn set_zone(&mut self, camera: CameraId, zone: &str, rule: ZoneRule) {
        self.zones.retain(|(id, name, _)| *id != camera || name != zone);
        if rule != ZoneRule::default() {
            self.zones.push((camera, zone.to_owned(), rule));
        }
        if self.zones.len() > Self::MOST_ZONES {
            self.zones.remove(0);
        }
    }

    /// What is played for motion before a camera, in a zone of it if one is named.
    pub fn tune(&self, camera: CameraId, zone: Option<&str>) -> Tune {
        zone.and_then(|zone| self.zone(camera, zone).tune).unwrap_or_else(|| self.camera(camera).tune)
    }

    /// As text, to be remembered.
    pub fn write(&self) -> String {
        let quiet = self
            .quiet
            .map_or_else(String::new, |quiet| [&minutes_text(quiet.from()), " ", &minutes_text(quiet.to())].concat());
        let every = u8::from(self.damping == Damping::None);
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = write!(
            text,
            "channels {}\npattern {}\nvolume {}\nevery {every}\ncooldown {}\nquiet {quiet}\nescalate {}\n",
            self.channels.0, self.pattern, self.volume, self.cooldown_s, self.escalate_s
        );
        for (camera, CameraRule { watch, tune }) in &self.cameras {
            let watch = u8::from(*watch == Watch::Yes);
            let _ = writeln!(text, "camera {camera} {watch} {}", tune.name());
        }
        for (camera, name, ZoneRule { watch, tune }) in &self.zones {
            let (watch, tune) = (u8::from(*watch == Watch::Yes), tune.map_or("-", Tune::name));
            // The name comes last: it may hold spaces, and holds no end of a line.
            let _ = writeln!(text, "zone {camera} {watch} {tune} {name}");
        }
        text
    }

    /// From what was remembered.
    pub fn read(text: &str) -> Self {
        let mut settings = Self::default();
        for line in text.lines() {
            if let Some((key, value)) = line.split_once(' ') {
                // A value that a later version wrote differently keeps its default.
                let _ = settings.read_line(key, value);
            }
        }
        settings
    }

    fn read_line(&mut self, key: &str, value: &str) -> Option<()> {
        let seconds = || value.parse().ok().filter(|s| *s <= Self::LONGEST_S);
        match key {
            "channels" => self.channels = Channels(value.parse::<u8>().ok()? & Channels::ALL.0),
            "pattern" => self.pattern = value.parse().ok()?,
            "volume" => self.volume = value.parse().ok().filter(|v| *v <= 100)?,
            "every" => self.damping = if value == "1" { Damping::None } else { Damping::Original },
            "cooldown" => self.cooldown_s = seconds()?,
            "quiet" => {
                let (from, to) = value.split_once(' ')?;
                self.quiet = Quiet::new(minutes_from(from)?, minutes_from(to)?);
            }
            "escalate" => self.escalate_s = seconds()?,
            "camera" => {
                let mut words = value.splitn(3, ' ');
                let camera = words.next()?.parse().ok()?;
                let watch = watch(words.next()?);
                self.set_camera(camera, CameraRule { watch, tune: Tune::named(words.next()?)? });
            }
            "zone" => {
                let mut words = value.splitn(4, ' ');
                let camera = words.next()?.parse().ok()?;
                let watch = watch(words.next()?);
                let tune = Tune::named(words.next()?);
                self.set_zone(camera, words.next()?, ZoneRule { watch, tune });
            }
            _ => {}
        }
        Some(())
    }
}

/// Whether something can ring, as it is remembered.
fn watch(word: &str) -> Watch {
    if word == "0" { Watch::No } else { Watch::Yes }
}
