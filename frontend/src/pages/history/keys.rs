//! The history's keys.

use leptos::prelude::*;
use rtm2_app::chart::{Chart, Step};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, KeyboardEvent, Node};

use super::data::Seek;
use super::desk::{Desk, Viewed};
use super::remote::{Remote, Wish};

/// What the keys do, as the help says it.
pub const KEYS: [(&str, &str); 14] = [
    ("← →", "previous, next frame"),
    ("Shift ← →", "previous, next bar"),
    ("[ ] or P N", "previous, next event"),
    ("Space", "play the event, pause"),
    ("< >", "slower, faster"),
    ("E", "events on, off"),
    ("Home End", "first, last frame"),
    ("+ −", "zoom in, out"),
    ("5", "the five minutes up to the frame"),
    ("0", "zoom back"),
    ("B", "boxes on, off"),
    ("T", "table on, off"),
    ("Esc", "close the frame"),
    ("?", "these keys"),
];

/// What keys switch beside the desk's own.
#[derive(Clone, Copy)]
pub struct Switches {
    /// Boxes over the frame.
    pub boxes: RwSignal<bool>,
    /// The table.
    pub table: RwSignal<bool>,
    /// The list of events.
    pub events: RwSignal<bool>,
    /// The list of keys.
    pub help: RwSignal<bool>,
}

/// Where keys are meant for the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// While something in it has the focus.
    #[default]
    Inside,
    /// Also while nothing on the page has it.
    Page,
}

/// Whether a key pressed at `target` is meant for the history in `root`.
pub fn is_meant(reach: Reach, root: &Element, target: Option<&Node>) -> bool {
    let Some(target) = target else { return false };
    let element = target.dyn_ref::<Element>();
    let tag = element.map(Element::tag_name).unwrap_or_default();
    if matches!(tag.as_str(), "INPUT" | "SELECT" | "TEXTAREA") && !element.is_some_and(is_seek_bar) {
        return false;
    }
    (reach == Reach::Page && tag == "BODY") || root.contains(Some(target))
}

/// Does what a key asks for; whether it asked for anything.
pub fn pressed(desk: Desk, remote: Remote, switches: Switches, event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return false;
    }
    let on_seek_bar = target(event).is_some_and(|target| is_seek_bar(&target));
    if on_seek_bar && matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight" | "Home" | "End") {
        return false;
    }
    let shift = event.shift_key();
    match event.key().as_str() {
        // On a button the space bar presses that, and where nothing can be played it scrolls the page.
        " " if !is_pressable(event) && desk.viewed.with_untracked(|v| *v != Viewed::Nothing) => {
            remote.ask(Wish::Toggle);
        }
        "[" | "p" | "P" => remote.ask(Wish::Skip(Step::Back)),
        "]" | "n" | "N" => remote.ask(Wish::Skip(Step::Forward)),
        "<" => remote.ask(Wish::Speed(Step::Back)),
        ">" => remote.ask(Wish::Speed(Step::Forward)),
        "ArrowLeft" if shift => desk.step_bar(Step::Back),
        "ArrowRight" if shift => desk.step_bar(Step::Forward),
        "ArrowLeft" => desk.step(Step::Back),
        "ArrowRight" => desk.step(Step::Forward),
        "Home" => desk.seek(Seek::First),
        "End" => desk.seek(Seek::Last),
        "+" | "=" => zoom(desk, 0.5),
        "-" | "_" => zoom(desk, 2.0),
        "0" => {
            desk.change(Chart::fit);
        }
        "5" => {
            desk.change(Chart::five_minutes);
        }
        "b" | "B" => toggle(switches.boxes),
        "t" | "T" => toggle(switches.table),
        "e" | "E" => toggle(switches.events),
        "?" => toggle(switches.help),
        "Escape" if switches.help.get_untracked() => switches.help.set(false),
        "Escape" => desk.close(),
        _ => return false,
    }
    true
}

fn target(event: &KeyboardEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Whether it is the player's seek bar, in which nothing is typed.
fn is_seek_bar(element: &Element) -> bool {
    element.class_list().contains("player-seek")
}

/// Whether a key was pressed on something that the space bar means something to.
fn is_pressable(event: &KeyboardEvent) -> bool {
    target(event).is_some_and(|target| matches!(target.tag_name().as_str(), "BUTTON" | "A" | "SUMMARY"))
}

/// Zooms around the marker or the middle.
pub fn zoom(desk: Desk, factor: f64) {
    desk.change(|c| c.zoom_middle(factor));
}

/// Turns on what is off and off what is on.
pub fn toggle(signal: RwSignal<bool>) {
    signal.update(|on| *on = !*on);
}
