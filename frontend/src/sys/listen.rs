//! Listeners on the window that end when they are dropped.

use leptos::prelude::window;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;

/// A listener for one kind of event.
#[derive(Debug)]
#[must_use = "dropping it ends the listening"]
pub struct WindowListener {
    event: &'static str,
    run: Closure<dyn FnMut()>,
}

impl WindowListener {
    /// Calls `run` at every `event` of the window, until dropped.
    pub fn new(event: &'static str, run: impl Fn() + 'static) -> Self {
        let run = Closure::wrap(Box::new(run) as Box<dyn FnMut()>);
        // Fails in no browser; without it only this event goes unnoticed.
        let _ = window().add_event_listener_with_callback(event, run.as_ref().unchecked_ref());
        Self { event, run }
    }
}

impl Drop for WindowListener {
    fn drop(&mut self) {
        // As above.
        let _ = window().remove_event_listener_with_callback(self.event, self.run.as_ref().unchecked_ref());
    }
}
