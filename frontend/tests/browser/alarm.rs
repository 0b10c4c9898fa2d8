//! The alarm over the fake network: what it hears, and what ends it.

use leptos::prelude::document;
use rtm2_app::wire::ServerMessage;
use rtm2_app::{Bar, CameraId, CameraState, Timestamp, ZoneSet};
use rtm2_frontend::sys::clock;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::fake;
use crate::modes::{Page, find, open, text};

/// The alarm page, armed.
async fn armed() -> Page {
    let page = open("/alarm").await;
    fake::until("the page", || text("alarm") == "Not armed").await;
    press();
    fake::until("armed", || text("alarm") == "Armed").await;
    page
}

/// Presses the big button.
fn press() {
    find(".alarm-button").unwrap().unchecked_into::<HtmlElement>().click();
}

fn is_red() -> bool {
    document().document_element().unwrap().class_name() == "is-alarm"
}

/// Something moves, told as the server tells it.
fn moves(at: Timestamp) {
    fake::say(&ServerMessage::Bar {
        camera: CameraId(0),
        bar: Bar { start: at.second(), count: 1, first: at },
        zones: ZoneSet::default(),
    });
}

/// What an alarm switches on.
const SWITCHED_ON: [&str; 4] = ["shaking", "tones", "badge", "held"];

/// Everything rings.
async fn loud() -> Page {
    let page = armed().await;
    // The document of the tests has none.
    document().head().unwrap().insert_adjacent_html("beforeend", "<link rel=icon href=/icons/icon.svg>").unwrap();
    moves(clock::now());
    let on = || is_red() && SWITCHED_ON.iter().all(|what| fake::device(what) > 0);
    fake::call("hold", &[]);
    fake::until("everything", on).await;
    assert!(document().title().starts_with("(1) ! ") && icon().starts_with("data:"));
    page
}

fn icon() -> String {
    find("link[rel=icon]").unwrap().get_attribute("href").unwrap()
}

/// Nothing is left of an alarm.
fn assert_silent() {
    assert!(!is_red());
    assert_eq!(SWITCHED_ON.map(fake::device), [0; 4], "{SWITCHED_ON:?}");
    assert!(!document().title().starts_with('('), "{}", document().title());
    assert_eq!(icon(), "/icons/icon.svg");
    find("link[rel=icon]").unwrap().remove();
}

fn seen(upto: Timestamp) {
    fake::say(&ServerMessage::Seen { upto, at: upto, by: "bert".into() });
}

#[wasm_bindgen_test]
async fn a_full_disk_and_a_lost_camera_are_alarms_of_their_own() {
    let page = armed().await;
    fake::say(&ServerMessage::Storage { fault: Some("no space left".into()) });
    fake::until("the disk", || text("alarm") == "Recordings cannot be written" && is_red()).await;
    press();
    fake::until("silence", || text("alarm") == "Armed" && !is_red()).await;
    assert_eq!(fake::sent("seen"), 1, "the others hear of it");
    fake::say(&ServerMessage::Storage { fault: Some("no space left".into()) });
    let state = CameraState::Lost { since: clock::now(), reason: "unplugged".into() };
    fake::say(&ServerMessage::State { camera: CameraId(0), state });
    fake::until("the camera", || text("alarm") == "No pictures from Door").await;
    assert_eq!(text("count"), "0", "trouble is not motion");
    page.close().await;
}

#[wasm_bindgen_test]
async fn what_somebody_else_has_seen_falls_silent_here() {
    let page = armed().await;
    moves(clock::now());
    fake::until("motion", || text("alarm") == "Motion detected: Door" && is_red() && text("count") == "1").await;
    assert!(document().title().starts_with("(1) ! "));
    seen(Timestamp(clock::now().0 - 60_000_000));
    fake::pass(50).await;
    assert!(is_red(), "that was before");
    seen(clock::now());
    fake::until("silence", || text("alarm") == "Armed" && !is_red()).await;
    assert!(text("info").contains("acknowledged by bert"));
    assert_eq!(document().title(), "Alarm · rtm2");
    page.close().await;
}

#[wasm_bindgen_test]
async fn a_detector_that_hangs_rings_and_the_server_hears_when_help_is_due() {
    let page = armed().await;
    fake::say(&ServerMessage::Detector { camera: CameraId(0), fault: None });
    fake::pass(50).await;
    assert!(!is_red());
    fake::say(&ServerMessage::Detector { camera: CameraId(0), fault: Some("it hangs".into()) });
    fake::until("the detector", || text("alarm") == "Nothing is detected any more: Door" && is_red()).await;
    fake::until("word of the ring", || fake::sent("ring") == 1).await;
    find("[aria-label='5 min: snooze']").unwrap().unchecked_into::<HtmlElement>().click();
    fake::until("word of its end", || fake::sent("ring") == 2).await;
    page.close().await;
}

#[wasm_bindgen_test]
async fn a_session_that_ends_while_it_rings_leaves_nothing_on() {
    let page = loud().await;
    page.end_session().await;
    fake::pass(50).await;
    assert_silent();
    assert!(find("[role=status]").unwrap().text_content().unwrap().contains("hears nothing until you log in"));
    page.take_away();
}

#[wasm_bindgen_test]
async fn a_page_that_is_taken_away_while_it_rings_leaves_nothing_on() {
    let page = loud().await;
    page.take_away();
    fake::pass(50).await;
    assert_silent();
}

#[wasm_bindgen_test]
async fn a_hold_of_the_screen_that_comes_too_late_is_given_back() {
    let page = armed().await;
    press();
    fake::until("disarmed", || text("alarm") == "Not armed").await;
    fake::call("hold", &[]);
    fake::pass(50).await;
    assert_eq!(fake::device("held"), 0);
    page.close().await;
}
