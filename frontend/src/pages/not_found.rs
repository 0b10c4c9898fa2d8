//! What an unknown address shows.

use leptos::prelude::*;

use crate::sys::page;

/// Nothing is here.
#[component]
pub fn NotFound() -> impl IntoView {
    page::set_title("Not found · rtm2");
    view! {
        <main class="card-page">
            <section class="card">
                <p class="big-figure" aria-hidden="true">"404"</p>
                <h1>"Nothing here"</h1>
                <p class="quiet">"This address leads to no page. The link may be old, or mistyped."</p>
                <a href="/" class="button button-main">"To the live picture"</a>
            </section>
        </main>
    }
}
