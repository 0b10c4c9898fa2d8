//! First start: makes the first account, with the one-time token from the link that the server printed.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::http::{MIN_PASSWORD, Setup};
use web_sys::SubmitEvent;

use crate::components::brand::BrandHead;
use crate::components::field::{Field, FormError, Purpose};
use crate::route::{Route, Step};
use crate::session::Session;
use crate::sys::page;

/// The advice below a new password.
pub fn password_hint() -> String {
    ["At least ", &MIN_PASSWORD.to_string(), " characters. A few random words are good."].concat()
}

/// Whether a new password is long enough.
pub fn password_fits(password: &str) -> bool {
    password.chars().count() >= MIN_PASSWORD
}

/// Makes the first account.
#[component]
pub fn SetupPage() -> impl IntoView {
    page::set_title("Welcome · rtm2");
    let session = Session::expect();
    let route = Route::expect();
    let from_link = page::take_token();
    let needs_token = from_link.is_none();
    let token = RwSignal::new(from_link.unwrap_or_default());
    let (user, password) = (RwSignal::new("admin".to_owned()), RwSignal::new(String::new()));
    let (error, busy) = (RwSignal::new(None), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if !password.with_untracked(|password| password_fits(password)) {
            return error
                .set(Some(["the password is shorter than ", &MIN_PASSWORD.to_string(), " characters"].concat()));
        }
        busy.set(true);
        error.set(None);
        let setup = Setup {
            token: token.get_untracked().trim().to_owned(),
            user: user.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
        };
        spawn_local(async move {
            match session.setup(&setup).await {
                Ok(()) => route.go("/", Step::Replace),
                Err(why) => {
                    let _ = error.try_set(Some(why.to_string()));
                    let _ = busy.try_set(false);
                }
            }
        });
    };
    view! {
        <main class="card-page">
            <form class="card" on:submit=submit>
                <BrandHead />
                <h1>"Welcome"</h1>
                <p class="quiet">"Nobody can watch this camera yet. Make the first account; it may do everything."</p>
                {needs_token
                    .then(|| {
                        let hint = "It stands behind “#token=” in the link that rtm2 printed when it started.".to_owned();
                        view! { <Field label="One-time token" id="token" purpose=Purpose::Token value=token hint=hint /> }
                    })}
                <Field label="User" id="user" purpose=Purpose::User value=user />
                <Field
                    label="New password"
                    id="password"
                    purpose=Purpose::NewPassword
                    value=password
                    hint=password_hint()
                />
                <FormError error=error />
                <button class="button button-main" disabled=move || busy.get()>
                    {move || if busy.get() { "Making the account…" } else { "Make the account" }}
                </button>
                <p class="hint">"Already done? " <a href="/login">"Log in"</a></p>
            </form>
        </main>
    }
}
