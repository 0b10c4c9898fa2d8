//! The history on a page, before a server that answers as each test says.

use leptos::mount::mount_to;
use leptos::prelude::*;
use rtm2_app::{CameraId, Timestamp};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

use super::HistoryPanel;
use super::keys::{Reach, is_meant};
use crate::components::toast::Toasts;
use crate::live::{Live, LiveBus};
use crate::rest::Rest;
use crate::session::Session;

wasm_bindgen_test_configure!(run_in_browser);

const AT: i64 = 1_780_000_000_040_000;

/// A server that answers as told, until it is dropped.
#[must_use = "dropping it brings the browser's own server back"]
struct Server(JsValue);

impl Drop for Server {
    fn drop(&mut self) {
        js_sys::Reflect::set(&window(), &JsValue::from_str("fetch"), &self.0).unwrap();
    }
}

/// From here on the server answers what `answer`, the body of a function of the address `url`, returns: a value to be
/// sent as JSON, or a number as a bare status.
fn serve(answer: &str) -> Server {
    let fetch = js_sys::Function::new_with_args(
        "request",
        &format!(
            "const url = request.url; const body = (() => {{ {answer} }})();
             const bare = typeof body === 'number';
             return Promise.resolve(new Response(bare ? '{{}}' : JSON.stringify(body), {{ status: bare ? body : 200 }}));"
        ),
    );
    let name = JsValue::from_str("fetch");
    let before = js_sys::Reflect::get(&window(), &name).unwrap();
    js_sys::Reflect::set(&window(), &name, &fetch).unwrap();
    Server(before)
}

async fn sleep(ms: i32) {
    let promise = js_sys::Promise::new(&mut |done, _| {
        window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, ms).unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}

/// Waits until the page says `words`.
async fn says(host: &HtmlElement, words: &str) {
    for _ in 0..400 {
        if host.inner_text().contains(words) {
            return;
        }
        sleep(25).await;
    }
    panic!("{words:?} is not in {:?}", host.inner_text());
}

/// A history on the page. Gives its place, the live events that it hears, and what takes it away again.
fn history(at: Option<Timestamp>) -> (HtmlElement, LiveBus, impl Drop) {
    let host: HtmlElement = document().create_element("div").unwrap().unchecked_into();
    host.style().set_css_text("width:800px");
    document().body().unwrap().append_child(&host).unwrap();
    let out = std::rc::Rc::new(std::cell::Cell::new(None));
    let handle = {
        let out = std::rc::Rc::clone(&out);
        mount_to(host.clone(), move || {
            let session = Session::new();
            let live = Live::new(session, Toasts::new());
            provide_context(session);
            provide_context(live);
            provide_context(Rest::new());
            out.set(Some(live.bus()));
            let camera = Signal::stored(CameraId(0));
            match at {
                Some(at) => view! { <HistoryPanel camera at /> }.into_any(),
                None => view! { <HistoryPanel camera /> }.into_any(),
            }
        })
    };
    (host, out.take().unwrap(), handle)
}

#[wasm_bindgen_test]
async fn b10_an_empty_history_says_so_and_loads_nothing_else() {
    let _server = serve(
        "if (!url.includes('/bars?')) throw new Error(url); return { camera: 0, bucket_us: 1000000, bars: [], extent: null };",
    );
    let (host, _, handle) = history(None);
    says(&host, "Nothing has moved yet.").await;
    drop(handle);
    host.remove();
}

#[wasm_bindgen_test]
async fn a_failure_says_why_and_can_be_tried_again() {
    let _server = serve("return 503;");
    let (host, _, handle) = history(None);
    says(&host, "The history could not be loaded.").await;
    let _server_again = serve("return { camera: 0, bucket_us: 1000000, bars: [], extent: null };");
    host.query_selector(".history-cover button").unwrap().unwrap().unchecked_into::<HtmlElement>().click();
    says(&host, "Nothing has moved yet.").await;
    drop(handle);
    host.remove();
}

#[wasm_bindgen_test]
async fn b12_a_frame_that_is_gone_says_so() {
    let _server = serve("if (url.includes('/frame?')) return 404;
           return { camera: 0, bucket_us: 1000000, bars: [[1780000000000000, 3, 1780000000040000]], extent: [1780000000040000, 1780000000040000] };");
    let (host, _, handle) = history(Some(Timestamp(AT)));
    says(&host, "This frame is gone.").await;
    drop(handle);
    host.remove();
}

#[wasm_bindgen_test]
async fn b19_a_history_that_is_gone_hears_no_more() {
    let _server = serve("return { camera: 0, bucket_us: 1000000, bars: [], extent: null };");
    let (host, bus, handle) = history(None);
    says(&host, "Nothing has moved yet.").await;
    assert_eq!(bus.listeners(), 1);
    drop(handle);
    assert_eq!(bus.listeners(), 0);
    host.remove();
    // A late frame, timer or answer finds nothing, and that is no failure.
    sleep(400).await;
}

#[wasm_bindgen_test]
fn keys_belong_to_whoever_has_the_focus() {
    let make = |tag: &str| document().create_element(tag).unwrap();
    let (root, button, input, elsewhere) = (make("section"), make("button"), make("input"), make("button"));
    root.append_child(&button).unwrap();
    root.append_child(&input).unwrap();
    let body = document().body().unwrap();
    assert!(is_meant(Reach::Inside, &root, Some(&button)));
    assert!(!is_meant(Reach::Inside, &root, Some(&input)), "typing is typing");
    assert!(!is_meant(Reach::Page, &root, Some(&elsewhere)));
    assert!(is_meant(Reach::Page, &root, Some(&body)));
    assert!(!is_meant(Reach::Inside, &root, Some(&body)));
}
