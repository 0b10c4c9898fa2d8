//! Brightness from the pass is what libjpeg-turbo decodes, bit for bit.

mod support;

use jpeg_encoder::SamplingFactor;
use proptest::prelude::*;
use rtm2_tiles::{Scale, Scanner};
use support::{other, pixels, turbo, turbo_luma, without_segments};
use turbojpeg::Subsamp;

const SUBSAMPLINGS: [Subsamp; 5] = [Subsamp::Sub2x2, Subsamp::Sub2x1, Subsamp::None, Subsamp::Sub1x2, Subsamp::Gray];
const FACTORS: [SamplingFactor; 4] =
    [SamplingFactor::F_2_2, SamplingFactor::F_2_1, SamplingFactor::F_1_1, SamplingFactor::F_1_2];

fn assert_same(scanner: &mut Scanner, jpeg: &[u8], reference: &[u8], what: &str) {
    for (scale, divisor) in [(Scale::Quarter, 4), (Scale::Eighth, 8)] {
        let (width, height, expected) = turbo_luma(reference, divisor);
        let luma = scanner.scan(jpeg, scale).unwrap_or_else(|error| panic!("{what}: {error}")).luma();
        assert_eq!((usize::from(luma.width), usize::from(luma.height)), (width, height), "{what} at 1/{divisor}");
        let wrong = luma.data.iter().zip(&expected).position(|(a, b)| a != b);
        assert_eq!(
            wrong.map(|at| (at % width, at / width, luma.data[at], expected[at])),
            None,
            "{what} at 1/{divisor}"
        );
    }
}

#[test]
fn every_sampling_quality_and_size() {
    let mut scanner = Scanner::new();
    for (i, (width, height)) in
        [(640, 480), (16, 16), (1, 1), (17, 33), (645, 483), (8, 200), (333, 9)].into_iter().enumerate()
    {
        for quality in [1, 20, 50, 75, 90, 100] {
            for (j, subsampling) in SUBSAMPLINGS.into_iter().enumerate() {
                let picture = pixels(width, height, (i * 10 + j) as u32, [0, 6, 120][(i + j) % 3]);
                for optimised in [false, true] {
                    let jpeg = turbo(&picture, subsampling, quality, optimised);
                    let what = format!("{width}x{height} {subsampling:?} quality {quality} optimised {optimised}");
                    assert_same(&mut scanner, &jpeg, &jpeg, &what);
                }
            }
        }
    }
}

#[test]
fn restart_intervals() {
    let mut scanner = Scanner::new();
    for restart in [1, 3, 40, 1000] {
        for sampling in FACTORS {
            let jpeg = other(&pixels(210, 99, u32::from(restart), 20), sampling, 85, restart);
            assert_same(&mut scanner, &jpeg, &jpeg, &format!("{sampling:?} restart {restart}"));
        }
    }
}

#[test]
fn tables_that_a_webcam_leaves_out() {
    let jpeg = turbo(&pixels(160, 120, 5, 10), Subsamp::Sub2x1, 80, false);
    let stripped = without_segments(&jpeg, 0xc4);
    assert!(stripped.len() + 400 < jpeg.len());
    assert_same(&mut Scanner::new(), &stripped, &jpeg, "without tables");
}

#[test]
fn colour_of_two_blocks() {
    let jpeg = include_bytes!("../testdata/ffmpeg-422.jpg");
    assert_same(&mut Scanner::new(), jpeg, jpeg, "4:2:2 as ffmpeg writes it");
}

#[test]
fn stray_bytes_before_the_end_are_forgiven() {
    let jpeg = turbo(&pixels(64, 48, 5, 10), Subsamp::Sub2x2, 80, false);
    let mut stray = jpeg.clone();
    stray.splice(jpeg.len() - 2..jpeg.len() - 2, [0, 0, 0, 0xff]);
    assert_same(&mut Scanner::new(), &stray, &jpeg, "stray bytes");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_picture(
        width in 1usize..150, height in 1usize..150, seed: u32, noise in 0i32..200, quality in 1i32..=100,
        subsampling in 0usize..5, optimised: bool,
    ) {
        let jpeg = turbo(&pixels(width, height, seed, noise), SUBSAMPLINGS[subsampling], quality, optimised);
        assert_same(&mut Scanner::new(), &jpeg, &jpeg, "a picture");
    }
}
