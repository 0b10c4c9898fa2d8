//! Timers that end when they are dropped.

use leptos::prelude::window;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;

/// Calls once.
#[derive(Debug)]
pub struct Timeout {
    id: i32,
    _run: Closure<dyn FnMut()>,
}

impl Timeout {
    /// Calls `run` after `ms` milliseconds unless dropped before.
    pub fn new(ms: u32, run: impl FnOnce() + 'static) -> Self {
        let run = Closure::once(run);
        let function = run.as_ref().unchecked_ref();
        let ms = i32::try_from(ms).unwrap_or(i32::MAX);
        // Fails in no browser; 0 is the id of no timer.
        let id = window().set_timeout_with_callback_and_timeout_and_arguments_0(function, ms).unwrap_or(0);
        Self { id, _run: run }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.id);
    }
}

/// Calls again and again.
#[derive(Debug)]
pub struct Interval {
    id: i32,
    _run: Closure<dyn FnMut()>,
}

impl Interval {
    /// Calls `run` every `ms` milliseconds until dropped.
    pub fn new(ms: u32, run: impl FnMut() + 'static) -> Self {
        let run = Closure::wrap(Box::new(run) as Box<dyn FnMut()>);
        let function = run.as_ref().unchecked_ref();
        let ms = i32::try_from(ms).unwrap_or(i32::MAX);
        // As above.
        let id = window().set_interval_with_callback_and_timeout_and_arguments_0(function, ms).unwrap_or(0);
        Self { id, _run: run }
    }
}

impl Drop for Interval {
    fn drop(&mut self) {
        window().clear_interval_with_handle(self.id);
    }
}
