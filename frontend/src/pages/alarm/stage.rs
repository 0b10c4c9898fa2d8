//! What one sees from across the room: the state, the counter, the last picture, and the one button that matters.

use leptos::prelude::*;
use rtm2_app::alarm::Channel;
use rtm2_app::link::Link;

use crate::alarm::act::Act;
use crate::alarm::state::Verdict;
use crate::alarm::{Shown, words};
use crate::components::alarm_controls::button;
use crate::live::Live;
use crate::pages::history::data;
use crate::sys::clock;

/// Minutes that a snooze may last, with their labels.
const SNOOZES: [(i64, &str); 3] = [(5, "5 min"), (30, "30 min"), (120, "2 h")];

/// The upper part of the page.
pub(super) fn stage(shown: &Shown, live: Live) -> AnyView {
    let headline = match (shown.ringing, shown.snoozed) {
        (Some(ringing), _) => live.cameras.with(|cameras| words::headline(ringing.ring.cause, cameras)),
        (None, Some(until)) => ["Snoozed until ", &clock::time_of_day(until)].concat(),
        (None, None) if shown.armed => "Armed".to_owned(),
        (None, None) => "Not armed".to_owned(),
    };
    let (label, class) = match (shown.ringing, shown.armed) {
        (Some(_), _) => ("Acknowledge", "button alarm-button alarm-acknowledge"),
        (None, true) => ("Disarm", "button alarm-button"),
        (None, false) => ("Arm", "button button-main alarm-button"),
    };
    let more: Vec<AnyView> = match shown.snoozed {
        Some(_) => vec![button("End snooze", "", "button", Some(Act::Wake))],
        None => SNOOZES.map(|(minutes, label)| button(label, "snooze", "button", Some(Act::Snooze(minutes)))).into(),
    };
    view! {
        <section class="alarm-stage" aria-label="Alarm">
            {picture(shown)}
            <div class="alarm-words">
                <p class="alarm-headline" role="status" aria-live="assertive" data-testid="alarm">{headline}</p>
                <p class="alarm-count"><strong data-testid="count">{shown.count.to_string()}</strong> "motion counter"</p>
                <p class="alarm-info" data-testid="info">{info(shown, live)}</p>
            </div>
            {button(label, "", class, Some(Act::Main))}
            <div class="alarm-more" role="group" aria-label="Snooze" hidden=!shown.armed>
                <span class="quiet-label">"Snooze"</span>
                {more}
            </div>
            <div class="alarm-more">
                {button("Test", "", "button", Some(Act::TestAll))} {button("Reset", "", "button", Some(Act::Reset))}
            </div>
        </section>
    }
    .into_any()
}

/// The line about the connection (R54), what keeps the alarm from being heard, and who acknowledged.
fn info(shown: &Shown, live: Live) -> String {
    let mut words = match live.link.get() {
        Link::Open => "connected".to_owned(),
        _ => live.status().text,
    };
    let waits = |channel: Channel| {
        shown.settings.channels.has(channel) && shown.states[channel as usize].verdict == Verdict::NeedsTap
    };
    if shown.armed && (waits(Channel::Vibration) || waits(Channel::Sound)) {
        words.push_str(" · tap once anywhere to let it sound and vibrate");
    }
    if let Some((by, at)) = live.seen.get() {
        words = [&words, " · acknowledged by ", &by, " at ", &clock::time_of_day(at)].concat();
    }
    words
}

fn picture(shown: &Shown) -> AnyView {
    let Some((camera, at)) = shown.last else {
        return view! { <p class="alarm-picture alarm-empty">"Nothing has moved since this page was opened."</p> }
            .into_any();
    };
    view! {
        <a class="alarm-picture" href=data::link(camera, at) title="Open this frame in the history">
            <img src=data::picture_url(camera, at) alt="The last motion" />
            <span class="plate">{clock::date_time(at)}</span>
        </a>
    }
    .into_any()
}
