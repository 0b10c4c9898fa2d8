//! The same figures for machines, as one JSON object: `cargo bench -p rtm2-detect -- --json`. Instructions are counted by
//! valgrind where it is installed.
#![allow(clippy::print_stdout, reason = "a measurement is printed")]

use std::process::Command;
use std::time::Instant;

use divan::black_box;
use rtm2_detect::{Geometry, walk};

use super::settled;

/// Frames of a sample, and samples of which the median counts.
const FRAMES: usize = 120;
const SAMPLES: usize = 51;
/// Argument for the process whose instructions are counted, before its number of frames.
const WALK: &str = "--walk";

/// Prints the figures, or does what valgrind is to count, if the arguments ask for that.
pub(crate) fn were_asked_for() -> bool {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == WALK) {
        take_a_walk(arguments.get(at + 1).and_then(|count| count.parse().ok()).unwrap_or(FRAMES));
        return true;
    }
    let asked = arguments.iter().any(|argument| argument == "--json");
    if asked {
        print();
    }
    asked
}

fn print() {
    let (geometry, _) = Geometry::for_source(640, 480);
    let memory_kib = settled("steady", geometry, &[]).memory().div_ceil(1024);
    let instructions = instructions().map_or_else(|| "null".to_owned(), |count| count.to_string());
    println!(
        "{{\"ms_per_frame\":{:.4},\"classic_ms_per_frame\":{:.4},\"instructions_per_frame\":{instructions},\
         \"shrink_480_ms\":{:.4},\"shrink_1080_ms\":{:.4},\"memory_kib\":{memory_kib}}}",
        walk_ms("steady", geometry),
        walk_ms("classic", geometry),
        shrink_ms(640, 480),
        shrink_ms(1920, 1080),
    );
}

/// Median milliseconds of one call.
fn median_ms(calls: usize, mut call: impl FnMut()) -> f64 {
    let mut samples: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let begun = Instant::now();
            (0..calls).for_each(|_| call());
            begun.elapsed().as_secs_f64() * 1e3 / calls as f64
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    samples[SAMPLES / 2]
}

/// A frame with a person in the picture.
fn walk_ms(name: &str, geometry: Geometry) -> f64 {
    let frames = walk::frames(geometry);
    let mut detector = settled(name, geometry, &frames);
    let mut n = 10 * walk::FRAMES;
    median_ms(FRAMES, || {
        n += 1;
        let at_us = n as i64 * 1_000_000 / walk::FPS;
        black_box(detector.update(black_box(&frames[n % walk::FRAMES]), at_us).motion);
    })
}

fn shrink_ms(width: u16, height: u16) -> f64 {
    let (geometry, scale) = Geometry::for_source(width, height);
    let luma = vec![77; usize::from(width) * usize::from(height)];
    let mut small = vec![0; geometry.pixels()];
    median_ms(20, || geometry.shrink(scale, black_box(&luma), black_box(&mut small)))
}

/// What is counted: so many frames with a person, after what every run does.
fn take_a_walk(count: usize) {
    let (geometry, _) = Geometry::for_source(640, 480);
    let frames = walk::frames(geometry);
    let mut detector = settled("steady", geometry, &frames);
    for n in 0..count {
        let at_us = (10 * walk::FRAMES + n) as i64 * 1_000_000 / walk::FPS;
        black_box(detector.update(&frames[n % walk::FRAMES], at_us).motion);
    }
}

/// Instructions of a frame with a person; none where they cannot be counted.
fn instructions() -> Option<u64> {
    let [less, more] = [FRAMES, 2 * FRAMES].map(collected);
    Some(more?.checked_sub(less?)? / FRAMES as u64)
}

fn collected(count: usize) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([WALK, &count.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}
