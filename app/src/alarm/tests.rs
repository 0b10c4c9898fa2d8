//! Tests of the alarm's policy.

use proptest::prelude::*;

use super::trouble::{AGAIN_US, LINK_GRACE_US};
use super::*;
use crate::time::MICROS_PER_SECOND;
use crate::{Timestamp, ZoneSet};

const DOOR: CameraId = CameraId(0);
const YARD: CameraId = CameraId(1);
/// No zones.
const ANYWHERE: (ZoneSet, &[String]) = (ZoneSet(0), &[]);

/// Seconds after noon, UTC.
fn at(seconds: i64) -> Moment {
    Moment { at: Timestamp((12 * 3_600 + seconds) * MICROS_PER_SECOND), offset_min: 0 }
}

fn armed(settings: Settings) -> Policy {
    let mut policy = Policy::new(settings);
    policy.arm(at(0).at);
    policy
}

/// Motion before the door in the second `s`, told in that second.
fn moves(policy: &mut Policy, s: i64) -> Option<Ring> {
    policy.motion(DOOR, ANYWHERE, at(s).at, at(s))
}

/// Never escalates, so that only causes ring.
fn patient() -> Settings {
    Settings { escalate_s: 0, ..Settings::default() }
}

#[test]
fn r51_counts_1_2_5_and_every_tenth_ring() {
    let mut policy = armed(patient());
    let rung: Vec<u32> = (0..45).filter_map(|s| moves(&mut policy, s)).map(|ring| ring.count).collect();
    assert_eq!(rung, [1, 2, 5, 10, 20, 30, 40]);
    assert_eq!(policy.count(), 45);
    policy.reset_count();
    assert_eq!(policy.count(), 0);
    assert_eq!(moves(&mut policy, 50).unwrap().count, 1, "after a reset the first one rings again");
}

#[test]
fn without_damping_every_second_rings_and_a_second_counts_once() {
    let mut policy = armed(Settings { damping: Damping::None, ..patient() });
    assert_eq!((0..20).filter(|s| moves(&mut policy, *s).is_some()).count(), 20);
    assert_eq!(moves(&mut policy, 19), None, "the same bar again");
    assert_eq!(moves(&mut policy, 7), None, "a bar that comes late");
    assert_eq!(policy.count(), 20);
    assert!(policy.motion(YARD, ANYWHERE, at(19).at, at(19)).is_some(), "another camera's second is another one");
}

#[test]
fn what_is_not_armed_neither_counts_nor_rings() {
    let mut policy = Policy::new(Settings::default());
    assert_eq!(moves(&mut policy, 1), None);
    assert_eq!(policy.health(Trouble::Disk, Health::Bad, at(2)), None);
    assert_eq!((policy.count(), policy.is_armed()), (0, false));
    policy.arm(at(10).at);
    assert_eq!(moves(&mut policy, 9), None, "what happened before is no alarm");
    assert!(policy.tick(at(10)).is_some(), "but a disk that is full still is one");
    assert!(moves(&mut policy, 10).is_some());
    policy.disarm();
    assert_eq!((moves(&mut policy, 11), policy.ringing(), policy.tick(at(999))), (None, None, None));
}

#[test]
fn a_device_whose_clock_is_ahead_hears_all_the_same() {
    let mut policy = Policy::new(patient());
    policy.know_time(at(0).at);
    assert!(!policy.is_armed());
    policy.arm(at(3_600).at);
    policy.know_time(at(10).at);
    assert!(moves(&mut policy, 9).is_none(), "what happened before is no alarm");
    assert!(moves(&mut policy, 10).is_some());
    assert!(policy.acknowledge(at(11).at));
    policy.know_time(at(5).at);
    assert!(moves(&mut policy, 12).is_some());
}

#[test]
fn a_camera_that_is_left_out_stays_silent() {
    let mut settings = patient();
    settings.set_camera(DOOR, CameraRule { watch: Watch::No, tune: Tune::Bell });
    let mut policy = armed(settings);
    assert_eq!(moves(&mut policy, 1), None);
    assert_eq!(policy.health(Trouble::Camera(DOOR), Health::Bad, at(1)), None);
    assert!(policy.motion(YARD, ANYWHERE, at(1).at, at(1)).is_some());
}

#[test]
fn zones_are_left_out_one_by_one() {
    let names = ["porch", "street"].map(String::from);
    let mut settings = Settings { damping: Damping::None, ..patient() };
    settings.set_zone(DOOR, "street", ZoneRule { watch: Watch::No, tune: None });
    let mut policy = armed(settings);
    let mut moves = |zones, s| policy.motion(DOOR, (ZoneSet(zones), &names), at(s).at, at(s)).map(|ring| ring.cause);
    assert_eq!(moves(0b10, 1), None, "the street");
    assert_eq!(moves(0b11, 1), Some(Cause::Motion(DOOR, Some(0))), "in the same second at the porch too");
    assert_eq!(moves(0b11, 1), None, "which was counted");
    assert_eq!(moves(0b01, 2), Some(Cause::Motion(DOOR, Some(0))));
    assert_eq!(moves(0b100, 3), Some(Cause::Motion(DOOR, Some(2))), "a zone that nobody has named can ring");
    assert_eq!(moves(0, 4), Some(Cause::Motion(DOOR, None)), "outside of all zones");
    assert_eq!(policy.count(), 4);
    let mut settings = policy.settings().clone();
    settings.set_camera(DOOR, CameraRule { watch: Watch::No, tune: Tune::Bell });
    policy.set(settings);
    assert_eq!(policy.motion(DOOR, (ZoneSet(1), &names), at(9).at, at(9)), None, "the whole camera is left out");
}

#[test]
fn a_zone_plays_its_own_tune_else_its_camera_s() {
    let mut settings = Settings::default();
    settings.set_camera(DOOR, CameraRule { watch: Watch::Yes, tune: Tune::Bell });
    settings.set_zone(DOOR, "the porch, left", ZoneRule { watch: Watch::Yes, tune: Some(Tune::Siren) });
    settings.set_zone(YARD, "gate", ZoneRule { watch: Watch::No, tune: None });
    let read = Settings::read(&settings.write());
    assert_eq!(read, settings, "{}", settings.write());
    assert_eq!(read.tune(DOOR, Some("the porch, left")), Tune::Siren);
    assert_eq!(
        [read.tune(DOOR, Some("gate")), read.tune(DOOR, None), read.tune(YARD, None)],
        [Tune::Bell, Tune::Bell, Tune::Chime]
    );
    for i in 0..2 * Settings::MOST_ZONES {
        settings.set_zone(DOOR, &i.to_string(), ZoneRule { watch: Watch::No, tune: None });
    }
    assert_eq!(settings.zones.len(), Settings::MOST_ZONES);
    settings.set_zone(DOOR, "511", ZoneRule::default());
    assert_eq!(settings.zones.len(), Settings::MOST_ZONES - 1, "what is as it was at first is not kept");
}

#[test]
fn help_is_due_when_it_has_been_loud_for_as_long_as_it_was_not() {
    let mut policy = armed(Settings { escalate_s: 30, ..Settings::default() });
    assert_eq!(policy.help(at(0)), None);
    moves(&mut policy, 1);
    assert_eq!([1, 11, 60].map(|s| policy.help(at(s)).map(|(_, left)| left)), [Some(60), Some(50), Some(1)]);
    assert_eq!(policy.help(at(1)).map(|(since, _)| since), Some(at(1).at));
    for s in 2..70 {
        policy.tick(at(s));
    }
    assert_eq!(policy.help(at(70)), None, "it was called for already");
    policy.acknowledge(at(71).at);
    assert_eq!(policy.help(at(71)), None);
    let night = Settings { quiet: Quiet::new(12 * 60, 13 * 60), ..policy.settings().clone() };
    moves(&mut policy, 72);
    policy.set(night);
    assert_eq!(policy.help(at(72)), None, "quiet hours");
    policy.set(patient());
    assert_eq!(policy.help(at(72)), None, "never louder");
}

#[test]
fn b27_a_link_that_is_down_rings_once() {
    let mut policy = armed(patient());
    let mut rings = Vec::new();
    for s in 1..3_000 {
        // Every attempt to connect says so anew.
        rings.extend(policy.health(Trouble::Link, Health::Bad, at(s)));
        rings.extend(policy.tick(at(s)));
    }
    assert_eq!(rings.len(), 1, "{rings:?}");
    assert_eq!(rings[0].at.0 - at(1).at.0, LINK_GRACE_US);
    assert_eq!(policy.troubles(), [Trouble::Link]);
    assert_eq!(policy.health(Trouble::Link, Health::Good, at(3_001)), None);
    assert_eq!(policy.troubles(), []);
    assert_eq!(policy.health(Trouble::Link, Health::Bad, at(3_002)), None, "a moment is no alarm");
    assert_eq!(policy.health(Trouble::Link, Health::Good, at(3_003)), None);
    assert_eq!(policy.tick(at(3_010)), None);
}

#[test]
fn troubles_are_alarms_of_their_own() {
    let mut policy = armed(patient());
    let all = [Trouble::Disk, Trouble::Camera(DOOR), Trouble::Camera(YARD), Trouble::Detector(DOOR)];
    for trouble in all {
        let ring = policy.health(trouble, Health::Bad, at(1)).unwrap();
        assert_eq!((ring.cause, ring.count), (Cause::Trouble(trouble), 0));
    }
    assert_eq!(policy.tick(at(2)), None);
    // One that comes back for good rings again, one that flutters does not.
    policy.health(Trouble::Disk, Health::Good, at(3));
    assert_eq!(policy.health(Trouble::Disk, Health::Bad, at(4)), None);
    assert!(policy.tick(at(1 + AGAIN_US / MICROS_PER_SECOND)).is_some());
}

#[test]
fn nobody_acknowledges_so_it_gets_louder_and_then_asks_for_help() {
    let mut policy = armed(Settings { escalate_s: 30, ..Settings::default() });
    assert_eq!(moves(&mut policy, 1).unwrap().force, Force::Normal);
    let later: Vec<_> = (2..600).filter_map(|s| policy.tick(at(s)).map(|ring| (s, ring.force))).collect();
    assert_eq!(later, [(31, Force::Loud), (61, Force::Last)]);
    assert_eq!(moves(&mut policy, 700).unwrap().force, Force::Loud, "what is loud stays loud");
    assert!(policy.acknowledge(at(701).at));
    assert_eq!(policy.tick(at(999)), None);
    assert_eq!(moves(&mut policy, 1_000).unwrap().force, Force::Normal);
}

#[test]
fn an_acknowledgement_silences_what_it_has_seen_only() {
    let mut policy = armed(patient());
    moves(&mut policy, 1);
    moves(&mut policy, 10);
    assert!(!policy.acknowledge(at(5).at), "that was before the second ring");
    assert!(policy.ringing().is_some());
    assert!(policy.acknowledge(at(10).at));
    assert_eq!((policy.ringing(), policy.count()), (None, 0));
    assert_eq!(policy.motion(YARD, ANYWHERE, at(8).at, at(11)), None, "seen by whoever acknowledged");
    assert!(!policy.acknowledge(at(4).at), "one that comes late changes nothing");
    assert!(moves(&mut policy, 12).is_some());
}

#[test]
fn quiet_hours_follow_the_clock_on_the_wall() {
    let night = Quiet::new(22 * 60, 6 * 60).unwrap();
    let utc = |hours: i64, minutes: i64, offset_min| Moment {
        at: Timestamp((hours * 60 + minutes) * 60 * MICROS_PER_SECOND),
        offset_min,
    };
    for (hours, minutes, offset, quiet) in [
        (21, 59, 0, false),
        (22, 0, 0, true),
        (5, 59, 0, true),
        (6, 0, 0, false),
        // Berlin in summer is two hours ahead, New York five behind, Nepal five and three quarters ahead.
        (20, 0, 120, true),
        (4, 0, 120, false),
        (2, 59, -300, false),
        (3, 0, -300, true),
        (16, 14, 345, false),
        (16, 15, 345, true),
    ] {
        assert_eq!(night.holds(utc(hours, minutes, offset)), quiet, "{hours}:{minutes} {offset}");
    }
    let noon = Quiet::new(12 * 60, 13 * 60).unwrap();
    assert!(noon.holds(utc(12, 30, 0)) && !noon.holds(utc(13, 0, 0)) && !noon.holds(utc(-1, 0, 0)));
    assert_eq!([Quiet::new(5, 5), Quiet::new(1_440, 3), Quiet::new(3, 1_440)], [None; 3]);

    let mut policy = armed(Settings { quiet: Some(noon), escalate_s: 10, ..Settings::default() });
    assert_eq!(moves(&mut policy, 60).unwrap().force, Force::Silent);
    assert_eq!(policy.tick(at(600)), None, "nothing gets louder in quiet hours");
    assert_eq!(policy.tick(at(3_600)).unwrap().force, Force::Loud, "but after them");
}

#[test]
fn a_snooze_keeps_everything_silent_and_ends() {
    let mut policy = armed(patient());
    moves(&mut policy, 1);
    policy.snooze(at(100).at);
    assert_eq!(policy.snoozed(at(99).at), Some(at(100).at));
    assert_eq!(policy.ringing(), None);
    assert!((2..100).all(|s| moves(&mut policy, s).is_none() && policy.tick(at(s)).is_none()));
    assert_eq!(policy.health(Trouble::Disk, Health::Bad, at(50)), None);
    assert_eq!(policy.count(), 99, "it is counted all the same");
    assert_eq!(policy.tick(at(100)).unwrap().cause, Cause::Trouble(Trouble::Disk), "what lasts is told afterwards");
    policy.snooze(at(500).at);
    policy.wake();
    assert_eq!(policy.snoozed(at(101).at), None);
}

#[test]
fn patterns_are_read_and_refused_with_a_reason() {
    let read = |text: &str| text.parse::<Pattern>().map(|p| p.to_string());
    assert_eq!(read("[200,100,200,100,200]"), Ok(Pattern::default().to_string()));
    assert_eq!(read(" 50  10,50 "), Ok("50, 10, 50".into()));
    assert_eq!(read("long"), Err(PatternError::Letters));
    assert_eq!(read("-5"), Err(PatternError::Letters));
    assert_eq!(read("10001"), Err(PatternError::Long));
    assert_eq!(read("99999999999"), Err(PatternError::Long));
    assert_eq!(read(&"1 ".repeat(20)), Err(PatternError::Many));
    for still in ["", "0", "0, 500, 0"] {
        assert_eq!(read(still), Err(PatternError::Still), "{still}");
    }
}

#[test]
fn times_of_day_are_read_and_written() {
    assert_eq!([0, 65, 1_439].map(minutes_text), ["00:00", "01:05", "23:59"]);
    assert_eq!(["00:00", "7:5", "23:59"].map(minutes_from), [Some(0), Some(425), Some(1_439)]);
    assert_eq!(["", "24:00", "12:60", "x:1", "12", "-1:00"].map(minutes_from), [None; 6]);
}

prop_compose! {
    fn settings()(
        channels in 0..128u8, pattern in prop::collection::vec(1..10_000u16, 1..19), volume in 0..=100u8, every: bool,
        cooldown_s in 0..600u32, quiet in (0..1_440u16, 0..1_440u16), escalate_s in 0..600u32,
        cameras in prop::collection::vec((any::<u16>(), any::<bool>(), 0..5usize), 0..4),
    ) -> Settings {
        let mut settings = Settings {
            channels: Channel::ALL.into_iter().filter(|c| channels >> *c as u8 & 1 == 0)
                .fold(Settings::default().channels, Channels::toggled),
            pattern: pattern.iter().map(u16::to_string).collect::<Vec<_>>().join(",").parse().unwrap(),
            volume,
            damping: if every { Damping::None } else { Damping::Original },
            cooldown_s,
            quiet: Quiet::new(quiet.0, quiet.1),
            escalate_s,
            ..Settings::default()
        };
        for (id, on, tune) in cameras {
            let watch = if on { Watch::Yes } else { Watch::No };
            settings.set_camera(CameraId(id), CameraRule { watch, tune: Tune::ALL[tune] });
            let name = [" in front, left", "gate", "-"][tune % 3];
            settings.set_zone(CameraId(id), name, ZoneRule { watch, tune: on.then_some(Tune::ALL[tune]) });
        }
        settings
    }
}

#[derive(Clone, Debug)]
enum Step {
    Motion(u16, i64),
    Health(u8, bool),
    Acknowledge(i64),
    Snooze(i64),
    Wait,
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let step = prop_oneof![
        4 => (0..3u16, -3..1i64).prop_map(|(camera, late)| Step::Motion(camera, late)),
        3 => (0..4u8, any::<bool>()).prop_map(|(what, bad)| Step::Health(what, bad)),
        1 => (-20..20i64).prop_map(Step::Acknowledge),
        1 => (1..60i64).prop_map(Step::Snooze),
        2 => Just(Step::Wait),
    ];
    prop::collection::vec((0..30i64, step), 1..200)
}

proptest! {
    #[test]
    fn b28_settings_survive_being_remembered(settings in settings()) {
        prop_assert_eq!(Settings::read(&settings.write()), settings);
    }

    #[test]
    fn any_text_is_read(text: String, key in "(channels|pattern|volume|every|cooldown|quiet|escalate|camera|zone)", value: String) {
        Settings::read(&text);
        let line = format!("{key} {value}\nvolume 42");
        prop_assert_eq!(Settings::read(&line).volume, 42, "a line that cannot be read harms no other");
    }

    /// Whatever happens: no ring in a snooze, no noise in quiet hours, no two motion rings within the cooldown, no
    /// trouble twice within its minute, and each stage of the escalation once until somebody acknowledges.
    #[test]
    fn an_alarm_never_becomes_a_storm(settings in settings(), steps in steps()) {
        let (mut policy, mut judge, mut second) = (armed(settings.clone()), Judge::new(settings), 1);
        for (pause, step) in steps {
            for _ in 0..pause {
                second += 1;
                judge.hear(second, policy.tick(at(second)));
            }
            let now = at(second);
            match step {
                Step::Motion(camera, late) => {
                    judge.hear(second, policy.motion(CameraId(camera), ANYWHERE, at(second + late).at, now));
                }
                Step::Health(what, bad) => {
                    let all = [Trouble::Link, Trouble::Disk, Trouble::Camera(DOOR), Trouble::Detector(YARD)];
                    let health = if bad { Health::Bad } else { Health::Good };
                    judge.hear(second, policy.health(all[usize::from(what)], health, now));
                }
                Step::Acknowledge(shift) => {
                    if policy.acknowledge(at(second + shift).at) {
                        judge.stages.clear();
                    }
                }
                Step::Snooze(length) => {
                    policy.snooze(at(second + length).at);
                    judge.stages.clear();
                    judge.snoozed = second + length;
                }
                Step::Wait => {}
            }
        }
    }
}

/// Knows what may ring when.
struct Judge {
    settings: Settings,
    /// Until which second nothing rings.
    snoozed: i64,
    /// When motion last rang.
    motion: Option<i64>,
    troubles: Vec<(Trouble, i64)>,
    /// Stages of the escalation since somebody last acknowledged.
    stages: Vec<Force>,
}

impl Judge {
    fn new(settings: Settings) -> Self {
        Self { settings, snoozed: 0, motion: None, troubles: Vec::new(), stages: Vec::new() }
    }

    fn hear(&mut self, second: i64, ring: Option<Ring>) {
        let Some(ring) = ring else { return };
        assert!(second >= self.snoozed, "rang in a snooze");
        let quiet = self.settings.quiet.is_some_and(|quiet| quiet.holds(at(second)));
        assert_eq!(quiet, ring.force == Force::Silent);
        match ring.cause {
            // What gets louder is an earlier ring.
            _ if ring.at != at(second).at => {
                assert!(!self.stages.contains(&ring.force), "{:?} twice", ring.force);
                self.stages.push(ring.force);
            }
            Cause::Motion(..) => {
                assert!(self.motion.is_none_or(|last| second - last >= i64::from(self.settings.cooldown_s)));
                self.motion = Some(second);
            }
            Cause::Trouble(trouble) => {
                let last = self.troubles.iter().rfind(|(known, _)| *known == trouble);
                assert!(last.is_none_or(|(_, last)| (second - last) * MICROS_PER_SECOND >= AGAIN_US));
                self.troubles.push((trouble, second));
            }
        }
    }
}
