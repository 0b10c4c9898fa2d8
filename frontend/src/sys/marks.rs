//! Marks on the tab and on the installed app's icon.

use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;

use super::js::{Fault, call, has};

/// The icon while something rings: the page's own on red.
const RINGING_ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='8' fill='%23ee150e'/%3E%3Cpath stroke='%23fff' stroke-width='2.4' stroke-linecap='round' d='M8 3.5v5M8 12v.1'/%3E%3C/svg%3E";
/// The icon otherwise, as `index.html` has it.
const ICON: &str = "/icons/icon.svg";

/// Whether the tab calls for attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// It does.
    Calls,
    /// It does not.
    Rests,
}

/// Sets the tab's icon.
pub fn set_icon(tab: Tab) -> Result<(), Fault> {
    let icon = document().query_selector("link[rel=icon]").ok().flatten().ok_or("the page has no icon")?;
    let address = if tab == Tab::Calls { RINGING_ICON } else { ICON };
    icon.set_attribute("href", address).map_err(|thrown| super::js::words(&thrown))
}

/// Whether the browser can put a number on an icon.
pub fn can_badge() -> bool {
    has(&window().navigator(), "setAppBadge")
}

/// Puts a number on the installed app's icon, 0 for none, and promises to have done so.
pub fn badge(count: u32) -> Result<JsValue, Fault> {
    let navigator = window().navigator();
    if count == 0 { call(&navigator, "clearAppBadge", &[]) } else { call(&navigator, "setAppBadge", &[count.into()]) }
}
