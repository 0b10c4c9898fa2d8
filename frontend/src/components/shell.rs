//! The frame around every page behind the login: header, navigation, and the door.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::banner::{AlarmBanner, PlainBanner, VersionBanner};
use super::brand::BrandMark;
use super::icon::{Icon, Sign};
use super::status_pill::StatusPill;
use super::viewers::Viewers;
use crate::alarm::Alarm;
use crate::pages::history::HistoryPage;
use crate::pages::history::offline::KeptHistory;
use crate::pages::live::LivePage;
use crate::pages::login::login_address;
use crate::rest::Rest;
use crate::route::{NavLink, Page, Route, Step};
use crate::session::{Auth, Session};
use crate::sys::timer::Timeout;
use crate::sys::{days, device, first, page};

/// How long to wait before a server that could not be reached is asked again, in milliseconds.
const ASK_AGAIN_MS: u32 = 3_000;

/// Lets in who is logged in, sends everybody else to the login page and back here afterwards.
#[component]
pub fn Shell() -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    Effect::new(move |_| {
        if session.auth() == Auth::Out || route.page() != Page::History {
            first::take_away();
        }
    });
    Effect::new(move |_| {
        if session.auth() == Auth::Out {
            route.go(&login_address(&page::path()), Step::Replace);
        }
    });
    let rest = Rest::expect();
    let inside = Memo::new(move |_| matches!(session.auth(), Auth::In(_)));
    Effect::new(move |_| {
        if inside.get() {
            rest.load_at_rest();
        }
    });
    move || {
        if inside.get() {
            view! {
                <a class="skip" href="#content">"Skip to content"</a>
                <VersionBanner />
                <PlainBanner />
                <AlarmBanner />
                <Header />
                <main id="content" tabindex="-1">{move || shown(route.page(), rest)}</main>
            }
            .into_any()
        } else {
            view! { <Door /> }.into_any()
        }
    }
}

/// A page inside.
fn shown(page: Page, rest: Rest) -> AnyView {
    match page {
        Page::History => view! { <HistoryPage /> }.into_any(),
        Page::Alarm => rest.show(|views| (views.alarm)()),
        Page::Readiness => rest.show(|views| (views.readiness)()),
        Page::Settings => rest.show(|views| (views.settings)()),
        // The pages outside are in no frame.
        Page::Live | Page::Login | Page::Setup | Page::Unknown => view! { <LivePage /> }.into_any(),
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
    // What this browser kept of the history, for whoever was logged in last.
    let kept = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        if session.auth() == Auth::Unreachable {
            spawn_local(async move {
                let cameras = days::cameras().await;
                let _ = kept.try_set(cameras);
            });
        }
    });
    let has_kept = Memo::new(move |_| session.auth() == Auth::Unreachable && kept.with(|kept| !kept.is_empty()));
    let text = move || match session.auth() {
        Auth::Unreachable if has_kept.get() => {
            "The server does not answer: it is off, or you are offline. Trying again…"
        }
        Auth::Unreachable if !device::is_online() => {
            "You are offline. This is the page alone, without pictures. Trying again…"
        }
        Auth::Unreachable => "The server does not answer: it is off, or you are offline. Trying again…",
        _ => "Loading…",
    };
    view! {
        <p class=move || if has_kept.get() { "door is-line" } else { "door" } role="status">{text}</p>
        <Show when=move || has_kept.get()>
            <main id="content" tabindex="-1">
                <KeptHistory cameras=kept.get_untracked() />
            </main>
        </Show>
    }
}

#[component]
fn Header() -> impl IntoView {
    let alarm = Alarm::expect();
    let armed = Memo::new(move |_| alarm.shown.with(|shown| shown.armed));
    view! {
        <header class="top">
            <a href="/" class="brand" aria-label="rtm2, to the live picture">
                <BrandMark />
                <span>"rtm2"</span>
            </a>
            <nav class="nav" aria-label="Pages">
                <NavLink href="/"><Sign icon=Icon::Live /> <span>"Live"</span></NavLink>
                <NavLink href="/history"><Sign icon=Icon::History /> <span>"History"</span></NavLink>
                <NavLink href="/alarm">
                    <Sign icon=Icon::Alarm /> <span class:nav-armed=move || armed.get()>"Alarm"</span>
                </NavLink>
                <NavLink href="/settings"><Sign icon=Icon::Settings /> <span>"Settings"</span></NavLink>
            </nav>
            <div class="top-end">
                <StatusPill />
                <Viewers />
            </div>
        </header>
    }
}
