//! The live page: the picture, what one does with it, and the history below it.

pub mod controls;
pub mod readouts;
pub mod stage;
pub mod statistics;

use leptos::prelude::*;

use wasm_bindgen::JsCast as _;
use web_sys::{Element, EventTarget, KeyboardEvent};

use self::controls::Controls;
use self::readouts::Readouts;
use self::stage::Stage;
use crate::chart::Listener;
use crate::live::{Live, Marks};
use crate::pages::history::HistoryPanel;
use crate::sys::{page, storage};

/// The page's own keys, as the help says them.
const KEYS: &[(&str, &str)] = &[("I", "statistics on, off")];

/// What lies over the picture, as this browser remembers it.
#[derive(Clone, Copy, Debug)]
pub struct MarkSwitches {
    boxes: RwSignal<bool>,
    clock: RwSignal<bool>,
    statistics: RwSignal<bool>,
}

impl MarkSwitches {
    /// As remembered; at first there are marks, and no statistics.
    fn remembered() -> Self {
        let on = |key, at_first: &str| RwSignal::new(storage::get(key).as_deref().unwrap_or(at_first) != "off");
        Self { boxes: on("boxes", ""), clock: on("clock", ""), statistics: on(STATISTICS, "off") }
    }

    /// What is drawn, tracked.
    fn get(self) -> Marks {
        Marks { boxes: self.boxes.get(), clock: self.clock.get() }
    }
}

/// The page `/`.
#[component]
pub fn LivePage() -> impl IntoView {
    let live = Live::expect();
    let marks = MarkSwitches::remembered();
    Effect::new(move |_| {
        let name = live.camera_info().map(|camera| camera.name);
        page::set_title(&name.map_or("rtm2".to_owned(), |name| [&name, " · rtm2"].concat()));
    });
    let held = StoredValue::new_local(Some(listen_for_keys(marks)));
    on_cleanup(move || {
        held.try_update_value(Option::take);
    });
    view! {
        <h1 class="unseen">"Live"</h1>
        <div class="live">
            <Stage marks=marks />
            <aside class="side" aria-label="Camera and picture">
                <Controls marks=marks />
                <Readouts />
            </aside>
        </div>
        <HistoryPanel camera=live.camera.into() more_keys=KEYS />
    }
}

/// The name under which it is remembered whether there are statistics.
const STATISTICS: &str = "statistics";

/// Switches something over the picture, and remembers it.
fn switch(key: &str, signal: RwSignal<bool>, on: bool) {
    storage::set(key, if on { "on" } else { "off" });
    signal.set(on);
}

/// Keys, wherever on the page they are pressed, unless something is being written.
fn listen_for_keys(marks: MarkSwitches) -> Listener {
    Listener::new(document().as_ref(), "keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let held = event.ctrl_key() || event.alt_key() || event.meta_key() || event.repeat();
        if !held && matches!(event.key().as_str(), "i" | "I") && !is_written_in(event.target()) {
            switch(STATISTICS, marks.statistics, !marks.statistics.get_untracked());
        }
    })
}

/// Whether letters are for an element itself.
fn is_written_in(target: Option<EventTarget>) -> bool {
    let Some(element) = target.and_then(|target| target.dyn_into::<Element>().ok()) else { return false };
    let kind = element.get_attribute("type").unwrap_or_default();
    match element.tag_name().as_str() {
        "INPUT" => !matches!(kind.as_str(), "radio" | "checkbox"),
        tag => matches!(tag, "SELECT" | "TEXTAREA"),
    }
}
