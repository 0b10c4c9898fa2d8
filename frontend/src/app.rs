//! Which frame is shown, and what all pages share.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::alarm::Alarm;
use crate::components::shell::Shell;
use crate::components::toast::{Toast, Toasts};
use crate::live::Live;
use crate::pages::login::LoginPage;
use crate::pages::not_found::NotFound;
use crate::rest::Rest;
use crate::route::{Page, Route};
use crate::session::{Auth, Session};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::new();
    let toasts = Toasts::new();
    let live = Live::new(session, toasts);
    let route = Route::follow();
    provide_context(session);
    provide_context(toasts);
    provide_context(live);
    provide_context(route);
    let rest = Rest::new();
    provide_context(rest);
    let alarm = Alarm::new(live);
    provide_context(alarm);
    spawn_local(session.check());
    // Socket and alarm live as long as somebody is logged in, whatever page is shown.
    let inside = Memo::new(move |_| matches!(session.auth(), Auth::In(_)));
    Effect::new(move |was: Option<bool>| {
        let is = inside.get();
        if is {
            live.start();
            alarm.enter();
        } else {
            live.stop();
            if was == Some(true) {
                alarm.leave();
            }
        }
        is
    });
    // The frame stays while the pages in it change.
    let frame = Memo::new(move |_| Some(route.page()).filter(|page| !page.is_inside()));
    view! {
        {move || match frame.get() {
            None => view! { <Shell /> }.into_any(),
            Some(Page::Login) => view! { <LoginPage /> }.into_any(),
            Some(Page::Setup) => rest.show(|views| (views.setup)()),
            Some(_) => view! { <NotFound /> }.into_any(),
        }}
        <Toast />
    }
}
