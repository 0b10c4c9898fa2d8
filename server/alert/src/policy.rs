//! When one camera raises an alert. Pure: time is an argument.

use rtm2_app::{CameraState, Timestamp};

/// Times that a [`Policy`] keeps, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Without motion for this long, the next motion is a new one.
    pub gap_us: i64,
    /// Least time between two alerts of motion.
    pub cooldown_us: i64,
    /// Least time between two alerts that the camera was lost, so that a loose plug raises no storm.
    pub lost_cooldown_us: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { gap_us: 10_000_000, cooldown_us: 60_000_000, lost_cooldown_us: 600_000_000 }
    }
}

/// What a camera's state gives reason for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is lost, for this reason.
    Lost(String),
    /// It is back after its loss was told.
    Back,
}

/// Decides for one camera.
#[derive(Clone, Debug)]
pub struct Policy {
    pace: Pace,
    /// The last frame of motion.
    moved: Option<Timestamp>,
    /// Whether the motion that goes on was told.
    told: bool,
    /// The last alert of motion.
    told_at: Option<Timestamp>,
    /// Whether the loss that goes on was told.
    lost_told: bool,
    /// The last alert of a loss.
    lost_at: Option<Timestamp>,
}

impl Policy {
    /// A policy that has seen nothing.
    pub const fn new(pace: Pace) -> Self {
        Self { pace, moved: None, told: false, told_at: None, lost_told: false, lost_at: None }
    }

    /// A frame of motion was captured at `at`. Whether it raises an alert: the beginning of motion does, once, and
    /// what began during the cooldown and still goes on does when the cooldown ends.
    pub fn motion(&mut self, at: Timestamp) -> bool {
        let begins = over(self.moved.replace(at), at, self.pace.gap_us);
        self.told &= !begins;
        if self.told || !over(self.told_at, at, self.pace.cooldown_us) {
            return false;
        }
        self.told = true;
        self.told_at = Some(at);
        true
    }

    /// The camera is in this state at `now`; to be called every second or so. A loss is told once, and its end only
    /// if the loss was told.
    pub fn state(&mut self, state: &CameraState, now: Timestamp) -> Option<Turn> {
        match state {
            CameraState::Lost { reason, .. } if !self.lost_told => {
                if !over(self.lost_at, now, self.pace.lost_cooldown_us) {
                    return None;
                }
                self.lost_told = true;
                self.lost_at = Some(now);
                Some(Turn::Lost(reason.clone()))
            }
            CameraState::Live => std::mem::take(&mut self.lost_told).then_some(Turn::Back),
            CameraState::Lost { .. } | CameraState::Stalled { .. } | CameraState::Starting => None,
        }
    }
}

/// Whether `span_us` has passed since `then`. A clock that was set back counts as passed: silence would be worse.
pub(crate) fn over(then: Option<Timestamp>, now: Timestamp, span_us: i64) -> bool {
    then.is_none_or(|then| now < then || now.0.saturating_sub(then.0) >= span_us)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const S: i64 = 1_000_000;

    fn policy() -> Policy {
        Policy::new(Pace { gap_us: 10 * S, cooldown_us: 60 * S, lost_cooldown_us: 600 * S })
    }

    fn told(policy: &mut Policy, seconds: impl IntoIterator<Item = i64>) -> Vec<i64> {
        seconds.into_iter().filter(|s| policy.motion(Timestamp(s * S))).collect()
    }

    fn lost() -> CameraState {
        CameraState::Lost { since: Timestamp(0), reason: "unplugged".into() }
    }

    #[test]
    fn the_beginning_of_motion_is_told_once() {
        assert_eq!(told(&mut policy(), 100..400), [100]);
        assert_eq!(told(&mut policy(), (100..110).chain(300..310)), [100, 300]);
    }

    #[test]
    fn what_begins_in_the_cooldown_is_told_when_it_lasts() {
        assert_eq!(told(&mut policy(), (100..105).chain(130..135)), [100], "over before the cooldown");
        assert_eq!(told(&mut policy(), (100..105).chain(130..400)), [100, 160], "goes on beyond it");
    }

    #[test]
    fn a_clock_set_back_does_not_silence() {
        assert_eq!(told(&mut policy(), [1_000, 10]), [1_000, 10]);
    }

    #[test]
    fn b27_a_lost_camera_raises_one_alert_and_no_storm() {
        let mut policy = policy();
        let turns: Vec<_> = (0..3_000).filter_map(|s| policy.state(&lost(), Timestamp(s * S))).collect();
        assert_eq!(turns, [Turn::Lost("unplugged".into())]);
        assert_eq!(policy.state(&CameraState::Live, Timestamp(3_000 * S)), Some(Turn::Back));
        assert_eq!(policy.state(&CameraState::Live, Timestamp(3_001 * S)), None);
    }

    #[test]
    fn a_loose_plug_is_told_again_only_after_a_while() {
        let mut policy = policy();
        let mut turns = Vec::new();
        for s in 0..700 {
            let state = if s % 2 == 0 { lost() } else { CameraState::Live };
            turns.extend(policy.state(&state, Timestamp(s * S)).map(|turn| (s, turn)));
        }
        let lost = |s| (s, Turn::Lost("unplugged".into()));
        assert_eq!(turns, [lost(0), (1, Turn::Back), lost(600), (601, Turn::Back)]);
    }

    #[test]
    fn a_camera_that_starts_or_stalls_is_not_lost_and_not_back() {
        let mut policy = policy();
        for state in [CameraState::Starting, CameraState::Live, CameraState::Stalled { since: Timestamp(0) }] {
            assert_eq!(policy.state(&state, Timestamp(0)), None);
        }
    }

    proptest! {
        #[test]
        fn alerts_of_motion_keep_their_distance(steps in prop::collection::vec(0_i64..40, 1..300)) {
            let mut policy = policy();
            let times: Vec<_> = steps.iter().scan(0, |t, step| { *t += step; Some(*t) }).collect();
            let told = told(&mut policy, times.clone());
            prop_assert_eq!(told.first(), times.first(), "the first motion is told");
            prop_assert!(told.windows(2).all(|pair| pair[1] - pair[0] >= 60));
        }

        #[test]
        fn losses_and_returns_alternate(states in prop::collection::vec(0_u8..4, 1..300), step in 1_i64..400) {
            let mut policy = policy();
            let mut expect_lost = true;
            for (i, state) in states.iter().enumerate() {
                let state = match state {
                    0 => CameraState::Live,
                    1 => CameraState::Starting,
                    2 => CameraState::Stalled { since: Timestamp(0) },
                    _ => lost(),
                };
                if let Some(turn) = policy.state(&state, Timestamp(i as i64 * step * S)) {
                    prop_assert_eq!(matches!(turn, Turn::Lost(_)), expect_lost);
                    expect_lost = !expect_lost;
                }
            }
        }
    }
}
