//! One's own account: who one is, another password, the way out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::api;
use rtm2_app::http::MIN_PASSWORD;
use web_sys::SubmitEvent;

use crate::components::field::{Field, FormError, Purpose};
use crate::components::icon::{Icon, Sign};
use crate::components::toast::Toasts;
use crate::http;
use crate::pages::setup::{password_fits, password_hint};
use crate::session::Session;

/// The account of who is logged in.
#[component]
pub fn OwnAccount() -> impl IntoView {
    let (session, toasts) = (Session::expect(), Toasts::expect());
    let name = move || session.user().map(|user| user.name);
    let rights = move || if session.is_admin() { "Admin" } else { "Viewer" };
    let log_out = move |_| {
        spawn_local(async move {
            if let Err(why) = session.logout().await {
                toasts.say(["not logged out: ", &why.to_string()].concat());
            }
        });
    };
    view! {
        <section class="panel" aria-labelledby="account-head">
            <h2 id="account-head">"Your account"</h2>
            <div class="row">
                <span class="row-main"><strong data-testid="user">{name}</strong> " " <span class="tag">{rights}</span></span>
                <button type="button" class="button" on:click=log_out><Sign icon=Icon::LogOut /> "Log out"</button>
            </div>
            <details class="fold">
                <summary>"Change password"</summary>
                <ChangePassword />
            </details>
        </section>
    }
}

#[component]
fn ChangePassword() -> impl IntoView {
    let (session, toasts) = (Session::expect(), Toasts::expect());
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (error, busy) = (RwSignal::new(None), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if !new.with_untracked(|new| password_fits(new)) {
            return error
                .set(Some(["the new password is shorter than ", &MIN_PASSWORD.to_string(), " characters"].concat()));
        }
        busy.set(true);
        error.set(None);
        let call = api::ChangePassword { current: current.get_untracked(), new: new.get_untracked() };
        spawn_local(async move {
            match http::ask(session, call).await {
                Ok(()) => {
                    toasts.say("Password changed. Your other sessions were ended.");
                    let _ = current.try_set(String::new());
                    let _ = new.try_set(String::new());
                }
                Err(why) => {
                    let _ = error.try_set(Some(why));
                }
            }
            let _ = busy.try_set(false);
        });
    };
    view! {
        <form class="form" on:submit=submit>
            // For password keepers, which store a password by its account.
            <input type="text" autocomplete="username" hidden readonly prop:value=move || session.user().map(|user| user.name) />
            <Field label="Current password" id="current" purpose=Purpose::Password value=current />
            <Field label="New password" id="new" purpose=Purpose::NewPassword value=new hint=password_hint() />
            <FormError error=error />
            <button class="button button-main" disabled=move || busy.get()>"Change password"</button>
        </form>
    }
}
