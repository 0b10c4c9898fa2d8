//! Whether a channel works on this device, and what to do where it does not.

use std::borrow::Cow;

use rtm2_app::alarm::Channel;
use rtm2_app::link::Tone;

use crate::sys::notify::{Permission, permission};
use crate::sys::sound::Synthesiser;
use crate::sys::wake::WakeLock;
use crate::sys::{device, marks};

/// How far something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Works,
    /// Not before the user did something.
    NeedsTap,
    /// Not on this device, or not as it is set.
    Missing,
    /// It was tried and went wrong, which may be over.
    Failed,
}

/// How far something works, and why no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// How far.
    pub verdict: Verdict,
    /// The reason, or what is worth knowing; may be empty.
    pub why: Cow<'static, str>,
}

impl State {
    /// It works.
    pub const fn works(why: &'static str) -> Self {
        Self { verdict: Verdict::Works, why: Cow::Borrowed(why) }
    }

    /// The user has to do something.
    pub const fn tap(why: &'static str) -> Self {
        Self { verdict: Verdict::NeedsTap, why: Cow::Borrowed(why) }
    }

    /// It does not work.
    pub const fn missing(why: &'static str) -> Self {
        Self { verdict: Verdict::Missing, why: Cow::Borrowed(why) }
    }

    /// It was tried and failed.
    pub const fn failed(why: String) -> Self {
        Self { verdict: Verdict::Failed, why: Cow::Owned(why) }
    }

    /// In a few words.
    pub const fn text(&self) -> &'static str {
        match self.verdict {
            Verdict::Works => "works",
            Verdict::NeedsTap => "needs a tap",
            Verdict::Missing | Verdict::Failed => "not on this device",
        }
    }

    /// How good that is.
    pub const fn tone(&self) -> Tone {
        match self.verdict {
            Verdict::Works => Tone::Good,
            Verdict::NeedsTap => Tone::Warn,
            Verdict::Missing | Verdict::Failed => Tone::Bad,
        }
    }
}

/// Why something that needs a trusted connection does not work.
pub const INSECURE: &str = "browsers allow this over HTTPS only (or on the server's own machine)";
/// Why something does not work on an iPhone.
pub const IOS_INSTALL: &str = "iPhones and iPads allow this to installed apps only: tap Share, then Add to Home Screen";

/// How far a channel can be expected to work now.
pub fn probe(channel: Channel, synthesiser: Option<&Synthesiser>) -> State {
    match channel {
        Channel::Vibration if !device::can_vibrate() => State::missing(if device::is_ios() {
            "iPhones and iPads do not let pages vibrate"
        } else {
            "this browser does not let pages vibrate"
        }),
        Channel::Vibration if !device::was_touched() => {
            State::tap("browsers let a page vibrate only after a tap on it")
        }
        Channel::Vibration => State::works("if the device has a motor, and while the page is in front"),
        Channel::Sound if !Synthesiser::exists() => State::missing("this browser cannot make tones"),
        Channel::Sound if synthesiser.is_some_and(Synthesiser::runs) => {
            State::works("mind the device's own volume and its mute switch")
        }
        Channel::Sound => State::tap("browsers let a page sound only after a tap on it"),
        Channel::Notice => notice(),
        Channel::Wake if WakeLock::exists() => State::works("while the page is in front"),
        Channel::Wake if !device::is_secure() => State::missing(INSECURE),
        Channel::Wake => State::missing("this browser cannot keep the screen on"),
        Channel::Badge if marks::can_badge() => State::works("seen on the installed app's icon"),
        Channel::Badge if !device::is_secure() => State::missing(INSECURE),
        Channel::Badge if device::is_ios() => State::missing(IOS_INSTALL),
        Channel::Badge => State::missing("this browser puts no numbers on icons"),
        Channel::Red | Channel::Tab => State::works(""),
    }
}

fn notice() -> State {
    match permission() {
        _ if !device::is_secure() => State::missing(INSECURE),
        Permission::Granted => State::works("also while the page is behind others"),
        Permission::Open => State::tap("the browser asks once whether you allow it"),
        Permission::Denied => {
            State::missing("you, or the browser, refused: allow it in the browser's settings for this page")
        }
        Permission::Missing if device::is_ios() => State::missing(IOS_INSTALL),
        Permission::Missing => State::missing("this browser shows no notifications"),
    }
}
