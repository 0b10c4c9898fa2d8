//! Which page the address asks for, and links between pages that load nothing anew.
//!
//! A handful of fixed addresses needs no router: leptos's own, with nested and patterned routes, was 43 kB of what a
//! first visit loads.

use leptos::ev::{click, popstate};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

/// A page of this app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// `/`
    Live,
    /// `/history`
    History,
    /// `/alarm`
    Alarm,
    /// `/readiness`
    Readiness,
    /// `/settings`
    Settings,
    /// `/login`
    Login,
    /// `/setup`
    Setup,
    /// Any other address.
    Unknown,
}

impl Page {
    /// The page of an address's path.
    pub fn of(path: &str) -> Self {
        match path.trim_end_matches('/') {
            "" => Self::Live,
            "/history" => Self::History,
            "/alarm" => Self::Alarm,
            "/readiness" => Self::Readiness,
            "/settings" => Self::Settings,
            "/login" => Self::Login,
            "/setup" => Self::Setup,
            _ => Self::Unknown,
        }
    }

    /// Whether the page is behind the login, in the frame that such pages share.
    pub fn is_inside(self) -> bool {
        !matches!(self, Self::Login | Self::Setup | Self::Unknown)
    }
}

/// What becomes of the address so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The browser's way back leads to it.
    Push,
    /// It is forgotten.
    Replace,
}

/// The page's address, shared as context.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    page: RwSignal<Page>,
}

impl Route {
    /// Follows the address of the window from now on: links that are clicked and the browser's way back and forth.
    pub fn follow() -> Self {
        let route = Self { page: RwSignal::new(Page::of(&pathname())) };
        // Both end with the page.
        window_event_listener(popstate, move |_| route.look());
        window_event_listener(click, move |event| route.clicked(&event));
        route
    }

    /// The route of the page.
    pub fn expect() -> Self {
        expect_context()
    }

    /// The page that is asked for, tracked.
    pub fn page(self) -> Page {
        self.page.get()
    }

    /// Goes to an address of ours.
    pub fn go(self, address: &str, step: Step) {
        let Ok(history) = window().history() else { return };
        let done = match step {
            Step::Push => history.push_state_with_url(&JsValue::NULL, "", Some(address)),
            Step::Replace => history.replace_state_with_url(&JsValue::NULL, "", Some(address)),
        };
        // Refused only when asked too often.
        if done.is_ok() {
            self.look();
        }
    }

    fn look(self) {
        let page = Page::of(&pathname());
        if self.page.get_untracked() != page {
            self.page.set(page);
        }
    }

    /// Follows a link to a page of ours; whatever else was clicked is the browser's.
    fn clicked(self, event: &MouseEvent) {
        let with_key = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || with_key {
            return;
        }
        let on = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(link) = on.and_then(|on| on.closest("a[href]").ok().flatten()) else { return };
        let Ok(link) = link.dyn_into::<HtmlAnchorElement>() else { return };
        let location = window().location();
        let elsewhere = location.origin().is_ok_and(|origin| origin != link.origin());
        let own_window = link.target().is_empty() && !link.has_attribute("download");
        let page = Page::of(&link.pathname());
        // A mark within the page, such as what skips the navigation; or the same page with something else to show.
        let same = page == self.page.get_untracked();
        let within = same && (!link.hash().is_empty() || location.search().is_ok_and(|now| now != link.search()));
        if elsewhere || !own_window || within || page == Page::Unknown {
            return;
        }
        event.prevent_default();
        if !same {
            self.go(&[link.pathname(), link.search(), link.hash()].concat(), Step::Push);
        }
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

fn pathname() -> String {
    window().location().pathname().unwrap_or_default()
}

/// A value from the address's query, decoded.
pub fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// A link of the navigation, marked while its page is shown.
#[component]
pub fn NavLink(
    /// Path of the page.
    href: &'static str,
    /// What is shown.
    children: Children,
) -> impl IntoView {
    let route = Route::expect();
    let current = move || (route.page() == Page::of(href)).then_some("page");
    view! {
        <a href=href aria-current=current>
            {children()}
        </a>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_pages() {
        assert_eq!([Page::of("/"), Page::of(""), Page::of("/history/")], [Page::Live, Page::Live, Page::History]);
        assert_eq!([Page::of("/historyx"), Page::of("/a/b")], [Page::Unknown, Page::Unknown]);
        assert!(Page::Settings.is_inside() && !Page::Login.is_inside() && !Page::Unknown.is_inside());
    }
}
