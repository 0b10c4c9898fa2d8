//! The demo scene and the original's detector together.

use rtm2_detect::{BoxedDetector, Geometry, Settings, UnknownDetector, Verdict, create};
use rtm2_scenes::{DemoScene, Picture, Scene as _, TruthBox};

/// Two minutes: ten visits.
const FRAMES: u64 = 3_600;

/// Leaves out two of three frames, as a camera with ten frames a second would.
const STEP: usize = 3;

/// The detector's view of a scene.
struct Watch {
    scene: DemoScene,
    picture: Picture,
    luma: Vec<u8>,
    denominator: u16,
    detector: BoxedDetector,
}

impl Watch {
    fn new(seed: u64, width: u16, height: u16) -> Result<Self, UnknownDetector> {
        let (geometry, scale) = Geometry::for_source(width, height);
        Ok(Self {
            scene: DemoScene::new(seed, width, height),
            picture: Picture::new(width, height),
            luma: Vec::new(),
            denominator: scale.denominator(),
            detector: create("classic", geometry, &Settings::default())?,
        })
    }

    fn look(&mut self, n: u64) -> &Verdict {
        self.scene.render(n, &mut self.picture);
        self.picture.luma(self.denominator, &mut self.luma);
        self.detector.update(&self.luma, 0)
    }
}

fn overlap(verdict: &Verdict, truth: TruthBox) -> bool {
    verdict
        .regions
        .iter()
        .any(|r| r.x < truth.x + truth.w && truth.x < r.x + r.w && r.y < truth.y + truth.h && truth.y < r.y + r.h)
}

/// Whether the visitor is in the picture with about half of a body.
fn well_inside(truth: TruthBox, width: u16) -> bool {
    truth.x > 0 && truth.x + truth.w < width
}

#[test]
fn classic_fires_while_somebody_walks_and_is_quiet_otherwise() {
    for seed in [1, 2] {
        let mut watch = Watch::new(seed, 320, 240).unwrap();
        let mut since_visit = 100;
        for n in (0..FRAMES).step_by(STEP) {
            let truth = watch.scene.truth(n);
            let verdict = watch.look(n);
            since_visit = if truth.moving() { 0 } else { since_visit + 1 };
            match truth.boxes.first() {
                Some(&visitor) if well_inside(visitor, 320) => {
                    assert!(verdict.motion, "seed {seed} frame {n}");
                    assert!(overlap(verdict, visitor), "seed {seed} frame {n}: {verdict:?} {visitor:?}");
                }
                // The last sight of somebody may stay in the reference for two frames.
                None if since_visit > 3 => assert!(!verdict.motion, "seed {seed} frame {n}: {:?}", verdict.regions),
                _ => {}
            }
        }
    }
}

#[test]
fn b15_sensitivity_does_not_depend_on_resolution() {
    let mut watches = [(320, 240), (640, 480), (1280, 960)].map(|(w, h)| Watch::new(4, w, h).unwrap());
    let mut moved = 0;
    // A person's visit and the cat's.
    for n in (0..360).chain(720..1_080).step_by(STEP) {
        let truth = watches[0].scene.truth(n);
        let decisions: Vec<bool> = watches.iter_mut().map(|watch| watch.look(n).motion).collect();
        if truth.boxes.first().is_none_or(|&visitor| well_inside(visitor, 320)) {
            assert!(decisions.windows(2).all(|pair| pair[0] == pair[1]), "frame {n}: {decisions:?}");
        }
        moved += u32::from(decisions[0]);
    }
    assert!((40..110).contains(&moved), "{moved}");
}
