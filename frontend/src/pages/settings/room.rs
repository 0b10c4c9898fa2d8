//! How much room the recordings take, and how long the rest lasts.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::Timestamp;
use rtm2_app::room::{Room, size};

use crate::http;
use crate::pages::history::desk::label;
use crate::session::Session;
use crate::sys::js::get;

/// What the server told.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    used: u64,
    room: Room,
    free: Option<u64>,
    oldest: Option<Timestamp>,
}

/// The room for recordings.
#[component]
pub fn Recordings() -> impl IntoView {
    let session = Session::expect();
    let told = RwSignal::new(None);
    let load = move || {
        told.set(None);
        spawn_local(async move {
            let answer = ask(session).await;
            told.try_set(Some(answer));
        });
    };
    load();
    view! {
        <section class="panel" aria-labelledby="room-head">
            <h2 id="room-head">"Recordings"</h2>
            {move || match told.get() {
                None => view! { <p class="quiet" role="status">"Asking the server …"</p> }.into_any(),
                Some(Ok(told)) => facts(&told),
                Some(Err(why)) => {
                    view! {
                        <p role="alert">"The server did not say: " {why} "."</p>
                        <button type="button" class="button" on:click=move |_| load()>"Try again"</button>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

async fn ask(session: Session) -> Result<Told, String> {
    let answer = http::find(session, "/api/v1/storage").await.map_err(|why| why.to_string())?.unwrap_or_default();
    let number = |name| get(&answer, name).as_f64();
    let bytes = |name| number(name).map(|bytes| bytes as u64);
    let room =
        Room { budget: bytes("budget_bytes"), left: bytes("bytes_left").unwrap_or(0), per_day: bytes("bytes_per_day") };
    let oldest = number("oldest").map(|at| Timestamp(at as i64));
    Ok(Told { used: bytes("bytes").unwrap_or(0), room, free: bytes("free_bytes"), oldest })
}

fn facts(told: &Told) -> AnyView {
    let Told { used, room, free, oldest } = told;
    let share = room.budget.map(|budget| {
        let percent = (used * 100 / budget.max(1)).min(100).to_string();
        view! { <meter class="room" min="0" max="100" value=percent aria-label="Part of the budget in use"></meter> }
    });
    let of = room.budget.map(|budget| [" of ", &size(budget)].concat());
    let rows = [
        ("A day takes", room.per_day.map(size)),
        ("Free on the volume", free.map(size)),
        ("Oldest frame", oldest.map(label)),
    ];
    let row = |(name, value): (&'static str, Option<String>)| value.map(|v| view! { <dt>{name}</dt><dd>{v}</dd> });
    view! {
        <p>"Room for new recordings: " <strong data-testid="forecast">{room.forecast()}</strong></p>
        {share}
        <dl class="facts">
            <dt>"In use"</dt>
            <dd>{size(*used)} {of}</dd>
            {rows.into_iter().map(row).collect_view()}
        </dl>
    }
    .into_any()
}
