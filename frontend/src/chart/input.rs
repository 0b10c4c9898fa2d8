//! Pointers and the wheel on the chart's canvases.

use std::rc::Weak;

use rtm2_app::chart::{Action, Plot, Pointer, PointerKind, SLIDER_SIDE, track_width};
use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlCanvasElement, PointerEvent, WheelEvent};

use super::listen::Listener;
use super::widget::{HALF, Heard, Inner, Stale};

/// Zoom of one notch of a usual wheel, which browsers report as 100 to 120 pixels.
const WHEEL_RATE: f64 = 0.0015;
/// Pixels of a wheel's line and page, for browsers that report those.
const LINE_PX: f64 = 16.0;
const PAGE_PX: f64 = 400.0;

type Handle = fn(&Inner, &Event);

/// Listens on the canvases.
pub(super) fn listen(inner: &Inner, weak: &Weak<Inner>) -> Vec<Listener> {
    let on_chart: [(&'static str, Handle); 7] = [
        ("pointerdown", press),
        ("pointermove", moved),
        ("pointerup", released),
        ("pointercancel", cancelled),
        ("pointerleave", left),
        ("wheel", wheel),
        ("dblclick", double),
    ];
    let on_slider: [(&'static str, Handle); 4] = [
        ("pointerdown", slider_press),
        ("pointermove", slider_moved),
        ("pointerup", slider_released),
        ("pointercancel", slider_released),
    ];
    let add = |canvas: &HtmlCanvasElement, (kind, handle): (&'static str, Handle)| {
        let weak = weak.clone();
        Listener::new(canvas, kind, move |event| {
            if let Some(inner) = weak.upgrade() {
                handle(&inner, &event);
            }
        })
    };
    let (over, slider) = (inner.over.canvas(), inner.slider.canvas());
    on_chart.into_iter().map(|l| add(over, l)).chain(on_slider.into_iter().map(|l| add(slider, l))).collect()
}

fn kind(event: &PointerEvent) -> PointerKind {
    if event.pointer_type() == "touch" { PointerKind::Touch } else { PointerKind::Fine }
}

/// Where a pointer is in the plot.
fn pointer(event: &PointerEvent, plot: Plot) -> Pointer {
    Pointer {
        id: event.pointer_id(),
        kind: kind(event),
        x: plot.x(f64::from(event.offset_x())) + HALF,
        y: f64::from(event.offset_y()),
    }
}

/// The rest of this pointer's events come here, wherever it goes.
fn capture(event: &PointerEvent, canvas: &HtmlCanvasElement) {
    // Fails for pointers that are gone again already.
    let _ = canvas.set_pointer_capture(event.pointer_id());
}

fn press(inner: &Inner, event: &Event) {
    let Some(event) = event.dyn_ref::<PointerEvent>().filter(|e| e.button() == 0) else { return };
    capture(event, inner.over.canvas());
    let at = pointer(event, inner.plot());
    let mut gestures = inner.gestures.borrow_mut();
    if event.shift_key() {
        gestures.press_box(at);
    } else {
        gestures.press(at);
    }
    inner.hover.set(None);
    inner.ask(Stale::Overlay);
}

fn moved(inner: &Inner, event: &Event) {
    let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
    let at = pointer(event, inner.plot());
    let action = inner.gestures.borrow_mut().moved(at);
    act(inner, action, at.y);
}

fn released(inner: &Inner, event: &Event) {
    let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
    let at = pointer(event, inner.plot());
    let action = inner.gestures.borrow_mut().released(at);
    inner.rubber.set(None);
    act(inner, action, at.y);
}

fn cancelled(inner: &Inner, event: &Event) {
    let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
    inner.gestures.borrow_mut().cancelled(event.pointer_id());
    inner.rubber.set(None);
    left(inner, event);
}

fn left(inner: &Inner, _: &Event) {
    inner.hover.set(None);
    inner.ask(Stale::Overlay);
}

fn act(inner: &Inner, action: Action, y: f64) {
    let plot = inner.plot();
    let mut chart = inner.chart.borrow_mut();
    match action {
        Action::None => return,
        Action::Hover(x) => {
            inner.hover.set(Some((x, y)));
            let over = chart.event_at(plot, x, y).is_some()
                || inner.hit(&chart, x, PointerKind::Fine.tolerance_px()).is_some();
            cursor(inner.over.canvas(), if over { "pointer" } else { "crosshair" });
            return inner.ask(Stale::Overlay);
        }
        Action::Pan(dx) => {
            cursor(inner.over.canvas(), "grabbing");
            chart.pan(dx);
        }
        Action::Pinch { from_x, to_x, factor } => chart.pinch((from_x, to_x), factor),
        Action::Box(a, b) => {
            inner.rubber.set(Some((a, b)));
            return inner.ask(Stale::Overlay);
        }
        Action::Zoom(a, b) => chart.zoom_box(a, b),
        Action::Tap(x, kind) => {
            let event = chart.event_at(plot, x, y).map(|event| Heard::PickedEvent(event.start));
            let picked = event.or_else(|| inner.hit(&chart, x, kind.tolerance_px()).map(Heard::Picked));
            drop(chart);
            inner.ask(Stale::Overlay);
            if let Some(picked) = picked {
                inner.tell(picked);
            }
            return;
        }
    }
    inner.ask(Stale::Everything);
}

fn wheel(inner: &Inner, event: &Event) {
    let Some(event) = event.dyn_ref::<WheelEvent>() else { return };
    let unit = match event.delta_mode() {
        WheelEvent::DOM_DELTA_LINE => LINE_PX,
        WheelEvent::DOM_DELTA_PAGE => PAGE_PX,
        _ => 1.0,
    };
    let (dx, dy) = (event.delta_x() * unit, event.delta_y() * unit);
    let x = inner.plot().x(f64::from(event.offset_x()));
    let changed = {
        let mut chart = inner.chart.borrow_mut();
        if dx.abs() > dy.abs() {
            let before = chart.view();
            chart.pan(-dx);
            chart.view() != before
        } else {
            chart.zoom(x, (dy.clamp(-600.0, 600.0) * WHEEL_RATE).exp())
        }
    };
    // At the end of zooming the wheel scrolls the page again.
    if changed {
        event.prevent_default();
        inner.ask(Stale::Everything);
    }
}

/// A double click comes closer, as on maps.
fn double(inner: &Inner, event: &Event) {
    let Some(event) = event.dyn_ref::<web_sys::MouseEvent>() else { return };
    let x = inner.plot().x(f64::from(event.offset_x()));
    if inner.hit(&inner.chart.borrow(), x, PointerKind::Fine.tolerance_px()).is_none() {
        inner.chart.borrow_mut().zoom(x, 0.4);
        inner.ask(Stale::Everything);
    }
}

fn cursor(canvas: &HtmlCanvasElement, name: &str) {
    // Only how the pointer looks.
    let _ = canvas.style().set_property("cursor", name);
}

fn track(inner: &Inner, event: &PointerEvent) -> (f64, f64) {
    (track_width(inner.slider.size().0), f64::from(event.offset_x()) - SLIDER_SIDE)
}

fn slider_press(inner: &Inner, event: &Event) {
    let Some(event) = event.dyn_ref::<PointerEvent>().filter(|e| e.button() == 0) else { return };
    capture(event, inner.slider.canvas());
    let (width, x) = track(inner, event);
    inner.hand.press(&mut inner.chart.borrow_mut(), width, event.pointer_id(), kind(event), x);
    inner.ask(Stale::Everything);
}

fn slider_moved(inner: &Inner, event: &Event) {
    let Some(event) = event.dyn_ref::<PointerEvent>() else { return };
    let (width, x) = track(inner, event);
    let mut chart = inner.chart.borrow_mut();
    if inner.hand.moved(&mut chart, width, event.pointer_id(), x) {
        inner.ask(Stale::Everything);
    }
    cursor(inner.slider.canvas(), inner.hand.cursor(&chart, width, x));
}

fn slider_released(inner: &Inner, event: &Event) {
    if let Some(event) = event.dyn_ref::<PointerEvent>() {
        inner.hand.released(event.pointer_id());
    }
}
