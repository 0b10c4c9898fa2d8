//! The slider under the chart: the whole history small, with a window over the part that is in view.

use super::{Span, clamp};
use crate::Timestamp;

/// Narrowest window in pixels, so that it can be seen and taken hold of over a year.
const MIN_WINDOW_PX: f64 = 12.0;

/// What of the slider a pointer took hold of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// The window's left handle.
    From,
    /// Its right handle.
    To,
    /// The window itself.
    Window,
    /// The track beside it: the window jumps there.
    Track,
}

/// Pixels of the window's left and right edge.
pub fn handles(view: Span, bounds: Span, width_px: f64) -> (f64, f64) {
    let (a, b) = (bounds.x_of(view.from(), width_px), bounds.x_of(view.to(), width_px));
    if b - a >= MIN_WINDOW_PX {
        return (a.max(0.0), b.min(width_px));
    }
    let middle =
        f64::midpoint(a, b).clamp(MIN_WINDOW_PX / 2.0, (width_px - MIN_WINDOW_PX / 2.0).max(MIN_WINDOW_PX / 2.0));
    (middle - MIN_WINDOW_PX / 2.0, middle + MIN_WINDOW_PX / 2.0)
}

/// What a pointer at `x` takes hold of when a handle may be missed by `reach_px`.
pub fn grip_at(view: Span, bounds: Span, width_px: f64, x: f64, reach_px: f64) -> Grip {
    let (a, b) = handles(view, bounds, width_px);
    // Inside a narrow window most of it must stay free for moving it.
    let inner = reach_px.min((b - a) / 4.0);
    if x >= a - reach_px && x <= a + inner {
        Grip::From
    } else if x >= b - inner && x <= b + reach_px {
        Grip::To
    } else if x > a && x < b {
        Grip::Window
    } else {
        Grip::Track
    }
}

/// The view after the pointer that holds `grip` moved from one pixel to another; `view` is the one before.
pub fn brush(view: Span, bounds: Span, width_px: f64, grip: Grip, (from_x, to_x): (f64, f64)) -> Span {
    let moved = bounds.time_at(to_x, width_px).0.saturating_sub(bounds.time_at(from_x, width_px).0);
    let by = |t: Timestamp| Timestamp(t.0.saturating_add(moved).clamp(bounds.from().0, bounds.to().0));
    let changed = match grip {
        Grip::From => Span::new(by(view.from()), view.to()),
        Grip::To => Span::new(view.from(), by(view.to())),
        Grip::Window => view.shifted(moved),
        Grip::Track => {
            let middle = bounds.time_at(to_x, width_px);
            Span::starting(Timestamp(middle.0.saturating_sub(view.len_us() / 2)), view.len_us())
        }
    };
    clamp(changed, bounds)
}
