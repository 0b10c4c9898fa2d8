//! The chart's colours, which the style sheet decides.

use leptos::prelude::window;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

/// Colours and fonts as CSS writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Behind the chart; used for saved pictures.
    pub back: String,
    /// Bars.
    pub bar: String,
    /// Bars, or parts of them, that do not pass.
    pub failed: String,
    /// Bars of the slider.
    pub faint_bar: String,
    /// Axes.
    pub axis: String,
    /// Lines across the chart.
    pub grid: String,
    /// Labels.
    pub text: String,
    /// The line at the frame being looked at.
    pub marker: String,
    /// Writing on the marker's label.
    pub on_marker: String,
    /// The column under the pointer.
    pub hover: String,
    /// Behind the tooltip.
    pub tip: String,
    /// Writing in the tooltip.
    pub on_tip: String,
    /// The slider's window and the zoom box.
    pub window: String,
    /// Fonts of labels.
    pub font: String,
}

impl Theme {
    /// Reads the colours that hold for `element`. Each is the computed `color` of a probe whose colour is the token, so
    /// that whatever CSS can express becomes something that a canvas understands.
    pub fn read(element: &Element) -> Option<Self> {
        let document = element.owner_document()?;
        let probe: HtmlElement = document.create_element("span").ok()?.unchecked_into();
        probe.set_hidden(true);
        element.append_child(&probe).ok()?;
        let style = window().get_computed_style(&probe).ok()??;
        let read = |token: &str, fallback: &str| {
            // A property that the browser refuses leaves the inherited colour, which can be read too.
            let _ = probe.style().set_property("color", &format!("var(--chart-{token}, {fallback})"));
            style.get_property_value("color").ok().filter(|c| !c.is_empty()).unwrap_or_else(|| fallback.to_owned())
        };
        let theme = Self {
            back: read("back", "#fff"),
            bar: read("bar", "#d3231b"),
            failed: read("failed", "#c9cfcc"),
            faint_bar: read("faint-bar", "#e5867f"),
            axis: read("axis", "#8a8a8a"),
            grid: read("grid", "#e4e4e4"),
            text: read("text", "#555"),
            marker: read("marker", "#1a62d6"),
            on_marker: read("on-marker", "#fff"),
            hover: read("hover", "rgb(0 0 0 / 10%)"),
            tip: read("tip", "#222"),
            on_tip: read("on-tip", "#fff"),
            window: read("window", "rgb(26 98 214 / 16%)"),
            font: style.get_property_value("font-family").ok().filter(|f| !f.is_empty()).unwrap_or("sans-serif".into()),
        };
        probe.remove();
        Some(theme)
    }

    /// A font for labels of `px` pixels.
    pub fn font(&self, px: u32) -> String {
        format!("{px}px {}", self.font)
    }
}
