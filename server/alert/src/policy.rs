//! When one camera raises an alert. Pure: time is an argument.

use rtm2_app::{CameraState, Timestamp, ZoneSet};

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

/// What motion gives reason for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// It begins.
    Begins,
    /// It goes on, was told, and has come into these zones, which were not.
    Reaches(ZoneSet),
}

/// What the state of something that can fail gives reason for.
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
    /// Motion anywhere.
    anywhere: Motion,
    /// Motion by zone; those that were never reached may be missing.
    zones: Vec<Motion>,
    camera: Trouble,
    detector: Trouble,
}

/// Motion in one place.
#[derive(Clone, Copy, Debug, Default)]
struct Motion {
    /// The last frame of it.
    moved: Option<Timestamp>,
    /// Whether the motion that goes on was told.
    told: bool,
    /// The last alert of it.
    told_at: Option<Timestamp>,
}

impl Motion {
    /// Something moves there at `at`. Whether that is to be told.
    fn moves(&mut self, at: Timestamp, pace: Pace) -> bool {
        let begins = over(self.moved.replace(at), at, pace.gap_us);
        self.told &= !begins;
        !self.told && over(self.told_at, at, pace.cooldown_us)
    }

    fn tell(&mut self, at: Timestamp) {
        self.told = true;
        self.told_at = Some(at);
    }
}

/// Decides about something that fails and comes back: told once each time, and no storm while it flutters.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// Whether the loss that goes on was told.
    told: bool,
    /// The last alert of a loss.
    lost_at: Option<Timestamp>,
}

impl Trouble {
    /// It is lost for a reason at `now`, or not; to be called every second or so. Its end is told only if the loss was.
    pub fn look(&mut self, fault: Option<&str>, now: Timestamp, cooldown_us: i64) -> Option<Turn> {
        let Some(reason) = fault else {
            return std::mem::take(&mut self.told).then_some(Turn::Back);
        };
        if self.told || !over(self.lost_at, now, cooldown_us) {
            return None;
        }
        self.told = true;
        self.lost_at = Some(now);
        Some(Turn::Lost(reason.to_owned()))
    }
}

impl Policy {
    /// A policy that has seen nothing.
    pub fn new(pace: Pace) -> Self {
        let (camera, detector) = Default::default();
        Self { pace, anywhere: Motion::default(), zones: Vec::new(), camera, detector }
    }

    /// A frame of motion in these zones was captured at `at`. Whether it raises an alert: the beginning of motion does,
    /// once, and what began during the cooldown and still goes on does when the cooldown ends. So does, with the same
    /// pauses, what comes into another zone.
    pub fn motion(&mut self, at: Timestamp, zones: ZoneSet) -> Option<Move> {
        let begins = self.anywhere.moves(at, self.pace);
        if begins {
            self.anywhere.tell(at);
        }
        let mut reached = ZoneSet::default();
        for zone in zones.iter() {
            let index = usize::from(zone);
            if self.zones.len() <= index {
                self.zones.resize(index + 1, Motion::default());
            }
            let motion = &mut self.zones[index];
            if motion.moves(at, self.pace) || begins {
                motion.tell(at);
                reached = reached.with(zone);
            }
        }
        if begins {
            return Some(Move::Begins);
        }
        (!reached.is_empty()).then_some(Move::Reaches(reached))
    }

    /// Whether the camera's pictures are looked at, and if not, why; to be called every second or so.
    pub fn detector(&mut self, fault: Option<&str>, now: Timestamp) -> Option<Turn> {
        self.detector.look(fault, now, self.pace.lost_cooldown_us)
    }

    /// The camera is in this state at `now`; to be called every second or so. A loss is told once, and its end only
    /// if the loss was told.
    pub fn state(&mut self, state: &CameraState, now: Timestamp) -> Option<Turn> {
        match state {
            CameraState::Lost { reason, .. } => self.camera.look(Some(reason), now, self.pace.lost_cooldown_us),
            CameraState::Live => self.camera.look(None, now, self.pace.lost_cooldown_us),
            CameraState::Stalled { .. } | CameraState::Starting => None,
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
        seconds.into_iter().filter(|s| policy.motion(Timestamp(s * S), ZoneSet(0)).is_some()).collect()
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
    fn motion_that_comes_into_another_zone_is_told_for_that_zone() {
        let mut policy = policy();
        let mut moves = |s: i64, zones| policy.motion(Timestamp(s * S), ZoneSet(zones));
        assert_eq!(moves(100, 0b1), Some(Move::Begins));
        assert_eq!(moves(101, 0b1), None);
        assert_eq!(moves(102, 0b11), Some(Move::Reaches(ZoneSet(0b10))));
        assert_eq!(moves(103, 0b110), Some(Move::Reaches(ZoneSet(0b100))));
        assert_eq!((104..130).find_map(|s| moves(s, 0b111)), None, "each once");
        // It leaves and comes again within the cooldown, and stays.
        assert_eq!(moves(141, 0b10), None);
        assert_eq!((142..300).find_map(|s| Some((s, moves(s, 0b10)?))), Some((160, Move::Begins)));
        assert_eq!((161..400).find_map(|s| Some((s, moves(s, 0b10)?))), None, "and was told with it");
    }

    #[test]
    fn a_detector_that_hangs_is_told_once_and_so_is_its_end() {
        let mut policy = policy();
        let fault = |s: i64| (s < 50).then_some("hangs");
        let turns: Vec<_> = (0..99).filter_map(|s| Some((s, policy.detector(fault(s), Timestamp(s * S))?))).collect();
        assert_eq!(turns, [(0, Turn::Lost("hangs".into())), (50, Turn::Back)]);
        assert_eq!(policy.state(&lost(), Timestamp(99 * S)), Some(Turn::Lost("unplugged".into())), "another trouble");
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
