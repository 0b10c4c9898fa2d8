//! Camera, mode, and what is drawn over the picture.

use leptos::prelude::*;
use rtm2_app::link::Tone;
use rtm2_app::{CameraId, CameraInfo, CameraState, Mode};

use super::MarkSwitches;
use crate::components::choice::{Choice, Segment};
use crate::components::icon::{Icon, Sign};
use crate::components::status_pill::tone_class;
use crate::live::Live;
use crate::sys::storage;

fn camera_segment(camera: &CameraInfo) -> Segment<CameraId> {
    let tone = match camera.state {
        CameraState::Starting => Tone::Wait,
        CameraState::Live => Tone::Good,
        CameraState::Stalled { .. } => Tone::Warn,
        CameraState::Lost { .. } => Tone::Bad,
    };
    Segment { value: camera.id, label: camera.name.clone(), hint: "", mark: Some(tone_class(tone)) }
}

fn modes() -> Vec<Segment<Mode>> {
    let segment = |value, label: &str, hint| Segment { value, label: label.to_owned(), hint, mark: None };
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
    let snapshot = move || ["/api/v1/cameras/", &live.camera.get().to_string(), "/snapshot.jpg"].concat();
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
                <a class="button" href=snapshot download="snapshot.jpg" rel="external" title="Save the newest picture">
                    <Sign icon=Icon::Save />
                    "Save"
                </a>
            </div>
        </div>
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
