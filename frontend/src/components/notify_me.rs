//! This device among those that alerts are pushed to, and the button that makes it one of them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use crate::components::toast::Toasts;
use crate::http;
use crate::session::Session;
use crate::sys::js::{Fault, get, json};
use crate::sys::{push, storage};

/// Where this browser remembers its number.
const OWN: &str = "push-device";

/// The number under which the server knows this device, if it is notified.
pub fn own_number() -> Option<String> {
    storage::get(OWN).filter(|number| !number.is_empty())
}

/// This device.
#[derive(Clone, Copy)]
pub struct ThisDevice {
    /// Its number; `None` while it is not notified.
    pub number: RwSignal<Option<String>>,
    /// Why it could not be.
    pub error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    session: Session,
    toasts: Toasts,
}

impl ThisDevice {
    /// As this browser remembers it.
    pub fn remembered() -> Self {
        Self {
            number: RwSignal::new(own_number()),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
            session: Session::expect(),
            toasts: Toasts::expect(),
        }
    }

    /// Calls a server function about devices.
    pub async fn call(self, function: &str, body: String) -> Result<JsValue, String> {
        http::function(self.session, function, body).await
    }

    /// Does something to a device ([`rtm2_app::push::Change`] as JSON), and says so.
    pub async fn change(self, device: &str, change: &str, done: &str) {
        let body = ["{\"device\":", device, ",\"change\":", change, "}"].concat();
        let changed = self.call("push_change", body).await;
        self.toasts.say(changed.map_or_else(|why| why, |_| done.to_owned()));
    }

    /// Pushes a test to a device.
    pub async fn test(self, device: &str) {
        self.change(device, "{\"do\":\"test\"}", "A test is on its way.").await;
    }

    /// Ends the subscription of this browser. The server forgets the device in any case.
    pub fn forget(self) {
        storage::set(OWN, "");
        spawn_local(async { drop(push::unsubscribe().await) });
    }

    /// The button. The browser asks within the tap, and everything else follows from that.
    pub fn button(self) -> AnyView {
        let subscribe = move |_| {
            self.error.set(None);
            let asked = push::ask();
            self.busy.set(true);
            spawn_local(async move {
                let added = self.add(asked).await;
                let _ = self.error.try_set(added.err());
                let _ = self.busy.try_set(false);
            });
        };
        view! {
            <button
                type="button"
                class="button button-main"
                disabled=move || self.busy.get()
                on:click=subscribe
            >
                "Notify me on this device"
            </button>
        }
        .into_any()
    }

    async fn add(self, asked: Result<JsValue, Fault>) -> Result<(), String> {
        push::allowed(asked).await?;
        let key = self.call("push_key", "{}".to_owned()).await?;
        let subscription = push::subscribe(key).await?;
        let body = ["{\"subscription\":", &subscription, ",\"name\":\"", push::device_name(), "\"}"].concat();
        let number = json(&get(&self.call("push_subscribe", body).await?, "id"));
        storage::set(OWN, &number);
        let _ = self.number.try_set(Some(number));
        self.toasts.say("This device is notified from now on.");
        Ok(())
    }
}
