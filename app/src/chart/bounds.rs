//! How far a view may go, and the moves it knows: pan, zoom, pinch.

use super::Span;
use crate::Timestamp;
use crate::time::MICROS_PER_SECOND;

/// The closest that one can zoom in: two seconds, so that a one-second bar fills half of the chart.
pub const MIN_SPAN_US: i64 = 2 * MICROS_PER_SECOND;

/// The shortest that everything together is taken to be: a minute, so that one bar alone does not fill the chart.
pub(super) const SHORTEST_BOUNDS_US: i64 = 60 * MICROS_PER_SECOND;

/// Empty room on either side of the data, as a fraction of its length.
const MARGIN: f64 = 0.02;

/// The furthest that a view may reach: from the oldest frame to now, with a little room on both sides.
///
/// `extent` are the oldest and newest times known; without any the bounds are the last hour.
pub fn bounds(extent: Option<(Timestamp, Timestamp)>, now: Timestamp) -> Span {
    let (oldest, newest) = extent.unwrap_or((Timestamp(now.0.saturating_sub(3_600 * MICROS_PER_SECOND)), now));
    let newest = newest.max(now);
    let oldest = oldest.second().min(Timestamp(newest.0.saturating_sub(SHORTEST_BOUNDS_US)));
    let whole = Span::new(oldest, newest);
    let margin = ((whole.len_us() as f64 * MARGIN) as i64).max(MICROS_PER_SECOND);
    Span::new(Timestamp(whole.from().0.saturating_sub(margin)), Timestamp(whole.to().0.saturating_add(margin)))
}

/// A view made as long as is allowed and moved inside the bounds.
pub fn clamp(view: Span, bounds: Span) -> Span {
    let longest = bounds.len_us().max(MIN_SPAN_US);
    let len = view.len_us().clamp(MIN_SPAN_US, longest);
    // What is made shorter or longer keeps its middle.
    let grown = (len - view.len_us()) / 2;
    let latest = bounds.to().0.saturating_sub(len).max(bounds.from().0);
    let from = view.from().0.saturating_sub(grown).clamp(bounds.from().0, latest);
    Span::starting(Timestamp(from), len)
}

/// The view after it was dragged by `dx` pixels: to the right shows what is older.
pub fn pan(view: Span, dx: f64, width_px: f64, bounds: Span) -> Span {
    let by = -(dx / width_px.max(1.0) * view.len_us() as f64).round();
    clamp(view.shifted(by as i64), bounds)
}

/// The view after zooming by `factor` (below 1 comes closer) with the time under pixel `x` staying where it is.
pub fn zoom(view: Span, x: f64, factor: f64, width_px: f64, bounds: Span) -> Span {
    pinch(view, (x, x), factor, width_px, bounds)
}

/// The view after two fingers moved: their middle from one pixel to another, and the span scaled by `factor`.
pub fn pinch(view: Span, (from_x, to_x): (f64, f64), factor: f64, width_px: f64, bounds: Span) -> Span {
    let longest = bounds.len_us().max(MIN_SPAN_US) as f64;
    let factor = if factor.is_finite() && factor > 0.0 { factor } else { 1.0 };
    let len = (view.len_us() as f64 * factor).clamp(MIN_SPAN_US as f64, longest);
    let fixed = view.time_at(from_x, width_px);
    let before = (to_x / width_px.max(1.0) * len).round() as i64;
    clamp(Span::starting(Timestamp(fixed.0.saturating_sub(before)), len.round() as i64), bounds)
}
