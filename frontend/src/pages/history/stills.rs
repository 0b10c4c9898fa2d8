//! Still frames of the stretch in view: pictures that were kept at a low rate while nothing moved, shown on demand.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::chart::Chart;
use rtm2_app::{CameraId, FrameInfo};

use super::desk::{Desk, label};
use super::read;
use crate::http::{self, CallError};

/// Still frames that are shown at a time.
const PAGE: usize = 12;

/// What was found.
type Found = Option<Result<Vec<FrameInfo>, String>>;

/// Asks for still frames and shows them.
#[component]
pub fn Stills(
    /// The history.
    desk: Desk,
) -> impl IntoView {
    let found = RwSignal::new(Found::None);
    let busy = RwSignal::new(false);
    // Another camera's would mislead.
    Effect::new(move |_| {
        desk.camera.track();
        found.set(None);
    });
    let show = move |_| {
        let Some(view) = desk.read(Chart::view).filter(|_| !busy.get_untracked()) else { return };
        let camera = desk.camera.get_untracked();
        busy.set(true);
        spawn_local(async move {
            let answer = stills(desk, camera, (view.from().0, view.to().0)).await;
            if desk.camera.try_get_untracked() == Some(camera) {
                found.set(Some(answer.map_err(|why| why.to_string())));
            }
            busy.try_set(false);
        });
    };
    view! {
        <details class="fold stills">
            <summary>"Still frames"</summary>
            <p class="quiet">"Pictures kept every so often while nothing moved, if the server is set so (store.stills)."</p>
            <button type="button" class="history-button" disabled=move || busy.get() on:click=show>
                "Show those in view"
            </button>
            <div role="status">{move || found.get().map(pictures)}</div>
        </details>
    }
}

async fn stills(desk: Desk, camera: CameraId, (from, to): (i64, i64)) -> Result<Vec<FrameInfo>, CallError> {
    let [camera, from, to, limit] = [i64::from(camera.0), from, to, PAGE as i64].map(|n| n.to_string());
    let path = ["/api/v1/cameras/", &camera, "/stills?from=", &from, "&to=", &to, "&limit=", &limit].concat();
    Ok(http::find(desk.session(), &path).await?.map(read::frames).unwrap_or_default())
}

fn pictures(found: Result<Vec<FrameInfo>, String>) -> AnyView {
    let frames = match found {
        Err(why) => return ["The still frames could not be loaded: ", &why, "."].concat().into_any(),
        Ok(frames) if frames.is_empty() => return "None were kept in the stretch in view.".into_any(),
        Ok(frames) => frames,
    };
    let more = (frames.len() == PAGE).then_some("These are the first; zoom in for others.");
    let picture = |frame: FrameInfo| {
        let at = frame.at.to_string();
        let address = ["/api/v1/cameras/", &frame.camera.to_string(), "/stills/", &at, ".jpg"].concat();
        let time = label(frame.at);
        view! {
            <li>
                <a href=address target="_blank" rel="noopener">
                    <img src=address.clone() loading="lazy" width=frame.width height=frame.height alt=["Still frame of ", &time].concat() />
                    <time>{time}</time>
                </a>
            </li>
        }
    };
    view! {
        <ol class="stills-list">{frames.into_iter().map(picture).collect_view()}</ol>
        <p class="quiet">{more}</p>
    }
    .into_any()
}
