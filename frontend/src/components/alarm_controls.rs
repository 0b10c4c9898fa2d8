//! The few kinds of controls that the alarm's pages are made of. Plain values in, drawn anew as a whole: what did not
//! change stays as it is in the document.

use leptos::prelude::*;

use crate::alarm::Alarm;
use crate::alarm::act::{Act, Switch};
use crate::alarm::state::State;
use crate::components::status_pill::tone_class;

/// A button that does something about the alarm. `name` is what it is called where the label alone says too little.
pub fn button(label: &str, name: &str, class: &'static str, act: Option<Act>) -> AnyView {
    let alarm = Alarm::expect();
    let name = (!name.is_empty()).then(|| [label, ": ", name].concat());
    let run = move |_| {
        if let Some(act) = act {
            alarm.act(act);
        }
    };
    view! {
        <button type="button" class=class aria-label=name disabled=act.is_none() on:click=run>
            {label.to_owned()}
        </button>
    }
    .into_any()
}

/// Something to switch on and off.
pub fn switch(label: String, switch: Switch, on: bool) -> AnyView {
    let alarm = Alarm::expect();
    view! {
        <label class="switch">
            <input type="checkbox" role="switch" prop:checked=on on:change=move |_| alarm.turn(&switch) />
            <span class="switch-track" aria-hidden="true"></span>
            <span>{label}</span>
        </label>
    }
    .into_any()
}

/// A line of a list: something, how far it works, and a button.
pub fn line(head: AnyView, state: &State, end: Option<AnyView>) -> AnyView {
    let why = if state.why.is_empty() { String::new() } else { [": ", &state.why].concat() };
    view! {
        <li class="row">
            <div class="row-main">
                {head}
                <p class="state-line">
                    <i class=tone_class(state.tone())></i>
                    <span><strong>{state.text()}</strong> {why}</span>
                </p>
            </div>
            {end}
        </li>
    }
    .into_any()
}
