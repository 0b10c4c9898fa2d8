//! The history's buttons.

use leptos::prelude::*;
use rtm2_app::chart::{Chart, LoadState, Step};

use super::data::Seek;
use super::desk::Desk;
use super::keys::{Switches, toggle, zoom};
use super::parts::{changing, pressed};

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

/// A button that leads to another frame. At the `end` of the history it leads nowhere, but stays reachable and says so
/// when pressed.
fn frame_button(
    desk: Desk,
    glyph: Glyph,
    label: &'static str,
    title: &'static str,
    end: Step,
    press: fn(Desk),
) -> AnyView {
    let at_end = move || desk.end.get() == Some(end);
    view! {
        <button
            type="button"
            class="history-button"
            title=title
            aria-disabled=move || at_end().to_string()
            on:click=move |_| press(desk)
        >
            <Drawing glyph />
            <span>{label}</span>
        </button>
    }
    .into_any()
}

/// A button that does one thing; with a drawing, its label is only read out.
fn plain_button(
    desk: Desk,
    glyph: Option<Glyph>,
    label: &'static str,
    title: &'static str,
    press: fn(Desk),
) -> AnyView {
    let class = if glyph.is_some() { "history-button is-square" } else { "history-button" };
    let face = match glyph {
        Some(glyph) => view! { <Drawing glyph /> }.into_any(),
        None => label.into_any(),
    };
    view! {
        <button type="button" class=class aria-label=glyph.map(|_| label) title=title on:click=move |_| press(desk)>
            {face}
        </button>
    }
    .into_any()
}

/// A button that shows something and hides it again.
fn switch_button(name: &str, title: &'static str, on: RwSignal<bool>) -> AnyView {
    pressed(name.to_owned(), title, changing(move || on.get()), move || toggle(on))
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
                {frame_button(desk, Glyph::First, "First", "First frame (Home)", Step::Back, |desk| desk.seek(Seek::First))}
                {frame_button(desk, Glyph::Previous, "Previous", "Previous frame (←)", Step::Back, |desk| desk.step(Step::Back))}
                {frame_button(desk, Glyph::Next, "Next", "Next frame (→)", Step::Forward, |desk| desk.step(Step::Forward))}
                {frame_button(desk, Glyph::Last, "Last", "Last frame (End)", Step::Forward, |desk| desk.seek(Seek::Last))}
            </div>
            <div class="history-group" role="group" aria-label="View">
                {plain_button(desk, Some(Glyph::Closer), "Zoom in", "Zoom in (+)", |desk| zoom(desk, 0.5))}
                {plain_button(desk, Some(Glyph::Further), "Zoom out", "Zoom out (−)", |desk| zoom(desk, 2.0))}
                {plain_button(desk, None, "5 min", "The five minutes up to the frame being looked at, or up to now (5)", |desk| {
                    desk.change(Chart::five_minutes);
                })}
                {plain_button(desk, None, "Unzoom", "Zoom back to what is loaded (0)", |desk| {
                    desk.change(Chart::fit);
                })}
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
                {switch_button("Events", "A list of events (E)", switches.events)}
                {switch_button("Table", "The bars in view as a table (T)", switches.table)}
                {plain_button(desk, None, "Save chart", "Save the chart as a picture", Desk::save)}
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
