//! Listeners that end when they are dropped.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{AddEventListenerOptions, Element, Event, EventTarget, ResizeObserver};

/// An event listener; it ends when this is dropped.
#[must_use = "dropping it ends the listening"]
pub struct Listener {
    target: EventTarget,
    kind: &'static str,
    /// Whether it hears events before what is inside of the target does.
    early: bool,
    run: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `run` with every event `kind` of `target`. Not passive: it may prevent what the browser would do.
    pub fn new(target: &EventTarget, kind: &'static str, run: impl FnMut(Event) + 'static) -> Self {
        Self::add(target, kind, false, Closure::wrap(Box::new(run) as Box<dyn FnMut(Event)>))
    }

    /// The same for events of what is inside of `target`, heard before that hears them: `run` may keep them from it.
    pub fn early(target: &EventTarget, kind: &'static str, run: impl FnMut(Event) + 'static) -> Self {
        Self::add(target, kind, true, Closure::wrap(Box::new(run) as Box<dyn FnMut(Event)>))
    }

    fn add(target: &EventTarget, kind: &'static str, early: bool, run: Closure<dyn FnMut(Event)>) -> Self {
        let options = AddEventListenerOptions::new();
        options.set_passive(false);
        options.set_capture(early);
        let function = run.as_ref().unchecked_ref();
        // Adding a listener to a living element cannot fail.
        let _ = target.add_event_listener_with_callback_and_add_event_listener_options(kind, function, &options);
        Self { target: target.clone(), kind, early, run }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // As above.
        let run = self.run.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback_and_bool(self.kind, run, self.early);
    }
}

/// Watches an element's size; it ends when this is dropped.
#[must_use = "dropping it ends the watching"]
pub struct Resized {
    observer: Option<ResizeObserver>,
    _run: Closure<dyn FnMut()>,
}

impl Resized {
    /// Calls `run` whenever the size of `element` changed, and once at first.
    pub fn new(element: &Element, run: impl FnMut() + 'static) -> Self {
        let run = Closure::wrap(Box::new(run) as Box<dyn FnMut()>);
        let observer = ResizeObserver::new(run.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(element);
        }
        Self { observer, _run: run }
    }
}

impl Drop for Resized {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}
