//! Paints bars and axes.

use rtm2_app::chart::{Chart, Column, Painted, Plot, Scale, TICK_GAP, axis_name, band_rows, short_count, ticks};

use super::surface::Sheet;
use super::theme::Theme;
use super::zone::offset_minutes;

/// Left edge and width of a column in the plot.
pub(super) fn column_box(sheet: &Sheet<'_>, chart: &Chart, column: &Column) -> (f64, f64) {
    Painted { view: chart.view(), width_px: chart.width_px(), ratio: sheet.ratio }.column(column)
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
    sheet.text(&theme.text, &axis_name(chart.bucket_us()), 6.0, 4.0);

    c.save();
    c.begin_path();
    c.rect(plot.left, plot.top - 1.0, plot.width, plot.height + 1.0);
    c.clip();
    let draw = |colour: &str, count: &dyn Fn(&Column) -> u64| {
        c.set_fill_style_str(colour);
        // One by one: a path of all of them takes browsers many times as long to fill.
        for column in columns {
            let (x, width) = column_box(sheet, chart, column);
            let height = scale.height_of(count(column), plot.height);
            c.fill_rect(plot.left + x, plot.bottom() - height, width, height);
        }
    };
    if chart.elastic.rule().is_open() {
        draw(&theme.bar, &|column| column.count);
    } else {
        draw(&theme.failed, &|column| column.count);
        draw(&theme.bar, &|column| chart.elastic.passing(column));
    }
    c.restore();
    for (left, width, event) in chart.band() {
        let (top, height) = band_rows(plot, event.pinned);
        let colour = if event.pinned { &theme.marker } else { &theme.axis };
        sheet.fill(colour, plot.left + left, top, width, height);
    }
    let line = 1.0_f64;
    sheet.fill(&theme.axis, plot.left, sheet.snap(plot.bottom()), plot.width, line);
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
        sheet.text(&theme.text, &short_count(mark), plot.left - 6.0, y);
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
