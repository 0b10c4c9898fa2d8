//! Painting: a slow decode never overwrites a newer picture, and every bitmap is closed.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::document;
use rtm2_frontend::live::header::parse;
use rtm2_frontend::live::newest::Newest;
use rtm2_frontend::live::painter::Fate;
use rtm2_frontend::live::{Marks, Painter};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::fake;

fn canvas() -> HtmlCanvasElement {
    document().create_element("canvas").unwrap().unchecked_into()
}

/// Red, green and blue in the middle of the picture.
fn middle(canvas: &HtmlCanvasElement) -> [u8; 3] {
    let context: CanvasRenderingContext2d = canvas.get_context("2d").unwrap().unwrap().unchecked_into();
    let data = context.get_image_data(4.0, 3.0, 1.0, 1.0).unwrap().data();
    [data[0], data[1], data[2]]
}

#[wasm_bindgen_test]
async fn a_picture_that_decodes_late_is_dropped() {
    fake::install();
    let picture = canvas();
    let painter = Painter::new(picture.clone(), canvas(), Marks { boxes: true, clock: true }).unwrap();
    let fates = Rc::new(RefCell::new(Vec::new()));
    let paint = |seq, colour, wait: u32| {
        fake::call("delayNext", &[wait.into()]);
        let message = fake::message(&fake::header(seq), &fake::jpeg(colour)).buffer();
        let parsed = parse(&message).unwrap();
        let fates = Rc::clone(&fates);
        painter.paint(&message, parsed, Box::new(move |fate, header| fates.borrow_mut().push((header.seq, fate))));
    };
    paint(7, "#ff0000", 300);
    paint(8, "#0000ff", 0);
    fake::until("both decoded", || fates.borrow().len() == 2).await;
    assert_eq!(*fates.borrow(), [(8, Fate::Shown), (7, Fate::Stale)]);
    let [red, _, blue] = middle(&picture);
    assert!(blue > 200 && red < 60, "the newer picture stays");
    assert_eq!((picture.width(), picture.height()), (8, 6));
    assert_eq!(fake::count("bitmaps"), 0, "every bitmap is closed");

    // What is older already is not even decoded.
    paint(6, "#00ff00", 0);
    assert_eq!(fates.borrow()[2], (6, Fate::Stale));
    assert_eq!(fake::count("decodes"), 2);

    // A server that restarted counts anew.
    painter.begin();
    paint(1, "#ff0000", 0);
    fake::until("decoded", || fates.borrow().len() == 4).await;
    assert_eq!(fates.borrow()[3], (1, Fate::Shown));
    assert_eq!((fake::count("decodes"), fake::count("bitmaps")), (3, 0));
}

#[wasm_bindgen_test]
async fn a_broken_picture_harms_nothing() {
    fake::install();
    let painter = Painter::new(canvas(), canvas(), Marks { boxes: true, clock: true }).unwrap();
    let message = fake::message(&fake::header(1), &js_sys::Uint8Array::from(&b"no jpeg"[..])).buffer();
    let fate = Rc::new(RefCell::new(None));
    let seen = Rc::clone(&fate);
    painter.paint(&message, parse(&message).unwrap(), Box::new(move |fate, _| *seen.borrow_mut() = Some(fate)));
    fake::until("told", || fate.borrow().is_some()).await;
    assert_eq!(*fate.borrow(), Some(Fate::Broken));
    assert_eq!(fake::count("bitmaps"), 0);
}

#[wasm_bindgen_test]
fn only_newer_pictures_of_the_same_epoch_are_admitted() {
    let mut newest = Newest::default();
    let old = newest.ticket(9);
    assert!(newest.admit(newest.ticket(5)));
    for (seq, admitted) in [(5, false), (4, false), (6, true), (u64::MAX, true), (7, false)] {
        assert_eq!(newest.admit(newest.ticket(seq)), admitted, "{seq}");
    }
    newest.begin();
    assert!(!newest.admit(old), "left over from the connection before");
    assert!(newest.admit(newest.ticket(0)));
}
