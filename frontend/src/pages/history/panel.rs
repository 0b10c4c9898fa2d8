//! The history of one camera: chart, slider, buttons and the frame being looked at.

use leptos::html;
use leptos::prelude::*;
use rtm2_app::chart::{LoadState, bucket_name, spoken_label};
use rtm2_app::{CameraId, Timestamp};
use wasm_bindgen::JsCast as _;
use web_sys::{KeyboardEvent, Node};

use super::desk::{Desk, Facts, Viewed, label};
use super::keys::{self, KEYS, Reach, Switches};
use super::remote::Remote;
use super::strip::Strip;
use super::toolbar::Toolbar;
use super::tools::Tools;
use crate::chart::{Listener, Widget, offset_minutes};
use crate::live::{Live, LiveBus};
use crate::rest::Rest;
use crate::session::Session;
use crate::sys::timer::Interval;
use crate::sys::{clock, first, storage};

/// The history of one camera: chart, navigation and the frame being looked at.
#[component]
pub fn HistoryPanel(
    /// The camera whose history is shown.
    camera: Signal<CameraId>,
    /// A frame to open at first.
    #[prop(optional)]
    at: Option<Timestamp>,
    /// Hears which frame is looked at.
    #[prop(optional)]
    on_view: Option<Callback<(CameraId, Option<Timestamp>)>>,
    /// Where keys are meant for it.
    #[prop(optional)]
    reach: Reach,
    /// Keys of the page around it, for the help.
    #[prop(optional)]
    more_keys: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let desk = Desk::new(Session::expect(), camera);
    let boxes = RwSignal::new(storage::get("history-boxes").as_deref() != Some("off"));
    Effect::new(move |_| storage::set("history-boxes", if boxes.get() { "on" } else { "off" }));
    let off = || RwSignal::new(false);
    let switches = Switches { boxes, table: off(), events: off(), help: off() };
    let rest = Rest::expect();
    let remote = Remote::new();
    // From the first frame that is looked at on: what plays is there as well while none is.
    let is_viewed = Memo::new(move |before: Option<&bool>| {
        before == Some(&true) || remote.is_asked() || desk.viewed.with(|v| *v != Viewed::Nothing)
    });
    let (root, stage) = (NodeRef::<html::Section>::new(), NodeRef::<html::Div>::new());
    if let Some(on_view) = on_view {
        Effect::new(move |_| on_view.run((camera.get(), desk.viewed.with(Viewed::at))));
    }
    let words = move || {
        let hint = desk.load.get() == LoadState::Ready && desk.viewed.with(|v| *v == Viewed::Nothing);
        match desk.notice.get() {
            words if words.is_empty() && hint => "Click a bar to see the frame behind it.".to_owned(),
            words => words,
        }
    };
    listen(desk, remote, &Live::expect().bus(), switches, (root, reach));
    view! {
        <section class="history" node_ref=root aria-label="History of motion">
            {move || desk.kept.get().map(|until| view! { <p class="history-kept" role="status">{kept_words(until)}</p> })}
            <Strip desk stage />
            <div class="history-stage" node_ref=stage tabindex="0" role="group" aria-label="History chart. The arrow keys step through frames, the question mark shows all keys.">
                <Canvases desk at />
                <Covers desk />
            </div>
            <div class="history-caption">
                <p>{move || desk.facts.get().map(|f| caption(&f))}</p>
                <Show when=move || desk.busy.get()>
                    <p class="history-busy"><span class="history-wait"></span>"loading …"</p>
                </Show>
                <p class="history-notice" role="status" aria-live="polite">{words}</p>
            </div>
            <Toolbar desk switches />
            <Tools desk keeps=reach == Reach::Page />
            <Show when=move || switches.help.get()>
                <dl class="history-keys" aria-label="Keys">
                    {KEYS.iter().chain(more_keys).map(|&(key, what)| view! { <div><dt>{key}</dt><dd>{what}</dd></div> }).collect_view()}
                </dl>
            </Show>
            <Show when=move || is_viewed.get()>{rest.show(move |views| (views.viewer)(desk, remote, boxes))}</Show>
            <Show when=move || switches.events.get()>
                {rest.show(move |views| (views.events)(desk))}
            </Show>
            <Show when=move || switches.table.get()>
                {rest.show(move |views| (views.table)(desk))}
            </Show>
            {(reach == Reach::Page).then(|| rest.quietly(move |views| (views.stills)(desk)))}
        </section>
    }
}

/// Everything that listens beside the chart itself, for as long as the panel is on the page.
fn listen(
    desk: Desk,
    remote: Remote,
    bus: &LiveBus,
    switches: Switches,
    (root, reach): (NodeRef<html::Section>, Reach),
) {
    let heard = bus.listen(move |event| desk.live(event));
    let clock = Interval::new(1_000, move || {
        if !document().hidden() {
            desk.read(rtm2_app::chart::Chart::follows)
                .filter(|f| *f)
                .and_then(|_| desk.change(|c| c.tick(clock::now())));
        }
    });
    let keys = Listener::new(document().as_ref(), "keydown", move |event| {
        let (Some(root), Some(event)) = (root.try_get_untracked().flatten(), event.dyn_ref::<KeyboardEvent>()) else {
            return;
        };
        let target = event.target().and_then(|t| t.dyn_into::<Node>().ok());
        if keys::is_meant(reach, &root, target.as_ref()) && keys::pressed(desk, remote, switches, event) {
            event.prevent_default();
        }
    });
    let dark = window().match_media("(prefers-color-scheme: dark)").ok().flatten().map(|query| {
        Listener::new(query.as_ref(), "change", move |_| {
            desk.with_widget(Widget::recolour);
        })
    });
    let held = StoredValue::new_local(Some((heard, clock, keys, dark)));
    on_cleanup(move || {
        held.try_update_value(Option::take);
    });
}

/// The canvases. The chart begins once they are on the page, and ends with them.
#[component]
fn Canvases(
    desk: Desk,
    /// A frame to open at first.
    at: Option<Timestamp>,
) -> impl IntoView {
    let (bars, over, slider) =
        (NodeRef::<html::Canvas>::new(), NodeRef::<html::Canvas>::new(), NodeRef::<html::Canvas>::new());
    Effect::new(move |shown: Option<CameraId>| {
        let camera = desk.camera.get();
        first::keep_only(camera);
        let (Some(bars), Some(over), Some(slider)) = (bars.get(), over.get(), slider.get()) else { return camera };
        match shown {
            Some(before) if before == camera && desk.read(|_| ()).is_some() => {}
            Some(_) if desk.read(|_| ()).is_some() => desk.restart(),
            _ => match Widget::new(bars, over, slider, clock::now(), move |heard| desk.hear(heard)) {
                Some(widget) => {
                    desk.attach(widget);
                    desk.reload();
                    if let Some(at) = at {
                        desk.open_around(at);
                    }
                }
                None => desk.say("This browser cannot draw the chart; the table shows the same."),
            },
        }
        camera
    });
    let summary = move || desk.facts.get().map_or_else(|| "History chart".to_owned(), |f| summary(&f));
    view! {
        <div class="history-chart">
            <canvas class="history-bars" node_ref=bars role="img" aria-label=summary></canvas>
            <canvas class="history-over" node_ref=over aria-hidden="true"></canvas>
        </div>
        <canvas class="history-slider" node_ref=slider aria-hidden="true"></canvas>
    }
}

/// What lies over the chart while there is nothing on it.
#[component]
fn Covers(desk: Desk) -> impl IntoView {
    move || match desk.load.get() {
        LoadState::Ready => None,
        LoadState::Loading => Some(
            view! { <div class="history-cover"><span class="history-wait"></span><p>"Loading the history …"</p></div> }
                .into_any(),
        ),
        LoadState::Empty => Some(
            view! {
                <div class="history-cover">
                    <p>
                        <strong>"Nothing has moved yet."</strong>
                        <br />
                        "As soon as the camera sees motion, it shows here as bars."
                    </p>
                </div>
            }
            .into_any(),
        ),
        LoadState::Failed(why) => Some(
            view! {
                <div class="history-cover" role="alert">
                    <p><strong>"The history could not be loaded."</strong><br />{sentence(&why)}</p>
                    <button type="button" class="history-button" on:click=move |_| desk.reload()>"Try again"</button>
                </div>
            }
            .into_any(),
        ),
    }
}

/// An error's words as a sentence of their own.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_ascii_uppercase(), letters.as_str()))
}

fn caption(facts: &Facts) -> String {
    let (from, to) = (label(facts.view.from()), label(facts.view.to()));
    // The date is said once where both are on one day.
    let to = if from.get(..10) == to.get(..10) { to.get(11..).unwrap_or_default().to_owned() } else { to };
    let live = if facts.follows { " · follows live" } else { "" };
    format!("{from} – {to} · {}{live}", frames(facts.frames))
}

/// Said while the server is away.
fn kept_words(until: Timestamp) -> String {
    let until = label(until);
    // Seconds say nothing here.
    ["Offline: showing days cached until ", until.get(..16).unwrap_or(&until), ". Pictures are not kept."].concat()
}

fn frames(n: u64) -> String {
    if n == 1 { "1 frame".to_owned() } else { format!("{n} frames") }
}

fn summary(facts: &Facts) -> String {
    let spoken = |at: Timestamp| spoken_label(at, offset_minutes(at));
    format!(
        "Bar chart of motion from {} to {}: {} in {} bars of one {} each",
        spoken(facts.view.from()),
        spoken(facts.view.to()),
        frames(facts.frames),
        facts.columns,
        bucket_name(facts.bucket_us)
    )
}
