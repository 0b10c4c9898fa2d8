//! What buttons and switches of the pages do. Values instead of closures: one piece of code for all of them.

use rtm2_app::CameraId;
use rtm2_app::alarm::{CameraRule, Channel, Damping, Settings, Tune, Watch};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// A channel.
    Channel(Channel),
    /// The original's damping.
    Damping,
    /// Whether a camera can ring.
    Camera(CameraId),
}

impl Switch {
    /// Whether it is on.
    pub fn is_on(self, settings: &Settings) -> bool {
        match self {
            Self::Channel(channel) => settings.channels.has(channel),
            Self::Damping => settings.damping == Damping::Original,
            Self::Camera(camera) => settings.camera(camera).watch == Watch::Yes,
        }
    }

    fn toggle(self, settings: &mut Settings) {
        match self {
            Self::Channel(channel) => settings.channels = settings.channels.toggled(channel),
            Self::Damping => {
                settings.damping = if self.is_on(settings) { Damping::None } else { Damping::Original };
            }
            Self::Camera(camera) => {
                let watch = if self.is_on(settings) { Watch::No } else { Watch::Yes };
                settings.set_camera(camera, CameraRule { watch, ..settings.camera(camera) });
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
    pub fn turn(self, switch: Switch) {
        self.set(|settings| switch.toggle(settings));
        if switch == Switch::Channel(Channel::Wake) {
            self.hold_screen();
        }
    }

    /// Chooses what is played for a camera, and plays it.
    pub fn choose(self, camera: CameraId, name: &str) {
        if let Some(tune) = Tune::named(name) {
            self.set(|settings| settings.set_camera(camera, CameraRule { tune, ..settings.camera(camera) }));
            self.play(camera);
        }
    }
}
