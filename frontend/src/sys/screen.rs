//! Full screen, where the browser has it (phones of one maker do not).

use leptos::prelude::document;
use web_sys::Element;

use super::js::get;

/// Whether elements can fill the screen.
pub fn can_fill() -> bool {
    get(&document(), "fullscreenEnabled").is_truthy()
}

/// Fills the screen with `element`, or leaves full screen when it is already filled.
pub fn toggle_fill(element: &Element) {
    if document().fullscreen_element().is_some() {
        document().exit_fullscreen();
    } else {
        // Refused without a gesture of the user: then nothing happens, and the button can be pressed again.
        let _ = element.request_fullscreen();
    }
}

/// Device pixels per CSS pixel, between 1 and 3.
pub fn pixel_ratio() -> f64 {
    leptos::prelude::window().device_pixel_ratio().clamp(1.0, 3.0)
}
