//! Elastic: what of the history would still be there if more had to change, or only in a part of the picture. One pass over
//! the seconds' records decides which of them pass; sums over what fails then answer for any column, so that panning and
//! zooming sift nothing again.

use super::{Column, Span};
use crate::day::{ALL_CELLS, Day, Seconds};
use crate::time::MICROS_PER_SECOND;

/// Steps of a slider of [`share`].
pub const STEPS: u16 = 100;

/// What a second needs in order to pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Share of the picture that has to change, of 65535.
    pub area: u16,
    /// Share of the picture that the biggest region has to cover, of 65535.
    pub biggest: u16,
    /// Cells of which at least one has to change; none for anywhere.
    pub cells: u64,
}

impl Rule {
    /// Whether everything passes.
    pub fn is_open(self) -> bool {
        self == Self::default()
    }

    /// Cells of which one has to change, every one where none was chosen.
    fn mask(self) -> u64 {
        if self.cells == 0 { u64::MAX } else { self.cells & ALL_CELLS }
    }

    /// A line to be remembered by.
    pub fn to_text(self) -> String {
        [u64::from(self.area), u64::from(self.biggest), self.cells].map(|v| v.to_string()).join(" ")
    }

    /// Reads [`Self::to_text`]; anything else lets everything pass.
    pub fn from_text(text: &str) -> Self {
        let mut values = text.split(' ').map(|v| v.parse::<u64>().ok());
        let mut next = || values.next().flatten();
        let rule = (|| {
            let (area, biggest) = (u16::try_from(next()?).ok()?, u16::try_from(next()?).ok()?);
            Some(Self { area, biggest, cells: next()? & ALL_CELLS })
        })();
        rule.unwrap_or_default()
    }
}

/// The share of 65535 that a slider at `step` asks for: its cube, because most motion is small and a hundredth of the
/// picture matters there as much as a tenth does among large ones.
pub fn share(step: u16) -> u16 {
    let step = u64::from(step.min(STEPS));
    // Whatever is not nothing asks for something.
    (step.pow(3) * 65_535 / u64::from(STEPS).pow(3)).max(step.min(1)) as u16
}

/// The step of a slider that comes nearest to a share from below.
pub fn step_of(wanted: u16) -> u16 {
    (0..=STEPS).rev().find(|step| share(*step) <= wanted).unwrap_or(0)
}

/// How much of a stretch passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Seconds that pass.
    pub passed: u32,
    /// Seconds of which there are records.
    pub known: u32,
}

/// All records that are held, and which of them pass.
#[derive(Clone, Debug, Default)]
pub struct Elastic {
    rule: Rule,
    seconds: Seconds,
    /// Before each second and behind the last: frames in, and number of, seconds that fail.
    failed: Vec<(u32, u32)>,
}

impl Elastic {
    /// What a second needs to pass.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The records.
    pub fn seconds(&self) -> &Seconds {
        &self.seconds
    }

    /// Forgets all records and keeps the rule.
    pub fn clear(&mut self) {
        *self = Self { rule: self.rule, ..Self::default() };
    }

    /// Takes a day in place of what is held of it.
    pub fn put(&mut self, day: &Day) {
        self.seconds.splice(day.range(), &day.seconds);
        self.sift();
    }

    /// Takes many days at once.
    pub fn put_all<'a>(&mut self, days: impl IntoIterator<Item = &'a Day>) {
        for day in days {
            self.seconds.splice(day.range(), &day.seconds);
        }
        self.sift();
    }

    /// Asks for something else.
    pub fn set(&mut self, rule: Rule) {
        if self.rule != rule {
            self.rule = rule;
            self.sift();
        }
    }

    /// One pass over all seconds, no allocation once they have been held.
    fn sift(&mut self) {
        let Self { rule, seconds, failed } = self;
        let mask = rule.mask();
        failed.resize(seconds.len() + 1, (0, 0));
        let columns = seconds.area.iter().zip(&seconds.biggest).zip(&seconds.cells).zip(&seconds.count);
        let (mut frames, mut number) = (0_u32, 0_u32);
        for ((((area, biggest), cells), count), sum) in columns.zip(failed.iter_mut().skip(1)) {
            // Cells of a second in which none changed at all: it passes while no cells are asked for.
            let here = mask == u64::MAX || cells & mask != 0;
            let fails = u32::from(!(*area >= rule.area && *biggest >= rule.biggest && here));
            frames = frames.wrapping_add(u32::from(*count) * fails);
            number += fails;
            *sum = (frames, number);
        }
    }

    /// The indices of the seconds in a stretch.
    fn within(&self, span: Span) -> (usize, usize) {
        // The first second that begins at or after a time.
        let edge = |at: i64| {
            let second = at.div_euclid(MICROS_PER_SECOND) + i64::from(at.rem_euclid(MICROS_PER_SECOND) > 0);
            let second = u32::try_from(second.max(0)).unwrap_or(u32::MAX);
            self.seconds.at.partition_point(|at| *at < second)
        };
        (edge(span.from().0), edge(span.to().0))
    }

    fn failed(&self, i: usize) -> (u32, u32) {
        self.failed.get(i).copied().unwrap_or_default()
    }

    /// Frames of a column that are in seconds that pass. Those of which no record is held (yet) count as passing.
    pub fn passing(&self, column: &Column) -> u64 {
        let (from, to) = self.within(column.span);
        column.count.saturating_sub(u64::from(self.failed(to).0.wrapping_sub(self.failed(from).0)))
    }

    /// How many of a stretch's seconds pass.
    pub fn tally(&self, span: Span) -> Tally {
        let (from, to) = self.within(span);
        let known = to.saturating_sub(from) as u32;
        Tally { passed: known - self.failed(to).1.saturating_sub(self.failed(from).1).min(known), known }
    }
}
