//! Which frames of motion somebody hears of who wants to know that it goes on and where, but not see each: waking such a
//! listener thirty times a second costs more than what it does. Pure: the time is an argument.

use rtm2_app::{Timestamp, ZoneSet};

/// Most time between two frames that are told while motion goes on, in µs.
const EVERY_US: i64 = 250_000;

/// What was told of one camera's motion.
#[derive(Debug, Default)]
pub(super) struct Beat {
    told: Option<(Timestamp, ZoneSet)>,
}

impl Beat {
    /// Whether a frame of motion at this time and in these zones is to be told: the first one, one after a while, and one
    /// that is in a zone which was not told in that while.
    pub(super) fn is_due(&mut self, at: Timestamp, zones: ZoneSet) -> bool {
        let going_on = self.told.filter(|(then, _)| (0..EVERY_US).contains(&at.0.saturating_sub(then.0)));
        let Some((then, told)) = going_on else {
            self.told = Some((at, zones));
            return true;
        };
        let all = told.or(zones);
        self.told = Some((then, all));
        all != told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME_US: i64 = 33_333;

    fn zones(numbers: &[u8]) -> ZoneSet {
        numbers.iter().fold(ZoneSet::default(), |set, &zone| set.with(zone))
    }

    #[test]
    fn motion_that_goes_on_is_told_now_and_then() {
        let mut beat = Beat::default();
        let told: Vec<i64> = (0..30).filter(|n| beat.is_due(Timestamp(n * FRAME_US), ZoneSet::default())).collect();
        assert_eq!(told, [0, 8, 16, 24]);
    }

    #[test]
    fn what_begins_and_what_comes_elsewhere_is_told_at_once() {
        let mut beat = Beat::default();
        let at = |n: i64| Timestamp(n * FRAME_US);
        assert!(beat.is_due(at(0), zones(&[1])));
        assert!(!beat.is_due(at(1), zones(&[1])));
        assert!(beat.is_due(at(2), zones(&[1, 2])));
        assert!(!beat.is_due(at(3), zones(&[2])), "told a moment ago");
        assert!(!beat.is_due(at(4), zones(&[])));
        assert!(beat.is_due(at(5), zones(&[0])));
        assert!(beat.is_due(at(40), zones(&[1])), "it was over");
    }

    #[test]
    fn a_clock_set_back_is_told() {
        let mut beat = Beat::default();
        assert!(beat.is_due(Timestamp(1_000_000), ZoneSet::default()));
        assert!(beat.is_due(Timestamp(999_999), ZoneSet::default()));
        assert!(!beat.is_due(Timestamp(1_000_000), ZoneSet::default()));
    }
}
