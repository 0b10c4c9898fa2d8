//! Figures over the picture for who wants to know how well it comes. Nothing is measured while they are not shown.

use leptos::prelude::*;

use super::readouts::rate;
use crate::live::Live;

/// Frames and bytes a second, the delay from capture to canvas, and what came and what did not: a line each. No live
/// region, which would never fall silent.
#[component]
pub fn Statistics() -> impl IntoView {
    let live = Live::expect();
    live.measure();
    on_cleanup(move || live.unmeasure());
    let lines = move || {
        let (flow, stats) = (live.flow.get(), live.stats.get());
        let [fps, whole, parts, skipped, dropped] =
            [flow.frames, stats.whole, stats.parts, stats.skipped, stats.dropped].map(|count| count.to_string());
        let bytes = rate(flow.bytes);
        let delay = stats.delay.map_or_else(
            || "–".to_owned(),
            |d| [&d.mean_ms.to_string(), " ms, at most ", &d.most_ms.to_string(), " ms"].concat(),
        );
        [
            ["Shown     ", &fps, " fps\nReceived  ", &bytes],
            ["\nDelay     ", &delay, "\nPictures  ", &whole],
            [" whole, ", &parts, " changes\nDropped   ", &skipped],
            [" by server, ", &dropped, " here", ""],
        ]
        .as_flattened()
        .concat()
    };
    view! { <pre class="statistics" role="group" aria-label="Statistics" data-testid="statistics">{lines}</pre> }
}
