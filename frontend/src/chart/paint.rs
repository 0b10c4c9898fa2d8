//! Paints bars and axes.

use rtm2_app::chart::{Chart, Column, Scale, bucket_name, ticks};

use super::surface::Sheet;
use super::theme::Theme;
use super::zone::offset_minutes;

/// Where the bars are drawn within the canvas, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Room for the counts on the y axis.
const LEFT: f64 = 40.0;
/// Room right of the plot, for half a label.
const RIGHT: f64 = 14.0;
/// Room above, for the axis' name and the marker's label.
const TOP: f64 = 26.0;
/// Room below, for times.
const BOTTOM: f64 = 24.0;
/// Least distance of two times on the axis.
const TICK_GAP: f64 = 84.0;

impl Plot {
    /// The plot in a canvas of this size.
    pub(super) fn within((width, height): (f64, f64)) -> Self {
        Self { left: LEFT, top: TOP, width: (width - LEFT - RIGHT).max(1.0), height: (height - TOP - BOTTOM).max(1.0) }
    }

    pub(super) fn bottom(self) -> f64 {
        self.top + self.height
    }

    /// A pixel of the canvas as a pixel of the plot.
    pub(super) fn x(self, canvas_x: f64) -> f64 {
        canvas_x - self.left
    }
}

/// Left edge and width of a column in the plot; neighbours have a gap where there is room for one.
pub(super) fn column_box(sheet: &Sheet<'_>, chart: &Chart, column: &Column) -> (f64, f64) {
    let (from, to) = (sheet.snap(chart.x_of(column.span.from())), sheet.snap(chart.x_of(column.span.to())));
    let gap = if to - from >= 4.0 { 1.0 } else { 0.0 };
    (from, (to - from - gap).max(1.0))
}

/// Paints everything that stands still while the pointer moves.
pub(super) fn bars(sheet: &Sheet<'_>, chart: &Chart, columns: &[Column], theme: &Theme) {
    let plot = Plot::within((sheet.width, sheet.height));
    let scale = Chart::scale(columns);
    let c = sheet.context;
    c.set_font(&theme.font(12));
    counts(sheet, plot, scale, theme);
    times(sheet, plot, chart, theme);
    c.set_text_align("left");
    c.set_text_baseline("top");
    sheet.text(&theme.text, &axis_name(chart), 6.0, 4.0);

    c.save();
    c.begin_path();
    c.rect(plot.left, plot.top - 1.0, plot.width, plot.height + 1.0);
    c.clip();
    let draw = |colour: &str, count: &dyn Fn(&Column) -> u64| {
        c.begin_path();
        for column in columns {
            let (x, width) = column_box(sheet, chart, column);
            let height = scale.height_of(count(column), plot.height);
            c.rect(plot.left + x, plot.bottom() - height, width, height);
        }
        c.set_fill_style_str(colour);
        c.fill();
    };
    if chart.elastic.rule().is_open() {
        draw(&theme.bar, &|column| column.count);
    } else {
        draw(&theme.failed, &|column| column.count);
        draw(&theme.bar, &|column| chart.elastic.passing(column));
    }
    c.restore();
    let line = 1.0_f64;
    sheet.fill(&theme.axis, plot.left, sheet.snap(plot.bottom()), plot.width, line);
}

/// What the y axis counts.
pub(super) fn axis_name(chart: &Chart) -> String {
    format!("frames per {}", bucket_name(chart.bucket_us()))
}

fn counts(sheet: &Sheet<'_>, plot: Plot, scale: Scale, theme: &Theme) {
    let c = sheet.context;
    c.set_text_align("right");
    c.set_text_baseline("middle");
    for mark in scale.marks() {
        let y = plot.bottom() - mark as f64 / scale.top() as f64 * plot.height;
        if mark > 0 {
            sheet.fill(&theme.grid, plot.left, sheet.snap(y), plot.width, 1.0);
        }
        sheet.text(&theme.text, &short(mark), plot.left - 6.0, y);
    }
}

fn times(sheet: &Sheet<'_>, plot: Plot, chart: &Chart, theme: &Theme) {
    let c = sheet.context;
    c.set_text_align("center");
    c.set_text_baseline("top");
    for tick in ticks(chart.view(), plot.width, TICK_GAP, &offset_minutes) {
        let x = plot.left + chart.x_of(tick.at);
        sheet.fill(&theme.axis, sheet.snap(x), plot.bottom(), 1.0, 5.0);
        let half = sheet.text_width(&tick.label) / 2.0;
        let inside = x.clamp(half + 2.0, (sheet.width - half - 2.0).max(half + 2.0));
        sheet.text(&theme.text, &tick.label, inside, plot.bottom() + 8.0);
    }
}

/// A count that fits left of the axis.
fn short(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..10_000_000 => format!("{} k", count / 1_000),
        _ => format!("{} M", count / 1_000_000),
    }
}
