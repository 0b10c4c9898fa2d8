//! Camera, mode, and what is drawn over the picture.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::link::Tone;
use rtm2_app::{CameraId, CameraInfo, CameraState, Mode};

use super::MarkSwitches;
use crate::components::choice::{Choice, Segment};
use crate::components::icon::{Icon, Sign};
use crate::components::status_pill::tone_class;
use crate::components::toast::Toasts;
use crate::http;
use crate::live::Live;
use crate::session::Session;
use crate::sys::save::save;
use crate::sys::{clock, storage};

fn camera_segment(camera: &CameraInfo) -> Segment<CameraId> {
    let tone = match camera.state {
        CameraState::Starting => Tone::Wait,
        CameraState::Live => Tone::Good,
        CameraState::Stalled { .. } => Tone::Warn,
        CameraState::Lost { .. } => Tone::Bad,
    };
    Segment { value: camera.id, label: camera.name.clone(), hint: camera.source.clone(), mark: Some(tone_class(tone)) }
}

fn modes() -> Vec<Segment<Mode>> {
    let segment =
        |value, label: &str, hint: &str| Segment { value, label: label.to_owned(), hint: hint.to_owned(), mark: None };
    vec![
        segment(Mode::Off, "Off", "No pictures; motion still shows in the history"),
        segment(Mode::Motion, "Motion", "Pictures only while something moves"),
        segment(Mode::Live, "Live", "Every picture"),
    ]
}

/// Everything to choose on the live page.
#[component]
pub fn Controls(
    /// What is drawn over the picture.
    marks: MarkSwitches,
) -> impl IntoView {
    let live = Live::expect();
    // Rebuilt only when something about a camera changes, so that the focus stays where it is.
    let cameras = Memo::new(move |_| live.cameras.with(|c| c.iter().map(camera_segment).collect::<Vec<_>>()));
    let several = Memo::new(move |_| cameras.with(|cameras| cameras.len() > 1));
    view! {
        <div class="controls">
            <Show when=move || several.get()>
                <Choice
                    legend="Camera"
                    name="camera"
                    segments=cameras
                    chosen=live.camera
                    on_choose=move |camera| live.select(camera)
                />
            </Show>
            <Choice
                legend="Pictures"
                name="mode"
                segments=Signal::stored(modes())
                chosen=live.mode
                on_choose=move |mode| live.set_mode(mode)
            />
            <div class="control-row">
                <Switch label="Boxes" key="boxes" on=marks.boxes />
                <Switch label="Clock" key="clock" on=marks.clock />
                <SaveButton />
            </div>
        </div>
    }
}

/// Saves the camera's newest picture, as it made it.
#[component]
fn SaveButton() -> impl IntoView {
    let (live, session, toasts) = (Live::expect(), Session::expect(), Toasts::expect());
    let busy = RwSignal::new(false);
    let snapshot = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let camera = live.camera.get_untracked().to_string();
        let time = clock::date_time(clock::now()).replace(':', "-").replace(' ', "_");
        spawn_local(async move {
            let path = ["/api/v1/cameras/", &camera, "/snapshot.jpg"].concat();
            let saved = match http::get_blob(session, &path).await {
                Ok(blob) => save(&blob, &["camera-", &camera, "_", &time, ".jpg"].concat())
                    .map_err(|_| "the browser refused to save it".to_owned()),
                Err(why) => Err(why.to_string()),
            };
            if let Err(why) = saved {
                toasts.say(["no picture saved: ", &why].concat());
            }
            let _ = busy.try_set(false);
        });
    };
    view! {
        <button type="button" class="button" title="Save the newest picture" disabled=move || busy.get() on:click=snapshot>
            <Sign icon=Icon::Save />
            "Save"
        </button>
    }
}

/// Something to switch on and off, remembered.
#[component]
fn Switch(label: &'static str, key: &'static str, on: RwSignal<bool>) -> impl IntoView {
    let change = move |event| {
        let checked = event_target_checked(&event);
        storage::set(key, if checked { "on" } else { "off" });
        on.set(checked);
    };
    view! {
        <label class="switch">
            <input type="checkbox" role="switch" prop:checked=move || on.get() on:change=change />
            <span class="switch-track" aria-hidden="true"></span>
            <span>{label}</span>
        </label>
    }
}
