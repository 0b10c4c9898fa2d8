//! The frame being looked at: its own picture, which the live one never overwrites (B18), with boxes drawn over it.

use leptos::html;
use leptos::prelude::*;
use rtm2_app::chart::full_label;
use rtm2_app::{FrameInfo, Region, Timestamp};

use super::data;
use super::desk::{Desk, Viewed, label};
use super::player::Player;
use super::player_bar::PlayerBar;
use super::remote::{Remote, Wish};
use super::share::ShareButtons;
use crate::chart::offset_minutes;
use crate::components::icon::{Icon, Sign};

/// The viewer; nothing while no frame is looked at.
#[component]
pub fn Viewer(
    /// The history.
    desk: Desk,
    /// What the player is asked for.
    remote: Remote,
    /// Whether boxes are drawn.
    boxes: RwSignal<bool>,
) -> impl IntoView {
    let player = Player::new(desk);
    desk.hold_before_steps(Callback::new(move |()| player.stand_still()));
    Effect::new(move |_| match remote.take() {
        Some(Wish::Toggle) => player.toggle(),
        Some(Wish::Skip(step)) => player.skip(step),
        Some(Wish::Speed(step)) => player.shift_speed(step),
        None => {}
    });
    let is_open = Memo::new(move |_| desk.viewed.with(|v| *v != Viewed::Nothing));
    let frame = Memo::new(move |_| match desk.viewed.get() {
        Viewed::Frame(info) => Some(info),
        _ => None,
    });
    let has_frame = Memo::new(move |_| frame.with(Option::is_some));
    let now_at =
        move || player.shown.with(|shown| shown.as_ref().map(|f| f.at)).or_else(|| desk.viewed.with(Viewed::at));
    let root = NodeRef::<html::Section>::new();
    // The picture comes into view when the viewer opens, not with every frame after that.
    Effect::new(move |_| {
        if let (true, Some(root)) = (has_frame.get(), root.get()) {
            request_animation_frame(move || bring_into_view(&root));
        }
    });
    let head = move || {
        view! {
            <header class="frame-head">
                <h2 class="frame-time">{move || now_at().map(exact)}</h2>
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
        }
    };
    view! {
        <Show when=move || is_open.get()>
            <section class="frame-view" node_ref=root aria-label="Frame from the history">
                {move || {
                    if has_frame.get() {
                        view! {
                            <div class="frame-main">
                                <Picture desk player frame boxes />
                                <PlayerBar desk player />
                            </div>
                        }
                        .into_any()
                    } else {
                        desk.viewed.with(|v| words(desk, v)).into_any()
                    }
                }}
                <div class="frame-side">
                    {head()}
                    <Show when=move || has_frame.get()>
                        <Facts player frame boxes />
                    </Show>
                </div>
            </section>
        </Show>
    }
}

/// Scrolls just as far as is needed to see all of an element's lower end.
fn bring_into_view(element: &web_sys::Element) {
    let height = window().inner_height().ok().and_then(|h| h.as_f64()).unwrap_or(f64::INFINITY);
    if element.get_bounding_client_rect().bottom() > height {
        element.scroll_into_view_with_bool(false);
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
fn Picture(desk: Desk, player: Player, frame: Memo<Option<FrameInfo>>, boxes: RwSignal<bool>) -> impl IntoView {
    // Boxes are drawn only over the picture that they belong to, not over the one before it.
    let drawn = RwSignal::new(None::<Timestamp>);
    let large = RwSignal::new(false);
    let url = move || frame.get().map(|f| data::picture_url(f.camera, f.at));
    let at = move || frame.with_untracked(|f| f.as_ref().map(|f| f.at));
    let size = Memo::new(move |_| frame.with(|f| f.as_ref().map_or((4, 3), |f| (f.width.max(1), f.height.max(1)))));
    let shape = move || (f64::from(size.get().0) / f64::from(size.get().1)).to_string();
    let marks = move || {
        let played = player.shown.with(|f| f.as_ref().map(|f| f.boxes.clone()));
        let fresh = played.is_some() || frame.with(|f| f.as_ref().map(|f| f.at)) == drawn.get();
        let regions = played.unwrap_or_else(|| frame.with(|f| f.as_ref().map(|f| f.boxes.clone()).unwrap_or_default()));
        (fresh && boxes.get()).then(|| regions.into_iter().map(mark).collect_view())
    };
    let enlarge = move |event: web_sys::MouseEvent| {
        large.update(|l| *l = !*l);
        let stage = event_target::<web_sys::Element>(&event).parent_element();
        request_animation_frame(move || {
            if let Some(stage) = stage {
                bring_into_view(&stage);
            }
        });
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
                on:load=move |_| {
                    drawn.set(at());
                    player.uncover();
                }
                on:error=move |_| if let Some(at) = at() { desk.broken(at) }
                on:click=enlarge
            />
            // What is played lies over the picture, which comes back when it stands still.
            <canvas class="frame-picture frame-film" node_ref=player.canvas aria-hidden="true"></canvas>
            <svg class="frame-boxes" viewBox=move || format!("0 0 {} {}", size.get().0, size.get().1) aria-hidden="true">
                {marks}
            </svg>
        </div>
    }
}

/// What is known of the frame, and what can be done with it.
#[component]
fn Facts(player: Player, frame: Memo<Option<FrameInfo>>, boxes: RwSignal<bool>) -> impl IntoView {
    let url = move || frame.get().map(|f| data::picture_url(f.camera, f.at));
    view! {
        <ul class="frame-facts">{move || frame.with(|f| f.as_ref().map(facts))}</ul>
        <label class="frame-toggle">
            <input type="checkbox" prop:checked=move || boxes.get() on:change=move |e| boxes.set(event_target_checked(&e)) />
            "Boxes around what moved"
        </label>
        <ShareButtons frame player />
        <p class="frame-links">
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

fn facts(frame: &FrameInfo) -> impl IntoView + use<> {
    let regions = match frame.boxes.len() {
        1 => "1 region moved".to_owned(),
        n => format!("{n} regions moved"),
    };
    [
        format!("{regions}, score {}", frame.score),
        format!("{} × {} pixels, {:.1} kB", frame.width, frame.height, f64::from(frame.bytes) / 1_000.0),
        format!("{} ms since 1970", frame.at.millis()),
    ]
    .map(|line| view! { <li>{line}</li> })
    .collect_view()
}
