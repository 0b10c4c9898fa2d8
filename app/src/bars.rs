//! Bars: how many frames of motion fell into each bucket of time.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One bar of the history chart. On the wire it is the array `[start, count, first]`.
///
/// A bar always states the *whole* count of its bucket, never an increment, so applying one twice changes nothing and
/// a live bar equals the stored one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(Timestamp, u32, Timestamp)", into = "(Timestamp, u32, Timestamp)")]
pub struct Bar {
    /// Start of the bucket.
    pub start: Timestamp,
    /// Stored frames of motion in the bucket.
    pub count: u32,
    /// The first of them: what a click on the bar shows.
    pub first: Timestamp,
}

impl From<(Timestamp, u32, Timestamp)> for Bar {
    fn from((start, count, first): (Timestamp, u32, Timestamp)) -> Self {
        Self { start, count, first }
    }
}

impl From<Bar> for (Timestamp, u32, Timestamp) {
    fn from(b: Bar) -> Self {
        (b.start, b.count, b.first)
    }
}

/// Puts a bar into a list sorted by start: replaces the one of the same bucket, else inserts at its place.
pub fn upsert(bars: &mut Vec<Bar>, bar: Bar) {
    match bars.binary_search_by_key(&bar.start, |b| b.start) {
        Ok(i) => bars[i] = bar,
        Err(i) => bars.insert(i, bar),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(start: i64, count: u32) -> Bar {
        Bar { start: Timestamp(start), count, first: Timestamp(start) }
    }

    #[test]
    fn upsert_is_idempotent_and_keeps_order() {
        let mut bars = vec![bar(1, 1), bar(3, 1)];
        for b in [bar(2, 5), bar(2, 6), bar(2, 6), bar(0, 1), bar(4, 1)] {
            upsert(&mut bars, b);
        }
        assert_eq!(bars, [bar(0, 1), bar(1, 1), bar(2, 6), bar(3, 1), bar(4, 1)]);
    }

    #[test]
    fn a_bar_travels_as_an_array() {
        assert_eq!(serde_json::to_string(&bar(7, 2)).unwrap(), "[7,2,7]");
        assert_eq!(serde_json::from_str::<Bar>("[7,2,7]").unwrap(), bar(7, 2));
    }
}
