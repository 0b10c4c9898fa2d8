//! Handing the frame being looked at to somebody else.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::FrameInfo;

use super::clip::ClipButton;
use super::data;
use super::parts::button;
use super::player::Player;
use crate::components::toast::Toasts;
use crate::sys::share::{can_share, copy, share};

/// Buttons that copy the frame's address, give it to what the device shares with, or make a clip of its event.
#[component]
pub fn ShareButtons(
    /// The frame.
    frame: Memo<Option<FrameInfo>>,
    /// Knows its event.
    player: Player,
) -> impl IntoView {
    let toasts = Toasts::expect();
    let address = move || {
        let path = frame.with_untracked(|f| f.as_ref().map(|f| data::link(f.camera, f.at)))?;
        Some(window().location().origin().ok()? + &path)
    };
    let on_copy = move || {
        let Some(address) = address() else { return };
        spawn_local(async move {
            toasts.say(match copy(&address).await {
                Ok(()) => "The link is on the clipboard.".to_owned(),
                Err(why) => format!("The link could not be copied: {why}. It is {address}"),
            });
        });
    };
    let on_share = move || {
        let Some(address) = address() else { return };
        // What went wrong, or was thought better of, the device has shown already.
        spawn_local(async move {
            let _ = share("rtm2", &address).await;
        });
    };
    view! {
        <p class="frame-links">
            {button("Copy link", "The address that opens exactly this frame", on_copy)}
            {can_share().then(|| button("Share …", "The address, by what this device shares with", on_share))}
            <ClipButton player />
        </p>
    }
}
