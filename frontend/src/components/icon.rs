//! The page's icons: lines in a square of 24 units, drawn for this project.

use leptos::prelude::*;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A lens: the live picture.
    Live,
    /// Bars: the history.
    History,
    /// A bell: the alarm.
    Alarm,
    /// Two sliders: the settings.
    Settings,
    /// Corners: full screen.
    Fill,
    /// An eye: who watches.
    Viewers,
    /// A cross: close.
    Close,
    /// An arrow onto a line: save.
    Save,
    /// An arrow out of a door: log out.
    LogOut,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Live => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
            Self::History => "M4 20h16M7 16v-4M12 16V5M17 16V9",
            Self::Alarm => "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
            Self::Settings => "M4 8h7M17 8h3M14 5v6M4 16h3M13 16h7M10 13v6",
            Self::Fill => "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
            Self::Viewers => {
                "M2.5 12C5 7.500 8.300 5.500 12 5.500S19 7.500 21.500 12C19 16.500 15.700 18.500 12 18.500S5 16.500 2.500 12M12 9.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600"
            }
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Save => "M12 4v11M7.500 10.500L12 15l4.500-4.500M5 20h14",
            Self::LogOut => "M10 4H5v16h5M15 8l4 4-4 4M19 12H9",
        }
    }
}

/// Draws an icon; its meaning must stand in text beside it or in the label of the button around it.
#[component]
pub fn Sign(
    /// Which one.
    icon: Icon,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path() />
        </svg>
    }
}
