//! The rest of the page: what the live picture and the chart below it do without at first.
//!
//! The release build cuts these views, with all that only they use, out of the page's wasm into a file of its own
//! (`xtask/src/split.rs`). It is loaded once the page has come to rest, or at once when something in it is asked for; from
//! then on it is as if it had always been there. Every other build has it all in one file.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use crate::pages::alarm::AlarmPage;
use crate::pages::history::desk::Desk;
use crate::pages::history::events::EventList;
use crate::pages::history::remote::Remote;
use crate::pages::history::stills::Stills;
use crate::pages::history::table::BarTable;
use crate::pages::history::tools::{DaySwitches, Days};
use crate::pages::history::viewer::Viewer;
use crate::pages::readiness::ReadinessPage;
use crate::pages::settings::SettingsPage;
use crate::pages::setup::SetupPage;
use crate::sys::timer::Timeout;

/// How long after it was shown the page counts as at rest, in milliseconds.
const REST_MS: u32 = 2_000;

/// The views, as pointers: whoever names one here does not carry it.
#[derive(Clone, Copy, Debug)]
pub struct Views {
    /// `/alarm`
    pub alarm: fn() -> AnyView,
    /// `/readiness`
    pub readiness: fn() -> AnyView,
    /// `/settings`
    pub settings: fn() -> AnyView,
    /// `/setup`
    pub setup: fn() -> AnyView,
    /// The frame being looked at, and what plays its event.
    pub viewer: fn(Desk, Remote, RwSignal<bool>) -> AnyView,
    /// The list of events.
    pub events: fn(Desk) -> AnyView,
    /// The bars as a table.
    pub table: fn(Desk) -> AnyView,
    /// The still frames.
    pub stills: fn(Desk) -> AnyView,
    /// The calendar and the sieve.
    pub days: fn(Desk, DaySwitches) -> AnyView,
}

impl Views {
    fn all() -> Self {
        Self {
            alarm: || view! { <AlarmPage /> }.into_any(),
            readiness: || view! { <ReadinessPage /> }.into_any(),
            settings: || view! { <SettingsPage /> }.into_any(),
            setup: || view! { <SetupPage /> }.into_any(),
            viewer: |desk, remote, boxes| view! { <Viewer desk remote boxes /> }.into_any(),
            events: |desk| view! { <EventList desk /> }.into_any(),
            table: |desk| view! { <BarTable desk /> }.into_any(),
            stills: |desk| view! { <Stills desk /> }.into_any(),
            days: |desk, switches| view! { <Days desk switches /> }.into_any(),
        }
    }
}

/// Loads the file, once, and gives what is in it.
#[cfg(feature = "split")]
#[allow(clippy::unnecessary_wraps, reason = "loading may fail, and what is added for that says so this way")]
#[leptos::wasm_split::wasm_split(rest, wasm_split_path = ::leptos::wasm_split, fallible)]
fn views() -> Result<Views, SplitLoaderError> {
    Ok(Views::all())
}

#[cfg(not(feature = "split"))]
fn views() -> std::future::Ready<Result<Views, SplitLoaderError>> {
    std::future::ready(Ok(Views::all()))
}

/// How far loading has come.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Nobody needed it yet.
    Away,
    /// It is under way.
    Loading,
    /// It is here.
    Here(Views),
    /// The server did not give it.
    Failed,
}

/// The rest of the page, shared as context.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    state: RwSignal<State>,
}

impl Rest {
    /// Nothing of it is loaded yet.
    pub fn new() -> Self {
        Self { state: RwSignal::new(State::Away) }
    }

    /// The rest of the page.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Loads it unless it is here or under way.
    pub fn load(self) {
        if !matches!(self.state.get_untracked(), State::Away | State::Failed) {
            return;
        }
        self.state.set(State::Loading);
        spawn_local(async move {
            let state = views().await.map_or(State::Failed, State::Here);
            self.state.try_set(state);
        });
    }

    /// Loads it when the page has had time for what is in sight.
    pub fn load_at_rest(self) {
        let timer = StoredValue::new_local(Some(Timeout::new(REST_MS, move || self.load())));
        on_cleanup(move || {
            timer.try_update_value(Option::take);
        });
    }

    /// Something in it, for which it is loaded. Until it is here there is a quiet word, or an error with another try.
    pub fn show(self, view: impl Fn(Views) -> AnyView + Send + 'static) -> AnyView {
        (self.word(), self.quietly(view)).into_any()
    }

    /// Something in it, for which it is loaded. Until it is here there is nothing.
    pub fn quietly(self, view: impl Fn(Views) -> AnyView + Send + 'static) -> AnyView {
        self.load();
        (move || match self.state.get() {
            State::Here(views) => Some(view(views)),
            _ => None,
        })
        .into_any()
    }

    /// How it goes with loading; nothing once it is here.
    pub fn word(self) -> AnyView {
        (move || match self.state.get() {
            State::Here(_) => ().into_any(),
            State::Away | State::Loading => {
                view! { <p class="rest" role="status"><span class="history-wait"></span>"Loading …"</p> }.into_any()
            }
            State::Failed => view! {
                <div class="rest" role="alert">
                    <p>"This part of the page could not be loaded from the server. If that was updated meanwhile, reload the page."</p>
                    <button type="button" class="history-button" on:click=move |_| self.load()>"Try again"</button>
                </div>
            }
            .into_any(),
        })
        .into_any()
    }
}

impl Default for Rest {
    fn default() -> Self {
        Self::new()
    }
}
