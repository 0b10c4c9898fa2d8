//! A list of events: found by range, score, label and zone; looked at, pinned, labelled and deleted.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::{CameraId, Event, Kept};

use super::data;
use super::desk::{Desk, Viewed, label};
use super::parts::{self, button, changing};
use super::player_bar::event_words;
use super::read;
use crate::components::toast::Toasts;
use crate::http;
use crate::session::Session;
use crate::sys::timer::Timeout;

/// Events of a page.
const PAGE: usize = 24;
/// How long a filter stays as it is until it is asked for, in milliseconds.
const REST_MS: u32 = 300;
/// Width of a thumbnail in pixels: sharp also where the screen has two for each of the page's.
const THUMBNAIL: u16 = 224;

/// What the list shows; copies are the same one.
#[derive(Clone, Copy)]
struct List {
    desk: StoredValue<Desk>,
    session: Session,
    toasts: Toasts,
    in_view: RwSignal<bool>,
    pinned: RwSignal<bool>,
    score: RwSignal<String>,
    label: RwSignal<String>,
    zone: RwSignal<String>,
    events: RwSignal<Vec<Event>>,
    /// Where the next page begins; empty behind the last.
    next: RwSignal<String>,
    /// How far the list has come, in words; empty when there is something to see.
    words: RwSignal<String>,
    failed: RwSignal<bool>,
    turn: StoredValue<u32>,
    rest: StoredValue<Option<Timeout>, LocalStorage>,
}

/// The list, with its filters.
#[component]
pub fn EventList(
    /// The history.
    desk: Desk,
) -> impl IntoView {
    let text = || RwSignal::new(String::new());
    let list = List {
        desk: StoredValue::new(desk),
        session: desk.session(),
        toasts: Toasts::expect(),
        in_view: RwSignal::new(false),
        pinned: RwSignal::new(false),
        score: text(),
        label: text(),
        zone: text(),
        events: RwSignal::new(Vec::new()),
        next: text(),
        words: text(),
        failed: RwSignal::new(false),
        turn: StoredValue::new(0),
        rest: StoredValue::new_local(None),
    };
    Effect::new(move |before: Option<String>| {
        let query = list.query();
        if before.as_ref() != Some(&query) {
            let wait = if before.is_some() { REST_MS } else { 0 };
            list.rest.set_value(Some(Timeout::new(wait, move || list.fetch(""))));
        }
        query
    });
    let again = move || list.fetch("");
    let more = move || list.fetch(&list.next.get_untracked());
    view! {
        <section class="events" aria-label="Events">
            <div class="events-filters">
                {check("In view only", list.in_view)} {check("Pinned only", list.pinned)}
                {field("Least score", "number", list.score)} {field("Label", "text", list.label)}
                {field("Zone", "text", list.zone)}
            </div>
            {parts::words("events-words", Some("status"), changing(move || list.words.get()))}
            {changing(move || list.failed.get().then(|| button("Try again", "Ask the server once more", again)))}
            <ol class="events-list">
                {move || list.events.get().into_iter().map(|event| list.row(&event)).collect_view()}
            </ol>
            {changing(move || list.next.with(|next| !next.is_empty()).then(|| button("Older events", "The next page of the list", more)))}
        </section>
    }
}

fn check(name: &'static str, on: RwSignal<bool>) -> AnyView {
    view! {
        <label class="frame-toggle">
            <input type="checkbox" prop:checked=move || on.get() on:change=move |e| on.set(event_target_checked(&e)) />
            {name}
        </label>
    }
    .into_any()
}

fn field(name: &'static str, kind: &'static str, value: RwSignal<String>) -> AnyView {
    view! {
        <label>
            {name}
            <input
                type=kind
                min="0"
                max="65535"
                maxlength="200"
                prop:value=move || value.get()
                on:input=move |e| value.set(event_target_value(&e))
            />
        </label>
    }
    .into_any()
}

impl List {
    /// What is asked for, tracked: the camera, and `&` and a condition for each filter.
    fn query(self) -> String {
        let desk = self.desk.get_value();
        let mut query = format!("camera={}", desk.camera.get());
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                query.push_str(&["&", name, "=", value].concat());
            }
        };
        if self.in_view.get()
            && let Some(view) = desk.facts.get().map(|facts| facts.view)
        {
            // In steps, so that a view that moves along with the time is not asked for every second.
            let step = (view.len_us() / 20).max(1);
            add("from", &(view.from().0 / step * step).to_string());
            add("to", &((view.to().0 / step + 1) * step).to_string());
        }
        if self.pinned.get() {
            add("pinned", "true");
        }
        for (name, value) in [("min_score", self.score), ("label", self.label), ("zone", self.zone)] {
            let value = value.get();
            add(name, &String::from(js_sys::encode_uri_component(value.trim())));
        }
        query
    }

    /// Fetches the first page, or the one that begins at `before`.
    fn fetch(self, before: &str) {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        let query = untrack(|| self.query());
        let mut path = format!("/api/v1/events?limit={PAGE}&{query}");
        if before.is_empty() {
            self.events.set(Vec::new());
            self.next.set(String::new());
        } else {
            path.push_str(&["&before=", before].concat());
        }
        self.words.set("Loading the events …".to_owned());
        self.failed.set(false);
        spawn_local(async move {
            let answer = data::events(self.session, &path).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            let words = match answer {
                Ok((page, next)) => {
                    self.events.update(|events| events.extend(page));
                    self.next.set(next.unwrap_or_default());
                    match (self.events.with_untracked(Vec::is_empty), query.contains('&')) {
                        (false, _) => String::new(),
                        (true, true) => "No event is like that.".to_owned(),
                        (true, false) => "No event was recorded yet.".to_owned(),
                    }
                }
                Err(error) => {
                    self.failed.set(true);
                    format!("The events could not be loaded: {error}.")
                }
            };
            self.words.set(words);
        });
    }

    fn row(self, event: &Event) -> AnyView {
        let (start, end, camera) = (event.from, event.to, event.camera);
        let is_open = move || {
            let at = self.desk.get_value().viewed.with(Viewed::at);
            at.is_some_and(|at| start <= at && at <= end)
        };
        let first = event.start;
        let open = move |_| self.desk.get_value().open(first);
        let day = label(event.start).get(..10).unwrap_or_default().to_owned();
        let picture = if event.kept() == Kept::Record {
            "no picture".into_any()
        } else {
            let address = data::small_url(camera, event.peak, THUMBNAIL);
            view! { <img src=address alt="" loading="lazy" /> }.into_any()
        };
        let name = format!("Show the event of {}", label(event.start));
        let words = event_words(event);
        let admin = self.session.is_admin().then(|| self.tools(event));
        view! {
            <li class="event" class:is-open=is_open>
                <button type="button" class="event-picture" aria-label=name on:click=open>{picture}</button>
                <div class="event-words"><p><strong>{day}</strong></p><p>{words}</p>{admin}</div>
            </li>
        }
        .into_any()
    }

    /// What admins may do to an event.
    fn tools(self, event: &Event) -> AnyView {
        let path = format!("/api/v1/cameras/{}/events/{}", event.camera, event.start);
        let (pin_path, label_path) = (path.clone(), path.clone());
        let pin = if event.pinned { ("Unpin", r#"{"pinned":false}"#) } else { ("Pin", r#"{"pinned":true}"#) };
        let old = event.label.clone();
        let rename = move || {
            let asked = window().prompt_with_message_and_default("What is this event called?", &old);
            if let Ok(Some(label)) = asked {
                let label = js_sys::JSON::stringify(&label.trim().into()).map(String::from).unwrap_or_default();
                self.mark(label_path.clone(), format!("{{\"label\":{label}}}"));
            }
        };
        let what = label(event.start);
        let (camera, start) = (event.camera, event.start);
        let delete = move || {
            let warning = format!("Delete the event of {what} with all its pictures? It cannot be brought back.");
            if window().confirm_with_message(&warning) == Ok(true) {
                self.delete(path.clone(), (camera, start));
            }
        };
        view! {
            <div class="history-group">
                {button(pin.0, "What is pinned stays when old events make room", move || {
                    self.mark(pin_path.clone(), pin.1.to_owned());
                })}
                {button("Label …", "What the event is called", rename)}
                {button("Delete …", "For good, with all its pictures", delete)}
            </div>
        }
        .into_any()
    }

    fn mark(self, path: String, json: String) {
        spawn_local(async move {
            match http::patch(self.session, &path, json).await {
                Ok(marked) => {
                    let marked = read::event(&marked);
                    self.events.try_update(|events| {
                        let is_it = |event: &&mut Event| (event.camera, event.start) == (marked.camera, marked.start);
                        if let Some(event) = events.iter_mut().find(is_it) {
                            *event = marked;
                        }
                    });
                    self.desk.try_with_value(|desk| desk.renew_band());
                }
                Err(error) => self.toasts.say(format!("The event was not changed: {error}.")),
            }
        });
    }

    fn delete(self, path: String, name: (CameraId, rtm2_app::Timestamp)) {
        spawn_local(async move {
            match http::delete(self.session, &path).await {
                Ok(()) => {
                    self.events.try_update(|events| events.retain(|event| (event.camera, event.start) != name));
                    if let Some(desk) = self.desk.try_get_value() {
                        desk.reload();
                    }
                    self.toasts.say("The event is deleted.");
                }
                Err(error) => self.toasts.say(format!("The event was not deleted: {error}.")),
            }
        });
    }
}
