//! Subscribing this browser to pushes. Everything here may be missing; the error then says what, in words for the user.

use js_sys::{Array, Promise};
use leptos::prelude::window;
use wasm_bindgen::JsValue;

use super::js::{Fault, call, get, global, json, object, settled};
use super::{device, notify};

/// How long the service worker may take to be ready, in milliseconds.
const READY_MS: i32 = 8_000;

/// Systems as browsers name them; an iPhone says that it is like a Mac, and Android that it is a Linux.
const SYSTEMS: [&str; 6] = ["iPhone", "iPad", "Android", "Windows", "Mac", "Linux"];

/// Asks the user for the permission. To be called within the very tap: later, some browsers refuse to ask.
pub fn ask() -> Result<JsValue, Fault> {
    if !device::is_secure() {
        return Err("This page did not come over HTTPS, and browsers give notifications to no other.".into());
    }
    if global("PushManager").is_undefined() || global("Notification").is_undefined() {
        return Err(
            "This browser takes no pushes. On an iPhone or iPad, add this page to the home screen and open it \
                    from there."
                .into(),
        );
    }
    notify::ask()
}

/// Waits for what the user says to that.
pub async fn allowed(asked: Result<JsValue, Fault>) -> Result<(), Fault> {
    match settled(asked).await?.as_string().as_deref() {
        Some("granted") => Ok(()),
        _ => Err("Notifications of this page are blocked: allow them in the browser's settings for it.".into()),
    }
}

/// Subscribes with the server's key. Gives the subscription as JSON.
pub async fn subscribe(key: JsValue) -> Result<String, Fault> {
    let manager = manager().await?;
    // A browser keeps to the key that it subscribed with first.
    end(&manager).await?;
    let options = object(&[("userVisibleOnly", true.into()), ("applicationServerKey", key)]);
    let subscription = settled(call(&manager, "subscribe", &[options])).await;
    subscription.map(|subscription| json(&subscription)).map_err(|why| ["The browser refused: ", &why].concat())
}

/// Ends this browser's subscription, if it has any.
pub async fn unsubscribe() -> Result<(), Fault> {
    end(&manager().await?).await
}

/// What people call a device like this.
pub fn device_name() -> &'static str {
    let agent = window().navigator().user_agent().unwrap_or_default();
    SYSTEMS.into_iter().find(|name| agent.contains(name)).unwrap_or("Browser")
}

/// The time zone of this device by its IANA name.
pub fn time_zone() -> String {
    let options = js_sys::Intl::DateTimeFormat::default().resolved_options();
    get(&options, "timeZone").as_string().unwrap_or_else(|| "UTC".into())
}

async fn end(manager: &JsValue) -> Result<(), Fault> {
    let old = settled(call(manager, "getSubscription", &[])).await?;
    if old.is_truthy() {
        settled(call(&old, "unsubscribe", &[])).await?;
    }
    Ok(())
}

/// The push manager of the page's service worker.
async fn manager() -> Result<JsValue, Fault> {
    let workers = get(&window().navigator(), "serviceWorker");
    let ready = Promise::resolve(&get(&workers, "ready"));
    let late = Promise::new(&mut |done, _| {
        // Fails in no browser.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, READY_MS);
    });
    let first = settled(Ok(Promise::race(&Array::of2(&ready, &late)).into())).await?;
    let manager = get(&first, "pushManager");
    if manager.is_undefined() {
        return Err("The page's service worker is not running. Reload the page and try again.".into());
    }
    Ok(manager)
}
