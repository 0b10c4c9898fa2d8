//! One of a few: radio buttons drawn as a row of segments, with everything that browsers give radio buttons.

use leptos::prelude::*;

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment<T> {
    /// What it stands for.
    pub value: T,
    /// Its label.
    pub label: String,
    /// More about it, shown on hovering.
    pub hint: String,
    /// A class for a mark before the label.
    pub mark: Option<&'static str>,
}

/// A row of radio buttons.
#[component]
pub fn Choice<T>(
    /// What is being chosen, for screen readers.
    #[prop(into)]
    legend: String,
    /// The name that joins the buttons; unique on the page.
    name: &'static str,
    /// What can be chosen.
    #[prop(into)]
    segments: Signal<Vec<Segment<T>>>,
    /// What is chosen.
    #[prop(into)]
    chosen: Signal<T>,
    /// Called with what the user chooses.
    on_choose: impl Fn(T) + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let button = move |segment: Segment<T>| {
        let Segment { value, label, hint, mark } = segment;
        view! {
            <label class="segment" title=hint>
                <input type="radio" name=name prop:checked=move || chosen.get() == value on:change=move |_| on_choose(value) />
                <span class="segment-face">{mark.map(|mark| view! { <i class=mark></i> })} <span class="segment-text">{label}</span></span>
            </label>
        }
    };
    view! {
        <fieldset class="choice">
            <legend class="quiet-label">{legend}</legend>
            <div class="segments">{move || segments.get().into_iter().map(button).collect_view()}</div>
        </fieldset>
    }
}
