//! The first chart as HTML and SVG: the head of the page, bars, axes and slider where the page will paint its own. It is drawn
//! for two widths of windows, of which the style sheet shows one, and stretched to what the window has.

use std::fmt::Write as _;

use rtm2_app::Timestamp;
use rtm2_app::chart::{
    Chart, Column, Plot, Scale, TICK_GAP, axis_name, bucket_name, column_width, handles, short_count, spoken_label,
    ticks, track_width,
};

use super::look::Look;

/// A size that the chart is drawn for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// What shows it.
    class: &'static str,
    /// Width of the canvas in CSS pixels.
    pub(super) width: f64,
    /// Its height.
    height: f64,
}

/// Windows as wide as the page gets.
pub(super) const WIDE: Size = Size { class: "first-wide", width: 1198.0, height: 300.0 };
/// Phones.
const NARROW: Size = Size { class: "first-narrow", width: 356.0, height: 253.0 };
/// Steps on the y axis: a stretched drawing has no pixels of its own.
const STEPS: f64 = 1_000.0;
/// Height of the slider in CSS pixels.
const SLIDER: f64 = 44.0;
/// Width of a label's letter in CSS pixels, about.
const LETTER: f64 = 6.4;

impl Size {
    /// Where its bars are.
    pub(super) fn plot(self) -> Plot {
        Plot::within((self.width, self.height))
    }
}

/// What goes to the start of the document's body.
pub(super) fn document(mut chart: Chart, look: &Look) -> String {
    let mut html = format!("<div id=\"first\" data-camera=\"{}\">{HEAD}", look.camera);
    html.push_str("<div class=\"first-main\"><div class=\"first-stage\">");
    for size in [WIDE, NARROW] {
        chart.resize(size.plot().width);
        bars(&mut html, &chart, size, look.zone);
    }
    html.push_str("<div class=\"first-slider\">");
    for size in [WIDE, NARROW] {
        slider(&mut html, &chart, size);
    }
    html.push_str("</div></div></div></div>");
    html
}

/// The page's head as it looks before anything is known (`frontend/src/components/shell.rs`).
const HEAD: &str = concat!(
    "<div class=\"top\" aria-hidden=\"true\"><span class=\"brand\"><svg class=\"brand-mark\" viewBox=\"0 0 32 32\">",
    "<path class=\"brand-frame\" d=\"M3 10V5a2 2 0 0 1 2-2h5M22 3h5a2 2 0 0 1 2 2v5M29 22v5a2 2 0 0 1-2 2h-5",
    "M10 29H5a2 2 0 0 1-2-2v-5\"/><path class=\"brand-bars\" d=\"M10 21v-4M16 21V11M22 21v-7\"/></svg>",
    "<span>rtm2</span></span><div class=\"nav\">",
    "<a><svg class=\"icon\" viewBox=\"0 0 24 24\">",
    "<path d=\"M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6\"/></svg> <span>Live</span></a>",
    "<a aria-current=\"page\"><svg class=\"icon\" viewBox=\"0 0 24 24\">",
    "<path d=\"M4 20h16M7 16v-4M12 16V5M17 16V9\"/></svg> <span>History</span></a>",
    "<a><svg class=\"icon\" viewBox=\"0 0 24 24\">",
    "<path d=\"M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4\"/></svg> <span>Alarm</span></a>",
    "<a><svg class=\"icon\" viewBox=\"0 0 24 24\">",
    "<path d=\"M4 8h7M17 8h3M14 5v6M4 16h3M13 16h7M10 13v6\"/></svg> <span>Settings</span></a></div></div>",
);

/// Bars and axes.
fn bars(html: &mut String, chart: &Chart, size: Size, zone: Option<i32>) {
    let (plot, columns) = (size.plot(), chart.columns());
    let scale = Chart::scale(&columns);
    let summary = summary(chart, &columns, zone.unwrap_or(0));
    let _ = write!(html, "<div class=\"first-chart {}\" role=\"img\" aria-label=\"{summary}\">", size.class);
    let _ =
        write!(html, "<svg class=\"first-bars\" viewBox=\"0 0 {} {STEPS}\" preserveAspectRatio=\"none\">", plot.width);
    html.push_str("<path class=\"first-grid\" d=\"");
    for mark in scale.marks().into_iter().filter(|mark| *mark > 0) {
        let _ = write!(html, "M0 {}H{}", height(mark, scale, STEPS), plot.width);
    }
    html.push_str("\"/><path class=\"first-bar\" d=\"");
    let least = STEPS * 1.5 / plot.height;
    for column in &columns {
        let edge = |at: Timestamp| chart.x_of(at).clamp(0.0, plot.width).round();
        let (from, to) = (edge(column.span.from()), edge(column.span.to()));
        let tall = (scale.height_of(column.count, STEPS)).max(least).round();
        rectangle(html, from, column_width(from, to), STEPS, tall);
    }
    html.push_str("\"/></svg><svg class=\"first-labels\">");
    labels(html, chart, plot, scale, zone);
    html.push_str("</svg></div>");
}

fn rectangle(html: &mut String, x: f64, width: f64, bottom: f64, tall: f64) {
    let _ = write!(html, "M{x} {bottom}v-{tall}h{width}v{tall}z");
}

/// Where a count is on an axis of this height.
fn height(count: u64, scale: Scale, of: f64) -> f64 {
    (of - count as f64 / scale.top() as f64 * of).round()
}

fn labels(html: &mut String, chart: &Chart, plot: Plot, scale: Scale, zone: Option<i32>) {
    let name = axis_name(chart.bucket_us());
    let name = if zone.is_some() { name } else { [&name, " · times in UTC"].concat() };
    let _ = write!(html, "<text x=\"-34\" y=\"-12\">{name}</text><g class=\"first-counts\">");
    for mark in scale.marks() {
        let _ =
            write!(html, "<text x=\"-6\" y=\"{}%\">{}</text>", height(mark, scale, STEPS) / 10.0, short_count(mark));
    }
    html.push_str("</g><g class=\"first-times\">");
    let offset = zone.unwrap_or(0);
    let mut marks = String::new();
    for tick in ticks(chart.view(), plot.width, TICK_GAP, &|_| offset) {
        let x = chart.x_of(tick.at);
        let half = tick.label.chars().count() as f64 * LETTER / 2.0;
        let inside = x.clamp(half + 2.0 - plot.left, plot.width + 12.0 - half);
        let _ = write!(html, "<text x=\"{:.2}%\" y=\"100%\">{}</text>", percent(inside, plot.width), tick.label);
        let _ = write!(marks, "<rect x=\"{:.2}%\" y=\"100%\" width=\"1\" height=\"5\"/>", percent(x, plot.width));
    }
    let _ = write!(html, "</g><g class=\"first-axis\"><rect y=\"100%\" width=\"100%\" height=\"1\"/>{marks}</g>");
    if let Some(at) = chart.marker().filter(|at| chart.view().contains(*at)) {
        let x = percent(chart.x_of(at), plot.width);
        let _ = write!(html, "<rect class=\"first-marker\" x=\"{x:.2}%\" width=\"1.5\" height=\"100%\"/>");
    }
}

fn percent(x: f64, width: f64) -> f64 {
    x / width * 100.0
}

/// The whole history small, and the window over what is in view.
fn slider(html: &mut String, chart: &Chart, size: Size) {
    let (all, width) = (chart.bounds(), track_width(size.width));
    let columns = chart.overview_columns(width);
    let scale = Chart::scale(&columns);
    let _ =
        write!(html, "<svg class=\"{}\" viewBox=\"0 0 {width} {SLIDER}\" preserveAspectRatio=\"none\">", size.class);
    let _ = write!(html, "<path class=\"first-grid\" d=\"M0 {0}H{width}\"/><path d=\"", SLIDER - 0.5);
    for column in &columns {
        let edge = |at: Timestamp| all.x_of(at, width).clamp(0.0, width).round();
        let (from, to) = (edge(column.span.from()), edge(column.span.to()));
        let tall = scale.height_of(column.count, SLIDER - 4.0).round();
        rectangle(html, from, (to - from).max(1.0), SLIDER - 1.0, tall);
    }
    let (a, b) = handles(chart.view(), all, width);
    let _ = write!(html, "\"/><rect class=\"first-window\" x=\"{a:.1}\" width=\"{:.1}\" height=\"{SLIDER}\"/>", b - a);
    html.push_str("<g class=\"first-marker\">");
    for edge in [a, b] {
        let _ = write!(html, "<rect x=\"{:.1}\" width=\"1.5\" height=\"{SLIDER}\"/>", edge - 0.75);
        let _ = write!(html, "<rect x=\"{:.1}\" y=\"13\" width=\"8\" height=\"18\" rx=\"3\"/>", edge - 4.0);
    }
    html.push_str("</g></svg>");
}

fn summary(chart: &Chart, columns: &[Column], zone: i32) -> String {
    let (from, to) = (spoken_label(chart.view().from(), zone), spoken_label(chart.view().to(), zone));
    let frames: u64 = columns.iter().map(|column| column.count).sum();
    let (bars, bucket) = (columns.len(), bucket_name(chart.bucket_us()));
    format!("Bar chart of motion from {from} to {to}: {frames} frames in {bars} bars of one {bucket} each")
}
