//! The login page.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::http::Login;
use web_sys::SubmitEvent;

use crate::alarm::is_to_watch;
use crate::components::brand::BrandHead;
use crate::components::field::{Field, FormError, Purpose};
use crate::route::{Route, Step, query};
use crate::session::{Auth, Session};
use crate::sys::page;

/// The login page's address, with the one to come back to.
pub fn login_address(back: &str) -> String {
    if back == "/" {
        return "/login".into();
    }
    ["/login?next=", &String::from(js_sys::encode_uri_component(back))].concat()
}

/// Where to go after the login: only ever to a page of ours, never to an address that a link smuggled in.
pub fn safe_next(next: Option<&str>) -> &str {
    match next {
        Some(path) if path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\n', '\t', '\r']) => {
            path
        }
        _ => "/",
    }
}

/// Asks for name and password.
#[component]
pub fn LoginPage() -> impl IntoView {
    page::set_title("Log in · rtm2");
    let session = Session::expect();
    let route = Route::expect();
    let (user, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (error, busy) = (RwSignal::new(None), RwSignal::new(false));
    // Also when somebody who is logged in comes here.
    Effect::new(move |_| {
        if matches!(session.auth(), Auth::In(_)) {
            route.go(safe_next(query("next").as_deref()), Step::Replace);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let login = Login { user: user.get_untracked().trim().to_owned(), password: password.get_untracked() };
        spawn_local(async move {
            if let Err(why) = session.login(&login).await {
                let _ = error.try_set(Some(why.to_string()));
                let _ = password.try_set(String::new());
            }
            let _ = busy.try_set(false);
        });
    };
    view! {
        <main class="card-page">
            <form class="card" on:submit=submit>
                <BrandHead />
                <h1>"Log in"</h1>
                {is_to_watch()
                    .then(|| view! { <p class="notice" role="status">"The alarm of this device hears nothing until you log in."</p> })}
                <Field label="User" id="user" purpose=Purpose::User value=user />
                <Field label="Password" id="password" purpose=Purpose::Password value=password />
                <FormError error=error />
                <button class="button button-main" disabled=move || busy.get()>
                    {move || if busy.get() { "Logging in…" } else { "Log in" }}
                </button>
                <p class="hint">
                    "First start? Open the one-time link that rtm2 printed. Forgotten? "
                    <code>"rtm2 user passwd"</code> " on the server sets a new password."
                </p>
            </form>
        </main>
    }
}
