//! What of the alarm works on this device, why not, and what to tap.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::alarm::Channel;

use crate::alarm::Alarm;
use crate::alarm::act::Act;
use crate::alarm::state::{State, Verdict};
use crate::components::alarm_controls::{button, line};
use crate::components::field::FormError;
use crate::components::notify_me::ThisDevice;
use crate::live::Live;
use crate::pwa;
use crate::sys::{device, page};

/// What a line is about.
enum About {
    State(State),
    Channel(Channel),
}

/// All lines: name, what it is good for, how far it works.
fn lines() -> [(&'static str, &'static str, About); 7] {
    let connection = if device::is_secure() {
        State::works("encrypted, or on the server's own machine")
    } else {
        State::missing("this page came over plain HTTP")
    };
    [
        ("Connection", "Almost everything below needs a connection that browsers trust.", About::State(connection)),
        (
            "Install",
            "An icon on the home screen, a window of its own, and on iPhones everything else.",
            About::State(pwa::installed()),
        ),
        ("Notification", "Shows on the lock screen and above other apps.", About::Channel(Channel::Notice)),
        ("Push", "Comes also while the page is closed.", About::State(pwa::push())),
        ("Vibration", "The phone shakes.", About::Channel(Channel::Vibration)),
        ("Sound", "A tune plays, as loud as the device is set.", About::Channel(Channel::Sound)),
        ("Screen stays on", "For a phone on a shelf that is to show the alarm.", About::Channel(Channel::Wake)),
    ]
}

/// Has a test pushed here.
fn test_of(this: ThisDevice, number: String) -> AnyView {
    let test = move |_| {
        let number = number.clone();
        spawn_local(async move { this.test(&number).await });
    };
    view! {
        <button type="button" class="button" aria-label="Test: Push" on:click=test>
            "Test"
        </button>
    }
    .into_any()
}

/// The page `/readiness`.
#[component]
pub fn ReadinessPage() -> impl IntoView {
    page::set_title("Readiness · rtm2");
    let (alarm, live, this) = (Alarm::expect(), Live::expect(), ThisDevice::remembered());
    let list = move || {
        // Browsers tell of none of this: looked at once a second.
        live.now.track();
        let states = alarm.shown.with(|shown| shown.states.clone());
        let draw = |(name, about, what): (&'static str, &'static str, About)| {
            let error = (name == "Push").then(|| view! { <FormError error=this.error /> });
            let head = view! { <strong>{name}</strong> <p class="hint">{about}</p> {error} }.into_any();
            match what {
                About::State(state) => {
                    let end = match name {
                        "Install" if pwa::can_install() => {
                            Some(button("Install", "", "button button-main", Some(Act::Install)))
                        }
                        // Not a page of the app.
                        "Connection" if !device::is_secure() => {
                            Some(view! { <a class="button" href="/trust" rel="external">"What to do"</a> }.into_any())
                        }
                        "Push" => match (state.verdict, this.number.get()) {
                            (Verdict::Missing, _) => None,
                            (Verdict::Works, Some(number)) => Some(test_of(this, number)),
                            // The tap is for both: the permission and the subscription.
                            _ => Some(this.button()),
                        },
                        _ => None,
                    };
                    line(head, &state, end)
                }
                About::Channel(channel) => {
                    let state = &states[channel as usize];
                    let act = (state.verdict != Verdict::Missing).then_some(Act::Test(channel));
                    line(head, state, Some(button("Test", name, "button", act)))
                }
            }
        };
        lines().map(draw).into_iter().collect_view()
    };
    view! {
        <div class="column">
            <h1>"What works on this device"</h1>
            <section class="panel" aria-label="Readiness">
                <ul class="rows">{list}</ul>
            </section>
            <p class="quiet">"Every device has its own settings and its own limits. " <a href="/alarm">"To the alarm"</a></p>
        </div>
    }
}
