//! What looks at the history as a whole: the calendar and the sieve; and the days that are kept for when the server is away.

use leptos::prelude::*;
use rtm2_app::chart::{LoadState, Rule};

use super::calendar::Calendar;
use super::clip::view_button;
use super::desk::Desk;
use super::keys::toggle;
use super::sift::{Sieve, Sift};
use crate::rest::Rest;
use crate::sys::storage;
use crate::sys::timer::Timeout;

/// Days that are kept without being asked for: two months.
const KEPT: usize = 62;
/// How long after the first bars days begin to be kept, in milliseconds: what is looked at comes first.
const KEEP_AFTER_MS: u32 = 1_500;

/// What of it is open.
#[derive(Clone, Copy, Debug)]
pub struct DaySwitches {
    calendar: RwSignal<bool>,
    sifts: RwSignal<bool>,
    /// Whether days are kept for when the server is away.
    keeps: bool,
}

/// Buttons, and what they open.
#[component]
pub fn Tools(
    /// The history.
    desk: Desk,
    /// Whether days are kept for when the server is away.
    keeps: bool,
) -> impl IntoView {
    let rest = Rest::expect();
    let calendar = RwSignal::new(false);
    let sifts = RwSignal::new(storage::of_session("sifts").as_deref() == Some("1"));
    Effect::new(move |_| storage::set_of_session("sifts", if sifts.get() { "1" } else { "" }));
    let switches = DaySwitches { calendar, sifts, keeps };
    let is_used =
        Memo::new(move |before: Option<&bool>| before == Some(&true) || keeps || calendar.get() || sifts.get());
    view! {
        <div class="history-group" role="toolbar" aria-label="Days">
            {switch("Calendar", "The days with motion, month by month", calendar)}
            {switch("Sift", "Show which bars would be left if more had to change, or only in a part of the picture", sifts)}
            {view_button(desk)}
        </div>
        <Show when=move || is_used.get()>{rest.quietly(move |views| (views.days)(desk, switches))}</Show>
        <Show when=move || calendar.get() || sifts.get()>{rest.word()}</Show>
    }
}

/// What the buttons open, and the days that are kept.
#[component]
pub fn Days(
    /// The history.
    desk: Desk,
    /// What of it is open.
    switches: DaySwitches,
) -> impl IntoView {
    let DaySwitches { calendar, sifts, keeps } = switches;
    let sieve = Sieve::new(desk);
    let is_ready = Memo::new(move |_| desk.load.get() == LoadState::Ready);
    let shown = Memo::new(move |_| (desk.camera.get(), is_ready.get()));
    let most = move || if sifts.get_untracked() { usize::MAX } else { KEPT };
    let waiting = StoredValue::new_local(None::<Timeout>);
    Effect::new(move |_| {
        // What was to be kept later is loaded now, or is another camera's.
        waiting.set_value(None);
        // Bars are never grey for a reason that cannot be seen.
        if !sifts.get() {
            desk.change(|c| c.elastic.set(Rule::default()));
        }
        if !shown.get().1 {
            sieve.restart();
        } else if sifts.get() {
            sieve.apply();
            sieve.load(usize::MAX);
        } else if keeps {
            waiting.set_value(Some(Timeout::new(KEEP_AFTER_MS, move || sieve.load(most()))));
        }
    });
    let newest = Memo::new(move |_| {
        desk.rows.track();
        desk.read(|c| c.history.seconds().last().copied()).flatten()
    });
    Effect::new(move |before: Option<()>| {
        newest.track();
        if before.is_some() && is_ready.get_untracked() && sifts.get_untracked() {
            sieve.refresh(usize::MAX);
        }
    });
    view! {
        <div class="history-days">
            <Show when=move || calendar.get()>
                <Calendar desk />
            </Show>
            <Show when=move || sifts.get()>
                <Sift desk sieve />
            </Show>
        </div>
    }
}

fn switch(label: &'static str, title: &'static str, on: RwSignal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="history-button"
            title=title
            aria-expanded=move || on.get().to_string()
            on:click=move |_| toggle(on)
        >
            {label}
        </button>
    }
}
