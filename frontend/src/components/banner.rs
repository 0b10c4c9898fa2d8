//! The lines above everything: of a page older or newer than its server, of plain HTTP, and of an alarm.

use leptos::prelude::*;
use rtm2_app::link::Link;

use super::alarm_controls::button;
use crate::alarm::act::Act;
use crate::alarm::{Alarm, words};
use crate::live::Live;
use crate::live::state::Fit;
use crate::pwa;
use crate::sys::{device, storage};

/// Remembers that the line about plain HTTP was closed on this device.
const PLAIN: &str = "plain";

/// Offers a reload when the server is of another version.
#[component]
pub fn VersionBanner() -> impl IntoView {
    let live = Live::expect();
    let text = Memo::new(move |_| {
        // A newer build that waits says nothing: looked for once a second.
        live.now.track();
        if live.link.get() == Link::Outdated {
            Some("The server has a new version that this page does not understand.")
        } else if pwa::update_waits() || live.build.with(|build| matches!(build, Some((_, Fit::Other)))) {
            Some("The server has a new version.")
        } else {
            None
        }
    });
    move || {
        text.get().map(|text| {
            view! {
                <div class="banner" role="alert">
                    <span>{text}</span>
                    <button type="button" class="button" on:click=|_| pwa::reload()>"Reload"</button>
                </div>
            }
        })
    }
}

/// Says, until it is closed, what will not work on this device because the connection is not trusted.
#[component]
pub fn PlainBanner() -> impl IntoView {
    let shown = RwSignal::new(!device::is_secure() && storage::get(PLAIN).is_none());
    let hide = move |_| {
        storage::set(PLAIN, "seen");
        shown.set(false);
    };
    move || {
        shown.get().then(|| {
            view! {
                <div class="banner" role="note">
                    <span>
                        "This is plain HTTP: here the app cannot be installed, notify, push or keep the screen on."
                    </span>
                    // Not a page of the app.
                    <a class="button" href="/trust" rel="external">"What to do"</a>
                    <button type="button" class="button" on:click=hide>"Hide"</button>
                </div>
            }
        })
    }
}

/// What rings, and the way to end it, on pages other than the alarm's own.
#[component]
pub fn AlarmBanner() -> impl IntoView {
    let (alarm, live) = (Alarm::expect(), Live::expect());
    move || {
        alarm.shown.with(|shown| shown.ringing).map(|ringing| {
            let what = live.cameras.with(|cameras| words::headline(ringing.ring.cause, cameras));
            view! {
                <div class="banner alarm-banner" role="alert">
                    <span>{what}</span>
                    {button("Acknowledge", "", "button", Some(Act::Main))}
                </div>
            }
        })
    }
}
