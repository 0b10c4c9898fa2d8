//! The yardsticks and the original's detector together.

use rtm2_detect::{Geometry, Settings, UnknownDetector, create};
use rtm2_scenes::{Scene, Score, by_name, play, score};

fn classic(scene: &dyn Scene) -> Result<Score, UnknownDetector> {
    let (width, height) = scene.size();
    let (geometry, scale) = Geometry::for_source(width, height);
    let mut detector = create("classic", geometry, &Settings::default())?;
    let (mut luma, mut decisions) = (Vec::new(), Vec::new());
    play(scene, |picture, at_us| {
        picture.luma(scale.denominator(), &mut luma);
        decisions.push(detector.update(&luma, at_us).motion);
    });
    Ok(score(&decisions, scene))
}

#[test]
fn classic_finds_everybody_and_fires_for_nothing_where_nothing_is_hard() {
    for (name, events) in [("person-near", 2), ("person-far", 1), ("person-still", 2), ("parked-object", 4)] {
        let score = classic(by_name(name, 2, 320, 240).unwrap().as_ref()).unwrap();
        assert_eq!((score.events, score.found, score.false_clips), (events, events, 0), "{name}: {score:?}");
        assert!(score.empty.permille() < 20, "{name}: {score:?}");
    }
}

#[test]
fn the_hardships_are_hard_for_classic() {
    for name in ["lamp-switch", "exposure-pumping", "mains-flicker", "camera-shake"] {
        let score = classic(by_name(name, 2, 320, 240).unwrap().as_ref()).unwrap();
        assert!(score.false_clips > 0 && score.found == 1, "{name}: {score:?}");
    }
    for name in ["swaying-tree", "spider-on-lens", "television"] {
        let score = classic(by_name(name, 2, 320, 240).unwrap().as_ref()).unwrap();
        assert!(score.nuisance_clips > 0, "{name}: {score:?}");
    }
}
