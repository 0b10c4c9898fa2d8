//! The original's behaviour, as `classic` keeps it.
#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use rtm2_detect::{Classic, ClassicSettings, Detector, Geometry, Settings, Verdict, Zones, create};

const WIDTH: usize = 160;

fn at_160x120() -> Classic {
    Classic::new(Geometry::for_source(640, 480).0, &ClassicSettings::default(), &Zones::default())
}

fn grey(value: u8) -> Vec<u8> {
    vec![value; WIDTH * 120]
}

/// A grey picture with one block in it: left, top, width, height in plane pixels.
fn with_block(value: u8, [left, top, w, h]: [usize; 4], block: u8) -> Vec<u8> {
    let mut luma = grey(value);
    for row in luma.chunks_exact_mut(WIDTH).skip(top).take(h) {
        row[left..left + w].fill(block);
    }
    luma
}

fn run(detector: &mut Classic, frames: &[Vec<u8>]) -> Vec<bool> {
    frames.iter().map(|luma| detector.update(luma, 0).motion).collect()
}

#[test]
fn r9_a_block_that_appears_is_boxed_in_source_pixels() {
    let mut detector = at_160x120();
    detector.update(&grey(100), 0);
    let verdict = detector.update(&with_block(100, [40, 30, 20, 16], 200), 33_333);
    assert!(verdict.motion);
    let [region] = verdict.regions[..] else { panic!("{:?}", verdict.regions) };
    // The block is 160,120 80x64 in the camera's picture; blur and dilation widen the box by at most 4 plane pixels.
    assert!((144..=160).contains(&region.x) && (104..=120).contains(&region.y), "{region:?}");
    assert!((80..=112).contains(&region.w) && (64..=96).contains(&region.h), "{region:?}");
    let cells: Vec<_> = (0..192).filter(|&i| verdict.grid.0[i] > 0).map(|i| (i % 16, i / 16)).collect();
    assert!(cells.contains(&(4, 3)) && cells.contains(&(5, 4)), "{cells:?}");
    assert!(cells.iter().all(|&(x, y)| (3..=6).contains(&x) && (2..=4).contains(&y)), "{cells:?}");
}

#[test]
fn r9_a_difference_of_the_threshold_is_no_change_and_one_more_is() {
    for (difference, motion) in [(25, false), (26, true)] {
        assert_eq!(run(&mut at_160x120(), &[grey(100), grey(100 + difference)]), [false, motion]);
        assert_eq!(run(&mut at_160x120(), &[grey(100), grey(100 - difference)]), [false, motion]);
    }
}

#[test]
fn r10_small_areas_do_not_count_and_several_large_ones_do() {
    let mut detector = at_160x120();
    detector.update(&grey(100), 0);
    let speck = detector.update(&with_block(100, [80, 60, 1, 2], 255), 0).clone();
    assert!(!speck.motion && speck.regions.is_empty());
    assert!(speck.score > 0 && speck.score <= 1000, "{}", speck.score);
    let mut luma = with_block(100, [20, 20, 12, 12], 200);
    for row in luma.chunks_exact_mut(WIDTH).skip(80).take(20) {
        row[120..140].fill(0);
    }
    let both = detector.update(&luma, 0);
    assert_eq!(both.regions.len(), 2);
    assert!(both.regions[0].strength > both.regions[1].strength, "strongest first");
    assert_eq!(both.score, both.regions[0].strength);
    assert!(both.regions[0].x > 400);
}

#[test]
fn r13_the_frame_after_motion_becomes_the_reference_and_is_not_examined() {
    let moved = with_block(100, [40, 30, 20, 16], 200);
    let mut detector = at_160x120();
    // Motion, then the empty picture is taken as the reference without a look: the verdict before is given again.
    assert_eq!(run(&mut detector, &[grey(100), moved.clone(), grey(100)]), [false, true, true]);
    assert_eq!(run(&mut detector, &[grey(100), grey(100)]), [false, false]);
    // The same with the changed picture: it becomes the reference, so that nothing changes any more.
    assert_eq!(run(&mut detector, &[moved.clone(), moved.clone(), moved.clone()]), [true, true, false]);
    // Still frames never replace it.
    assert_eq!(run(&mut detector, &[moved.clone(), moved, grey(100)]), [false, false, true]);
}

#[test]
fn b14_slow_drift_fires_by_itself_in_the_baseline() {
    // The baseline keeps this weakness, so that tables show what a better detector gains.
    let drift: Vec<_> = (0..60).map(|n| grey(100 + n)).collect();
    let fired = run(&mut at_160x120(), &drift);
    assert_eq!(fired.iter().position(|&motion| motion), Some(26));
}

#[test]
fn a_slice_of_another_length_gives_the_last_verdict_again() {
    let mut detector = at_160x120();
    detector.update(&grey(100), 0);
    let before = detector.update(&with_block(100, [40, 30, 20, 16], 200), 0).clone();
    assert_eq!(detector.update(&[0; 7], 0), &before);
    assert_eq!(detector.update(&[], 0), &before);
    // It did not count as the frame that becomes the reference either.
    assert!(detector.update(&grey(100), 0).motion);
    assert!(!detector.update(&grey(100), 0).motion);
}

#[test]
fn regions_are_capped_and_never_make_the_vector_grow() {
    let settings = ClassicSettings::default().with_min_area_ppm(1).unwrap().with_blur_ppm(0).unwrap();
    let mut detector = Classic::new(Geometry::for_source(640, 480).0, &settings, &Zones::default());
    detector.update(&grey(0), 0);
    let capacity = detector.update(&grey(0), 0).regions.capacity();
    let scattered: Vec<u8> = (0..WIDTH * 120)
        .map(|i| if (i % WIDTH).is_multiple_of(8) && (i / WIDTH).is_multiple_of(6) { 255 } else { 0 })
        .collect();
    let verdict = detector.update(&scattered, 0);
    assert_eq!(verdict.regions.len(), Classic::MAX_REGIONS);
    assert_eq!(verdict.regions.capacity(), capacity);
}

#[test]
fn b15_settings_are_fractions_of_the_picture() {
    // A block of the same share of the picture, at three sizes of picture: all decide alike, whatever its size.
    for share in [10_u32, 18, 26, 40, 80, 160] {
        let decisions: Vec<_> = [(320, 240), (640, 480), (1280, 960), (2560, 1920)]
            .map(|(w, h)| {
                let (geometry, _) = Geometry::for_source(w, h);
                let mut detector = create("classic", geometry, &Settings::default()).unwrap();
                let (w, h) = (u32::from(geometry.width), u32::from(geometry.height));
                let mut luma = vec![90; geometry.pixels()];
                detector.update(&luma, 0);
                for (y, row) in (0..).zip(luma.chunks_exact_mut(w as usize)) {
                    for (x, pixel) in (0..).zip(row) {
                        let inside = x * 1000 / w < 300 + share && y * 1000 / h < 300 + share;
                        if inside && x * 1000 / w >= 300 && y * 1000 / h >= 300 {
                            *pixel = 190;
                        }
                    }
                }
                detector.update(&luma, 0).motion
            })
            .into();
        assert!(decisions.windows(2).all(|pair| pair[0] == pair[1]), "{share} per mille: {decisions:?}");
        assert!(share > 10 || !decisions[0]);
        assert!(share < 80 || decisions[0]);
    }
}

proptest! {
    #[test]
    fn never_panics_and_says_nothing_impossible(
        (source, frames) in (1_u16..70, 1_u16..70).prop_flat_map(|(w, h)| {
            let size = usize::from(w) * usize::from(h);
            let frame = prop_oneof![
                prop::collection::vec(any::<u8>(), size),
                prop::collection::vec(prop_oneof![Just(0_u8), Just(255)], size),
                any::<u8>().prop_map(move |v| vec![v; size]),
            ];
            (Just((w, h)), prop::collection::vec(frame, 1..5))
        }),
        by in 1_u16..5,
        at_us: i64,
    ) {
        let (width, height) = source;
        let geometry = Geometry { source_width: width * by, source_height: height * by, width, height };
        let mut detector = create("classic", geometry, &Settings::default()).unwrap();
        let mut again = create("classic", geometry, &Settings::default()).unwrap();
        for luma in &frames {
            let verdict: &Verdict = detector.update(luma, at_us);
            prop_assert_eq!(verdict.motion, verdict.score > 1000);
            prop_assert_eq!(verdict.motion, !verdict.regions.is_empty());
            prop_assert!(verdict.regions.is_sorted_by(|a, b| a.strength >= b.strength));
            for r in &verdict.regions {
                prop_assert!(r.w > 0 && r.h > 0 && r.x + r.w <= width * by && r.y + r.h <= height * by);
            }
            prop_assert_eq!(verdict, again.update(luma, 0), "the same frames give the same verdicts");
        }
    }
}
