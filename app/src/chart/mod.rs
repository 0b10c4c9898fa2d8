//! Chart maths: which bars a view holds, where they are drawn, and what a gesture does to the view.
//!
//! Everything here is plain arithmetic on times (microseconds, UTC) and CSS pixels. It paints nothing, fetches nothing
//! and never asks the clock or the time zone: both are arguments. The page paints what [`Chart`] says and hands
//! pointer events to [`Gestures`].
//!
//! **The y axis is frames per bucket, and a column is the sum of its bars**: zooming out adds neighbouring seconds
//! together, so no frame is ever hidden by another, and the total over a range is the same at every zoom. The width of
//! a bucket is written on the axis.

mod band;
mod bounds;
mod calendar;
mod civil;
mod columns;
mod elastic;
mod gesture;
mod history;
mod model;
mod overview;
mod plot;
mod scale;
mod span;
mod ticks;

pub use band::{BAND_EVENTS, BandQuery, band_rows};
pub use bounds::{MIN_SPAN_US, bounds, clamp, pan, pinch, zoom};
pub use calendar::{Date, QUARTER_US, frames_by_date, intensity};
pub use civil::{Civil, civil, clock_label, from_civil, full_label, spoken_label};
pub use columns::{Column, fold, hit, merge_columns};
pub use elastic::{Elastic, Rule, STEPS, Tally, share, step_of};
pub use gesture::{Action, Gestures, Pointer, PointerKind};
pub use history::{BarQuery, History, Layer, LoadState, RECENT_BARS};
pub use model::{Chart, FIVE_MINUTES_US, Step};
pub use overview::{Grip, brush, grip_at, handles};
pub use plot::{Painted, Plot, SLIDER_SIDE, TICK_GAP, axis_name, column_width, short_count, track_width};
pub use scale::{BUCKETS_US, MIN_COLUMN_PX, Scale, bucket_for, bucket_name, nice_max};
pub use span::Span;
pub use ticks::{Tick, Zone, ticks};

#[cfg(test)]
mod tests;
