//! Whether a camera's pictures are looked at: a detector that hangs, or gets nothing that it can read, would else be as
//! silent as a room in which nothing moves. Pure: time is an argument.

use rtm2_app::Timestamp;

/// How long pictures may come without a verdict, in microseconds: far above what a slow machine needs for one.
const PATIENCE_US: i64 = 10_000_000;

/// Counts of a camera's pictures since the server started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Pictures that came.
    pub came: u64,
    /// Pictures that got a verdict.
    pub judged: u64,
}

/// Watches one camera's detector.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watchdog {
    /// The counts when there last was a new verdict.
    last: Work,
    /// When pictures were first seen to have come after that.
    since: Option<Timestamp>,
}

impl Watchdog {
    /// Looks at the counts, about once a second. Whether pictures have been coming for too long without a verdict. A
    /// camera that sends nothing is no fault of its detector.
    pub fn look(&mut self, work: Work, now: Timestamp) -> bool {
        if work.judged != self.last.judged {
            (self.last, self.since) = (work, None);
            return false;
        }
        if work.came == self.last.came {
            return false;
        }
        // A clock that was set back begins the wait anew.
        let since = self.since.map_or(now, |since| since.min(now));
        self.since = Some(since);
        now.0.saturating_sub(since.0) >= PATIENCE_US
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds in which the detector is at fault; `work` says what was counted until each.
    fn faults(work: impl Fn(u64) -> (u64, u64), seconds: u64) -> Vec<u64> {
        let mut dog = Watchdog::default();
        let look = |s: &u64| {
            let (came, judged) = work(*s);
            dog.look(Work { came, judged }, Timestamp(*s as i64 * 1_000_000))
        };
        (0..seconds).filter(look).collect()
    }

    #[test]
    fn a_detector_that_works_is_no_fault_however_rarely_pictures_come() {
        assert_eq!(faults(|s| (s * 30, s * 30), 600), Vec::<u64>::new());
        assert_eq!(faults(|s| (s * 30, s * 2), 600), Vec::<u64>::new(), "slow, but it works");
        assert_eq!(faults(|s| (s / 60, s / 60), 600), Vec::<u64>::new(), "a picture a minute");
        assert_eq!(faults(|s| (s.min(20) * 30, s.min(20) * 30), 600), Vec::<u64>::new(), "the camera is gone");
        assert_eq!(
            faults(|s| (s / 60, s.saturating_sub(1) / 60), 600),
            Vec::<u64>::new(),
            "the verdict comes a second later"
        );
    }

    #[test]
    fn pictures_without_a_verdict_are_a_fault_until_there_is_one() {
        let hung = |s: u64| (s * 30, if (100..130).contains(&s) { 3_000 } else { s * 30 });
        assert_eq!(faults(hung, 200), (111..130).collect::<Vec<_>>());
        assert_eq!(faults(|s| (s * 30, 0), 15), [11, 12, 13, 14], "none at all");
        // The camera goes too: nobody looks at the pictures that came before.
        let gone = |s: u64| (s.min(105) * 30, s.min(100) * 30);
        assert_eq!(faults(gone, 114), [111, 112, 113]);
    }

    #[test]
    fn a_clock_set_back_is_no_fault() {
        let mut dog = Watchdog::default();
        let mut look = |came, s: i64| dog.look(Work { came, judged: 0 }, Timestamp(s * 1_000_000));
        assert_eq!([look(1, 1_000), look(2, 10), look(3, 19), look(4, 20)], [false, false, false, true]);
    }
}
