//! Small parts that the history's views share. What differs between them is boxed: each of Leptos's types weighs some
//! kilobytes of the page.

use leptos::prelude::*;

/// Words, or something else, that change with what is looked at.
pub(super) type Changing<T> = Box<dyn FnMut() -> T + Send>;

/// What changes, without a type of its own.
pub(super) fn changing<T: 'static>(look: impl FnMut() -> T + Send + 'static) -> Changing<T> {
    Box::new(look)
}

/// A button with a name and more about it, shown on hovering.
pub(super) fn button(name: &'static str, title: &'static str, press: impl Fn() + 'static) -> AnyView {
    any_button("history-button", None, name, title, Box::new(press))
}

/// A button with a drawing, whose name is only read out.
pub(super) fn drawn(
    path: &'static str,
    name: &'static str,
    title: &'static str,
    press: impl Fn() + 'static,
) -> AnyView {
    any_button("player-button", Some(path), name, title, Box::new(press))
}

fn any_button(
    class: &'static str,
    path: Option<&'static str>,
    name: &'static str,
    title: &'static str,
    press: Box<dyn Fn()>,
) -> AnyView {
    let face = match path {
        Some(path) => drawing(changing(move || path)),
        None => name.into_any(),
    };
    view! {
        <button type="button" class=class aria-label=path.map(|_| name) title=title on:click=move |_| press()>
            {face}
        </button>
    }
    .into_any()
}

/// A button that is pressed or not.
pub(super) fn pressed(
    name: String,
    title: &'static str,
    mut is_on: Changing<bool>,
    press: impl Fn() + 'static,
) -> AnyView {
    let press: Box<dyn Fn()> = Box::new(press);
    view! {
        <button
            type="button"
            class="history-button"
            title=title
            aria-pressed=move || is_on().to_string()
            on:click=move |_| press()
        >
            {name}
        </button>
    }
    .into_any()
}

/// A drawing of lines in a square of 24 units.
pub(super) fn drawing(path: Changing<&'static str>) -> AnyView {
    view! {
        <svg class="history-glyph" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=path />
        </svg>
    }
    .into_any()
}

/// A paragraph of words that change, which screen readers read out if it has a role.
pub(super) fn words(class: &'static str, role: Option<&'static str>, words: Changing<String>) -> AnyView {
    view! { <p class=class role=role>{words}</p> }.into_any()
}
