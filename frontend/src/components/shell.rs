//! The frame around every page behind the login: header, navigation, and the door.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::{A, Outlet};
use leptos_router::hooks::use_navigate;

use super::banner::{AlarmBanner, PlainBanner, VersionBanner};
use super::brand::BrandMark;
use super::icon::{Icon, Sign};
use super::status_pill::StatusPill;
use super::viewers::Viewers;
use crate::alarm::Alarm;
use crate::pages::login::login_address;
use crate::session::{Auth, Session};
use crate::sys::timer::Timeout;
use crate::sys::{device, page};

/// How long to wait before a server that could not be reached is asked again, in milliseconds.
const ASK_AGAIN_MS: u32 = 3_000;

/// Lets in who is logged in, sends everybody else to the login page and back here afterwards.
#[component]
pub fn Shell() -> impl IntoView {
    let session = Session::expect();
    let navigate = use_navigate();
    Effect::new(move |_| {
        if session.auth() == Auth::Out {
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            navigate(&login_address(&page::path()), options);
        }
    });
    let inside = Memo::new(move |_| matches!(session.auth(), Auth::In(_)));
    move || {
        if inside.get() {
            view! {
                <a class="skip" href="#content">"Skip to content"</a>
                <VersionBanner />
                <PlainBanner />
                <AlarmBanner />
                <Header />
                <main id="content" tabindex="-1"><Outlet /></main>
            }
            .into_any()
        } else {
            view! { <Door /> }.into_any()
        }
    }
}

/// What is shown until it is known who is there.
#[component]
fn Door() -> impl IntoView {
    let session = Session::expect();
    let timer = StoredValue::new_local(None::<Timeout>);
    let asked = RwSignal::new(0_u32);
    Effect::new(move |_| {
        asked.track();
        if session.auth() == Auth::Unreachable {
            timer.set_value(Some(Timeout::new(ASK_AGAIN_MS, move || {
                spawn_local(async move {
                    session.check().await;
                    let _ = asked.try_update(|n| *n += 1);
                });
            })));
        }
    });
    let text = move || match session.auth() {
        Auth::Unreachable if !device::is_online() => {
            "You are offline. This is the page alone, without pictures. Trying again…"
        }
        Auth::Unreachable => "The server does not answer: it is off, or you are offline. Trying again…",
        _ => "Loading…",
    };
    view! { <p class="door" role="status">{text}</p> }
}

#[component]
fn Header() -> impl IntoView {
    let alarm = Alarm::expect();
    let armed = Memo::new(move |_| alarm.shown.with(|shown| shown.armed));
    view! {
        <header class="top">
            <A href="/" attr:class="brand" attr:aria-label="rtm2, to the live picture">
                <BrandMark />
                <span>"rtm2"</span>
            </A>
            <nav class="nav" aria-label="Pages">
                <A href="/" exact=true><Sign icon=Icon::Live /> <span>"Live"</span></A>
                <A href="/history"><Sign icon=Icon::History /> <span>"History"</span></A>
                <A href="/alarm">
                    <Sign icon=Icon::Alarm /> <span class:nav-armed=move || armed.get()>"Alarm"</span>
                </A>
                <A href="/settings"><Sign icon=Icon::Settings /> <span>"Settings"</span></A>
            </nav>
            <div class="top-end">
                <StatusPill />
                <Viewers />
            </div>
        </header>
    }
}
