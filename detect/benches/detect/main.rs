//! Time per frame on one core: `cargo bench -p rtm2-detect`.

mod figures;

use divan::{Bencher, black_box};
use rtm2_detect::{BoxedDetector, Geometry, Settings, create, walk};

fn main() {
    if !figures::were_asked_for() {
        divan::main();
    }
}

/// A detector that has seen the empty room for four seconds and the walk once.
fn settled(name: &str, geometry: Geometry, frames: &[Vec<u8>]) -> BoxedDetector {
    let Ok(mut detector) = create(name, geometry, &Settings::default()) else { panic!("there is no `{name}`") };
    let room = (0..4 * walk::FPS as usize).map(|n| walk::empty(geometry, n));
    for (n, luma) in room.chain(frames.iter().cloned()).enumerate() {
        detector.update(&luma, n as i64 * 1_000_000 / walk::FPS);
    }
    detector
}

/// One frame with a person in the picture, 160×120 luma in, verdict out.
#[divan::bench(args = ["steady", "classic"], sample_size = 120, sample_count = 50)]
fn frame_with_a_person(bencher: Bencher<'_, '_>, name: &str) {
    let (geometry, _) = Geometry::for_source(640, 480);
    let frames = walk::frames(geometry);
    let mut detector = settled(name, geometry, &frames);
    let (mut n, mut seen) = (10 * walk::FRAMES, 0);
    bencher.bench_local(|| {
        n += 1;
        let at_us = n as i64 * 1_000_000 / walk::FPS;
        seen += usize::from(detector.update(black_box(&frames[n % walk::FRAMES]), at_us).motion);
    });
    assert!(seen * 2 > n - 10 * walk::FRAMES, "the person was seen in {seen} frames only");
}

/// One frame of the empty room.
#[divan::bench(args = ["steady", "classic"], sample_size = 120, sample_count = 50)]
fn frame_of_an_empty_room(bencher: Bencher<'_, '_>, name: &str) {
    let (geometry, _) = Geometry::for_source(640, 480);
    let frames: Vec<_> = (0..walk::FRAMES).map(|n| walk::empty(geometry, n)).collect();
    let mut detector = settled(name, geometry, &frames);
    let mut n = 10 * walk::FRAMES;
    bencher.bench_local(|| {
        n += 1;
        detector.update(black_box(&frames[n % walk::FRAMES]), n as i64 * 1_000_000 / walk::FPS).motion
    });
}

/// Shrinking a picture of full size to analysis scale.
#[divan::bench(args = [(640, 480), (1280, 720), (1920, 1080)], sample_size = 20, sample_count = 50)]
fn shrink(bencher: Bencher<'_, '_>, (width, height): (u16, u16)) {
    let (geometry, scale) = Geometry::for_source(width, height);
    let luma = vec![77; usize::from(width) * usize::from(height)];
    let mut small = vec![0; geometry.pixels()];
    bencher.bench_local(|| geometry.shrink(scale, black_box(&luma), black_box(&mut small)));
}
