//! One of a few: radio buttons drawn as a row of segments, with everything that browsers give radio buttons.

use std::sync::Arc;

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
    legend: &'static str,
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
    let is_chosen = move |place: usize| {
        let chosen = chosen.get();
        segments.with(|segments| segments.get(place).is_some_and(|segment| segment.value == chosen))
    };
    let choose = move |place: usize| {
        if let Some(segment) = segments.with_untracked(|segments| segments.get(place).map(|segment| segment.value)) {
            on_choose(segment);
        }
    };
    let faces = move || {
        segments.with(|segments| segments.iter().map(|s| (s.label.clone(), s.hint.clone(), s.mark)).collect::<Vec<_>>())
    };
    row(legend, name, Arc::new(faces), Arc::new(is_chosen), Arc::new(choose))
}

/// Label, hint and mark of each button.
type Faces = Vec<(String, String, Option<&'static str>)>;

/// The row, whatever is chosen in it: one piece of code for all kinds of values.
fn row(
    legend: &'static str,
    name: &'static str,
    faces: Arc<dyn Fn() -> Faces + Send + Sync>,
    is_chosen: Arc<dyn Fn(usize) -> bool + Send + Sync>,
    choose: Arc<dyn Fn(usize) + Send + Sync>,
) -> AnyView {
    let button = move |(place, (label, hint, mark)): (usize, (String, String, Option<&'static str>))| {
        let (is_chosen, choose) = (Arc::clone(&is_chosen), Arc::clone(&choose));
        view! {
            <label class="segment" title=hint>
                <input type="radio" name=name prop:checked=move || is_chosen(place) on:change=move |_| choose(place) />
                <span class="segment-face">{mark.map(|mark| view! { <i class=mark></i> })} <span class="segment-text">{label}</span></span>
            </label>
        }
    };
    view! {
        <fieldset class="choice">
            <legend class="quiet-label">{legend}</legend>
            <div class="segments">{move || faces().into_iter().enumerate().map(&button).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}
