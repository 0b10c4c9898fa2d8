//! What this browser remembers for its user. Without storage (private windows, blocked cookies) nothing is remembered.

use web_sys::Storage;

/// Prefix of all keys.
const PREFIX: &str = "rtm2.";

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// What this tab remembers under `key`, until it is closed.
pub fn of_session(key: &str) -> Option<String> {
    web_sys::window()?.session_storage().ok()??.get_item(&[PREFIX, key].concat()).ok()?
}

/// Remembers `value` under `key` until this tab is closed.
pub fn set_of_session(key: &str, value: &str) {
    if let Some(storage) = web_sys::window().and_then(|window| window.session_storage().ok()?) {
        // As below.
        let _ = storage.set_item(&[PREFIX, key].concat(), value);
    }
}

/// What is remembered under `key`.
pub fn get(key: &str) -> Option<String> {
    storage()?.get_item(&[PREFIX, key].concat()).ok()?
}

/// Remembers `value` under `key`.
pub fn set(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full storage forgets a preference, no more.
        let _ = storage.set_item(&[PREFIX, key].concat(), value);
    }
}
