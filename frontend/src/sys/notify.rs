//! Notifications of the system. Always through the service worker's registration: the constructor that the original
//! used throws on phones (B25).

use leptos::prelude::window;
use wasm_bindgen::JsValue;

use super::js::{Fault, call, get, global, object, settled};

/// What the user said about notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// They may come.
    Granted,
    /// They may not; only the browser's settings change that.
    Denied,
    /// Not asked yet.
    Open,
    /// This browser shows none on this page.
    Missing,
}

/// What the user said so far.
pub fn permission() -> Permission {
    match get(&global("Notification"), "permission").as_string().as_deref() {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        Some(_) => Permission::Open,
        None => Permission::Missing,
    }
}

/// Asks the user, and promises the answer. Only within a tap do browsers let a page ask.
pub fn ask() -> Result<JsValue, Fault> {
    call(&global("Notification"), "requestPermission", &[])
}

/// The registration of the page's service worker.
async fn registration() -> Result<JsValue, Fault> {
    let workers = get(&window().navigator(), "serviceWorker");
    let registration = settled(call(&workers, "getRegistration", &[])).await?;
    if registration.is_truthy() {
        Ok(registration)
    } else {
        Err("the page's service worker is not installed".to_owned())
    }
}

/// Shows a notification in place of the one before with this tag; a tap on it opens `url`.
pub async fn show(title: &str, body: &str, tag: &str, url: &str) -> Result<(), Fault> {
    let options = object(&[
        ("body", body.into()),
        ("tag", tag.into()),
        ("renotify", true.into()),
        ("icon", "/icons/icon-192.png".into()),
        ("data", object(&[("url", url.into())])),
    ]);
    let registration = registration().await?;
    settled(call(&registration, "showNotification", &[title.into(), options])).await?;
    Ok(())
}

/// Takes the notification with this tag away.
pub async fn clear(tag: &str) -> Result<(), Fault> {
    let registration = registration().await?;
    let shown = settled(call(&registration, "getNotifications", &[object(&[("tag", tag.into())])])).await?;
    for notification in js_sys::Array::from(&shown) {
        call(&notification, "close", &[])?;
    }
    Ok(())
}
