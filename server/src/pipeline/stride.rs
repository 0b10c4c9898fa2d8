//! Which pictures of a fast camera need no detector while motion goes on: every second one of thirty a second. It is plain that
//! something moves, and where it was a thirtieth of a second ago is near enough to where it is. Pure: time is an argument.

/// Motion goes on when every picture that was looked at for so long had some, in µs.
const GOING_ON_US: i64 = 1_000_000;
/// A picture is spared that comes sooner than this after the last one looked at, in µs: of cameras with up to 25 a second
/// every picture is looked at, of faster ones at least 13 a second.
const SOON_US: i64 = 38_000;

/// Since when there is motion in every picture that was looked at, and which was the last.
#[derive(Debug, Default)]
pub(super) struct Stride {
    since_us: Option<i64>,
    last_us: i64,
}

impl Stride {
    /// Whether the detector may be spared a picture of this time.
    pub(super) fn may_spare(&self, at_us: i64) -> bool {
        let goes_on = self.since_us.is_some_and(|since| self.last_us.saturating_sub(since) >= GOING_ON_US);
        goes_on && (0..SOON_US).contains(&at_us.saturating_sub(self.last_us))
    }

    /// The detector looked at a picture, and something moved in it or did not.
    pub(super) fn looked(&mut self, at_us: i64, motion: bool) {
        self.since_us = if motion { self.since_us.filter(|since| *since <= at_us).or(Some(at_us)) } else { None };
        self.last_us = at_us;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the pictures of some seconds are looked at, where those for which `moves` holds have motion.
    fn looked_at(fps: i64, seconds: i64, moves: impl Fn(i64) -> bool) -> Vec<i64> {
        let mut stride = Stride::default();
        let looks = |n: &i64| {
            let at = n * 1_000_000 / fps;
            let look = !stride.may_spare(at);
            if look {
                stride.looked(at, moves(*n));
            }
            look
        };
        (0..fps * seconds).filter(looks).collect()
    }

    #[test]
    fn every_second_picture_is_spared_after_a_second_of_motion() {
        let all = |range: std::ops::Range<i64>| range.collect::<Vec<_>>();
        assert_eq!(looked_at(30, 3, |_| false), all(0..90));
        let looked = looked_at(30, 3, |n| n >= 10);
        assert_eq!(looked[..41], all(0..41));
        assert_eq!(looked[41..], (42..90).step_by(2).collect::<Vec<_>>());
    }

    #[test]
    fn slow_cameras_are_looked_at_always_and_fast_ones_often_enough() {
        for (fps, per_second) in [(5, 5), (15, 15), (25, 25), (30, 15), (60, 20), (120, 24)] {
            let looked = looked_at(fps, 5, |_| true);
            let last = looked.iter().filter(|n| **n >= fps * 4).count() as i64;
            assert!((per_second..=per_second + 1).contains(&last), "{fps} fps: {last}");
        }
    }

    #[test]
    fn a_picture_without_motion_ends_it() {
        let looked = looked_at(30, 4, |n| n < 60);
        assert!(looked[looked.partition_point(|n| *n < 62)..].iter().copied().eq(62..120));
    }

    #[test]
    fn a_clock_set_back_is_looked_at() {
        let mut stride = Stride::default();
        (0..60).for_each(|n| stride.looked(n * 40_000, true));
        assert!(stride.may_spare(59 * 40_000 + 10_000));
        assert!(!stride.may_spare(10_000));
        stride.looked(10_000, true);
        assert!(!stride.may_spare(20_000), "a second has not passed on this clock");
    }
}
