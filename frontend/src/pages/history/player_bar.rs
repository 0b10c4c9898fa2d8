//! The player's buttons under the picture.

use leptos::prelude::*;
use rtm2_app::chart::Step;
use rtm2_app::{Event, Kept};

use super::desk::Desk;
use super::parts::{changing, drawing, drawn, pressed, words};
use super::player::{Player, Playing, SPEEDS};
use crate::sys::clock::time_of_day;

/// Drawings on buttons: lines in a square of 24 units.
const BACK_EVENT: &str = "M6 5v14M18 6l-9 6 9 6z";
const BACK: &str = "M15 5l-8 7 8 7";
const PLAY: &str = "M8 5l11 7-11 7z";
const PAUSE: &str = "M8 5v14M16 5v14";
const ON: &str = "M9 5l8 7-8 7";
const ON_EVENT: &str = "M18 5v14M6 6l9 6-9 6z";

/// Buttons that play an event, a place to go to, and what the event is.
#[component]
pub fn PlayerBar(
    /// The history.
    desk: Desk,
    /// What plays.
    player: Player,
) -> impl IntoView {
    let still = Memo::new(move |_| player.playing.get() == Playing::Still);
    let play = view! {
        <button
            type="button"
            class="player-button is-main"
            title="Play the event, pause (space bar)"
            aria-busy=move || (player.playing.get() == Playing::Loading).to_string()
            on:click=move |_| player.toggle()
        >
            {drawing(changing(move || if still.get() { PLAY } else { PAUSE }))}
            <span>{move || if still.get() { "Play" } else { "Pause" }}</span>
        </button>
    };
    let event = changing(move || player.event.with(|event| event.as_ref().map(event_words).unwrap_or_default()));
    let place = move || place_words(player.place.get(), player.length.get());
    view! {
        <div class="player" role="group" aria-label="Play the event">
            <div class="player-row">
                {drawn(BACK_EVENT, "Previous event", "Previous event ([ or P)", move || player.skip(Step::Back))}
                {drawn(BACK, "One frame back", "Previous frame (←)", move || desk.step(Step::Back))}
                {play}
                {drawn(ON, "One frame on", "Next frame (→)", move || desk.step(Step::Forward))}
                {drawn(ON_EVENT, "Next event", "Next event (] or N)", move || player.skip(Step::Forward))}
            </div>
            <input
                type="range"
                class="player-seek"
                aria-label="Place in the event"
                min="0"
                max=changing(move || (player.length.get() / 1_000).to_string())
                step="10"
                prop:value=move || (player.place.get() / 1_000).to_string()
                aria-valuetext=changing(place)
                disabled=move || player.event.with(Option::is_none)
                on:input=move |event| {
                    if let Ok(ms) = event_target_value(&event).parse::<i64>() {
                        player.go_to(ms.saturating_mul(1_000));
                    }
                }
            />
            <div class="player-row is-small">
                <span class="player-place">{changing(place)}</span>
                <div class="player-speeds" role="group" aria-label="Speed">
                    {SPEEDS.map(|speed| speed_button(player, speed)).collect_view()}
                </div>
            </div>
            {words("player-event", None, event)}
            {words("player-lost", Some("status"), changing(move || lost_words(player.lost.get())))}
        </div>
    }
}

fn speed_button(player: Player, speed: i64) -> AnyView {
    let is_on = changing(move || player.speed.get() == speed);
    pressed(format!("{speed}×"), "Speed (< and >)", is_on, move || player.set_speed(speed))
}

fn tenths(us: i64) -> String {
    let tenths = us / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn place_words(place: i64, length: i64) -> String {
    format!("{} of {} s", tenths(place), tenths(length))
}

/// What is known of an event, on a line.
pub fn event_words(event: &Event) -> String {
    let Event { start, end, frames, held, score, .. } = event;
    let kept = match event.kept() {
        Kept::Whole => format!(", {frames} frames of motion"),
        Kept::Thinned => {
            format!(". Thinned: {held} of {frames} frames of motion are left; pauses between them are cut to 2 s")
        }
        Kept::Record => ". Its frames are gone".to_owned(),
    };
    let mut words = format!("{}–{}, best score {score}{kept}", time_of_day(*start), time_of_day(*end));
    if event.pinned {
        words += ", pinned";
    }
    for text in [&event.label, &event.zone] {
        if !text.is_empty() {
            words.push_str(" · ");
            words.push_str(text);
        }
    }
    words
}

fn lost_words(lost: u32) -> String {
    match lost {
        0 => String::new(),
        lost => format!("{lost} frames are not stored any more and were left out."),
    }
}
