//! A stretch of time and its place on a row of pixels.

use crate::Timestamp;

/// A half-open stretch of time, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    from: Timestamp,
    to: Timestamp,
}

impl Span {
    /// The stretch between two times in either order; at least a microsecond long.
    pub fn new(a: Timestamp, b: Timestamp) -> Self {
        let (from, to) = if a <= b { (a, b) } else { (b, a) };
        if to.0 > from.0 {
            Self { from, to }
        } else if from.0 < i64::MAX {
            Self { from, to: Timestamp(from.0 + 1) }
        } else {
            Self { from: Timestamp(i64::MAX - 1), to }
        }
    }

    /// A stretch of `len_us` microseconds from `from` on.
    pub fn starting(from: Timestamp, len_us: i64) -> Self {
        Self::new(from, Timestamp(from.0.saturating_add(len_us.max(1))))
    }

    /// Its start, which belongs to it.
    pub fn from(self) -> Timestamp {
        self.from
    }

    /// Its end, which does not.
    pub fn to(self) -> Timestamp {
        self.to
    }

    /// Length in microseconds, at least 1.
    pub fn len_us(self) -> i64 {
        self.to.0.saturating_sub(self.from.0)
    }

    /// Whether a time lies in it.
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether all of another stretch lies in it.
    pub fn covers(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// The same stretch moved by some microseconds.
    pub fn shifted(self, by_us: i64) -> Self {
        Self::starting(Timestamp(self.from.0.saturating_add(by_us)), self.len_us())
    }

    /// What both have in common.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let (from, to) = (self.from.max(other.from), self.to.min(other.to));
        (from < to).then_some(Self { from, to })
    }

    /// The pixel at which a time is drawn when the stretch fills `width_px`; outside of it when the time is.
    pub fn x_of(self, at: Timestamp, width_px: f64) -> f64 {
        // Differences of microseconds stay exact in f64 for 285 years.
        at.0.saturating_sub(self.from.0) as f64 / self.len_us() as f64 * width_px
    }

    /// The time that is drawn at a pixel.
    pub fn time_at(self, x: f64, width_px: f64) -> Timestamp {
        let offset = (x / width_px.max(1.0) * self.len_us() as f64).round() as i64;
        Timestamp(self.from.0.saturating_add(offset))
    }
}
