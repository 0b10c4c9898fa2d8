//! Keeps the screen on.

use leptos::prelude::window;
use wasm_bindgen::JsValue;

use super::js::{Fault, call, get, has, settled};

/// Holds the screen on until it is released, or the page is hidden.
#[derive(Clone, Debug)]
pub struct WakeLock(JsValue);

impl WakeLock {
    /// Whether the browser can.
    pub fn exists() -> bool {
        has(&window().navigator(), "wakeLock")
    }

    /// Takes hold. Refused while the page is hidden, and on some phones when the battery is low.
    pub async fn request() -> Result<Self, Fault> {
        let locks = get(&window().navigator(), "wakeLock");
        settled(call(&locks, "request", &["screen".into()])).await.map(Self)
    }

    /// Whether it still holds.
    pub fn holds(&self) -> bool {
        get(&self.0, "released").is_falsy()
    }

    /// Lets go.
    pub fn release(&self) {
        // What is released already is fine too.
        let _ = call(&self.0, "release", &[]);
    }
}
