//! The page's address, title and build.

use std::cell::RefCell;

use leptos::prelude::{document, window};
use rtm2_app::wire;

/// The server's address while the page is developed (`cargo xtask dev`), when it comes from Trunk: Trunk's proxy answers
/// upgrades without the subprotocol, which browsers refuse.
const DEVELOPMENT_SERVER: Option<&str> = option_env!("RTM2_DEVELOPMENT_SERVER");

/// The socket's address on the server that the page came from.
pub fn socket_url() -> String {
    if let Some(server) = DEVELOPMENT_SERVER {
        return [server, wire::PATH].concat();
    }
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|p| p == "https:") { "wss://" } else { "ws://" };
    let host = location.host().unwrap_or_default();
    [scheme, &host, wire::PATH].concat()
}

/// Path and query of the page's address.
pub fn path() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// Loads the page anew.
pub fn reload() {
    // A browser that refuses to reload leaves the button to be pressed again.
    let _ = window().location().reload();
}

/// The build that the server wrote into the page, if it did.
pub fn build() -> Option<String> {
    let meta = document().query_selector("meta[name=rtm2-build]").ok()??;
    meta.get_attribute("content").filter(|build| !build.is_empty() && !build.starts_with("{{"))
}

/// Takes the one-time token out of the address (`#token=…`), so that it stays neither on the screen nor in the
/// history.
pub fn take_token() -> Option<String> {
    let hash = window().location().hash().ok()?;
    let token = hash.strip_prefix("#token=")?.to_owned();
    let path = path();
    if let Ok(history) = window().history() {
        // Without it the token stays visible, which is unpleasant but works.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path));
    }
    Some(token)
}

thread_local! {
    /// The page's own title, and what stands before it.
    static TITLE: RefCell<(String, String)> = RefCell::default();
}

/// Sets the window's title.
pub fn set_title(title: &str) {
    TITLE.with_borrow_mut(|(_, own)| title.clone_into(own));
    show_title();
}

/// Puts something before the window's title, until it is called with nothing.
pub fn mark_title(mark: &str) {
    TITLE.with_borrow_mut(|(before, _)| mark.clone_into(before));
    show_title();
}

fn show_title() {
    TITLE.with_borrow(|(before, own)| document().set_title(&[before.as_str(), own].concat()));
}
