//! Camera, mode, and what is drawn over the picture.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::Mode;

use super::{MarkSwitches, STATISTICS, switch};
use crate::components::camera_picker::CameraPicker;
use crate::components::choice::{Choice, Segment};
use crate::components::icon::{Icon, Sign};
use crate::components::toast::Toasts;
use crate::http;
use crate::live::Live;
use crate::session::Session;
use crate::sys::clock;
use crate::sys::save::save;

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
    view! {
        <div class="controls">
            <CameraPicker />
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
                <Switch label="Statistics" key=STATISTICS on=marks.statistics letter="i" />
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
fn Switch(
    label: &'static str,
    key: &'static str,
    on: RwSignal<bool>,
    /// The key that switches it too.
    #[prop(optional)]
    letter: Option<&'static str>,
) -> impl IntoView {
    let change = move |event| switch(key, on, event_target_checked(&event));
    view! {
        <label class="switch">
            <input type="checkbox" role="switch" aria-keyshortcuts=letter prop:checked=move || on.get() on:change=change />
            <span class="switch-track" aria-hidden="true"></span>
            <span>{label}</span>
        </label>
    }
}
