//! The whole page over the fake network.

use leptos::prelude::{document, window};
use rtm2_app::wire::{Flags, ServerMessage};
use rtm2_app::{Bar, CameraId, CameraState, Timestamp, ZoneSet};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::fake;

pub(crate) fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).unwrap()
}

pub(crate) fn text(id: &str) -> String {
    find(&format!("[data-testid={id}]")).and_then(|e| e.text_content()).unwrap_or_default()
}

/// Opens the live page, logged in and connected.
async fn open_live() -> Page {
    let page = open("/").await;
    fake::until("the modes", || find("input[name=mode]").is_some()).await;
    page
}

/// Opens a page, logged in and connected.
pub(crate) async fn open(path: &str) -> Page {
    fake::install();
    window().history().unwrap().replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path)).unwrap();
    window().local_storage().unwrap().unwrap().clear().unwrap();
    let root: HtmlElement = document().create_element("div").unwrap().unchecked_into();
    document().body().unwrap().append_child(&root).unwrap();
    let mounted = leptos::mount::mount_to(root.clone(), rtm2_frontend::app::App);
    fake::until("connected", || fake::count("sockets") == 1).await;
    fake::say(&fake::hello());
    fake::until("online", || text("status") == "online").await;
    Page { mounted: Box::new(mounted), root }
}

/// The page on its own element.
pub(crate) struct Page {
    mounted: Box<dyn std::any::Any>,
    root: HtmlElement,
}

impl Page {
    /// The session ends, then the page is taken away.
    pub(crate) async fn close(self) {
        self.end_session().await;
        self.take_away();
    }

    /// The session ends.
    pub(crate) async fn end_session(&self) {
        fake::call("close", &[4401.into()]);
        fake::until("the login page", || find("#password").is_some()).await;
    }

    /// The page is taken away.
    pub(crate) fn take_away(self) {
        drop(self.mounted);
        self.root.remove();
    }
}

fn mode_buttons() -> [HtmlInputElement; 3] {
    [1, 2, 3].map(|n| find(&format!(".segment:nth-child({n}) input[name=mode]")).unwrap().unchecked_into())
}

const COUNTED: [&str; 6] = ["sockets", "open", "listeners", "intervals", "bitmaps", "nodes"];

#[wasm_bindgen_test]
async fn b19_a_thousand_mode_switches_leak_nothing() {
    let page = open_live().await;
    let (jpeg, buttons) = (fake::jpeg("#808080"), mode_buttons());
    let mut seq = 0;
    // Ends where it began, so that also the page's elements must be as many.
    let mut switch = |times: usize| {
        let (buttons, jpeg) = (&buttons, &jpeg);
        let first = seq;
        seq += times as u64;
        async move {
            for i in 0..times {
                buttons[i % 3].click();
                fake::send_frame(&fake::header(first + i as u64 + 1), jpeg);
                if i % 10 == 9 {
                    fake::pass(0).await;
                }
            }
            fake::until("all acknowledged", || 2 * fake::sent("ack") as usize + 1 >= first as usize + times).await;
            fake::pass(50).await;
        }
    };
    switch(9).await;
    let before = COUNTED.map(fake::count);
    let subscribed = fake::sent("subscribe");
    switch(1_002).await;
    assert_eq!(COUNTED.map(fake::count), before, "{COUNTED:?}");
    assert_eq!(fake::sent("subscribe") - subscribed, 1_002, "each switch is one message");
    assert_eq!(fake::sent("ack"), 1_011 / 2, "every second frame is acknowledged, with the one before it");
    assert_eq!(fake::count("bitmaps"), 0);
    page.close().await;
}

#[wasm_bindgen_test]
async fn b19_logging_out_gives_everything_back() {
    let page = open_live().await;
    page.close().await;
    fake::pass(50).await;
    assert_eq!([fake::count("open"), fake::count("intervals")], [0, 0]);
}

#[wasm_bindgen_test]
async fn b6_a_dead_camera_shows_with_its_reason() {
    let page = open_live().await;
    let since = rtm2_frontend::sys::clock::now();
    let state = CameraState::Lost { since, reason: "device unplugged".into() };
    fake::say(&ServerMessage::State { camera: CameraId(0), state });
    fake::until("lost", || text("status") == "camera lost" && text("note").contains("Device unplugged")).await;
    let since = Timestamp(since.0 - 12_000_000);
    fake::say(&ServerMessage::State { camera: CameraId(0), state: CameraState::Stalled { since } });
    fake::until("stalled", || text("status").starts_with("stalled 1")).await;
    fake::say(&ServerMessage::State { camera: CameraId(0), state: CameraState::Live });
    fake::until("online again", || text("status") == "online").await;
    page.close().await;
}

#[wasm_bindgen_test]
async fn b7_a_lost_connection_shows_and_counts_down() {
    let page = open_live().await;
    fake::call("close", &[1006.into()]);
    fake::until("disconnected", || text("status").starts_with("disconnected, retrying in ")).await;
    fake::until("tried again", || fake::count("sockets") == 2).await;
    fake::say(&fake::hello());
    fake::until("online again", || text("status") == "online").await;
    page.close().await;
}

#[wasm_bindgen_test]
async fn b21_motion_shows_even_while_pictures_are_off() {
    let page = open_live().await;
    mode_buttons()[0].click();
    let lit = || find("[data-testid=motion].plate-on").is_some();
    fake::pass(50).await;
    assert!(!lit());
    let now = rtm2_frontend::sys::clock::now();
    fake::say(&ServerMessage::Bar {
        camera: CameraId(0),
        bar: Bar { start: now.second(), count: 1, first: now },
        zones: ZoneSet::default(),
    });
    fake::until("motion by its bar", lit).await;
    assert_eq!(text("last-motion"), "now");
    fake::until("motion ends", || !lit()).await;
    let mut header = fake::header(1);
    header.flags = header.flags.with(Flags::MOTION);
    header.at = rtm2_frontend::sys::clock::now();
    fake::send_frame(&header, &fake::jpeg("#808080"));
    fake::until("motion by its frame", lit).await;
    page.close().await;
}

#[wasm_bindgen_test]
async fn who_does_not_look_asks_for_events_only() {
    let page = open_live().await;
    let asked = || fake::call("lastSent", &[]).as_string().unwrap();
    let refused = r#""pictures":false"#;
    fake::until("subscribed", || asked().contains("subscribe")).await;
    assert!(!asked().contains(refused));
    fake::call("look", &[false.into()]);
    assert!(asked().contains(r#""mode":"motion""#) && asked().contains(refused), "{}", asked());
    // Browsers may say it twice; the server need not hear it.
    let before = fake::sent("subscribe");
    fake::call("look", &[false.into()]);
    assert_eq!(fake::sent("subscribe"), before);

    // A connection that broke meanwhile is tried again as soon as somebody looks, not when its pause is over.
    fake::call("close", &[1006.into()]);
    let sockets = fake::count("sockets");
    fake::call("look", &[true.into()]);
    assert_eq!(fake::count("sockets"), sockets + 1);
    fake::say(&fake::hello());
    assert!(asked().contains("subscribe") && !asked().contains(refused), "{}", asked());
    page.close().await;
}
