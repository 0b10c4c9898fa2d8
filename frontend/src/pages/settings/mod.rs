//! Settings: one's own account and devices, other accounts for admins, and facts about the server.

pub mod about;
pub mod account;
pub mod accounts;
pub mod device_filters;
pub mod devices;
pub mod room;

use leptos::prelude::*;

use self::about::About;
use self::account::OwnAccount;
use self::accounts::Accounts;
use self::devices::OwnDevices;
use self::room::Recordings;
use crate::session::Session;
use crate::sys::page;

/// The page `/settings`.
#[component]
pub fn SettingsPage() -> impl IntoView {
    page::set_title("Settings · rtm2");
    let session = Session::expect();
    view! {
        <div class="column">
            <h1>"Settings"</h1>
            <OwnAccount />
            <OwnDevices />
            <Show when=move || session.is_admin()>
                <Accounts />
            </Show>
            <Recordings />
            <About />
        </div>
    }
}
