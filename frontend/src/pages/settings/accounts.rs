//! All accounts, for admins.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::api::{self, Account};
use rtm2_app::http::MIN_PASSWORD;
use rtm2_app::wire::UserInfo;
use web_sys::SubmitEvent;

use crate::components::dialog::Dialog;
use crate::components::field::{Field, FormError, Purpose};
use crate::components::toast::Toasts;
use crate::http;
use crate::pages::setup::{password_fits, password_hint};
use crate::session::Session;
use crate::sys::clock;

type Listed = RwSignal<Option<Result<Vec<Account>, String>>>;

/// The account that may be removed, once its admin confirms.
#[derive(Clone, Copy)]
struct Leaving {
    name: RwSignal<String>,
    open: RwSignal<bool>,
}

impl Leaving {
    fn ask(self, name: &str) {
        self.name.set(name.to_owned());
        self.open.set(true);
    }
}

/// The list of accounts, with a form for another one.
#[component]
pub fn Accounts() -> impl IntoView {
    let session = Session::expect();
    let list: Listed = RwSignal::new(None);
    let leaving = Leaving { name: RwSignal::default(), open: RwSignal::new(false) };
    load(session, list);
    let rows = move || match list.get() {
        None => view! { <p class="quiet">"Loading…"</p> }.into_any(),
        Some(Err(why)) => view! { <p class="form-error" role="alert">{why}</p> }.into_any(),
        Some(Ok(accounts)) => {
            let rows = accounts.into_iter().map(|account| row(session, account, leaving)).collect_view();
            view! { <ul class="rows">{rows}</ul> }.into_any()
        }
    };
    view! {
        <section class="panel" aria-labelledby="accounts-head">
            <h2 id="accounts-head">"Accounts"</h2>
            {rows}
            <details class="fold">
                <summary>"Add an account"</summary>
                <AddAccount list=list />
            </details>
            <RemoveAccount leaving=leaving list=list />
        </section>
    }
}

fn load(session: Session, list: Listed) {
    spawn_local(async move {
        let answer = http::ask(session, api::Accounts {}).await;
        let _ = list.try_set(Some(answer));
    });
}

fn row(session: Session, account: Account, leaving: Leaving) -> impl IntoView {
    let Account { user: UserInfo { name, admin }, since } = account;
    let own = session.user().is_some_and(|user| user.name == name);
    let label = ["Remove ", &name].concat();
    let shown = name.clone();
    view! {
        <li class="row">
            <span class="row-main">
                <strong>{shown}</strong> " " {admin.then(|| view! { <span class="tag">"Admin"</span> })} " "
                <span class="quiet" title=clock::date_time(since)>"since " {clock::day(since)}</span>
            </span>
            {(!own)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button button-danger"
                            aria-label=label
                            on:click=move |_| leaving.ask(&name)
                        >
                            "Remove"
                        </button>
                    }
                })}
        </li>
    }
}

#[component]
fn AddAccount(list: Listed) -> impl IntoView {
    let (session, toasts) = (Session::expect(), Toasts::expect());
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (admin, error, busy) = (RwSignal::new(false), RwSignal::new(None), RwSignal::new(false));
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
        let user = UserInfo { name: name.get_untracked().trim().to_owned(), admin: admin.get_untracked() };
        let added = ["Account ", &user.name, " added."].concat();
        let call = api::AddAccount { user, password: password.get_untracked() };
        spawn_local(async move {
            match http::ask(session, call).await {
                Ok(()) => {
                    toasts.say(added);
                    let _ = name.try_set(String::new());
                    let _ = password.try_set(String::new());
                    load(session, list);
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
            <Field label="Name" id="account-name" purpose=Purpose::NewUser value=name />
            <Field label="Password" id="account-password" purpose=Purpose::NewPassword value=password hint=password_hint() />
            <label class="check">
                <input type="checkbox" prop:checked=move || admin.get() on:change=move |e| admin.set(event_target_checked(&e)) />
                <span>"Admin: may manage accounts and see who watches"</span>
            </label>
            <FormError error=error />
            <button class="button button-main" disabled=move || busy.get()>"Add account"</button>
        </form>
    }
}

#[component]
fn RemoveAccount(leaving: Leaving, list: Listed) -> impl IntoView {
    let (session, toasts) = (Session::expect(), Toasts::expect());
    let Leaving { name, open } = leaving;
    let remove = move |_| {
        open.set(false);
        let name = name.get_untracked();
        spawn_local(async move {
            match http::ask(session, api::RemoveAccount { name: name.clone() }).await {
                Ok(()) => toasts.say(["Account ", &name, " removed, its sessions ended."].concat()),
                Err(why) => toasts.say(why),
            }
            load(session, list);
        });
    };
    view! {
        <Dialog open=open title="Remove this account?">
            <p>"The account " <strong>{move || name.get()}</strong> " will be removed and logged out everywhere."</p>
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| open.set(false)>"Keep"</button>
                <button type="button" class="button button-danger" on:click=remove>"Remove"</button>
            </div>
        </Dialog>
    }
}
