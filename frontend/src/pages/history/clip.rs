//! An event as a clip: shown in the browser's own player, and saved.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::chart::Chart;
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_app::{CameraId, Timestamp};

use super::data;
use super::desk::Desk;
use super::parts::{self, button, changing};
use super::player::Player;
use crate::components::dialog::Dialog;
use crate::http;
use crate::session::Session;
use crate::sys::device::plays_mp4;

/// A button that opens the event's clip.
#[component]
pub fn ClipButton(
    /// Knows the event.
    player: Player,
) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <button
            type="button"
            class="history-button"
            title="The event as a video: to look at and to save"
            disabled=move || player.event.with(Option::is_none)
            on:click=move |_| {
                player.stand_still();
                open.set(true);
            }
        >
            "Clip …"
        </button>
        <Dialog open title="Clip of the event">
            {move || player.event.with_untracked(|event| event.as_ref().map(|e| view_of(e.camera, (e.from, e.to), ("event", e.start))))}
        </Dialog>
    }
}

/// A clip is at most an hour, as the server has it.
const LONGEST_US: i64 = 3_600 * MICROS_PER_SECOND;

/// A button that opens the clip of what is in view.
pub fn view_button(desk: Desk) -> AnyView {
    let open = RwSignal::new(false);
    let clip = move || {
        let view = desk.read(Chart::view)?;
        if view.len_us() > LONGEST_US {
            let words = "The chart shows more than an hour, and a clip is an hour at most: zoom in first.";
            return Some(parts::words("clip-words", Some("status"), changing(move || words.to_owned())));
        }
        Some(view_of(desk.camera.get_untracked(), (view.from(), view.to()), ("clip", view.from())))
    };
    view! {
        {button("Clip of view …", "What is in view as a video: to look at and to save", move || open.set(true))}
        <Dialog open title="Clip of what is in view">{move || clip()}</Dialog>
    }
    .into_any()
}

/// The clip of a stretch; files that are saved are named by what it is and a time.
fn view_of(camera: CameraId, (from, to): (Timestamp, Timestamp), (what, at): (&str, Timestamp)) -> AnyView {
    let session = Session::expect();
    // Empty when it is ready.
    let words = RwSignal::new("The clip is being made; that may take a while …".to_owned());
    let address = |kind: &str| data::clip_url(camera, (from, to), kind);
    let (mp4, webm, pictures) = (address("clip.mp4"), address("clip.webm"), address("frames.mjpeg"));
    let name = format!("{what}-{camera}-{}", at.millis());
    // What the browser plays; leaving the dialog ends the making on the server too.
    let shown = if plays_mp4() { mp4.clone() } else { webm.clone() };
    let asked = StoredValue::new(shown.clone());
    let failed = move |_| {
        spawn_local(async move {
            let why = match http::probe(session, &asked.get_value()).await {
                Ok(()) => "this browser cannot play it".to_owned(),
                Err(error) => error.to_string(),
            };
            words.try_set(["There is no clip: ", &why, "."].concat());
        });
    };
    let is_ready = move || words.with(String::is_empty);
    let saved = {
        let name = name.clone();
        changing(move || is_ready().then(|| [save(&mp4, &name, "MP4"), save(&webm, &name, "WebM")].into_any()))
    };
    view! {
        <div class="clip">
            <video
                class="clip-video"
                class:is-hidden=move || !is_ready()
                src=shown
                controls
                playsinline
                preload="auto"
                on:loadedmetadata=move |_| words.set(String::new())
                on:error=failed
            ></video>
            {parts::words("clip-words", Some("status"), changing(move || words.get()))}
            <p class="frame-links">
                {saved}
                {save(&pictures, &name, "MJPEG")}
            </p>
        </div>
    }
    .into_any()
}

fn save(address: &str, name: &str, format: &'static str) -> AnyView {
    let file = format!("{name}.{}", format.to_ascii_lowercase());
    let text =
        if format == "MJPEG" { "Save the pictures (motion JPEG)".to_owned() } else { format!("Save as {format}") };
    view! {
        <a class="history-button" rel="external" href=address.to_owned() download=file>
            {text}
        </a>
    }
    .into_any()
}
