//! Handing an address to somebody: by the clipboard, or by what the device offers for sharing.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::HtmlInputElement;

use super::js::{Fault, call, get, has, object, settled};

/// Puts `text` on the clipboard. Browsers offer that over trusted connections only; elsewhere the older way is tried.
pub async fn copy(text: &str) -> Result<(), Fault> {
    let clipboard = get(&window().navigator(), "clipboard");
    if clipboard.is_object() && settled(call(&clipboard, "writeText", &[text.into()])).await.is_ok() {
        return Ok(());
    }
    copy_selected(text).ok_or_else(|| "the browser does not let this page use the clipboard".to_owned())
}

/// Copies out of a field of the page, as all browsers could from the beginning.
fn copy_selected(text: &str) -> Option<()> {
    let body = document().body()?;
    let field: HtmlInputElement = document().create_element("input").ok()?.unchecked_into();
    // Out of sight, but there: what is hidden cannot be selected.
    field.set_class_name("unseen");
    field.set_value(text);
    body.append_child(&field).ok()?;
    field.select();
    let copied = call(&document(), "execCommand", &["copy".into()]);
    field.remove();
    copied.ok()?.is_truthy().then_some(())
}

/// Whether the device has a way of sharing.
pub fn can_share() -> bool {
    has(&window().navigator(), "share")
}

/// Offers an address to what the device shares with. Ends quietly when the user thinks better of it.
pub async fn share(title: &str, address: &str) -> Result<(), Fault> {
    let what: JsValue = object(&[("title", title.into()), ("url", address.into())]);
    settled(call(&window().navigator(), "share", &[what])).await.map(|_| ())
}
