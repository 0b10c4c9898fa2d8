//! The history's buttons.

use leptos::prelude::*;
use rtm2_app::chart::{Chart, LoadState, Step};

use super::data::Seek;
use super::desk::Desk;
use super::keys::{Switches, toggle, zoom};

/// Drawings on buttons: lines in a square of 24 units.
#[derive(Clone, Copy)]
enum Glyph {
    First,
    Previous,
    Next,
    Last,
    Closer,
    Further,
}

impl Glyph {
    fn path(self) -> &'static str {
        match self {
            Self::First => "M6 5v14M18 5l-8 7 8 7",
            Self::Previous => "M15 5l-8 7 8 7",
            Self::Next => "M9 5l8 7-8 7",
            Self::Last => "M18 5v14M6 5l8 7-8 7",
            Self::Closer => "M12 5v14M5 12h14",
            Self::Further => "M5 12h14",
        }
    }
}

#[component]
fn Drawing(glyph: Glyph) -> impl IntoView {
    view! {
        <svg class="history-glyph" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=glyph.path() />
        </svg>
    }
}

/// A button that leads to another frame. At the end of the history it stays reachable and says so when pressed.
#[component]
fn FrameButton(
    desk: Desk,
    glyph: Glyph,
    label: &'static str,
    title: &'static str,
    /// The end at which it leads nowhere.
    end: Step,
    press: impl Fn() + 'static,
) -> impl IntoView {
    let at_end = move || desk.end.get() == Some(end);
    view! {
        <button
            type="button"
            class="history-button"
            title=title
            aria-disabled=move || at_end().to_string()
            on:click=move |_| press()
        >
            <Drawing glyph />
            <span>{label}</span>
        </button>
    }
}

/// All of the history's buttons.
#[component]
pub fn Toolbar(
    /// The history.
    desk: Desk,
    /// What the switches switch.
    switches: Switches,
) -> impl IntoView {
    let whole = Memo::new(move |_| desk.facts.get().is_none_or(|f| f.whole));
    let few = Memo::new(move |_| desk.facts.get().is_none_or(|f| f.held <= rtm2_app::chart::RECENT_BARS));
    view! {
        <div class="history-tools" role="toolbar" aria-label="History">
            <div class="history-group" role="group" aria-label="Frames">
                <FrameButton desk glyph=Glyph::First label="First" title="First frame (Home)" end=Step::Back press=move || desk.seek(Seek::First) />
                <FrameButton desk glyph=Glyph::Previous label="Previous" title="Previous frame (←)" end=Step::Back press=move || desk.step(Step::Back) />
                <FrameButton desk glyph=Glyph::Next label="Next" title="Next frame (→)" end=Step::Forward press=move || desk.step(Step::Forward) />
                <FrameButton desk glyph=Glyph::Last label="Last" title="Last frame (End)" end=Step::Forward press=move || desk.seek(Seek::Last) />
            </div>
            <div class="history-group" role="group" aria-label="View">
                <button type="button" class="history-button is-square" aria-label="Zoom in" title="Zoom in (+)" on:click=move |_| zoom(desk, 0.5)>
                    <Drawing glyph=Glyph::Closer />
                </button>
                <button type="button" class="history-button is-square" aria-label="Zoom out" title="Zoom out (−)" on:click=move |_| zoom(desk, 2.0)>
                    <Drawing glyph=Glyph::Further />
                </button>
                <button
                    type="button"
                    class="history-button"
                    title="The five minutes up to the frame being looked at, or up to now (5)"
                    on:click=move |_| { desk.change(Chart::five_minutes); }
                >
                    "5 min"
                </button>
                <button type="button" class="history-button" title="Zoom back to what is loaded (0)" on:click=move |_| { desk.change(Chart::fit); }>
                    "Unzoom"
                </button>
            </div>
            <div class="history-group" role="group" aria-label="Data">
                <button
                    type="button"
                    class="history-button"
                    title="Load every bar there is"
                    disabled=move || desk.busy.get() || desk.load.get() != LoadState::Ready
                    on:click=move |_| desk.load_all()
                >
                    {move || if whole.get() { "Show all" } else { "Load all" }}
                </button>
                <button
                    type="button"
                    class="history-button"
                    title="Forget all but the newest bars in this page; nothing is deleted from the server"
                    disabled=move || few.get()
                    on:click=move |_| desk.release()
                >
                    "Release old"
                </button>
                <button
                    type="button"
                    class="history-button"
                    title="The bars in view as a table (T)"
                    aria-pressed=move || switches.table.get().to_string()
                    on:click=move |_| toggle(switches.table)
                >
                    "Table"
                </button>
                <button type="button" class="history-button" title="Save the chart as a picture" on:click=move |_| desk.save()>
                    "Save chart"
                </button>
                <button
                    type="button"
                    class="history-button is-square"
                    aria-label="Keys"
                    title="Keys (?)"
                    aria-expanded=move || switches.help.get().to_string()
                    on:click=move |_| toggle(switches.help)
                >
                    "?"
                </button>
            </div>
        </div>
    }
}
