//! What is seen when the page itself fails. `index.html` carries the notices, since after a panic nothing can be
//! rendered any more.

use std::panic::PanicHookInfo;

fn element(id: &str) -> Option<web_sys::Element> {
    web_sys::window()?.document()?.get_element_by_id(id)
}

/// Writes panics to the console and uncovers the notice that asks for a reload.
pub fn install() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        console_error_panic_hook::hook(info);
        if let Some(notice) = element("crash") {
            // Nothing can be done if even this fails.
            let _ = notice.remove_attribute("hidden");
        }
    }));
}

/// Takes away what `index.html` shows while the page loads.
pub fn loaded() {
    if let Some(splash) = element("splash") {
        splash.remove();
    }
}
