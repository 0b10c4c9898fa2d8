//! The frame being looked at: its own picture, which the live one never overwrites (B18), with boxes drawn over it.

use leptos::prelude::*;
use rtm2_app::chart::full_label;
use rtm2_app::{FrameInfo, Region, Timestamp};

use super::data;
use super::desk::{Desk, Viewed, label};
use crate::chart::offset_minutes;
use crate::components::icon::{Icon, Sign};

/// The viewer; nothing while no frame is looked at.
#[component]
pub fn Viewer(
    /// The history.
    desk: Desk,
    /// Whether boxes are drawn.
    boxes: RwSignal<bool>,
) -> impl IntoView {
    let is_open = Memo::new(move |_| desk.viewed.with(|v| *v != Viewed::Nothing));
    let frame = Memo::new(move |_| match desk.viewed.get() {
        Viewed::Frame(info) => Some(info),
        _ => None,
    });
    view! {
        <Show when=move || is_open.get()>
            <section class="frame-view" aria-label="Frame from the history">
                <header class="frame-head">
                    <h2 class="frame-time">{move || desk.viewed.with(Viewed::at).map(exact)}</h2>
                    <button
                        type="button"
                        class="icon-button"
                        aria-label="Close the frame"
                        title="Close the frame (Esc)"
                        on:click=move |_| desk.close()
                    >
                        <Sign icon=Icon::Close />
                    </button>
                </header>
                {move || match frame.get().is_some() {
                    true => view! { <Picture desk frame boxes /> }.into_any(),
                    false => desk.viewed.with(|v| words(desk, v)).into_any(),
                }}
            </section>
        </Show>
    }
}

/// Date and time to the millisecond, and its zone.
fn exact(at: Timestamp) -> String {
    let minutes = offset_minutes(at);
    let sign = if minutes < 0 { '−' } else { '+' };
    let (hours, minutes_over) = (minutes.abs() / 60, minutes.abs() % 60);
    format!("{} (UTC{sign}{hours}:{minutes_over:02})", full_label(at, minutes))
}

/// What is said where there is no picture.
fn words(desk: Desk, viewed: &Viewed) -> impl IntoView + use<> {
    match viewed {
        Viewed::Gone(at, nearest) => {
            let at = *at;
            let nearest = nearest.clone().map(|frame| {
                let text = format!("Show the nearest one, {}", label(frame.at));
                view! {
                    <button type="button" class="history-button" on:click=move |_| desk.show(frame.clone())>
                        {text}
                    </button>
                }
            });
            view! {
                <div class="frame-words">
                    <p>
                        <strong>"This frame is gone."</strong>
                        {format!(" The picture of {} is not stored any more; old frames make room for new ones.", label(at))}
                    </p>
                    {nearest}
                </div>
            }
            .into_any()
        }
        Viewed::Failed(at, why) => {
            let at = *at;
            view! {
                <div class="frame-words">
                    <p>{format!("The frame could not be shown: {why}.")}</p>
                    <button type="button" class="history-button" on:click=move |_| desk.open(at)>"Try again"</button>
                </div>
            }
            .into_any()
        }
        _ => {
            view! { <div class="frame-words"><span class="history-wait"></span>"Loading the frame …"</div> }.into_any()
        }
    }
}

/// The picture with its boxes and what is known of it.
#[component]
fn Picture(desk: Desk, frame: Memo<Option<FrameInfo>>, boxes: RwSignal<bool>) -> impl IntoView {
    // Boxes are drawn only over the picture that they belong to, not over the one before it.
    let drawn = RwSignal::new(None::<Timestamp>);
    let large = RwSignal::new(false);
    let url = move || frame.get().map(|f| data::picture_url(f.camera, f.at));
    let at = move || frame.with_untracked(|f| f.as_ref().map(|f| f.at));
    let size = Memo::new(move |_| frame.with(|f| f.as_ref().map_or((4, 3), |f| (f.width.max(1), f.height.max(1)))));
    let shape = move || (f64::from(size.get().0) / f64::from(size.get().1)).to_string();
    let marks = move || {
        let fresh = frame.with(|f| f.as_ref().map(|f| f.at)) == drawn.get();
        let regions = frame.with(|f| f.as_ref().map(|f| f.boxes.clone()).unwrap_or_default());
        (fresh && boxes.get()).then(|| regions.into_iter().map(mark).collect_view())
    };
    view! {
        <div
            class="frame-stage"
            class:is-large=move || large.get()
            style:aspect-ratio=shape
            style=("--frame-shape", shape)
        >
            <img
                class="frame-picture"
                src=url
                alt=move || frame.with(|f| f.as_ref().map(|f| format!("Stored frame of {}", label(f.at))))
                on:load=move |_| drawn.set(at())
                on:error=move |_| if let Some(at) = at() { desk.broken(at) }
                on:click=move |_| large.update(|l| *l = !*l)
            />
            <svg class="frame-boxes" viewBox=move || format!("0 0 {} {}", size.get().0, size.get().1) aria-hidden="true">
                {marks}
            </svg>
        </div>
        <p class="frame-facts">
            <span>{move || frame.with(|f| f.as_ref().map(facts))}</span>
            <label class="frame-toggle">
                <input type="checkbox" prop:checked=move || boxes.get() on:change=move |e| boxes.set(event_target_checked(&e)) />
                "Boxes"
            </label>
            <a href=move || frame.with(|f| f.as_ref().map(|f| data::link(f.camera, f.at)))>"Link to this frame"</a>
            <a
                href=url
                rel="external"
                download=move || frame.with(|f| f.as_ref().map(|f| format!("frame-{}-{}.jpg", f.camera, f.at.millis())))
            >
                "Save picture"
            </a>
        </p>
    }
}

fn mark(region: Region) -> impl IntoView {
    let Region { x, y, w, h, .. } = region;
    view! { <rect x=x.to_string() y=y.to_string() width=w.to_string() height=h.to_string() /> }
}

fn facts(frame: &FrameInfo) -> String {
    let regions = match frame.boxes.len() {
        1 => "1 region moved".to_owned(),
        n => format!("{n} regions moved"),
    };
    let kilobytes = f64::from(frame.bytes) / 1_000.0;
    format!(
        "{} ms · {}×{} · {kilobytes:.1} kB · {regions} · score {}",
        frame.at.millis(),
        frame.width,
        frame.height,
        frame.score
    )
}
