//! Columns: bars summed into the buckets that are drawn.

use super::Span;
use crate::{Bar, Timestamp};

/// A column of the chart: all frames of one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its bucket.
    pub span: Span,
    /// Frames in it; never 0.
    pub count: u64,
    /// The first of them.
    pub first: Timestamp,
}

/// Sums bars, sorted by time, into columns of `bucket_us`; buckets without a frame make no column.
pub fn fold(bars: &[Bar], bucket_us: i64) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for bar in bars.iter().filter(|b| b.count > 0) {
        match columns.last_mut() {
            // No division for a bar that falls into the column being filled.
            Some(last) if bar.start < last.span.to() => {
                last.count += u64::from(bar.count);
                last.first = last.first.min(bar.first);
            }
            _ => columns.push(Column {
                span: Span::starting(bar.start.bucket(bucket_us), bucket_us),
                count: u64::from(bar.count),
                first: bar.first,
            }),
        }
    }
    columns
}

/// Puts newer columns behind older ones. The two may share one bucket, which is summed; where the older ones are
/// wider, the last of them is cut where the newer ones begin.
pub fn merge_columns(mut older: Vec<Column>, newer: Vec<Column>) -> Vec<Column> {
    let mut newer = newer.into_iter().peekable();
    if let (Some(last), Some(next)) = (older.last_mut(), newer.peek()) {
        if last.span.from() >= next.span.from() {
            last.span = next.span;
            last.count += next.count;
            newer.next();
        } else if last.span.to() > next.span.from() {
            last.span = Span::new(last.span.from(), next.span.from());
        }
    }
    older.extend(newer);
    older
}

/// The column under a pixel: the very one that is drawn there, else the nearest within `tolerance_px`.
pub fn hit(columns: &[Column], view: Span, width_px: f64, x: f64, tolerance_px: f64) -> Option<Column> {
    let at = view.time_at(x, width_px);
    let after = columns.partition_point(|c| c.span.from() <= at);
    let left = after.checked_sub(1).and_then(|i| columns.get(i)).copied();
    if let Some(column) = left.filter(|c| c.span.contains(at)) {
        return Some(column);
    }
    let right = columns.get(after).copied();
    let away = |c: &Column| {
        let (a, b) = (view.x_of(c.span.from(), width_px), view.x_of(c.span.to(), width_px));
        (a - x).max(x - b).max(0.0)
    };
    left.into_iter().chain(right).filter(|c| away(c) <= tolerance_px).min_by(|a, b| away(a).total_cmp(&away(b)))
}
