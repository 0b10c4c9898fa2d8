//! Widths of buckets and the y axis.

use super::Span;
use crate::time::MICROS_PER_SECOND;

/// Widths that a bucket may have, in microseconds. Each divides the next, so columns of any width can be summed from
/// columns of any narrower one, and panning never moves frames from one column to another.
pub const BUCKETS_US: [i64; 14] = {
    let mut widths = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800];
    let mut i = 0;
    while i < widths.len() {
        widths[i] *= MICROS_PER_SECOND;
        i += 1;
    }
    widths
};

/// Narrowest column in CSS pixels: what the eye and a mouse can still tell apart.
pub const MIN_COLUMN_PX: f64 = 2.0;

/// The narrowest allowed bucket whose columns are at least [`MIN_COLUMN_PX`] wide when `span` fills `width_px`.
pub fn bucket_for(span: Span, width_px: f64) -> i64 {
    let least = span.len_us() as f64 * MIN_COLUMN_PX / width_px.max(1.0);
    let widest = BUCKETS_US[BUCKETS_US.len() - 1];
    BUCKETS_US.into_iter().find(|&b| b as f64 >= least).unwrap_or(widest)
}

/// A bucket's width in words for the axis: `second`, `5 seconds`, `hour`.
pub fn bucket_name(bucket_us: i64) -> String {
    let seconds = bucket_us / MICROS_PER_SECOND;
    let (n, unit) = match seconds {
        s if s >= 604_800 => (s / 604_800, "week"),
        s if s >= 86_400 => (s / 86_400, "day"),
        s if s >= 3_600 => (s / 3_600, "hour"),
        s if s >= 60 => (s / 60, "minute"),
        s => (s, "second"),
    };
    if n == 1 { unit.to_owned() } else { format!("{n} {unit}s") }
}

/// The least of 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150 … that is not below `count`: the tallest column
/// then fills at least two thirds of the chart, unless there are fewer than four frames in it.
pub fn nice_max(count: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for tenths in [10, 15, 20, 25, 30, 40, 50, 60, 80] {
            let nice = unit.saturating_mul(tenths) / 10;
            if nice >= count.max(5) {
                return nice;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// Whether a number is 1, 2 or 5 with noughts behind.
fn is_round(number: u64) -> bool {
    let mut leading = number;
    while leading >= 10 && leading.is_multiple_of(10) {
        leading /= 10;
    }
    matches!(leading, 1 | 2 | 5)
}

/// The y axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    top: u64,
}

impl Scale {
    /// An axis on which `most` frames fit. It reaches at least to 5, so that one frame does not look like a storm.
    pub fn fitting(most: u64) -> Self {
        Self { top: nice_max(most) }
    }

    /// Frames at the upper edge.
    pub fn top(self) -> u64 {
        self.top
    }

    /// Height of a column in pixels when the axis is `height_px` high: at least one and a half for any frame at all.
    pub fn height_of(self, count: u64, height_px: f64) -> f64 {
        if count == 0 { 0.0 } else { (count as f64 / self.top as f64 * height_px).clamp(1.5, height_px.max(1.5)) }
    }

    /// Whole numbers to be written on the axis, from 0 to the top, at most six of them.
    pub fn marks(self) -> Vec<u64> {
        let round = (1..=5).rev().find(|n| self.top.is_multiple_of(*n) && is_round(self.top / n));
        let step = self.top / round.unwrap_or(1);
        (0..=self.top).step_by(step.max(1) as usize).collect()
    }
}
