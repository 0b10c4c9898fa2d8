//! The page as an installed app: what the browser offers, and a newer build that waits. `pwa.js` runs before the wasm
//! and keeps both; `sw.js` is the service worker.

use wasm_bindgen::JsValue;

use crate::alarm::state::{INSECURE, State};
use crate::components::notify_me::own_number;
use crate::sys::js::{call, get, global};
use crate::sys::notify::{Permission, permission};
use crate::sys::{device, page};

/// What `pwa.js` keeps.
fn kept(name: &str) -> JsValue {
    get(&global("rtm2"), name)
}

/// Whether a newer build waits for leave to take over.
pub fn update_waits() -> bool {
    kept("waiting").is_truthy()
}

/// Loads the page anew, with the newer build if one waits.
pub fn reload() {
    if call(&global("rtm2"), "update", &[]).is_err() {
        page::reload();
    }
}

/// Tells the server for the next visit how the first chart of the history is to be drawn.
pub fn look() {
    // As said, only the look of the next visit.
    let _ = call(&global("rtm2"), "look", &[]);
}

/// Whether the browser offers to install the page now.
pub fn can_install() -> bool {
    kept("offer").is_truthy()
}

/// Within a tap: lets the browser ask whether to install.
pub fn install() {
    // A browser that thought better of it shows its own reason.
    let _ = call(&global("rtm2"), "install", &[]);
}

/// Whether the page is an app here, and how it becomes one.
pub fn installed() -> State {
    if device::is_installed() {
        State::works("this is the installed app")
    } else if can_install() {
        State::tap("")
    } else if device::is_ios() {
        State::tap("tap Share, then Add to Home Screen, and open rtm2 from there")
    } else if !device::is_secure() {
        State::missing(INSECURE)
    } else {
        State::tap("in the browser's menu, choose Install or Add to Home screen; some browsers have no such entry")
    }
}

/// Whether the server could wake this device while the page is closed.
pub fn push() -> State {
    let worker = kept("trouble").as_string();
    match permission() {
        _ if !device::is_secure() => State::missing(INSECURE),
        _ if global("PushManager").is_undefined() && device::is_ios() => {
            State::missing(crate::alarm::state::IOS_INSTALL)
        }
        _ if global("PushManager").is_undefined() => State::missing("this browser receives no pushes"),
        _ if worker.is_some() => State::failed(["no service worker: ", &worker.unwrap_or_default()].concat()),
        Permission::Granted if own_number().is_some() => State::works("this device is on your list, in the settings"),
        Permission::Granted => State::tap("one tap puts this device on your list"),
        Permission::Denied => State::missing(
            "a push must show a notification, and those are refused: allow them in the browser's settings for this page",
        ),
        Permission::Open | Permission::Missing => State::tap("the browser asks once whether you allow it"),
    }
}
