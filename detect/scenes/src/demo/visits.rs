//! Who walks through the room when: by the frame's number and the seed alone.

use crate::FRAMES_PER_SECOND;
use crate::maths::{choice, hash};

/// Frames from one visit to the next, give or take two seconds.
pub(super) const CYCLE: u64 = 12 * FRAMES_PER_SECOND;

/// Frames that a walk through the room takes.
pub(super) const DURATION: u64 = 4 * FRAMES_PER_SECOND;

/// The earliest start within a cycle: soon enough that who opens the page does not wait long.
const EARLIEST: u64 = 5 * FRAMES_PER_SECOND / 2;

/// Starts vary by this.
const VARIATION: u64 = 2 * FRAMES_PER_SECOND;

/// Who comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visitor {
    Person,
    Cat,
}

/// A moment of a visit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    pub(super) visitor: Visitor,
    /// From 0 at the start up to 1 at the end.
    pub(super) progress: f32,
    /// 1 to the right, -1 to the left.
    pub(super) heading: f32,
    /// What this visitor looks like.
    pub(super) looks: u64,
}

impl Visit {
    /// The visit that frame `n` falls into, if any.
    pub(super) fn during(seed: u64, n: u64) -> Option<Self> {
        let cycle = n / CYCLE;
        let looks = hash(seed ^ hash(cycle));
        let start = EARLIEST + hash(looks) % VARIATION;
        let into = (n % CYCLE).checked_sub(start).filter(|&into| into < DURATION)?;
        Some(Self {
            visitor: if cycle % 3 == 2 { Visitor::Cat } else { Visitor::Person },
            progress: into as f32 / DURATION as f32,
            heading: if cycle.is_multiple_of(2) { 1.0 } else { -1.0 },
            looks,
        })
    }

    /// Where along the room, `margin` beyond its edges at both ends.
    pub(super) fn place(&self, half_width: f32, margin: f32) -> f32 {
        self.heading * (half_width + margin) * (2.0 * self.progress - 1.0)
    }

    /// How far it has walked since the start.
    pub(super) fn walked(&self, half_width: f32, margin: f32) -> f32 {
        2.0 * (half_width + margin) * self.progress
    }

    /// One of several choices that make up the looks: the `which`-th picks from 0 up to 1.
    pub(super) fn choice(&self, which: u64) -> f32 {
        choice(self.looks, which)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cycle_has_one_whole_visit_with_quiet_around_it() {
        for seed in 0..20 {
            for cycle in 0..20 {
                let visible: Vec<_> = (cycle * CYCLE..(cycle + 1) * CYCLE).map(|n| Visit::during(seed, n)).collect();
                assert_eq!(visible.iter().flatten().count() as u64, DURATION);
                assert!(visible[..75].iter().all(Option::is_none));
                assert!(visible[visible.len() - 90..].iter().all(Option::is_none));
            }
        }
    }

    #[test]
    fn people_come_more_often_than_the_cat() {
        let visitors: Vec<_> =
            (0..9).map(|cycle| (0..CYCLE).find_map(|n| Visit::during(7, cycle * CYCLE + n)).unwrap().visitor).collect();
        assert_eq!(visitors.iter().filter(|&&visitor| visitor == Visitor::Cat).count(), 3);
    }
}
