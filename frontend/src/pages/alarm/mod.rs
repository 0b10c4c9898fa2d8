//! The alarm page, for a phone on a shelf or a tablet on the wall: one glance, one tap.

mod channels;
mod settings;
mod stage;

use leptos::prelude::*;

use crate::alarm::Alarm;
use crate::live::Live;
use crate::sys::page;

/// The page `/alarm`.
#[component]
pub fn AlarmPage() -> impl IntoView {
    page::set_title("Alarm · rtm2");
    let (alarm, live) = (Alarm::expect(), Live::expect());
    view! {
        <h1 class="unseen">"Alarm"</h1>
        <div class="alarm">
            {move || alarm.shown.with(|shown| stage::stage(shown, live))}
            <div class="alarm-side">
                <section class="panel" aria-labelledby="channels-head">
                    <h2 id="channels-head">"How it is noticed"</h2>
                    <ul class="rows">{move || alarm.shown.with(channels::channels)}</ul>
                </section>
                <details class="panel fold">
                    <summary>"When and how it rings"</summary>
                    {settings::form()}
                </details>
                <p class="quiet">"Something stays silent? " <a href="/readiness">"See what works on this device"</a></p>
            </div>
        </div>
    }
}
