//! Figures about the picture and the connection, as an instrument shows them.

use leptos::prelude::*;
use rtm2_app::link::span;

use crate::live::{Flow, Live};
use crate::sys::clock;

/// Bytes a second in a unit that fits.
pub fn rate(bytes: u64) -> String {
    match bytes {
        0..1_000 => [&bytes.to_string(), " B/s"].concat(),
        1_000..1_000_000 => [&tenths(bytes / 100), " kB/s"].concat(),
        _ => [&tenths(bytes / 100_000), " MB/s"].concat(),
    }
}

/// A number of tenths with its decimal point.
fn tenths(value: u64) -> String {
    [&(value / 10).to_string(), ".", &(value % 10).to_string()].concat()
}

/// Last motion, size, frames and bytes a second.
#[component]
pub fn Readouts() -> impl IntoView {
    let live = Live::expect();
    let last = Memo::new(move |_| live.last_motion(live.camera.get()));
    let moving = Memo::new(move |_| live.moving(live.camera.get()));
    let motion = move || match last.get() {
        _ if moving.get() => "now".to_owned(),
        Some(at) => clock::time_of_day(at),
        None => "none yet".to_owned(),
    };
    let ago = move || match last.get() {
        Some(at) if !moving.get() => [&span(live.server_now().0 - at.0), " ago"].concat(),
        _ => String::new(),
    };
    let size = move || match live.picture.get() {
        Some((width, height)) => [&width.to_string(), " × ", &height.to_string()].concat(),
        None => "–".to_owned(),
    };
    let frames = move || live.flow.with(|Flow { frames, .. }| [&frames.to_string(), " fps"].concat());
    let bytes = move || live.flow.with(|flow| rate(flow.bytes));
    view! {
        <dl class="readouts">
            <div class="readout readout-wide" class:readout-moving=move || moving.get()>
                <dt>"Last motion"</dt>
                <dd title=move || last.get().map(clock::date_time)>
                    <span data-testid="last-motion">{motion}</span> " " <span class="readout-more">{ago}</span>
                </dd>
            </div>
            <div class="readout">
                <dt>"Rate"</dt>
                <dd>{frames}</dd>
            </div>
            <div class="readout">
                <dt>"Traffic"</dt>
                <dd data-testid="traffic">{bytes}</dd>
            </div>
            <div class="readout">
                <dt>"Picture"</dt>
                <dd>{size}</dd>
            </div>
        </dl>
    }
}
