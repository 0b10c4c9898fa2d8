//! Properties of the chart as a whole.

mod band;
mod calendar;
mod elastic;
mod history;
mod pointing;
mod time;
mod view;

use crate::http::Bars;
use crate::time::MICROS_PER_SECOND;
use crate::{Bar, CameraId, Timestamp};

/// Some second of 2026.
const T0: i64 = 1_780_000_000 * MICROS_PER_SECOND;

fn at(second: i64) -> Timestamp {
    Timestamp(T0 + second * MICROS_PER_SECOND)
}

fn bar(second: i64, count: u32) -> Bar {
    Bar { start: at(second), count, first: Timestamp(at(second).0 + 40_000) }
}

fn answer(bars: Vec<Bar>) -> Bars {
    let extent = bars.first().zip(bars.last()).map(|(a, b)| (a.first, b.first));
    Bars { camera: CameraId(0), bucket_us: MICROS_PER_SECOND, bars, extent }
}

/// What the server answers for a stretch: whole buckets, the one at its end included.
fn ask(stored: &[Bar], query: super::BarQuery) -> super::Layer {
    let (from, end) = (query.span.from(), query.span.to().bucket(query.bucket_us).0 + query.bucket_us);
    let inside: Vec<Bar> = stored.iter().filter(|b| b.start >= from && b.start.0 < end).copied().collect();
    let bars = super::fold(&inside, query.bucket_us)
        .into_iter()
        .map(|c| Bar { start: c.span.from(), count: u32::try_from(c.count).unwrap(), first: c.first })
        .collect();
    super::Layer { query, bars }
}
