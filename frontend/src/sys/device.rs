//! What kind of device and browser this is, as far as it decides what can work.

use leptos::prelude::{document, window};

use super::js::{call, get, global, has};

/// Whether the page came over a connection that browsers trust: TLS, or this very machine.
pub fn is_secure() -> bool {
    global("isSecureContext").is_truthy()
}

/// Whether this is an iPhone or an iPad, whose browsers are all one.
pub fn is_ios() -> bool {
    let navigator = window().navigator();
    let agent = navigator.user_agent().unwrap_or_default();
    // An iPad says that it is a Mac, but no Mac has fingers on its screen.
    let touches = get(&navigator, "maxTouchPoints").as_f64().unwrap_or_default() > 1.0;
    ["iPhone", "iPad", "iPod"].iter().any(|name| agent.contains(name)) || (agent.contains("Macintosh") && touches)
}

/// Whether the page runs as an installed app.
pub fn is_installed() -> bool {
    let app = window().match_media("(display-mode: standalone)").ok().flatten().is_some_and(|query| query.matches());
    app || get(&window().navigator(), "standalone").is_truthy()
}

/// Whether the user touched the page since it was loaded, as browsers count it; `true` where they do not say.
pub fn was_touched() -> bool {
    let activation = get(&window().navigator(), "userActivation");
    !has(&activation, "hasBeenActive") || get(&activation, "hasBeenActive").is_truthy()
}

/// Whether the device believes to have a network.
pub fn is_online() -> bool {
    !get(&window().navigator(), "onLine").is_falsy()
}

/// Minutes by which local time is ahead of UTC now.
pub fn offset_min() -> i32 {
    -(js_sys::Date::new_0().get_timezone_offset() as i32)
}

/// Shakes the device. `Ok(false)` where the browser wants a tap before.
pub fn vibrate(pulses: &[u16]) -> Result<bool, String> {
    let pulses: js_sys::Array = pulses.iter().map(|ms| wasm_bindgen::JsValue::from(*ms)).collect();
    call(&window().navigator(), "vibrate", &[pulses.into()]).map(|done| done.is_truthy())
}

/// Whether the browser can shake the device, if that has a motor.
pub fn can_vibrate() -> bool {
    has(&window().navigator(), "vibrate")
}

/// Whether the browser plays H.264 in MP4; those built without others' patents do not.
pub fn plays_mp4() -> bool {
    let Ok(video) = document().create_element("video") else { return false };
    let answer = call(&video, "canPlayType", &["video/mp4; codecs=\"avc1.64001f\"".into()]);
    answer.is_ok_and(|answer| answer.as_string().is_some_and(|answer| !answer.is_empty()))
}
