//! One scene, shown to several detectors at once, so that it is drawn only once.

use std::time::{Duration, Instant};

use rtm2_detect::{BoxedDetector, Geometry, Settings};
use rtm2_scenes::{Scene, Score, by_name, play, score};

/// A scene longer than this says now and then how far it is.
const LONG_SECONDS: i64 = 600;

/// What came of a scene.
pub(super) struct Trial {
    /// The scene, for its name, length and rate.
    pub(super) scene: Box<dyn Scene>,
    /// In the order of the detectors asked for.
    pub(super) results: Vec<Outcome>,
}

/// What one detector made of it.
pub(super) struct Outcome {
    /// Its score.
    pub(super) score: Score,
    /// Mean time of one decision in milliseconds.
    pub(super) ms_per_frame: f64,
}

/// A detector at work.
struct Contestant {
    detector: BoxedDetector,
    decisions: Vec<bool>,
    took: Duration,
}

impl Trial {
    /// Shows the scene to the detectors.
    pub(super) fn run(name: &str, detectors: &[&str], seed: u64, (width, height): (u16, u16)) -> anyhow::Result<Self> {
        let scene = by_name(name, seed, width, height)?;
        let (geometry, scale) = Geometry::for_source(width, height);
        let enter = |detector: &&str| {
            let detector = rtm2_detect::create(detector, geometry, &Settings::default())?;
            anyhow::Ok(Contestant { detector, decisions: Vec::new(), took: Duration::ZERO })
        };
        let mut contestants: Vec<Contestant> = detectors.iter().map(enter).collect::<Result<_, _>>()?;
        let (mut luma, mut said) = (Vec::new(), 0);
        play(scene.as_ref(), |picture, at_us| {
            picture.luma(scale.denominator(), &mut luma);
            for contestant in &mut contestants {
                contestant.look(&luma, at_us);
            }
            let seconds = at_us / 1_000_000;
            if seconds - said >= LONG_SECONDS {
                said = seconds;
                eprintln!("{name}: {} of {} min", seconds / 60, scene.frames() / scene.frames_per_second() / 60);
            }
        });
        let results = contestants.iter().map(|contestant| contestant.outcome(scene.as_ref())).collect();
        Ok(Self { scene, results })
    }

    /// How long it lasts.
    pub(super) fn seconds(&self) -> u64 {
        self.scene.frames() / self.scene.frames_per_second()
    }
}

impl Contestant {
    fn look(&mut self, luma: &[u8], at_us: i64) {
        let started = Instant::now();
        let motion = self.detector.update(luma, at_us).motion;
        self.took += started.elapsed();
        self.decisions.push(motion);
    }

    fn outcome(&self, scene: &dyn Scene) -> Outcome {
        let ms_per_frame = self.took.as_secs_f64() * 1e3 / self.decisions.len().max(1) as f64;
        Outcome { score: score(&self.decisions, scene), ms_per_frame }
    }
}
