//! How the alarm is noticed: every channel with its switch, its state and its test.

use leptos::prelude::*;
use rtm2_app::alarm::Channel;

use crate::alarm::Shown;
use crate::alarm::act::{Act, Switch};
use crate::alarm::state::Verdict;
use crate::components::alarm_controls::{button, line, switch};

/// A channel's name.
const fn name(channel: Channel) -> &'static str {
    match channel {
        Channel::Vibration => "Vibration",
        Channel::Sound => "Sound",
        Channel::Notice => "Notification",
        Channel::Red => "Red page",
        Channel::Wake => "Screen stays on",
        Channel::Tab => "Tab icon and title",
        Channel::Badge => "App badge",
    }
}

/// All channels.
pub(super) fn channels(shown: &Shown) -> Vec<AnyView> {
    let row = |channel: Channel| {
        let (name, state) = (name(channel), &shown.states[channel as usize]);
        let act = (state.verdict != Verdict::Missing).then_some(Act::Test(channel));
        let head = switch(name.to_owned(), Switch::Channel(channel), shown.settings.channels.has(channel));
        line(head, state, Some(button("Test", name, "button", act)))
    };
    Channel::ALL.map(row).into()
}
