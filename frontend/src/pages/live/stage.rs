//! The picture with everything that lies over it.

use leptos::html;
use leptos::prelude::*;
use rtm2_app::link::{Link, Status};
use rtm2_app::{CameraState, Mode};

use super::MarkSwitches;
use super::statistics::Statistics;
use crate::components::icon::{Icon, Sign};
use crate::components::toast::Toasts;
use crate::live::{Live, Painter};
use crate::sys::listen::WindowListener;
use crate::sys::screen;

/// Words over the picture, or in place of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is the matter.
    pub title: String,
    /// More about it.
    pub more: String,
}

/// What to say over the picture; `None` while it speaks for itself.
pub fn note(
    link: Link,
    camera: Option<&CameraState>,
    mode: Mode,
    status: &Status,
    has_picture: HasPicture,
) -> Option<Note> {
    let say = |title: &str, more: &str| Some(Note { title: title.to_owned(), more: more.to_owned() });
    let detail = status.detail.as_deref().unwrap_or_default();
    match (link, camera, mode) {
        (Link::Connecting, ..) => say("Connecting…", ""),
        (Link::Open, Some(CameraState::Live), Mode::Off) => {
            say("Pictures are off", "Motion still shows below, in the history.")
        }
        (Link::Open, Some(CameraState::Live), _) if has_picture == HasPicture::Yes => None,
        (Link::Open, Some(CameraState::Live), Mode::Motion) => {
            say("Waiting for something to move…", "A picture appears as soon as something does.")
        }
        (Link::Open, Some(CameraState::Live), Mode::Live) => say("Waiting for the first picture…", ""),
        (Link::Open, Some(CameraState::Starting), _) => say("Opening the camera…", ""),
        (Link::Open, None, _) => say("No camera", "The server has none configured."),
        _ => Some(Note { title: capital(&status.text), more: capital(detail) }),
    }
}

/// Whether a picture is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HasPicture {
    /// It is.
    Yes,
    /// None came yet.
    No,
}

/// The same with a capital letter.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| std::iter::once(first.to_ascii_uppercase()).chain(chars).collect())
}

/// The picture.
#[component]
pub fn Stage(
    /// What lies over it.
    marks: MarkSwitches,
) -> impl IntoView {
    let live = Live::expect();
    let (picture, overlay) = (NodeRef::<html::Canvas>::new(), NodeRef::<html::Canvas>::new());
    mount_painter(live, marks, picture, overlay);

    let figure = NodeRef::<html::Figure>::new();
    let ratio = move || live.picture.get().map_or(4.0 / 3.0, |(w, h)| f64::from(w) / f64::from(h.max(1)));
    let moving = Memo::new(move |_| live.moving(live.camera.get()));
    let name = Memo::new(move |_| live.camera_info().map(|camera| camera.name));
    let demo = Memo::new(move |_| live.camera_info().is_some_and(|camera| camera.demo));
    let label = move || ["Live picture of ", &name.get().unwrap_or_else(|| "the camera".to_owned())].concat();
    let fill = move |_| {
        if let Some(figure) = figure.get_untracked() {
            screen::toggle_fill(&figure);
        }
    };
    view! {
        <figure class="stage" node_ref=figure class:stage-moving=move || moving.get()>
            <div class="stage-view" style=("--ratio", move || ratio().to_string())>
                <canvas class="picture" node_ref=picture role="img" aria-label=label data-testid="picture"></canvas>
                <canvas class="overlay" node_ref=overlay aria-hidden="true"></canvas>
            </div>
            <StageNote />
            <Show when=move || marks.statistics.get()>
                <Statistics />
            </Show>
            <div class="stage-top">
                {move || name.get().map(|name| view! { <span class="plate plate-name">{name}</span> })}
                {move || demo.get().then(|| view! { <span class="plate plate-demo" title="Generated, not a camera">"DEMO"</span> })}
                <span class="plate plate-motion" data-testid="motion" class:plate-on=move || moving.get() aria-hidden="true">
                    <i></i>
                    "motion now"
                </span>
            </div>
            {screen::can_fill()
                .then(|| {
                    view! {
                        <button type="button" class="icon-button stage-fill" aria-label="Full screen" title="Full screen" on:click=fill>
                            <Sign icon=Icon::Fill />
                        </button>
                    }
                })}
            <p class="unseen" role="status" aria-live="polite">{move || moving.get().then_some("motion now")}</p>
        </figure>
    }
}

/// What the picture cannot say itself.
#[component]
fn StageNote() -> impl IntoView {
    let live = Live::expect();
    let text = Memo::new(move |_| {
        let has_picture = if live.picture.with(Option::is_some) { HasPicture::Yes } else { HasPicture::No };
        let info = live.camera_info();
        let state = info.as_ref().map(|camera| &camera.state);
        note(live.link.get(), state, live.mode.get(), &live.status(), has_picture)
    });
    move || {
        text.get().map(|Note { title, more }| {
            let over = live.picture.with(Option::is_some);
            view! {
                <div class="note" class:note-over=over data-testid="note">
                    <p class="note-title">{title}</p>
                    <p class="note-more">{more}</p>
                </div>
            }
        })
    }
}

/// Paints on the two canvases as long as they are on the page.
fn mount_painter(live: Live, marks: MarkSwitches, picture: NodeRef<html::Canvas>, overlay: NodeRef<html::Canvas>) {
    let toasts = Toasts::expect();
    let painter = StoredValue::new_local(None::<(Painter, WindowListener)>);
    Effect::new(move |_| {
        let (Some(picture), Some(overlay)) = (picture.get(), overlay.get()) else { return };
        let Some(fresh) = Painter::new(picture, overlay, untrack(|| marks.get())) else {
            return toasts.say("This browser gives no canvas to paint on.");
        };
        live.watch(fresh.clone());
        let again = fresh.clone();
        let resized = WindowListener::new("resize", move || again.redraw_marks());
        painter.set_value(Some((fresh, resized)));
    });
    Effect::new(move |_| {
        let marks = marks.get();
        painter.with_value(|painter| {
            if let Some((painter, _)) = painter {
                painter.set_marks(marks);
            }
        });
    });
    on_cleanup(move || live.unwatch());
}
