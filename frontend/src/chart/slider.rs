//! The slider under the chart: the whole history small, and the window over what is in view.

use std::cell::Cell;

use rtm2_app::chart::{
    Chart, Column, Grip, PointerKind, SLIDER_SIDE as SIDE, Scale, Span, grip_at, handles, track_width,
};

use super::surface::Sheet;
use super::theme::Theme;

/// Paints the slider.
pub(super) fn slider(sheet: &Sheet<'_>, chart: &Chart, theme: &Theme) {
    let width = track_width(sheet.width);
    let all = chart.bounds();
    let columns = chart.overview_columns(width);
    let scale = Scale::fitting(columns.iter().map(|c| c.count).max().unwrap_or(0));
    sheet.fill_round(&theme.grid, (SIDE, sheet.height - 1.0, width, 1.0), 0.0);
    let c = sheet.context;
    let draw = |colour: &str, count: &dyn Fn(&Column) -> u64| {
        c.set_fill_style_str(colour);
        for column in &columns {
            let (a, b) = (all.x_of(column.span.from(), width).max(0.0), all.x_of(column.span.to(), width).min(width));
            let height = scale.height_of(count(column), sheet.height - 4.0);
            c.fill_rect(SIDE + a, sheet.height - height - 1.0, (b - a).max(1.0), height);
        }
    };
    if chart.elastic.rule().is_open() {
        draw(&theme.faint_bar, &|column| column.count);
    } else {
        draw(&theme.failed, &|column| column.count);
        draw(&theme.faint_bar, &|column| chart.elastic.passing(column));
    }
    let (a, b) = handles(chart.view(), all, width);
    sheet.fill(&theme.window, SIDE + a, 0.0, b - a, sheet.height);
    for edge in [a, b] {
        sheet.fill(&theme.marker, sheet.snap(SIDE + edge - 0.75), 0.0, 1.5, sheet.height);
        sheet.fill_round(&theme.marker, (SIDE + edge - 4.0, sheet.height / 2.0 - 9.0, 8.0, 18.0), 3.0);
    }
    if let Some(at) = chart.marker() {
        sheet.fill(&theme.text, sheet.snap(SIDE + all.x_of(at, width)), 0.0, 1.0, sheet.height);
    }
}

/// A hand on the slider.
#[derive(Clone, Copy, Debug)]
struct Hold {
    pointer: i32,
    grip: Grip,
    from_x: f64,
    view: Span,
}

/// Who holds the slider, if anybody.
#[derive(Debug, Default)]
pub(super) struct Hand(Cell<Option<Hold>>);

impl Hand {
    /// A pointer went down at `x` of the track.
    pub(super) fn press(&self, chart: &mut Chart, width: f64, pointer: i32, kind: PointerKind, x: f64) {
        if self.0.get().is_some() {
            return;
        }
        let mut grip = grip_at(chart.view(), chart.bounds(), width, x, kind.tolerance_px().max(6.0));
        if grip == Grip::Track {
            // The window jumps there and is then held.
            chart.brush(chart.view(), width, grip, (x, x));
            grip = Grip::Window;
        }
        self.0.set(Some(Hold { pointer, grip, from_x: x, view: chart.view() }));
    }

    /// A pointer moved. Whether it moved the slider.
    pub(super) fn moved(&self, chart: &mut Chart, width: f64, pointer: i32, x: f64) -> bool {
        let Some(hold) = self.0.get().filter(|h| h.pointer == pointer) else { return false };
        chart.brush(hold.view, width, hold.grip, (hold.from_x, x));
        true
    }

    /// A pointer was lifted or taken away.
    pub(super) fn released(&self, pointer: i32) {
        self.0.set(self.0.get().filter(|h| h.pointer != pointer));
    }

    /// The cursor that says what a press at `x` would do.
    pub(super) fn cursor(&self, chart: &Chart, width: f64, x: f64) -> &'static str {
        match self.0.get().map_or_else(|| grip_at(chart.view(), chart.bounds(), width, x, 6.0), |h| h.grip) {
            Grip::From | Grip::To => "ew-resize",
            Grip::Window => "grab",
            Grip::Track => "pointer",
        }
    }
}
