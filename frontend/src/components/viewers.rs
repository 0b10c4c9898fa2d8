//! Who watches: the count for everybody, the list for admins (R25).

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::Mode;
use rtm2_app::api::{self, Viewer};
use rtm2_app::link::span;

use super::dialog::Dialog;
use super::icon::{Icon, Sign};
use crate::http;
use crate::live::Live;
use crate::session::Session;
use crate::sys::clock;

/// The count of viewers; for admins a button that opens the list.
#[component]
pub fn Viewers() -> impl IntoView {
    let (live, session) = (Live::expect(), Session::expect());
    let open = RwSignal::new(false);
    let count = move || live.viewers.get().map_or_else(|| "–".to_owned(), |count| count.to_string());
    let words = move || match live.viewers.get() {
        Some(1) => "1 viewer online".to_owned(),
        Some(count) => [&count.to_string(), " viewers online"].concat(),
        None => "viewers unknown".to_owned(),
    };
    let face = move || view! { <Sign icon=Icon::Viewers /><span class="figure" aria-hidden="true">{count}</span> };
    view! {
        <Show
            when=move || session.is_admin()
            fallback=move || view! { <span class="viewers" role="img" title=words aria-label=words>{face()}</span> }
        >
            <button type="button" class="viewers viewers-button" title=words aria-label=words on:click=move |_| open.set(true)>
                {face()}
            </button>
        </Show>
        <Dialog open=open title="Viewers online">
            <ViewerList />
        </Dialog>
    }
}

/// The list, fetched anew whenever the count changes.
#[component]
fn ViewerList() -> impl IntoView {
    let (live, session) = (Live::expect(), Session::expect());
    let list = RwSignal::new(None::<Result<Vec<Viewer>, String>>);
    Effect::new(move |_| {
        live.viewers.track();
        spawn_local(async move {
            let answer = http::ask(session, api::Viewers {}).await;
            // The dialog may be gone by now.
            let _ = list.try_set(Some(answer));
        });
    });
    move || match list.get() {
        None => view! { <p class="quiet">"Loading…"</p> }.into_any(),
        Some(Err(why)) => view! { <p class="form-error" role="alert">{why}</p> }.into_any(),
        Some(Ok(viewers)) if viewers.is_empty() => view! { <p class="quiet">"Nobody."</p> }.into_any(),
        Some(Ok(viewers)) => {
            let now = live.server_now();
            let rows = viewers.into_iter().map(|viewer| row(viewer, now.0)).collect_view();
            view! { <ul class="viewer-list">{rows}</ul> }.into_any()
        }
    }
}

fn row(viewer: Viewer, now_us: i64) -> impl IntoView {
    let Viewer { user, address, user_agent, since, mode, pictures } = viewer;
    let mode = match mode {
        Mode::Motion | Mode::Live if !pictures => "in the background",
        Mode::Off => "no pictures",
        Mode::Motion => "motion",
        Mode::Live => "live",
    };
    let since_title = clock::date_time(since);
    view! {
        <li class="viewer">
            <div class="viewer-top">
                <strong>{user}</strong>
                <span class="mono">{address}</span>
                <span class="tag">{mode}</span>
                <span class="quiet" title=since_title>"for " {span(now_us - since.0)}</span>
            </div>
            <div class="viewer-agent">{user_agent}</div>
        </li>
    }
}
