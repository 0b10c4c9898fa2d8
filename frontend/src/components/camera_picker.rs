//! Which camera: a row of choices, shown only while there are several.

use leptos::prelude::*;
use rtm2_app::link::Tone;
use rtm2_app::{CameraId, CameraInfo, CameraState};

use super::choice::{Choice, Segment};
use super::status_pill::tone_class;
use crate::live::Live;

fn camera_segment(camera: &CameraInfo) -> Segment<CameraId> {
    let tone = match camera.state {
        CameraState::Starting => Tone::Wait,
        CameraState::Live => Tone::Good,
        CameraState::Stalled { .. } => Tone::Warn,
        CameraState::Lost { .. } => Tone::Bad,
    };
    Segment { value: camera.id, label: camera.name.clone(), hint: camera.source.clone(), mark: Some(tone_class(tone)) }
}

/// Chooses the camera of the whole page.
#[component]
pub fn CameraPicker() -> impl IntoView {
    let live = Live::expect();
    // Rebuilt only when something about a camera changes, so that the focus stays where it is.
    let cameras = Memo::new(move |_| live.cameras.with(|c| c.iter().map(camera_segment).collect::<Vec<_>>()));
    let several = Memo::new(move |_| cameras.with(|cameras| cameras.len() > 1));
    view! {
        <Show when=move || several.get()>
            <Choice
                legend="Camera"
                name="camera"
                segments=cameras
                chosen=live.camera
                on_choose=move |camera| live.select(camera)
            />
        </Show>
    }
}
