//! Events over the bars: a thin band above the plot, in which each event is a mark from its first frame of motion to its last.

use super::{Chart, Plot, Span};
use crate::time::MICROS_PER_SECOND;
use crate::{Event, Timestamp};

/// Events that the band shows at most: with more, only pinned ones are told apart.
pub const BAND_EVENTS: usize = 200;
/// Views from this length on show pinned events only.
const WIDE_US: i64 = 8 * 86_400 * MICROS_PER_SECOND;
/// A mark is at least as wide, in pixels, so that it can be seen.
const LEAST_PX: f64 = 3.0;
/// Height of a mark in pixels; that of a pinned event is twice as high.
const HEIGHT: f64 = 3.0;
/// Room between band and plot.
const ABOVE: f64 = 2.0;
/// How far from a mark a pointer may be, in pixels, and how far above and below the band.
const NEAR_PX: f64 = 4.0;

/// Which events a view asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandQuery {
    /// The stretch.
    pub span: Span,
    /// Only those that are pinned.
    pub pinned: bool,
    /// Changes when events came in: what was asked before is out of date.
    newest: Timestamp,
}

impl Chart {
    /// What to ask for, in steps, so that a view that moves a little asks for the same.
    pub fn band_query(&self) -> BandQuery {
        let view = self.view();
        let step = (view.len_us() / 2).max(1);
        let from = view.from().bucket(step);
        let to = Timestamp(view.to().bucket(step).0.saturating_add(step));
        let newest = self.history.seconds().last().map_or(Timestamp(0), |bar| bar.start);
        let newest = if newest < view.from() { Timestamp(0) } else { newest.bucket(10 * MICROS_PER_SECOND) };
        BandQuery { span: Span::new(from, to), pinned: view.len_us() >= WIDE_US, newest }
    }

    /// The marks in view: left edge, width, and the event.
    pub fn band(&self) -> impl Iterator<Item = (f64, f64, &Event)> {
        let seen = self.events.iter().filter(|e| e.end >= self.view().from() && e.start < self.view().to());
        seen.map(|event| {
            let (a, b) = (self.x_of(event.start).max(0.0), self.x_of(event.end).min(self.width_px()));
            let wide = (b - a).max(LEAST_PX);
            ((a + b - wide) / 2.0, wide, event)
        })
    }

    /// The event whose mark is at a pixel of the plot, or near to it; of several the pinned one, then the nearest.
    pub fn event_at(&self, plot: Plot, x: f64, y: f64) -> Option<&Event> {
        let top = plot.top - ABOVE - 2.0 * HEIGHT;
        if !(top - NEAR_PX..=plot.top).contains(&y) {
            return None;
        }
        let near = self.band().map(|(left, width, event)| ((left - x).max(x - left - width).max(0.0), event));
        let near = near.filter(|(away, _)| *away <= NEAR_PX);
        near.min_by(|(a, one), (b, other)| other.pinned.cmp(&one.pinned).then(a.total_cmp(b))).map(|(_, event)| event)
    }
}

/// Upper edge and height of a mark.
pub fn band_rows(plot: Plot, pinned: bool) -> (f64, f64) {
    let height = if pinned { 2.0 * HEIGHT } else { HEIGHT };
    (plot.top - ABOVE - height, height)
}
