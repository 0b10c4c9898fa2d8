//! Runs every detector over every yardstick and prints the scorecard:
//! `cargo run --release -p rtm2-scenes --example scorecard [-- SCENE...]`.
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use rtm2_detect::{Geometry, Settings, create};
use rtm2_scenes::{Picture, Scene, Score, by_name, score, yardsticks};
use std::error::Error;
use std::time::{Duration, Instant};

const WIDTH: u16 = 320;
const HEIGHT: u16 = 240;

/// How long it took.
#[derive(Default)]
struct Cost {
    rendering: Duration,
    detecting: Duration,
}

fn main() -> Result<(), Box<dyn Error>> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for detector in rtm2_detect::NAMES {
        println!("{detector}\n{HEADER}");
        for name in yardsticks().iter().filter(|name| wanted.is_empty() || wanted.iter().any(|w| w == *name)) {
            let scene = by_name(name, 1, WIDTH, HEIGHT)?;
            let (score, cost) = run(detector, scene.as_ref())?;
            println!("{}", line(scene.as_ref(), &score, &cost));
        }
    }
    Ok(())
}

fn run(detector: &str, scene: &dyn Scene) -> Result<(Score, Cost), Box<dyn Error>> {
    let (geometry, scale) = Geometry::for_source(WIDTH, HEIGHT);
    let mut detector = create(detector, geometry, &Settings::default())?;
    let (mut picture, mut luma, mut cost) = (Picture::new(WIDTH, HEIGHT), Vec::new(), Cost::default());
    let decisions: Vec<bool> = (0..scene.frames())
        .map(|n| {
            let begun = Instant::now();
            scene.render(n, &mut picture);
            let rendered = Instant::now();
            picture.luma(scale.denominator(), &mut luma);
            let motion = detector.update(&luma, (n * 1_000_000 / scene.frames_per_second()) as i64).motion;
            cost.rendering += rendered - begun;
            cost.detecting += rendered.elapsed();
            motion
        })
        .collect();
    Ok((score(&decisions, scene), cost))
}

const HEADER: &str = "scene              seconds  found  false  nuisance  empty alarmed  latency  render  detect";

fn line(scene: &dyn Scene, score: &Score, cost: &Cost) -> String {
    let each = |total: Duration| total.as_secs_f64() * 1_000.0 / scene.frames() as f64;
    let latency = score.latency_ms().map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
    format!(
        "{:18} {:7} {:>6} {:6} {:9} {:12.1}% {latency:>8} {:5.2}ms {:5.2}ms",
        scene.name(),
        scene.frames() / scene.frames_per_second(),
        format!("{}/{}", score.found, score.events),
        score.false_clips,
        score.nuisance_clips,
        f64::from(score.empty_alarmed_permille) / 10.0,
        each(cost.rendering),
        each(cost.detecting),
    )
}
