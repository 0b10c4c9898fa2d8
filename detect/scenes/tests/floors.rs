//! What the detector `steady` must reach on every yardstick: a little less than it does, so that a change that makes it
//! worse is seen. `rtm2 scenes` prints what it really reaches. One test a scene, so that they run side by side.

#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

use rtm2_detect::{Geometry, Settings, create};
use rtm2_scenes::{Picture, Score, by_name, score, yardsticks};

const WIDTH: u16 = 320;
const HEIGHT: u16 = 240;

/// The worst that is allowed. Every event must be found, on every scene.
struct Floor {
    /// Clips recorded while nothing happened.
    false_clips: u32,
    /// Clips recorded of rain, leaves, spiders, televisions.
    nuisance_clips: u32,
    /// Thousandths of the empty time that fired.
    empty_alarmed: u32,
    /// Thousandths of the time in which somebody moved that fired.
    moving_seen: u32,
    /// Milliseconds to the decision in the worst event.
    latency_ms: i64,
}

/// Where nothing is hard for it.
const CLEAN: Floor = Floor { false_clips: 0, nuisance_clips: 0, empty_alarmed: 5, moving_seen: 900, latency_ms: 200 };

/// Plays the scene, of its frames every `step`th.
///
/// What is left out counts as what was decided before it.
fn play_every(step: usize, name: &str) -> Score {
    let scene = by_name(name, 1, WIDTH, HEIGHT).unwrap();
    let (geometry, scale) = Geometry::for_source(WIDTH, HEIGHT);
    let mut detector = create("steady", geometry, &Settings::default()).unwrap();
    let (mut picture, mut luma, mut decisions) = (Picture::new(WIDTH, HEIGHT), Vec::new(), Vec::new());
    for n in (0..scene.frames()).step_by(step) {
        scene.render(n, &mut picture);
        picture.luma(scale.denominator(), &mut luma);
        let at_us = (n * 1_000_000 / scene.frames_per_second()) as i64;
        let motion = detector.update(&luma, at_us).motion;
        decisions.extend(std::iter::repeat_n(motion, step));
    }
    score(&decisions, scene.as_ref())
}

fn hold(name: &str, floor: &Floor, score: &Score) {
    assert_eq!(score.found, score.events, "{name} misses an event: {score:?}");
    assert!(score.false_clips <= floor.false_clips, "{name}: false clips: {score:?}");
    assert!(score.nuisance_clips <= floor.nuisance_clips, "{name}: nuisance clips: {score:?}");
    assert!(score.empty.permille() <= floor.empty_alarmed, "{name}: empty time alarmed: {score:?}");
    assert!(score.events == 0 || score.moving.permille() >= floor.moving_seen, "{name}: motion seen: {score:?}");
    assert!(score.latency_at(100).is_none_or(|ms| ms <= floor.latency_ms), "{name}: latency: {score:?}");
}

macro_rules! floors {
    ($($test:ident $name:literal $floor:expr;)*) => {
        $(
            #[test]
            fn $test() {
                hold($name, &$floor, &play_every(1, $name));
            }
        )*

        #[test]
        fn every_yardstick_has_a_floor() {
            let held = [$($name,)* "empty-hour"];
            assert!(yardsticks().iter().all(|name| held.contains(name)), "{held:?}");
        }
    };
}

floors! {
    person_near "person-near" CLEAN;
    // Somebody so far away is a few pixels, and not every step of them is seen.
    person_far "person-far" Floor { moving_seen: 550, latency_ms: 400, ..CLEAN };
    person_still "person-still" Floor { moving_seen: 850, ..CLEAN };
    cloud_drift "cloud-drift" Floor { false_clips: 4, empty_alarmed: 90, ..CLEAN };
    lamp_switch "lamp-switch" CLEAN;
    lamp_off_while_a_person_crosses "lamp-off-person" CLEAN;
    infrared_switch "infrared-switch" Floor { false_clips: 2, empty_alarmed: 40, ..CLEAN };
    exposure_pumping "exposure-pumping" CLEAN;
    mains_flicker "mains-flicker" CLEAN;
    night_noise "night-noise" CLEAN;
    rain "rain" CLEAN;
    swaying_tree "swaying-tree" Floor { nuisance_clips: 2, ..CLEAN };
    spider_on_lens "spider-on-lens" Floor { nuisance_clips: 7, ..CLEAN };
    camera_shake "camera-shake" CLEAN;
    television "television" Floor { nuisance_clips: 6, ..CLEAN };
    parked_object "parked-object" CLEAN;
}

/// Two frames a second of its ten, so that the hour takes seconds; `rtm2 scenes` shows them all.
#[test]
fn an_hour_of_an_empty_room_is_an_hour_without_an_event() {
    let score = play_every(5, "empty-hour");
    assert!(score.empty.total_ms > 3_590_000, "{score:?}");
    assert_eq!((score.false_clips, score.empty.fired_ms), (0, 0));
}
