//! The product's mark: the corners of a picture around the bars of its history.

use leptos::prelude::*;

/// The mark alone.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path
                class="brand-frame"
                d="M3 10V5a2 2 0 0 1 2-2h5M22 3h5a2 2 0 0 1 2 2v5M29 22v5a2 2 0 0 1-2 2h-5M10 29H5a2 2 0 0 1-2-2v-5"
            />
            <path class="brand-bars" d="M10 21v-4M16 21V11M22 21v-7" />
        </svg>
    }
}

/// Mark and name, above a card.
#[component]
pub fn BrandHead() -> impl IntoView {
    view! { <p class="brand"><BrandMark /> <span>"rtm2"</span></p> }
}
