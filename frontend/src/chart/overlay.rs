//! Paints what moves over the bars: the marker of the frame being looked at, the column under the pointer with its
//! tooltip, and the box being drawn.

use rtm2_app::chart::{Chart, Column, Plot, Span, axis_name, clock_label, full_label};
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_app::{Event, Timestamp};

use super::paint::column_box;
use super::surface::Sheet;
use super::theme::Theme;
use super::zone::offset_minutes;

/// What is under the pointer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hover {
    pub(super) column: Column,
    /// Pixel of the plot.
    pub(super) x: f64,
}

/// Paints everything that moves.
pub(super) fn overlay(
    sheet: &Sheet<'_>,
    chart: &Chart,
    theme: &Theme,
    hover: Option<Hover>,
    event: Option<(f64, &Event)>,
    rubber: Option<(f64, f64)>,
) {
    let plot = Plot::within((sheet.width, sheet.height));
    if let Some((a, b)) = rubber {
        let (a, b) = (a.min(b).clamp(0.0, plot.width), a.max(b).clamp(0.0, plot.width));
        sheet.fill(&theme.window, plot.left + a, plot.top, b - a, plot.height);
        for edge in [a, b] {
            sheet.fill(&theme.marker, sheet.snap(plot.left + edge), plot.top, 1.0, plot.height);
        }
    }
    if let Some(hover) = hover {
        let (x, width) = column_box(sheet, chart, &hover.column);
        let (from, to) = ((x - 1.0).max(0.0), (x + width + 1.0).min(plot.width));
        sheet.fill(&theme.hover, plot.left + from, plot.top, (to - from).max(1.0), plot.height);
    }
    marker(sheet, plot, chart, theme);
    if let Some(hover) = hover {
        tip(sheet, plot, theme, hover.x, &lines_of(chart, &hover.column));
    } else if let Some((x, event)) = event {
        tip(sheet, plot, theme, x, &lines_of_event(event));
    }
}

/// The vertical line with the exact time (R39).
pub(super) fn marker(sheet: &Sheet<'_>, plot: Plot, chart: &Chart, theme: &Theme) {
    let Some(at) = chart.marker().filter(|at| chart.view().contains(*at)) else { return };
    let x = plot.left + chart.x_of(at);
    sheet.fill(&theme.marker, sheet.snap(x - 0.75), plot.top - 4.0, 1.5, plot.height + 4.0);
    let c = sheet.context;
    c.set_font(&theme.font(12));
    let label = full_label(at, offset_minutes(at));
    let width = sheet.text_width(&label) + 14.0;
    let left = (x - width / 2.0).clamp(1.0, (sheet.width - width - 1.0).max(1.0));
    let name = 10.0 + sheet.text_width(&axis_name(chart.bucket_us()));
    if left < name {
        // Half an axis' name is worse than none; the caption below says it too.
        sheet.fill(&theme.back, 0.0, 0.0, name, plot.top - 5.0);
    }
    sheet.fill_round(&theme.marker, (left, 2.0, width, 20.0), 5.0);
    c.set_text_align("left");
    c.set_text_baseline("middle");
    sheet.text(&theme.on_marker, &label, left + 7.0, 12.5);
}

/// When a column or an event was, in local time.
fn when(span: Span) -> (String, String) {
    let label = |at: Timestamp| {
        let full = full_label(at, offset_minutes(at));
        // Columns begin at whole seconds: the milliseconds say nothing.
        full.get(..19).map_or(full.clone(), str::to_owned)
    };
    let (from, to) = (span.from(), span.to());
    if span.len_us() <= MICROS_PER_SECOND {
        return (label(from), String::new());
    }
    let same_day = label(from).get(..10) == label(to).get(..10);
    let to = if same_day { clock_label(to, offset_minutes(to), MICROS_PER_SECOND) } else { label(to) };
    (label(from), format!("to {to}"))
}

fn lines_of(chart: &Chart, column: &Column) -> Vec<String> {
    let (from, to) = when(column.span);
    let passing = if chart.elastic.rule().is_open() {
        String::new()
    } else {
        [&chart.elastic.passing(column).to_string(), " would pass"].concat()
    };
    vec![frames(column.count), passing, from, to]
}

fn frames(count: u64) -> String {
    if count == 1 { "1 frame".to_owned() } else { [&count.to_string(), " frames"].concat() }
}

fn lines_of_event(event: &Event) -> Vec<String> {
    let (from, to) = when(Span::new(event.start, event.end));
    let what = if event.pinned { "Pinned event, " } else { "Event, " };
    let what = [what, &frames(u64::from(event.frames))].concat();
    vec![what, from, to, event.label.clone(), event.zone.clone()]
}

fn tip(sheet: &Sheet<'_>, plot: Plot, theme: &Theme, x: f64, lines: &[String]) {
    let lines: Vec<&String> = lines.iter().filter(|line| !line.is_empty()).collect();
    let c = sheet.context;
    c.set_font(&theme.font(12));
    let width = lines.iter().map(|l| sheet.text_width(l)).fold(0.0, f64::max) + 20.0;
    let height = lines.len() as f64 * 17.0 + 12.0;
    let at = plot.left + x;
    // Left of the pointer where there is no room to the right.
    let left = if at + 14.0 + width > sheet.width { at - 14.0 - width } else { at + 14.0 };
    let left = left.clamp(2.0, (sheet.width - width - 2.0).max(2.0));
    sheet.fill_round(&theme.tip, (left, plot.top + 6.0, width, height), 6.0);
    c.set_text_align("left");
    c.set_text_baseline("top");
    for (i, line) in lines.iter().enumerate() {
        sheet.text(&theme.on_tip, line, left + 10.0, plot.top + 14.0 + i as f64 * 17.0);
    }
}
