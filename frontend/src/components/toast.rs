//! Short notices that go away by themselves.

use leptos::prelude::*;

use crate::sys::timer::Timeout;

/// How long a notice stays, in milliseconds.
const STAYS_MS: u32 = 6_000;

/// Shows notices; shared as context.
#[derive(Clone, Copy)]
pub struct Toasts {
    text: RwSignal<Option<String>>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Toasts {
    /// Nothing to say yet.
    pub fn new() -> Self {
        Self { text: RwSignal::new(None), timer: StoredValue::new_local(None) }
    }

    /// The notices of the page.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Shows `text` in place of the notice before.
    pub fn say(self, text: impl Into<String>) {
        self.text.set(Some(text.into()));
        let timer = Timeout::new(STAYS_MS, move || self.text.set(None));
        self.timer.set_value(Some(timer));
    }
}

impl Default for Toasts {
    fn default() -> Self {
        Self::new()
    }
}

/// Where notices appear.
#[component]
pub fn Toast() -> impl IntoView {
    let toasts = Toasts::expect();
    view! {
        <div class="toast" role="status" aria-live="polite" class:toast-on=move || toasts.text.with(Option::is_some)>
            {move || toasts.text.get()}
        </div>
    }
}
