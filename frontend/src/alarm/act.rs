//! What buttons and switches of the pages do. Values instead of closures: one piece of code for all of them.

use rtm2_app::CameraId;
use rtm2_app::alarm::{CameraRule, Channel, Damping, Settings, Tune, Watch, ZoneRule};

use super::Alarm;
use crate::pwa;

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The one that matters: acknowledges what rings, else arms or disarms.
    Main,
    /// Sets a channel off.
    Test(Channel),
    /// Sets every channel off that is on (R53).
    TestAll,
    /// Sets the counter back (R53).
    Reset,
    /// No alarm for so many minutes.
    Snooze(i64),
    /// Ends a snooze.
    Wake,
    /// Lets the browser ask whether to install.
    Install,
}

/// A setting that can be switched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    /// A channel.
    Channel(Channel),
    /// The original's damping.
    Damping,
    /// Whether a camera can ring.
    Camera(CameraId),
    /// Whether a zone of a camera can ring.
    Zone(CameraId, String),
}

impl Switch {
    /// Whether it is on.
    pub fn is_on(&self, settings: &Settings) -> bool {
        match self {
            Self::Channel(channel) => settings.channels.has(*channel),
            Self::Damping => settings.damping == Damping::Original,
            Self::Camera(camera) => settings.camera(*camera).watch == Watch::Yes,
            Self::Zone(camera, zone) => settings.zone(*camera, zone).watch == Watch::Yes,
        }
    }

    fn toggle(&self, settings: &mut Settings) {
        let watch = if self.is_on(settings) { Watch::No } else { Watch::Yes };
        match self {
            Self::Channel(channel) => settings.channels = settings.channels.toggled(*channel),
            Self::Damping => {
                settings.damping = if watch == Watch::No { Damping::None } else { Damping::Original };
            }
            Self::Camera(camera) => {
                settings.set_camera(*camera, CameraRule { watch, ..settings.camera(*camera) });
            }
            Self::Zone(camera, zone) => {
                settings.set_zone(*camera, zone, ZoneRule { watch, ..settings.zone(*camera, zone) });
            }
        }
    }
}

impl Alarm {
    /// Does what a button says, within its tap.
    pub fn act(self, act: Act) {
        match act {
            Act::Main => {
                if self.rings() {
                    self.acknowledge();
                } else if self.is_armed() {
                    self.disarm();
                } else {
                    self.arm();
                }
            }
            Act::Test(channel) => self.test(channel),
            Act::TestAll => self.each_channel_on(Self::test),
            Act::Reset => self.reset(),
            Act::Snooze(minutes) => self.snooze(minutes),
            Act::Wake => self.wake(),
            Act::Install => pwa::install(),
        }
    }

    /// Turns a switch the other way.
    pub fn turn(self, switch: &Switch) {
        self.set(|settings| switch.toggle(settings));
        if *switch == Switch::Channel(Channel::Wake) {
            self.hold_screen();
        }
    }

    /// Chooses what is played for a camera, and plays it.
    pub fn choose(self, camera: CameraId, name: &str) {
        if let Some(tune) = Tune::named(name) {
            self.set(|settings| settings.set_camera(camera, CameraRule { tune, ..settings.camera(camera) }));
            self.play(camera, None);
        }
    }

    /// Chooses what is played for a zone of a camera, and plays it. No tune of this name: what its camera plays.
    pub fn choose_for_zone(self, camera: CameraId, (number, zone): (u8, &str), name: &str) {
        let tune = Tune::named(name);
        self.set(|settings| settings.set_zone(camera, zone, ZoneRule { tune, ..settings.zone(camera, zone) }));
        self.play(camera, Some(number));
    }
}
