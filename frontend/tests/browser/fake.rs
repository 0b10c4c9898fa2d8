//! The Rust side of `fake.js`, and a way to wait.

use std::cell::OnceCell;

use js_sys::{Function, Promise, Reflect, Uint8Array};
use leptos::prelude::{document, window};
use rtm2_app::wire::{FrameHeader, ServerMessage, UserInfo};
use rtm2_app::{CameraId, CameraInfo, CameraState, Region, Timestamp};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static FAKE: OnceCell<JsValue> = const { OnceCell::new() };
}

/// Calls a function of `fake.js`.
pub(crate) fn call(name: &str, arguments: &[JsValue]) -> JsValue {
    FAKE.with(|fake| {
        let fake = fake.get_or_init(|| Function::new_no_args(include_str!("fake.js")).call0(&JsValue::NULL).unwrap());
        let function: Function = Reflect::get(fake, &name.into()).unwrap().unchecked_into();
        function.apply(fake, &arguments.iter().collect()).unwrap()
    })
}

/// Replaces the network and sets all counts to 0.
pub(crate) fn install() {
    call("install", &[]);
}

/// How many of something are alive.
pub(crate) fn count(name: &str) -> u32 {
    call("count", &[name.into()]).as_f64().unwrap() as u32
}

/// How much of something an alarm has switched on.
pub(crate) fn device(name: &str) -> u32 {
    call("device", &[name.into()]).as_f64().unwrap() as u32
}

/// How many messages of a kind the page sent.
pub(crate) fn sent(kind: &str) -> u32 {
    call("sent", &[kind.into()]).as_f64().unwrap() as u32
}

/// The server says something.
pub(crate) fn say(message: &ServerMessage) {
    call("say", &[rtm2_app::json::write(message).unwrap().into()]);
}

/// The server sends a frame.
pub(crate) fn send_frame(header: &FrameHeader, jpeg: &Uint8Array) {
    call("say", &[message(header, jpeg).buffer().into()]);
}

/// A frame message.
pub(crate) fn message(header: &FrameHeader, jpeg: &Uint8Array) -> Uint8Array {
    let mut bytes = Vec::new();
    header.encode(&mut bytes);
    let message = Uint8Array::new_with_length(bytes.len() as u32 + jpeg.length());
    message.subarray(0, bytes.len() as u32).copy_from(&bytes);
    message.set(jpeg, bytes.len() as u32);
    message
}

/// A JPEG of 8 × 6 pixels of one colour.
pub(crate) fn jpeg(colour: &str) -> Uint8Array {
    call("jpeg", &[colour.into(), 8.into(), 6.into()]).unchecked_into()
}

/// The header of a frame of 8 × 6 pixels with a box in it.
pub(crate) fn header(seq: u64) -> FrameHeader {
    FrameHeader {
        camera: CameraId(0),
        flags: rtm2_app::wire::Flags::KEY,
        seq,
        at: Timestamp::from_millis(1_700_000_000_000 + seq as i64),
        width: 8,
        height: 6,
        score: 3,
        boxes: vec![Region { x: 1, y: 1, w: 2, h: 2, strength: 1 }],
    }
}

/// The first message of a connection.
pub(crate) fn hello() -> ServerMessage {
    ServerMessage::Hello {
        protocol: rtm2_app::wire::PROTOCOL,
        build: "one".into(),
        now: rtm2_frontend::sys::clock::now(),
        window: 4,
        user: UserInfo { name: "ada".into(), admin: false },
        cameras: vec![CameraInfo {
            id: CameraId(0),
            name: "Door".into(),
            source: "demo:".into(),
            demo: true,
            state: CameraState::Live,
            zones: Vec::new(),
        }],
    }
}

/// Lets everything run that is due, and `ms` milliseconds pass.
pub(crate) async fn pass(ms: i32) {
    let promise = Promise::new(&mut |done, _| {
        window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, ms).unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}

/// Waits until `done`, a generous while at most. The server's heart beats meanwhile.
pub(crate) async fn until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..400 {
        if done() {
            return;
        }
        say(&ServerMessage::Heartbeat);
        pass(20).await;
    }
    let shown = document().query_selector("main").unwrap().and_then(|main| main.text_content()).unwrap_or_default();
    panic!("never: {what}; the page shows: {shown}");
}
