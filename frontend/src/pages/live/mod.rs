//! The live page: the picture, what one does with it, and the history below it.

pub mod controls;
pub mod readouts;
pub mod stage;

use leptos::prelude::*;

use self::controls::Controls;
use self::readouts::Readouts;
use self::stage::Stage;
use crate::live::{Live, Marks};
use crate::pages::history::HistoryPanel;
use crate::sys::{page, storage};

/// What is drawn over the picture, as this browser remembers it.
#[derive(Clone, Copy, Debug)]
pub struct MarkSwitches {
    boxes: RwSignal<bool>,
    clock: RwSignal<bool>,
}

impl MarkSwitches {
    /// As remembered; both are on at first.
    fn remembered() -> Self {
        let on = |key| RwSignal::new(storage::get(key).as_deref() != Some("off"));
        Self { boxes: on("boxes"), clock: on("clock") }
    }

    /// Their state, tracked.
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
    view! {
        <h1 class="unseen">"Live"</h1>
        <div class="live">
            <Stage marks=marks />
            <aside class="side" aria-label="Camera and picture">
                <Controls marks=marks />
                <Readouts />
            </aside>
        </div>
        <HistoryPanel camera=live.camera.into() />
    }
}
