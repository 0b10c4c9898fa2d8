//! History: the chart of motion over time and the frames behind its bars.
//!
//! `panel` is what pages show; `desk` holds its state and does what is asked of it; `data` asks the server; `player` plays
//! events; `clip` shows and saves them as videos, `events` lists them; `strip` shows what is under the pointer; `viewer`,
//! `player_bar`, `share`, `table`, `toolbar`, `keys` and `parts` are around the chart; `tools` looks at days as a whole:
//! `calendar`, and `sift` with its `cells`; `offline` is what is left without the server.

pub mod calendar;
pub mod cells;
pub mod clip;
pub mod data;
pub mod desk;
pub mod events;
mod film;
pub mod keys;
pub mod offline;
pub mod panel;
mod parts;
pub mod player;
pub mod player_bar;
mod read;
pub mod remote;
pub mod share;
pub mod sift;
mod skip;
mod small;
pub mod stills;
pub mod strip;
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

/// The page `/history`. Its address may name a camera and a frame, in µs (`?camera=0&at=…`) or in ms (`?camera=0&t=…`), and
/// follows the frame that is looked at, so that it can be sent to somebody.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let live = Live::expect();
    page::set_title("History · rtm2");
    let address = Address::read(query);
    if let Some(camera) = address.camera {
        live.select(camera);
    }
    let on_view = Callback::new(|(camera, at): (CameraId, Option<Timestamp>)| {
        let address = match at {
            Some(at) => data::link(camera, at),
            None if camera == CameraId::default() => "/history".to_owned(),
            None => format!("/history?camera={camera}"),
        };
        if let Ok(history) = window().history() {
            // Refused only when asked too often; the address then is an older frame's.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        }
    });
    let Address { camera, at, wrong } = address;
    let unknown = move || {
        let id =
            camera.filter(|id| live.cameras.with(|all| !all.is_empty() && all.iter().all(|other| other.id != *id)))?;
        let words = format!("The address of this page names camera {id}, which there is not.");
        Some(view! { <p class="history-wrong" role="alert">{words}</p> })
    };
    view! {
        <div class="history-page">
            <h1 class="unseen">"History"</h1>
            <CameraPicker />
            {unknown}
            {wrong.map(|wrong| view! { <p class="history-wrong" role="alert">{wrong}</p> })}
            {match at {
                Some(at) => view! { <HistoryPanel camera=live.camera.into() at on_view reach=Reach::Page /> }.into_any(),
                None => view! { <HistoryPanel camera=live.camera.into() on_view reach=Reach::Page /> }.into_any(),
            }}
        </div>
    }
}

/// What the page's address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Address {
    camera: Option<CameraId>,
    at: Option<Timestamp>,
    /// What in it cannot be understood, in words for the user.
    wrong: Option<String>,
}

impl Address {
    fn read(value: impl Fn(&str) -> Option<String>) -> Self {
        let mut address = Self::default();
        let mut wrong = |name: &str, value: &str, is: &str| {
            address.wrong = Some(format!("The address of this page says {name}={value}, which is not {is}."));
        };
        if let Some(camera) = value("camera") {
            match camera.parse() {
                Ok(id) => address.camera = Some(id),
                Err(_) => wrong("camera", &camera, "the number of a camera"),
            }
        }
        for (name, in_us) in [("at", 1), ("t", 1_000)] {
            let Some(at) = value(name) else { continue };
            // Without the sign: nothing was recorded before 1970.
            match at.parse::<i64>().ok().filter(|at| *at >= 0).and_then(|at| at.checked_mul(in_us)) {
                Some(at) => address.at = Some(Timestamp(at)),
                None if in_us == 1 => wrong(name, &at, "a time in microseconds since 1970"),
                None => wrong(name, &at, "a time in milliseconds since 1970"),
            }
        }
        address
    }
}

#[cfg(test)]
mod tests;
