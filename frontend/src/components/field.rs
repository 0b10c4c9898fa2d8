//! A labelled input of a form.

use leptos::prelude::*;

/// What an input is for: decides its type and what password keepers do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The account to log in as.
    User,
    /// A name for a new account.
    NewUser,
    /// The password of an existing account.
    Password,
    /// A password being chosen.
    NewPassword,
    /// A one-time token.
    Token,
}

impl Purpose {
    fn kind(self) -> &'static str {
        match self {
            Self::Password | Self::NewPassword => "password",
            Self::User | Self::NewUser | Self::Token => "text",
        }
    }

    fn autocomplete(self) -> &'static str {
        match self {
            Self::User => "username",
            Self::Password => "current-password",
            Self::NewPassword => "new-password",
            Self::NewUser | Self::Token => "off",
        }
    }
}

/// A labelled input.
#[component]
pub fn Field(
    /// Its label.
    label: &'static str,
    /// Its id on the page, also its name.
    id: &'static str,
    /// What it is for.
    purpose: Purpose,
    /// What is typed.
    value: RwSignal<String>,
    /// A line of advice below it.
    #[prop(optional)]
    hint: Option<String>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let is_password = purpose.kind() == "password";
    let kind = move || if shown.get() { "text" } else { purpose.kind() };
    let hint_id = [id, "-hint"].concat();
    let described_by = hint.as_ref().map(|_| hint_id.clone());
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <div class="field-row">
                <input
                    id=id
                    name=id
                    type=kind
                    autocomplete=purpose.autocomplete()
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    aria-describedby=described_by
                    prop:value=move || value.get()
                    on:input=move |event| value.set(event_target_value(&event))
                />
                {is_password
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="text-button"
                                aria-pressed=move || shown.get().to_string()
                                aria-label=["Show ", &label.to_ascii_lowercase()].concat()
                                on:click=move |_| shown.update(|shown| *shown = !*shown)
                            >
                                {move || if shown.get() { "Hide" } else { "Show" }}
                            </button>
                        }
                    })}
            </div>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

/// What went wrong with a form; read out at once when it appears.
#[component]
pub fn FormError(
    /// The words, if something did.
    error: RwSignal<Option<String>>,
) -> impl IntoView {
    view! { <p class="form-error" role="alert">{move || error.get()}</p> }
}
