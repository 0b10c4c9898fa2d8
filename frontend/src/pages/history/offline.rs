//! The history while the server is away: the days that this browser kept.

use leptos::prelude::*;
use rtm2_app::CameraId;

use super::panel::HistoryPanel;
use crate::components::choice::{Choice, Segment};

/// The kept days of one of these cameras.
#[component]
pub fn KeptHistory(
    /// Cameras of which days are kept; at least one.
    cameras: Vec<CameraId>,
) -> impl IntoView {
    let camera = RwSignal::new(cameras.first().copied().unwrap_or_default());
    let several = cameras.len() > 1;
    let segment = |id: CameraId| Segment {
        value: id,
        label: ["Camera ", &id.to_string()].concat(),
        hint: String::new(),
        mark: None,
    };
    let segments = Signal::stored(cameras.into_iter().map(segment).collect::<Vec<_>>());
    view! {
        <div class="history-page">
            <h1 class="unseen">"History"</h1>
            {several
                .then(|| {
                    view! {
                        <Choice legend="Camera" name="kept-camera" segments chosen=camera on_choose=move |id| camera.set(id) />
                    }
                })}
            <HistoryPanel camera=camera.into() />
        </div>
    }
}
