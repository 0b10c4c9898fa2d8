//! A strip of small pictures: what is under the pointer on the chart, and what is beside it.
//!
//! A mouse only has to be over the chart. A finger rests on it for a moment and then moves: until it is lifted, the
//! chart stays where it is; lifting it opens the frame.

use leptos::html;
use leptos::prelude::*;
use rtm2_app::chart::Column;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, PointerEvent, PointerEventInit};

use super::desk::Desk;
use super::small::{Copies, Small};
use crate::chart::{Around, Listener};
use crate::sys::clock::{day, time_of_day};
use crate::sys::timer::Timeout;

/// How far from a bar a mouse may be, in pixels.
const REACH_PX: f64 = 24.0;
/// How long a finger rests until it looks instead of moving the chart, in milliseconds.
const HOLD_MS: u32 = 350;
/// How far it may tremble meanwhile, in pixels.
const TREMBLE_PX: f64 = 10.0;
/// Width of a picture on the page in pixels, with the gap beside it.
const CELL_PX: f64 = 116.0;
/// Height of the strip with room around it, in pixels.
const HEIGHT_PX: f64 = 140.0;
/// Width from which on there is room for two neighbours on either side.
const WIDE_PX: f64 = 620.0;
/// Columns of a day or more are told apart by their dates.
const DAY_US: i64 = 86_400_000_000;

/// What the strip shows.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    around: Around,
    /// Left edge on the stage, in pixels.
    left: f64,
    edge: Edge,
}

/// Where the strip lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    /// Below the chart, where no hand is.
    Below,
    /// Above it: the hand is below.
    Above,
    /// On its upper part, where the window has no room above.
    Over,
}

/// A finger on the chart.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Finger {
    id: i32,
    x: f64,
    y: f64,
}

/// Does what a pointer's event asks for.
type Handle = fn(Hand, &PointerEvent);

/// The strip's state; copies are the same one.
#[derive(Clone, Copy)]
struct Hand {
    desk: StoredValue<Desk>,
    copies: Copies,
    shown: RwSignal<Option<Shown>>,
    finger: StoredValue<Option<Finger>>,
    /// Whether the finger looks.
    looks: StoredValue<bool>,
    hold: StoredValue<Option<Timeout>, LocalStorage>,
}

/// The strip, which lies over what is below or above the stage.
#[component]
pub fn Strip(
    /// The history.
    desk: Desk,
    /// The chart's place on the page.
    stage: NodeRef<html::Div>,
) -> impl IntoView {
    let hand = Hand {
        desk: StoredValue::new(desk),
        copies: Copies::new(desk.session()),
        shown: RwSignal::new(None),
        finger: StoredValue::new(None),
        looks: StoredValue::new(false),
        hold: StoredValue::new_local(None),
    };
    let listeners = StoredValue::new_local(Vec::new());
    Effect::new(move |_| {
        if let Some(stage) = stage.get() {
            listeners.set_value(hand.listen(&stage));
        }
    });
    on_cleanup(move || {
        listeners.try_update_value(Vec::clear);
        hand.hold.try_update_value(Option::take);
    });
    let left =
        move || hand.shown.with(|shown| shown.as_ref().map_or_else(String::new, |shown| format!("{}px", shown.left)));
    let edge = move || hand.shown.with(|shown| shown.as_ref().map(|shown| shown.edge));
    let top = move || {
        let height = stage.get_untracked().map_or(0.0, |stage| f64::from(stage.offset_height()));
        match edge() {
            Some(Edge::Below) => format!("{}px", height + 4.0),
            Some(Edge::Over) => "4px".to_owned(),
            Some(Edge::Above) | None => "auto".to_owned(),
        }
    };
    let bottom = move || if edge() == Some(Edge::Above) { "4px" } else { "auto" };
    let cells = move || {
        let around = hand.shown.with(|shown| shown.as_ref().map(|shown| shown.around.clone()));
        around.map(|Around { columns, middle, away_px }| {
            let here = (away_px <= 0.0).then_some(middle);
            columns.into_iter().enumerate().map(|(i, column)| hand.cell(column, here == Some(i))).collect_view()
        })
    };
    view! {
        <div class="strip-place" aria-hidden="true">
            <div class="strip" class:is-on=move || edge().is_some() style:left=left style:top=top style:bottom=bottom>
                {cells}
            </div>
        </div>
    }
}

impl Hand {
    fn cell(self, column: Column, here: bool) -> AnyView {
        let (camera, at) = (self.desk().camera.get_untracked(), column.first);
        let label = if column.span.len_us() >= DAY_US { day(at) } else { time_of_day(at) };
        let picture = move || match self.copies.get((camera, at)) {
            Small::Here(address) => view! { <img src=address alt="" /> }.into_any(),
            Small::Awaited => view! { <span class="strip-wait"></span> }.into_any(),
            Small::Missing => view! { <span class="strip-none">"no picture"</span> }.into_any(),
        };
        view! { <figure class="strip-cell" class:is-here=here>{picture}<figcaption>{label}</figcaption></figure> }
            .into_any()
    }

    fn desk(self) -> Desk {
        self.desk.get_value()
    }

    fn listen(self, stage: &HtmlElement) -> Vec<Listener> {
        let kinds: [(&'static str, Handle); 5] = [
            ("pointerdown", Self::pressed),
            ("pointermove", Self::moved),
            ("pointerup", Self::released),
            ("pointercancel", Self::cancelled),
            ("pointerout", Self::left),
        ];
        let mut listeners: Vec<_> = kinds
            .into_iter()
            .map(|(kind, handle)| {
                Listener::early(stage, kind, move |event| {
                    if let Some(event) = on_chart(&event) {
                        handle(self, event);
                    }
                })
            })
            .collect();
        listeners.push(Listener::early(stage, "contextmenu", move |event| {
            // What a finger that rests asks the browser for.
            if self.finger.get_value().is_some() {
                event.prevent_default();
            }
        }));
        listeners
    }

    fn pressed(self, event: &PointerEvent) {
        self.hide();
        let finger = Finger { id: event.pointer_id(), x: event.client_x().into(), y: event.client_y().into() };
        // A second finger zooms.
        if !is_touch(event) || self.finger.get_value().is_some() {
            return self.let_go();
        }
        self.finger.set_value(Some(finger));
        let Some(canvas) = target(event) else { return };
        let hold = Timeout::new(HOLD_MS, move || {
            // The chart is told that the finger is gone, so that it does not follow it.
            let init = PointerEventInit::new();
            init.set_pointer_id(finger.id);
            if let Ok(gone) = PointerEvent::new_with_event_init_dict("pointercancel", &init) {
                let _ = canvas.dispatch_event(&gone);
            }
            self.looks.set_value(true);
            self.show(&canvas, finger.x, true);
        });
        self.hold.set_value(Some(hold));
    }

    fn moved(self, event: &PointerEvent) {
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let Some(canvas) = target(event) else { return };
        if !is_touch(event) {
            if event.buttons() == 0 {
                self.show(&canvas, x, false);
            }
            return;
        }
        if self.looks.get_value() {
            event.stop_propagation();
            self.show(&canvas, x, true);
        } else if self.finger.get_value().is_some_and(|f| (f.x - x).hypot(f.y - y) > TREMBLE_PX) {
            self.let_go();
        }
    }

    fn released(self, event: &PointerEvent) {
        if self.looks.get_value() {
            event.stop_propagation();
            let chosen = self.shown.with_untracked(|shown| {
                shown.as_ref().and_then(|shown| shown.around.columns.get(shown.around.middle).copied())
            });
            if let Some(column) = chosen {
                self.desk().open(column.first);
            }
        }
        self.let_go();
        self.hide();
    }

    fn cancelled(self, event: &PointerEvent) {
        // What the chart is told is not for us.
        if event.is_trusted() {
            self.let_go();
            self.hide();
        }
    }

    fn left(self, event: &PointerEvent) {
        if !is_touch(event) {
            self.hide();
        }
    }

    /// The finger does not look, or not any more.
    fn let_go(self) {
        self.finger.set_value(None);
        self.looks.set_value(false);
        self.hold.set_value(None);
    }

    fn hide(self) {
        self.copies.forget();
        if self.shown.with_untracked(Option::is_some) {
            self.shown.set(None);
        }
    }

    /// Shows what is at a place of the window.
    fn show(self, canvas: &Element, window_x: f64, above: bool) {
        let rect = canvas.get_bounding_client_rect();
        let (x, width) = (window_x - rect.left(), rect.width());
        let side = if width >= WIDE_PX { 2 } else { 1 };
        let around = self.desk().with_widget(|widget| widget.around(x, side)).flatten();
        let Some(around) = around.filter(|around| above || around.away_px <= REACH_PX) else { return self.hide() };
        let strip = CELL_PX * around.columns.len() as f64;
        let left = (x - CELL_PX * (around.middle as f64 + 0.5)).clamp(0.0, (width - strip).max(0.0)).round();
        let camera = self.desk().camera.get_untracked();
        let mut order: Vec<usize> = (0..around.columns.len()).collect();
        order.sort_by_key(|i| i.abs_diff(around.middle));
        let wanted: Vec<_> = order.into_iter().map(|i| (camera, around.columns[i].first)).collect();
        let same = |shown: &Option<Shown>| shown.as_ref().is_some_and(|shown| shown.around.columns == around.columns);
        if !self.shown.with_untracked(same) {
            self.copies.want(wanted);
        }
        let edge = match above {
            false => Edge::Below,
            true if rect.top() > HEIGHT_PX => Edge::Above,
            true => Edge::Over,
        };
        let shown = Some(Shown { around, left, edge });
        if self.shown.with_untracked(|before| *before != shown) {
            self.shown.set(shown);
        }
    }
}

/// The event, if it is the chart's.
fn on_chart(event: &Event) -> Option<&PointerEvent> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.class_list().contains("history-over").then(|| event.dyn_ref()).flatten()
}

fn target(event: &PointerEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn is_touch(event: &PointerEvent) -> bool {
    event.pointer_type() == "touch"
}
