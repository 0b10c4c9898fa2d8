//! Subscribing this browser to pushes. Everything here may be missing; the error then says what, in words for the user.

use js_sys::{Array, Function, JSON, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// How long the service worker may take to be ready, in milliseconds.
const READY_MS: i32 = 8_000;

/// Systems as browsers name them; an iPhone says that it is like a Mac, and Android that it is a Linux.
const SYSTEMS: [&str; 6] = ["iPhone", "iPad", "Android", "Windows", "Mac", "Linux"];

/// Asks the user for the permission. To be called within the very tap: later, some browsers refuse to ask.
pub fn ask() -> Result<Promise, String> {
    let page = window();
    if !get(&page, "isSecureContext").is_truthy() {
        return Err("This page did not come over HTTPS, and browsers give notifications to no other.".into());
    }
    if get(&page, "PushManager").is_undefined() || get(&page, "Notification").is_undefined() {
        return Err(
            "This browser takes no pushes. On an iPhone or iPad, add this page to the home screen and open it \
                    from there."
                .into(),
        );
    }
    call(&get(&page, "Notification"), "requestPermission", &[]).map(|answer| Promise::resolve(&answer))
}

/// Subscribes with the server's key once the user has allowed it. Gives the subscription as JSON.
pub async fn subscribe(permission: Promise, key: JsValue) -> Result<String, String> {
    if waited(permission).await?.as_string().as_deref() != Some("granted") {
        return Err("Notifications of this page are blocked: allow them in the browser's settings for it.".into());
    }
    let manager = manager().await?;
    // A browser keeps to the key that it subscribed with first.
    end(&manager).await?;
    let options = js_sys::Object::new();
    for (name, value) in [("userVisibleOnly", true.into()), ("applicationServerKey", key)] {
        // Fails for no plain object.
        let _ = Reflect::set(&options, &name.into(), &value);
    }
    let subscription = wait(&manager, "subscribe", &[options.into()]).await?;
    Ok(json(&subscription))
}

/// Ends this browser's subscription, if it has any.
pub async fn unsubscribe() -> Result<(), String> {
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

async fn end(manager: &JsValue) -> Result<(), String> {
    let old = wait(manager, "getSubscription", &[]).await?;
    if old.is_truthy() {
        wait(&old, "unsubscribe", &[]).await?;
    }
    Ok(())
}

/// The push manager of the page's service worker.
async fn manager() -> Result<JsValue, String> {
    let workers = get(&window().navigator(), "serviceWorker");
    let ready = Promise::resolve(&get(&workers, "ready"));
    let late = Promise::new(&mut |done, _| {
        // Fails in no browser.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, READY_MS);
    });
    let first = waited(Promise::race(&Array::of2(&ready, &late))).await?;
    let manager = get(&first, "pushManager");
    if manager.is_undefined() {
        return Err("The page's service worker is not running. Reload the page and try again.".into());
    }
    Ok(manager)
}

/// A value as JSON; of what has none, nothing.
pub fn json(value: &JsValue) -> String {
    // `undefined` comes for what has none, though no string.
    JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// A property, `undefined` if there is none.
pub fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, String> {
    let method: Function = get(of, name).dyn_into().map_err(|_| ["This browser has no ", name, "."].concat())?;
    method.apply(of, &arguments.iter().collect()).map_err(|thrown| words(&thrown))
}

async fn wait(of: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, String> {
    waited(Promise::resolve(&call(of, name, arguments)?)).await
}

async fn waited(promise: Promise) -> Result<JsValue, String> {
    JsFuture::from(promise).await.map_err(|thrown| words(&thrown))
}

/// What a browser threw.
fn words(thrown: &JsValue) -> String {
    ["The browser refused: ", &get(thrown, "message").as_string().unwrap_or_default()].concat()
}
