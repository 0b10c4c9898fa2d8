//! The chart in a real browser: run with `wasm-bindgen-test`.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::document;
use rtm2_app::chart::{Chart, RECENT_BARS, Span};
use rtm2_app::http::Bars;
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_app::{Bar, CameraId, Timestamp};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{CanvasRenderingContext2d, Event, HtmlCanvasElement, HtmlElement};

use super::{Heard, Listener, Widget};

wasm_bindgen_test_configure!(run_in_browser);

const T0: i64 = 1_780_000_000 * MICROS_PER_SECOND;

fn bar(second: i64, count: u32) -> Bar {
    let start = Timestamp(T0 + second * MICROS_PER_SECOND);
    Bar { start, count, first: Timestamp(start.0 + 40_000) }
}

/// A chart of 800 pixels on the page, with what it told.
struct Stage {
    host: HtmlElement,
    over: HtmlCanvasElement,
    base: HtmlCanvasElement,
    heard: Rc<RefCell<Vec<Heard>>>,
    widget: Widget,
}

impl Stage {
    fn new() -> Self {
        let host: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        host.style().set_css_text("position:relative;width:800px;height:300px;--chart-bar:rgb(255 0 0)");
        document().body().unwrap().append_child(&host).unwrap();
        let canvas = |css: &str| {
            let canvas: HtmlCanvasElement = document().create_element("canvas").unwrap().unchecked_into();
            canvas.style().set_css_text(css);
            host.append_child(&canvas).unwrap();
            canvas
        };
        let base = canvas("position:absolute;left:0;top:0;width:800px;height:240px");
        let over = canvas("position:absolute;left:0;top:0;width:800px;height:240px");
        let slider = canvas("position:absolute;left:0;top:250px;width:800px;height:40px");
        let heard = Rc::new(RefCell::new(Vec::new()));
        let tell = {
            let heard = Rc::clone(&heard);
            move |h| heard.borrow_mut().push(h)
        };
        let now = Timestamp(T0 + 100 * MICROS_PER_SECOND);
        let widget = Widget::new(base.clone(), over.clone(), slider, now, tell).unwrap();
        Self { host, over, base, heard, widget }
    }

    /// Shows these bars, one hundred seconds wide.
    fn load(&self, bars: Vec<Bar>) {
        let extent = bars.first().zip(bars.last()).map(|(a, b)| (a.first, b.first));
        self.widget.change(|c| {
            c.history
                .replace_recent(Bars { camera: CameraId(0), bucket_us: MICROS_PER_SECOND, bars, extent }, RECENT_BARS);
            c.loaded();
            c.show(Span::new(Timestamp(T0), Timestamp(T0 + 100 * MICROS_PER_SECOND)));
        });
        self.widget.paint_now();
    }

    /// Where the middle of a second is on the canvas.
    fn x_of(&self, second: f64) -> f64 {
        let at = Timestamp(T0 + ((second + 0.5) * MICROS_PER_SECOND as f64) as i64);
        40.0 + self.widget.read(|c| c.x_of(at))
    }

    /// Whether the pixel is a bar's.
    fn is_red(&self, x: f64, y: f64) -> bool {
        let context: CanvasRenderingContext2d = self.base.get_context("2d").unwrap().unwrap().unchecked_into();
        let ratio = f64::from(self.base.width()) / 800.0;
        let pixel = context.get_image_data(x * ratio, y * ratio, 1.0, 1.0).unwrap().data();
        pixel[0] > 200 && pixel[1] < 60 && pixel[3] > 200
    }

    fn point(&self, kind: &str, x: f64) {
        point(&self.over, kind, x);
    }

    fn picked(&self) -> Vec<Timestamp> {
        let picked = |h: &Heard| match h {
            Heard::Picked(column) => Some(column.first),
            Heard::PickedEvent(_) | Heard::Painted => None,
        };
        self.heard.borrow().iter().filter_map(picked).collect()
    }
}

/// Lets a mouse do something half way down a canvas.
fn point(canvas: &HtmlCanvasElement, kind: &str, x: f64) {
    let make = js_sys::Function::new_with_args(
        "kind, x, y",
        "return new PointerEvent(kind, { pointerId: 1, pointerType: 'mouse', clientX: x, clientY: y, bubbles: true })",
    );
    let place = canvas.get_bounding_client_rect();
    let event =
        make.call3(&JsValue::NULL, &kind.into(), &(place.left() + x).into(), &(place.top() + 120.0).into()).unwrap();
    canvas.dispatch_event(&event.unchecked_into()).unwrap();
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.host.remove();
    }
}

#[wasm_bindgen_test]
fn bars_are_red_where_frames_are_and_nowhere_else() {
    let stage = Stage::new();
    stage.load(vec![bar(20, 10), bar(70, 5)]);
    // The plot ends 24 pixels above the lower edge; its middle is about 120.
    assert!(stage.is_red(stage.x_of(20.0), 210.0) && stage.is_red(stage.x_of(20.0), 60.0), "a bar of ten fills it");
    assert!(stage.is_red(stage.x_of(70.0), 200.0) && !stage.is_red(stage.x_of(70.0), 60.0), "five are half as high");
    for second in [10.0, 19.0, 21.0, 50.0, 71.0] {
        assert!(!stage.is_red(stage.x_of(second), 210.0), "nothing happened in second {second}");
    }
    stage.widget.change(|c| c.live(bar(50, 3)));
    stage.widget.paint_now();
    assert!(stage.is_red(stage.x_of(50.0), 212.0), "a live bar is painted (R45)");
}

#[wasm_bindgen_test]
fn r40_a_click_on_a_bar_picks_the_first_frame_of_it() {
    let stage = Stage::new();
    stage.load(vec![bar(20, 10), bar(21, 4), bar(70, 5)]);
    for second in [20.0, 21.0, 70.0, 45.0] {
        stage.point("pointerdown", stage.x_of(second));
        stage.point("pointerup", stage.x_of(second));
    }
    assert_eq!(stage.picked(), [bar(20, 1).first, bar(21, 1).first, bar(70, 1).first], "and beside bars nothing");
}

#[wasm_bindgen_test]
fn every_pixel_of_a_bar_points_at_it_at_every_zoom() {
    let stage = Stage::new();
    let seconds: Vec<i64> = (0..400).map(|i| i * i * 150).collect();
    for len in [2, 7, 60, 500, 4_000, 90_000, 2_000_000, 30_000_000] {
        stage.load(seconds.iter().map(|second| bar(*second, 9)).collect());
        let from = Timestamp(T0 + 60_000 * MICROS_PER_SECOND - len * MICROS_PER_SECOND / 3);
        stage.widget.change(|c| c.show(Span::starting(from, len * MICROS_PER_SECOND)));
        stage.widget.paint_now();
        let mut bars = 0;
        for pixel in 41..785 {
            let red = stage.is_red(f64::from(pixel), 214.0);
            bars += usize::from(red);
            let around = stage.widget.around(f64::from(pixel), 0);
            let here = around.as_ref().is_some_and(|around| around.away_px <= 0.0);
            assert!(here || !red, "pixel {pixel} of {len} seconds is red, and nothing is there");
            let Some(column) = around.filter(|_| red).map(|around| around.columns[0]) else { continue };
            // What is pointed at is what is painted: its bar begins and ends around this very pixel.
            let (a, b) = stage.widget.read(|c| (c.x_of(column.span.from()), c.x_of(column.span.to())));
            let x = f64::from(pixel) - 40.0;
            assert!(a.round() <= x && x <= b.round(), "pixel {x} of {len} seconds is not in {a}..{b}");
        }
        assert!(bars > 0, "nothing of {len} seconds is painted");
    }
}

#[wasm_bindgen_test]
fn a_drag_pans_and_picks_nothing() {
    let stage = Stage::new();
    stage.load(vec![bar(-900, 1), bar(20, 10), bar(70, 5)]);
    let before = stage.widget.read(Chart::view);
    let x = stage.x_of(20.0);
    for (kind, to) in
        [("pointerdown", x), ("pointermove", x + 40.0), ("pointermove", x + 80.0), ("pointerup", x + 80.0)]
    {
        stage.point(kind, to);
    }
    let after = stage.widget.read(Chart::view);
    assert!(after.from() < before.from(), "dragging to the right shows what is older");
    assert_eq!(after.len_us(), before.len_us());
    assert!(stage.picked().is_empty());
}

#[wasm_bindgen_test]
fn a_chart_that_is_gone_listens_no_more() {
    let stage = Stage::new();
    stage.load(vec![bar(20, 10)]);
    assert!(stage.widget.listeners() > 0);
    let (x, over, heard, host) = (stage.x_of(20.0), stage.over.clone(), Rc::clone(&stage.heard), stage.host.clone());
    let before = heard.borrow().len();
    drop(stage);
    // Only the chart is gone; its canvas is on the page again and gets events.
    document().body().unwrap().append_child(&host).unwrap();
    for kind in ["pointerdown", "pointerup"] {
        point(&over, kind, x);
    }
    host.remove();
    assert_eq!(heard.borrow().len(), before);
    assert_eq!(Rc::strong_count(&heard), 1, "nothing holds what the chart told any more");
}

#[wasm_bindgen_test]
fn a_listener_ends_with_its_guard() {
    let target = document().create_element("div").unwrap();
    let count = Rc::new(RefCell::new(0));
    let listener = {
        let count = Rc::clone(&count);
        Listener::new(&target, "ping", move |_| *count.borrow_mut() += 1)
    };
    let ping = || target.dispatch_event(&Event::new("ping").unwrap()).unwrap();
    ping();
    drop(listener);
    ping();
    assert_eq!(*count.borrow(), 1);
}
