//! The pill that says how connection and camera are doing.

use leptos::prelude::*;
use rtm2_app::link::Tone;

use crate::live::Live;

/// The class of a tone.
pub fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Wait => "dot dot-wait",
        Tone::Good => "dot dot-good",
        Tone::Warn => "dot dot-warn",
        Tone::Bad => "dot dot-bad",
    }
}

/// The status in a few words; the reason stands on hovering, and below the picture.
#[component]
pub fn StatusPill() -> impl IntoView {
    let live = Live::expect();
    let status = Memo::new(move |_| live.status());
    // Seconds count in what is seen, not in what is read out.
    let announced = Memo::new(move |_| status.with(|status| status.kind));
    view! {
        <div class="pill" title=move || status.with(|status| status.detail.clone())>
            <i class=move || tone_class(status.with(|status| status.tone))></i>
            <span class="pill-text" data-testid="status" aria-hidden="true">{move || status.with(|status| status.text.clone())}</span>
            <span class="unseen" role="status" aria-live="polite">{move || announced.get()}</span>
        </div>
    }
}
