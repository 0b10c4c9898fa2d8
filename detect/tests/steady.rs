//! What `steady` tells apart, on small made-up scenes.
#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use rtm2_detect::{Detector, Geometry, Scene, Settings, Steady, SteadySettings, Verdict, Zones, create};

const WIDTH: usize = 160;
const HEIGHT: usize = 120;

/// A room: shelves of different grey, with a little noise that is another in every frame.
struct Room {
    detector: Steady,
    fps: i64,
    frame: i64,
}

impl Room {
    fn new(fps: i64) -> Self {
        Self {
            detector: Steady::new(Geometry::for_source(640, 480).0, &SteadySettings::default(), &Zones::default()),
            fps,
            frame: 0,
        }
    }

    /// Shows the room for some seconds, drawn over and lit by what is given (both know the second since the call).
    /// Returns whether each frame had motion.
    fn show(&mut self, seconds: f64, draw: impl Fn(f64, &mut [u8]), light: impl Fn(f64, f64) -> f64) -> Vec<bool> {
        let frames = (seconds * self.fps as f64) as i64;
        (0..frames)
            .map(|n| {
                let second = n as f64 / self.fps as f64;
                let mut luma = plain();
                draw(second, &mut luma);
                for (i, grey) in luma.iter_mut().enumerate() {
                    let noise = f64::from(hash(self.frame as u32, i as u32) % 5) - 2.0;
                    *grey = (light(second, f64::from(*grey)) + noise).clamp(0.0, 255.0) as u8;
                }
                self.frame += 1;
                self.detector.update(&luma, self.frame * 1_000_000 / self.fps).motion
            })
            .collect()
    }

    fn scene(&mut self) -> Scene {
        self.detector.update(&[], 0).scene
    }
}

fn plain() -> Vec<u8> {
    (0..WIDTH * HEIGHT).map(|i| (60 + 30 * ((i % WIDTH) / 20 % 3) + 25 * (i / WIDTH / 30 % 2)) as u8).collect()
}

fn hash(a: u32, b: u32) -> u32 {
    let mixed = (a.wrapping_mul(0x9e37_79b9) ^ b).wrapping_mul(0x85eb_ca6b);
    (mixed ^ mixed >> 13).wrapping_mul(0xc2b2_ae35) >> 16
}

/// A figure of two greys, so that it has edges of its own.
fn figure(luma: &mut [u8], left: usize, top: usize) {
    for (y, row) in luma.chunks_exact_mut(WIDTH).enumerate().skip(top).take(30) {
        row[left..left + 12].fill(if y < top + 12 { 220 } else { 25 });
    }
}

fn nothing(_: f64, _: &mut [u8]) {}

fn same(_: f64, grey: f64) -> f64 {
    grey
}

/// Walks 20 pixels a second.
fn walking(second: f64, luma: &mut [u8]) {
    figure(luma, 20 + (second * 20.0) as usize, 50);
}

fn fired(motion: &[bool]) -> bool {
    motion.contains(&true)
}

fn share(motion: &[bool]) -> usize {
    motion.iter().filter(|&&motion| motion).count() * 100 / motion.len()
}

#[test]
fn noise_never_fires() {
    assert!(!fired(&Room::new(15).show(120.0, nothing, same)));
}

#[test]
fn b14_slow_drift_never_fires() {
    let dusk = |second: f64, grey: f64| grey * (1.0 - second / 200.0);
    assert!(!fired(&Room::new(15).show(120.0, nothing, dusk)));
}

#[test]
fn somebody_who_walks_is_seen_at_every_frame_rate_all_the_time() {
    for fps in [5, 10, 15, 25, 30, 60] {
        let mut room = Room::new(fps);
        assert!(!fired(&room.show(4.0, nothing, same)));
        let motion = room.show(5.0, walking, same);
        assert!(share(&motion) >= 90, "{fps} fps: {} %", share(&motion));
        let first = motion.iter().position(|&motion| motion).unwrap_or(usize::MAX);
        assert!(first <= fps as usize / 4 + 1, "{fps} fps: found in frame {first}");
    }
}

#[test]
fn the_box_is_where_the_figure_is() {
    let mut room = Room::new(15);
    room.show(4.0, nothing, same);
    room.show(2.0, walking, same);
    let verdict = room.detector.update(&[], 0);
    let region = verdict.regions[0];
    // In the last frame the figure begins at column 58 of 160 and row 50 of 120; 4 pixels of the picture are one.
    assert!(region.x.abs_diff(58 * 4) <= 12 && region.y.abs_diff(50 * 4) <= 12, "{region:?}");
    assert!(region.w.abs_diff(12 * 4) <= 24 && region.h.abs_diff(30 * 4) <= 24, "{region:?}");
    assert!(verdict.grid.0[6 * 16 + 6] > 0 && verdict.grid.0[15] == 0);
}

#[test]
fn a_lamp_that_goes_off_or_on_does_not_fire_and_is_named() {
    let mut room = Room::new(25);
    room.show(4.0, nothing, same);
    for percent in [45.0, 140.0, 60.0, 100.0] {
        assert!(!fired(&room.show(0.4, nothing, |_, grey| grey * percent / 100.0)), "{percent} %");
        assert_eq!(room.scene(), Scene::LightShift, "{percent} %");
        assert!(!fired(&room.show(4.6, nothing, |_, grey| grey * percent / 100.0)), "{percent} %");
        assert_eq!(room.scene(), Scene::Normal, "{percent} %");
    }
}

#[test]
fn somebody_who_walks_while_the_lamp_goes_off_is_seen_in_the_new_light() {
    let mut room = Room::new(25);
    room.show(4.0, nothing, same);
    let motion = room.show(5.0, walking, |second, grey| if second < 1.0 { grey } else { grey * 0.5 });
    assert!(share(&motion[..25]) >= 60 && share(&motion[25..50]) >= 50, "{motion:?}");
    assert!(share(&motion[50..]) >= 90, "{motion:?}");
    // Also when both begin at once.
    let mut room = Room::new(25);
    room.show(4.0, nothing, same);
    assert!(share(&room.show(5.0, walking, |_, grey| grey * 0.6)) >= 70);
}

#[test]
fn the_lamps_flicker_never_fires() {
    let flicker = |second: f64, grey: f64| grey * (1.0 + 0.05 * (second * 23.0).sin());
    assert!(!fired(&Room::new(25).show(30.0, nothing, flicker)));
}

#[test]
fn a_thing_put_down_falls_silent_and_is_absorbed() {
    let mut room = Room::new(10);
    room.show(4.0, nothing, same);
    let there = |_: f64, luma: &mut [u8]| figure(luma, 70, 50);
    assert!(fired(&room.show(2.0, there, same)), "it appeared");
    assert!(!fired(&room.show(100.0, there, same)), "it does not move");
    // Absorbed: somebody who walks past it is boxed alone.
    let past = |second: f64, luma: &mut [u8]| {
        figure(luma, 70, 50);
        figure(luma, 10 + (second * 20.0) as usize, 10);
    };
    assert!(fired(&room.show(2.0, past, same)));
    assert!(room.detector.update(&[], 0).regions.iter().all(|region| region.y < 160));
}

#[test]
fn a_thing_taken_away_leaves_no_ghost() {
    let mut room = Room::new(10);
    let there = |_: f64, luma: &mut [u8]| figure(luma, 70, 50);
    room.show(10.0, there, same);
    room.show(1.5, nothing, same);
    assert!(!fired(&room.show(60.0, nothing, same)));
    // And the place is watched again.
    assert!(fired(&room.show(1.0, |_, luma| figure(luma, 74, 56), same)));
}

#[test]
fn somebody_who_stands_still_is_not_swallowed_within_a_minute() {
    let mut room = Room::new(10);
    room.show(4.0, nothing, same);
    room.show(2.0, walking, same);
    room.show(55.0, |_, luma| figure(luma, 60, 50), same);
    // Had the figure become background, its leaving would look like its coming and stay.
    assert!(share(&room.show(2.0, |second, luma| figure(luma, 60 + (second * 20.0) as usize, 50), same)) >= 70);
    room.show(1.5, nothing, same);
    assert!(!fired(&room.show(10.0, nothing, same)));
}

#[test]
fn sway_in_place_is_learned() {
    let mut room = Room::new(15);
    let sway = |second: f64, luma: &mut [u8]| {
        let left = (100.0 + 3.0 * (second * 4.0).sin()) as usize;
        for row in luma.chunks_exact_mut(WIDTH).skip(20).take(40) {
            row[left..left + 4].fill(20);
        }
    };
    room.show(20.0, sway, same);
    assert!(!fired(&room.show(60.0, sway, same)));
}

#[test]
fn dark_covered_and_frozen_are_named_and_left() {
    let mut room = Room::new(10);
    room.show(4.0, nothing, same);
    assert_eq!(room.scene(), Scene::Normal);
    room.show(3.0, nothing, |_, grey| grey / 20.0);
    assert_eq!(room.scene(), Scene::Dark);
    room.show(3.0, nothing, same);
    assert_eq!(room.scene(), Scene::Normal);
    room.show(3.0, |_, luma| luma.fill(50), same);
    assert_eq!(room.scene(), Scene::Covered);
    room.show(3.0, nothing, same);
    assert_eq!(room.scene(), Scene::Normal);
    let luma = plain();
    for _ in 0..110 {
        room.frame += 1;
        room.detector.update(&luma, room.frame * 100_000);
    }
    assert_eq!(room.scene(), Scene::Frozen);
    room.show(1.0, nothing, same);
    assert_eq!(room.scene(), Scene::Normal);
}

#[test]
fn a_camera_that_was_turned_is_named_and_the_new_view_watched() {
    let mut room = Room::new(10);
    room.show(8.0, nothing, same);
    let turned = |_: f64, luma: &mut [u8]| luma.rotate_left(9 * WIDTH + 13);
    room.show(2.0, turned, same);
    assert_ne!(room.scene(), Scene::Moved, "it may yet turn back");
    room.show(3.0, turned, same);
    assert_eq!(room.scene(), Scene::Moved);
    assert!(!fired(&room.show(8.0, turned, same)), "the old view leaves no ghosts");
    room.show(4.0, turned, same);
    assert_eq!(room.scene(), Scene::Normal);
    let visited = |second: f64, luma: &mut [u8]| {
        turned(second, luma);
        walking(second, luma);
    };
    assert!(share(&room.show(4.0, visited, same)) >= 80);
    assert_eq!(room.scene(), Scene::Normal, "a visitor does not turn the camera");
}

#[test]
fn memory_is_reserved_at_first_and_less_than_a_mebibyte() {
    let mut room = Room::new(15);
    let reserved = room.detector.memory();
    assert!((500_000..1 << 20).contains(&reserved), "{reserved} bytes");
    room.show(3.0, nothing, same);
    room.show(4.0, walking, same);
    room.show(1.0, |second, luma| luma.iter_mut().step_by(3).for_each(|grey| *grey ^= (second * 255.0) as u8), same);
    assert_eq!(room.detector.memory(), reserved, "nothing is allocated per frame");
}

#[test]
fn sensitivity_decides_on_faint_things() {
    let seen = [0, 50, 100].map(|sensitivity| {
        let settings = SteadySettings::default().with_sensitivity(sensitivity).unwrap();
        let mut room = Room::new(15);
        room.detector = Steady::new(Geometry::for_source(640, 480).0, &settings, &Zones::default());
        let bare = |_: f64, luma: &mut [u8]| luma.fill(100);
        let faint = |second: f64, luma: &mut [u8]| {
            let left = 20 + (second * 20.0) as usize;
            luma.fill(100);
            luma.chunks_exact_mut(WIDTH).skip(50).take(30).for_each(|row| row[left..left + 12].fill(115));
        };
        room.show(4.0, bare, same);
        share(&room.show(4.0, faint, same))
    });
    assert!(seen[0] < 20 && seen[0] <= seen[1] && seen[1] <= seen[2] && seen[2] > 80, "{seen:?}");
}

#[test]
fn areas_outside_of_the_asked_sizes_do_not_count() {
    for (least, most, wanted) in [(1_000, 1_000_000, true), (40_000, 1_000_000, false), (1_000, 9_000, false)] {
        let settings = SteadySettings::default().with_max_area_ppm(most).unwrap().with_min_area_ppm(least).unwrap();
        let mut room = Room::new(15);
        room.detector = Steady::new(Geometry::for_source(640, 480).0, &settings, &Zones::default());
        room.show(4.0, nothing, same);
        assert_eq!(fired(&room.show(3.0, walking, same)), wanted, "{least} to {most}");
    }
}

#[test]
fn a_slice_of_another_length_gives_the_last_verdict_again() {
    let mut room = Room::new(15);
    room.show(4.0, nothing, same);
    assert!(fired(&room.show(1.0, walking, same)));
    let before = room.detector.update(&[], 0).clone();
    assert!(before.motion);
    assert_eq!(room.detector.update(&[7; 3], i64::MAX), &before);
}

proptest! {
    #[test]
    fn never_panics_and_says_nothing_impossible(
        (source, frames) in (1_u16..60, 1_u16..60).prop_flat_map(|(w, h)| {
            let size = usize::from(w) * usize::from(h);
            let frame = prop_oneof![
                prop::collection::vec(any::<u8>(), size),
                prop::collection::vec(prop_oneof![Just(0_u8), Just(255)], size),
                any::<u8>().prop_map(move |v| vec![v; size]),
                Just((0..size).map(|i| if i % 7 < 3 && i / 300 % 2 == 0 { 250 } else { 10 }).collect::<Vec<u8>>()),
            ];
            (Just((w, h)), prop::collection::vec((frame, any::<i64>()), 1..12))
        }),
        by in 1_u16..5,
        sensitivity in 0_u8..=100,
    ) {
        let (width, height) = source;
        let geometry = Geometry { source_width: width * by, source_height: height * by, width, height };
        let steady = SteadySettings::default().with_sensitivity(sensitivity).unwrap().with_min_duration_ms(0).unwrap();
        let settings = Settings { steady, ..Settings::default() };
        let mut detector = create("steady", geometry, &settings).unwrap();
        let mut again = create("steady", geometry, &settings).unwrap();
        for (luma, at_us) in &frames {
            let verdict: &Verdict = detector.update(luma, *at_us);
            prop_assert_eq!(verdict.motion, !verdict.regions.is_empty());
            prop_assert!(verdict.regions.is_sorted_by(|a, b| a.strength >= b.strength));
            prop_assert!(verdict.regions.len() <= Steady::MAX_REGIONS);
            for r in &verdict.regions {
                prop_assert!(r.w > 0 && r.h > 0 && r.x + r.w <= width * by && r.y + r.h <= height * by);
            }
            prop_assert_eq!(verdict, again.update(luma, *at_us), "the same frames give the same verdicts");
        }
    }
}
