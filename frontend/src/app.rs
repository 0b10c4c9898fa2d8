//! The router, and what all pages share.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::alarm::Alarm;
use crate::components::shell::Shell;
use crate::components::toast::{Toast, Toasts};
use crate::live::Live;
use crate::pages::alarm::AlarmPage;
use crate::pages::history::HistoryPage;
use crate::pages::live::LivePage;
use crate::pages::login::LoginPage;
use crate::pages::not_found::NotFound;
use crate::pages::readiness::ReadinessPage;
use crate::pages::settings::SettingsPage;
use crate::pages::setup::SetupPage;
use crate::session::{Auth, Session};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::new();
    let toasts = Toasts::new();
    let live = Live::new(session, toasts);
    provide_context(session);
    provide_context(toasts);
    provide_context(live);
    provide_context(Alarm::new(live));
    spawn_local(session.check());
    // The socket lives as long as somebody is logged in, whatever page is shown.
    let inside = Memo::new(move |_| matches!(session.auth(), Auth::In(_)));
    Effect::new(move |_| if inside.get() { live.start() } else { live.stop() });
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/login") view=LoginPage />
                <Route path=path!("/setup") view=SetupPage />
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=LivePage />
                    <Route path=path!("/history") view=HistoryPage />
                    <Route path=path!("/alarm") view=AlarmPage />
                    <Route path=path!("/readiness") view=ReadinessPage />
                    <Route path=path!("/settings") view=SettingsPage />
                </ParentRoute>
            </Routes>
        </Router>
        <Toast />
    }
}
