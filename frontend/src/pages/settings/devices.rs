//! Devices that alerts are pushed to: this one with a tap, all of one's own in a list.
//!
//! Few visits come here, so the answers are read as the browser parsed them (see [`http::function`]).

use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::Timestamp;
use wasm_bindgen::JsValue;

use super::device_filters::DeviceFilters;
use crate::components::field::FormError;
use crate::components::notify_me::ThisDevice;
use crate::sys::clock;
use crate::sys::js::{get, json};
use crate::sys::timer::Timeout;

/// How long a test takes to arrive, or not, in milliseconds.
const TEST_MS: u32 = 3_000;

/// A device as it is listed; [`rtm2_app::push::Device`] in words.
#[derive(Clone)]
pub struct Device {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How the last push went.
    last: String,
    /// Until when it is silent.
    snoozed: Option<Timestamp>,
    /// What is pushed to it: [`rtm2_app::push::Filters`] as JSON.
    pub filters: String,
}

impl Device {
    fn read(device: &JsValue) -> Self {
        let text = |name| get(device, name).as_string().unwrap_or_default();
        let time = |of: &JsValue, name| get(of, name).as_f64().map(|us| Timestamp(us as i64));
        let last = get(device, "last");
        let last = match (get(&last, "words").as_string(), time(&last, "at")) {
            (Some(words), Some(at)) => [&words, ", ", &clock::date_time(at)].concat(),
            _ => "nothing sent yet".to_owned(),
        };
        Self {
            id: json(&get(device, "id")),
            name: text("name"),
            last,
            snoozed: time(device, "snoozed_until").filter(|until| *until > clock::now()),
            filters: json(&get(device, "filters")),
        }
    }
}

/// What the rows of the list share.
#[derive(Clone, Copy)]
pub struct Devices {
    this: ThisDevice,
    list: RwSignal<Vec<Device>>,
    later: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Devices {
    async fn load(self) {
        match self.this.call("push_devices", "{}".to_owned()).await {
            Ok(answer) => drop(self.list.try_set(Array::from(&answer).iter().map(|d| Device::read(&d)).collect())),
            Err(why) => drop(self.this.error.try_set(Some(why))),
        }
    }

    /// Does something to a device ([`rtm2_app::push::Change`] as JSON), says so, and shows what came of it.
    pub fn change(self, device: &str, change: &str, done: &'static str) {
        let (device, change) = (device.to_owned(), change.to_owned());
        spawn_local(async move {
            self.this.change(&device, &change, done).await;
            self.load().await;
        });
    }

    fn test(self, device: &str) {
        let device = device.to_owned();
        spawn_local(async move { self.this.test(&device).await });
        self.later.set_value(Some(Timeout::new(TEST_MS, move || spawn_local(self.load()))));
    }

    fn remove(self, device: &str) {
        if self.is_this(device) {
            self.this.forget();
        }
        self.change(device, "{\"do\":\"remove\"}", "Device removed.");
    }

    fn is_this(self, device: &str) -> bool {
        self.this.number.with(|number| number.as_deref() == Some(device))
    }
}

/// The list, with a button for this device.
#[component]
pub fn OwnDevices() -> impl IntoView {
    let this = ThisDevice::remembered();
    let devices = Devices { this, list: RwSignal::new(Vec::new()), later: StoredValue::new_local(None) };
    Effect::new(move |_| {
        this.number.track();
        spawn_local(devices.load());
    });
    let is_in = move || devices.list.with(|list| list.iter().any(|device| devices.is_this(&device.id)));
    let rows = move || devices.list.get().into_iter().map(|device| row(devices, device)).collect_view();
    view! {
        <section class="panel" aria-labelledby="devices-head">
            <h2 id="devices-head">"Notifications on my devices"</h2>
            <p class="quiet">"Motion, and whatever keeps rtm2 from watching, is told there, also while this page is closed."</p>
            <ul class="rows">{rows}</ul>
            <FormError error=this.error />
            <div hidden=is_in>{this.button()}</div>
        </section>
    }
}

fn row(devices: Devices, device: Device) -> impl IntoView {
    let Device { id, name, last, snoozed, .. } = device.clone();
    let own = if devices.is_this(&id) { " · this device" } else { "" };
    let silent = snoozed.map(|until| [" · silent until ", &clock::date_time(until)].concat());
    let (word, change, done) = match snoozed {
        Some(_) => ("Wake", "{\"do\":\"snooze\",\"seconds\":0}", "It is told again."),
        None => ("Snooze 1 h", "{\"do\":\"snooze\",\"seconds\":3600}", "Silent for an hour."),
    };
    let button = |word: &'static str, act: Box<dyn Fn(&str)>| {
        let (id, label) = (id.clone(), [word, ": ", &name].concat());
        view! {
            <button type="button" class="button" aria-label=label on:click=move |_| act(&id)>
                {word}
            </button>
        }
    };
    let buttons = [
        button("Test", Box::new(move |id| devices.test(id))),
        button(word, Box::new(move |id| devices.change(id, change, done))),
        button("Remove", Box::new(move |id| devices.remove(id))),
    ];
    view! {
        <li>
            <div class="row">
                <span class="row-main">
                    <strong>{name}</strong>
                    <span class="quiet">{own} {silent} <br /> {last}</span>
                </span>
                {buttons.collect_view()}
            </div>
            <details class="fold">
                <summary>"Name, cameras and quiet hours"</summary>
                <DeviceFilters devices=devices device=device />
            </details>
        </li>
    }
}
