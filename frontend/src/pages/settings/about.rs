//! Facts about server and connection.

use leptos::prelude::*;
use rtm2_app::link::span;
use rtm2_app::wire::PROTOCOL;

use crate::components::status_pill::tone_class;
use crate::live::Live;

/// A clock that is off by this much is worth a word, in microseconds.
const SKEW_MATTERS_US: i64 = 2_000_000;

/// Cameras, the server's build and how well its clock agrees with this browser's.
#[component]
pub fn About() -> impl IntoView {
    let live = Live::expect();
    let build = move || live.build.with(|build| build.as_ref().map_or("–".to_owned(), |(build, _)| build.clone()));
    let clock = move || match live.skew_us.get() {
        skew if skew.abs() < SKEW_MATTERS_US => "agrees with this device".to_owned(),
        skew if skew > 0 => [&span(skew), " ahead of this device"].concat(),
        skew => [&span(-skew), " behind this device"].concat(),
    };
    let cameras = move || {
        let (now, server_now) = (live.now.get(), live.server_now());
        let row = move |camera: rtm2_app::CameraInfo| {
            let status = rtm2_app::link::status(live.link.get(), Some(&camera.state), now, server_now);
            view! {
                <li class="row">
                    <i class=tone_class(status.tone)></i>
                    <span class="row-main">
                        <strong>{camera.name}</strong> " " <span class="mono quiet">{camera.source}</span>
                    </span>
                    <span class="quiet">{status.text} {status.detail.map(|detail| [": ", &detail].concat())}</span>
                </li>
            }
        };
        live.cameras.get().into_iter().map(row).collect_view()
    };
    view! {
        <section class="panel" aria-labelledby="about-head">
            <h2 id="about-head">"Cameras and server"</h2>
            <ul class="rows">{cameras}</ul>
            <dl class="facts">
                <dt>"Build"</dt>
                <dd class="mono">{build}</dd>
                <dt>"Protocol"</dt>
                <dd class="mono">{PROTOCOL}</dd>
                <dt>"Server clock"</dt>
                <dd>{clock}</dd>
            </dl>
        </section>
    }
}
