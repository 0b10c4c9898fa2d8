//! History: the chart of motion over time and the frames behind its bars.
//!
//! `panel` is what pages show; `desk` holds its state and does what is asked of it; `data` asks the server; `viewer`,
//! `table`, `toolbar` and `keys` are the parts around the chart; `tools` looks at days as a whole: `calendar`, and `sift` with
//! its `cells`; `offline` is what is left without the server.

pub mod calendar;
pub mod cells;
pub mod data;
pub mod desk;
pub mod keys;
pub mod offline;
pub mod panel;
pub mod sift;
pub mod table;
pub mod toolbar;
pub mod tools;
pub mod viewer;

use leptos::prelude::*;
use rtm2_app::{CameraId, Timestamp};
use wasm_bindgen::JsValue;

pub use panel::HistoryPanel;

use keys::Reach;

use crate::components::camera_picker::CameraPicker;
use crate::live::Live;
use crate::route::query;
use crate::sys::page;

/// The page `/history`. Its address may name a camera and a frame (`?camera=0&at=µs`), and follows the frame that is
/// looked at, so that it can be sent to somebody.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let live = Live::expect();
    page::set_title("History · rtm2");
    if let Some(camera) = query("camera").and_then(|c| c.parse::<CameraId>().ok()) {
        live.select(camera);
    }
    let at = query("at").and_then(|at| at.parse().ok()).map(Timestamp);
    let on_view = Callback::new(|(camera, at): (CameraId, Option<Timestamp>)| {
        let address = at.map_or_else(|| "/history".to_owned(), |at| data::link(camera, at));
        if let Ok(history) = window().history() {
            // Refused only when asked too often; the address then is an older frame's.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        }
    });
    view! {
        <div class="history-page">
            <h1 class="unseen">"History"</h1>
            <CameraPicker />
            {match at {
                Some(at) => view! { <HistoryPanel camera=live.camera.into() at on_view reach=Reach::Page /> }.into_any(),
                None => view! { <HistoryPanel camera=live.camera.into() on_view reach=Reach::Page /> }.into_any(),
            }}
        </div>
    }
}

#[cfg(test)]
mod tests;
