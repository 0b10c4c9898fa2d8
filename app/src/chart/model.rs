//! The chart as a whole: a history, the part of it in view, and the frame being looked at.

use super::bounds::SHORTEST_BOUNDS_US;
use super::{
    BarQuery, Column, Elastic, Grip, History, LoadState, RECENT_BARS, Scale, Span, bounds, brush, bucket_for, clamp,
    hit, pan, pinch, zoom,
};
use crate::time::MICROS_PER_SECOND;
use crate::{Bar, Event, Timestamp};

/// The window of "zoom to 5 min" (R42).
pub const FIVE_MINUTES_US: i64 = 300 * MICROS_PER_SECOND;

/// A direction in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To what is older.
    Back,
    /// To what is newer.
    Forward,
}

/// The state of a chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The bars.
    pub history: History,
    /// Which of them would still be there if more had to change.
    pub elastic: Elastic,
    /// Events that are known around the view.
    pub events: Vec<Event>,
    view: Span,
    width_px: f64,
    now: Timestamp,
    marker: Option<Timestamp>,
    /// Whether the view moves along with the time.
    follows: bool,
    /// Whether somebody chose the view, so that loading does not change it.
    chosen: bool,
}

impl Chart {
    /// A chart that waits for its first bars.
    pub fn new(now: Timestamp) -> Self {
        let view = bounds(None, now);
        Self {
            history: History::default(),
            elastic: Elastic::default(),
            events: Vec::new(),
            view,
            width_px: 1.0,
            now,
            marker: None,
            follows: true,
            chosen: false,
        }
    }

    /// Forgets everything but the width and what a second needs to pass: another camera is to be shown.
    pub fn restart(&mut self, now: Timestamp) {
        let mut elastic = std::mem::take(&mut self.elastic);
        elastic.clear();
        *self = Self { elastic, width_px: self.width_px, ..Self::new(now) };
    }

    /// What is in view.
    pub fn view(&self) -> Span {
        self.view
    }

    /// How wide it is drawn, in CSS pixels.
    pub fn width_px(&self) -> f64 {
        self.width_px
    }

    /// The furthest that the view may go.
    pub fn bounds(&self) -> Span {
        bounds(self.history.extent(), self.now)
    }

    /// The frame being looked at.
    pub fn marker(&self) -> Option<Timestamp> {
        self.marker
    }

    /// Whether the view moves along with the time.
    pub fn follows(&self) -> bool {
        self.follows
    }

    /// Width of a column in microseconds.
    pub fn bucket_us(&self) -> i64 {
        bucket_for(self.view, self.width_px)
    }

    /// The columns in view.
    pub fn columns(&self) -> Vec<Column> {
        self.history.columns(self.view, self.width_px)
    }

    /// The y axis for some columns.
    pub fn scale(columns: &[Column]) -> Scale {
        Scale::fitting(columns.iter().map(|c| c.count).max().unwrap_or(0))
    }

    /// The columns of the whole history, drawn `width_px` wide.
    pub fn overview_columns(&self, width_px: f64) -> Vec<Column> {
        self.history.columns(self.bounds(), width_px)
    }

    /// What must be fetched for this view, if anything.
    pub fn detail_query(&self) -> Option<BarQuery> {
        self.history.detail_query(self.view, self.width_px)
    }

    /// The pixel at which a time is drawn.
    pub fn x_of(&self, at: Timestamp) -> f64 {
        self.view.x_of(at, self.width_px)
    }

    /// The column under a pixel; see [`hit`].
    pub fn hit(&self, x: f64, tolerance_px: f64) -> Option<Column> {
        hit(&self.columns(), self.view, self.width_px, x, tolerance_px)
    }

    /// The room for drawing changed; the span in view stays.
    pub fn resize(&mut self, width_px: f64) {
        self.width_px = width_px.max(1.0);
    }

    /// Time went on: a view whose right edge is at "now" moves along, one that shows everything grows.
    pub fn tick(&mut self, now: Timestamp) {
        let by = now.0.saturating_sub(self.now.0);
        if by <= 0 {
            return;
        }
        let before = self.bounds();
        self.now = now;
        if self.follows {
            self.view = if self.view.covers(before) { self.bounds() } else { self.view.shifted(by) };
        }
    }

    /// New bars came in answer to a request. A view that nobody chose is fitted to them.
    pub fn loaded(&mut self) {
        if self.chosen {
            self.view = clamp(self.view, self.bounds());
        } else {
            self.fit();
        }
    }

    /// A live bar came.
    pub fn live(&mut self, bar: Bar) {
        let was_empty = *self.history.state() == LoadState::Empty;
        self.history.live(bar);
        if was_empty && !self.chosen {
            self.fit();
        }
        // A server whose clock is ahead writes bars beyond what this browser takes for now.
        let end = bar.start.0.saturating_add(MICROS_PER_SECOND);
        if self.follows && end > self.view.to().0 {
            self.view = self.view.shifted(end.saturating_sub(self.view.to().0));
        }
    }

    /// Shows the bars held second by second: all of them after everything was loaded, else the newest thousand. Up to
    /// now where that is not mostly emptiness.
    pub fn fit(&mut self) {
        self.chosen = false;
        let (Some(first), Some(last)) = (self.history.seconds().first(), self.history.seconds().last()) else {
            self.view = self.bounds();
            self.follows = true;
            return;
        };
        let data = Span::new(first.start, Timestamp(last.start.0.saturating_add(MICROS_PER_SECOND)));
        let idle = self.now.0.saturating_sub(data.to().0);
        self.follows = idle <= data.len_us().max(10 * SHORTEST_BOUNDS_US);
        let to = if self.follows { data.to().max(self.now) } else { data.to() };
        let len = to.0.saturating_sub(data.from().0).max(SHORTEST_BOUNDS_US);
        let margin = len / 50;
        let from = Timestamp(to.0.saturating_sub(len).saturating_sub(margin));
        self.view = clamp(Span::new(from, Timestamp(to.0.saturating_add(margin))), self.bounds());
    }

    /// Shows everything from the oldest frame to now.
    pub fn show_all(&mut self) {
        self.show(self.bounds());
    }

    /// Shows a stretch of time.
    pub fn show(&mut self, span: Span) {
        self.view = clamp(span, self.bounds());
        self.follows = self.view.to() >= self.now;
        self.chosen = true;
    }

    /// Drags the view by some pixels.
    pub fn pan(&mut self, dx: f64) {
        self.show(pan(self.view, dx, self.width_px, self.bounds()));
    }

    /// Zooms by `factor` with the time under pixel `x` staying. Whether anything changed.
    pub fn zoom(&mut self, x: f64, factor: f64) -> bool {
        let before = self.view;
        self.show(zoom(self.view, x, factor, self.width_px, self.bounds()));
        self.view != before
    }

    /// Zooms around the marker if it is in view, else around the middle.
    pub fn zoom_middle(&mut self, factor: f64) -> bool {
        let marker = self.marker.filter(|m| self.view.contains(*m)).map(|m| self.x_of(m));
        self.zoom(marker.unwrap_or(self.width_px / 2.0), factor)
    }

    /// Two fingers moved; see [`pinch`].
    pub fn pinch(&mut self, (from_x, to_x): (f64, f64), factor: f64) {
        self.show(pinch(self.view, (from_x, to_x), factor, self.width_px, self.bounds()));
    }

    /// Shows what lies between two pixels.
    pub fn zoom_box(&mut self, a: f64, b: f64) {
        self.show(Span::new(self.view.time_at(a, self.width_px), self.view.time_at(b, self.width_px)));
    }

    /// The slider was moved; see [`brush`].
    pub fn brush(&mut self, start: Span, width_px: f64, grip: Grip, moved: (f64, f64)) {
        self.show(brush(start, self.bounds(), width_px, grip, moved));
    }

    /// Shows the five minutes up to the frame being looked at, or up to now without one (R42).
    pub fn five_minutes(&mut self) {
        let end = Timestamp(self.marker.unwrap_or(self.now).0.saturating_add(1));
        self.show(Span::new(Timestamp(end.0.saturating_sub(FIVE_MINUTES_US)), end));
    }

    /// Marks the frame being looked at and, where it is out of view, moves the view to it.
    pub fn mark(&mut self, at: Option<Timestamp>) {
        self.marker = at;
        if let Some(at) = at.filter(|at| !self.view.contains(*at)) {
            let len = self.view.len_us();
            self.show(Span::starting(Timestamp(at.0.saturating_sub(len / 2)), len));
        }
    }

    /// The column next to the marker, or next to the view's end without one.
    pub fn neighbour(&self, step: Step) -> Option<Column> {
        let columns = self.history.columns_of(self.bounds(), self.bucket_us());
        let at = self.marker.unwrap_or(self.view.to());
        match step {
            Step::Back => columns.iter().rev().find(|c| c.span.to() <= at).copied(),
            Step::Forward => columns.iter().find(|c| c.span.from() > at).copied(),
        }
    }

    /// Forgets all but the newest bars (R43) and fits the view to them.
    pub fn release(&mut self) {
        self.history.release(RECENT_BARS);
        self.fit();
    }
}
