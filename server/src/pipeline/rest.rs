//! Which pictures need no detector: those that look like the last one it saw, while it has seen nothing for a while.
//!
//! What a detector learns is paced by time, so that it learns as much from ten pictures a second as from thirty. While it
//! is calm, every picture's blocks are compared with those of the last picture that it saw; if a few differ by more than a
//! camera's own noise, the detector looks at once, and at every picture until it has been calm again for half a second.
//! Otherwise it looks ten times a second, for what is fainter than that; and four times a second once it has been calm for
//! five seconds and while not even something faint differs.

use rtm2_tiles::{Scanned, Shape};

/// The detector is calm when nothing has stood out for so long, in µs.
const CALM_US: i64 = 500_000;
/// It looks at least as often as this, in µs.
const LOOK_EVERY_US: i64 = 250_000;
/// It looks as often as this, in µs, at what differs by something faint, and before it has been calm for long: somebody who
/// stands still may be about to move on.
const LOOK_AT_FAINT_EVERY_US: i64 = 100_000;
/// It is calm for long after this, in µs.
const LONG_CALM_US: i64 = 5_000_000;
/// A block that differs by more than this many eighths of a grey level, and the step that the camera rounds it to, is looked
/// at. A block's mean has an eighth of a pixel's noise.
const NOISE: i32 = 32;
/// A block that differs by more than this many, and the step, may be something faint.
const FAINT: i32 = 16;
/// Fewer blocks than this are smaller than anything that counts.
const FEW: usize = 3;

/// The last picture that the detector saw, and since when it is calm.
#[derive(Debug, Default)]
pub(super) struct Rest {
    seen: Option<Look>,
    calm_since_us: Option<i64>,
    means: Vec<i16>,
}

/// When the detector looked, and at a picture of what kind.
#[derive(Clone, Copy, Debug)]
struct Look {
    at_us: i64,
    shape: Shape,
}

impl Rest {
    /// Whether the detector may be spared a picture of this time, if that shows nothing new.
    pub(super) fn may_rest(&self, at_us: i64) -> bool {
        let calm_us = self.calm_since_us.map_or(0, |since| at_us.saturating_sub(since));
        let every_us = if calm_us >= LONG_CALM_US { LOOK_EVERY_US } else { LOOK_AT_FAINT_EVERY_US };
        calm_us >= CALM_US && self.seen.is_some_and(|look| (0..every_us).contains(&at_us.saturating_sub(look.at_us)))
    }

    /// Whether a picture of this time shows what the detector saw last. If something that is not faint differs, rest is over.
    pub(super) fn is_same(&mut self, scanned: &Scanned, at_us: i64) -> bool {
        let Some(seen) = self.seen else { return false };
        let is_near = |most: i32| {
            seen.shape == scanned.shape()
                && is_near(scanned.block_means(), &self.means, most + scanned.brightness_step())
        };
        if at_us.saturating_sub(seen.at_us) >= LOOK_AT_FAINT_EVERY_US && is_near(FAINT) {
            return true;
        }
        let same = is_near(NOISE);
        if !same {
            self.calm_since_us = None;
        }
        same && at_us.saturating_sub(seen.at_us) < LOOK_AT_FAINT_EVERY_US
    }

    /// The detector looked at a picture, and nothing stood out in it or something did. Without an index there is nothing
    /// to compare the next with.
    pub(super) fn looked(&mut self, scanned: Option<&Scanned>, at_us: i64, calm: bool) {
        self.seen = scanned.map(|scanned| Look { at_us, shape: scanned.shape() });
        self.calm_since_us = if calm { self.calm_since_us.or(Some(at_us)) } else { None };
        self.means.clear();
        if let Some(scanned) = scanned.filter(|_| calm) {
            self.means.extend_from_slice(scanned.block_means());
        }
    }
}

/// Whether few of the numbers differ by more than `most`.
fn is_near(now: &[i16], then: &[i16], most: i32) -> bool {
    let most = most.clamp(0, i32::from(i16::MAX)) as i16;
    // Without a branch, so that many are compared at once.
    let is_far = |(now, then): (&i16, &i16)| now.saturating_sub(*then) > most || then.saturating_sub(*now) > most;
    now.len() == then.len() && now.iter().zip(then).map(|pair| usize::from(is_far(pair))).sum::<usize>() < FEW
}

#[cfg(test)]
mod tests {
    use rtm2_tiles::{Scale, Scanner};

    use super::*;

    const FRAME_US: i64 = 33_333;

    /// A textured picture in which a square of 24 pixels is brighter by `by`.
    fn scanned(scanner: &mut Scanner, by: u8) -> &Scanned {
        let grey = image::GrayImage::from_fn(640, 480, |x, y| {
            let lit = (200..224).contains(&x) && (100..124).contains(&y);
            image::Luma([80 + (x * 3 + y * 5) as u8 % 32 + if lit { by } else { 0 }])
        });
        let mut jpeg = std::io::Cursor::new(Vec::new());
        grey.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        scanner.scan(&jpeg.into_inner(), Scale::None).unwrap()
    }

    /// A detector that looks at still pictures for so many frames.
    fn rested(scanned: &Scanned, frames: i64) -> (Rest, i64) {
        let mut rest = Rest::default();
        (0..frames).for_each(|n| rest.looked(Some(scanned), n * FRAME_US, true));
        (rest, (frames - 1) * FRAME_US)
    }

    #[test]
    fn it_rests_after_half_a_second_of_calm_and_looks_a_few_times_a_second() {
        let (mut one, mut other) = (Scanner::new(), Scanner::new());
        let still = scanned(&mut one, 0);
        assert!(!Rest::default().may_rest(0), "before the first picture");
        let (rest, at) = rested(still, 15);
        assert!(!rest.may_rest(at + FRAME_US), "not calm for long enough");
        // Which pictures are spared while they look like this.
        let spared = |scanned: &Scanned, calm: i64| -> Vec<bool> {
            let (mut rest, at) = rested(still, calm);
            let spares = |n| {
                let at = at + n * FRAME_US;
                let spared = rest.may_rest(at) && rest.is_same(scanned, at);
                if !spared {
                    // The detector sees the picture that it knows.
                    rest.looked(Some(still), at, true);
                }
                spared
            };
            (1..=16).map(spares).collect()
        };
        let every = |n: usize| (1..=16).map(|at| at % n != 0).collect::<Vec<_>>();
        assert_eq!(spared(still, 40), every(4), "ten times a second at first");
        assert_eq!(spared(still, 160), every(8), "four times where nothing differs");
        assert_eq!(spared(scanned(&mut other, 4), 160), every(4), "ten times where something faint does");
    }

    #[test]
    fn what_is_new_ends_rest_for_half_a_second() {
        let (mut one, mut other) = (Scanner::new(), Scanner::new());
        let still = scanned(&mut one, 0);
        for (by, same) in [(0, true), (1, true), (6, false), (120, false)] {
            let (mut rest, at) = rested(still, 40);
            assert_eq!(rest.is_same(scanned(&mut other, by), at + FRAME_US), same, "brighter by {by}");
            assert_eq!(rest.may_rest(at + FRAME_US), same, "brighter by {by}");
            rest.looked(Some(still), at + FRAME_US, true);
            assert_eq!(rest.may_rest(at + 2 * FRAME_US), same, "brighter by {by}");
        }
    }

    #[test]
    fn what_stands_out_keeps_the_detector_awake() {
        let mut scanner = Scanner::new();
        let still = scanned(&mut scanner, 0);
        let (mut rest, at) = rested(still, 40);
        rest.looked(Some(still), at + FRAME_US, false);
        assert!(!rest.may_rest(at + 2 * FRAME_US));
        rest.looked(Some(still), at + 2 * FRAME_US, true);
        assert!(!rest.may_rest(at + 3 * FRAME_US));
    }

    #[test]
    fn another_size_and_a_clock_set_back_are_looked_at() {
        let mut scanner = Scanner::new();
        let still = scanned(&mut scanner, 0);
        let (mut rest, at) = rested(still, 40);
        assert!(!rest.may_rest(at - 5 * FRAME_US));
        let mut jpeg = std::io::Cursor::new(Vec::new());
        image::GrayImage::new(320, 240).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        let mut small = Scanner::new();
        let small = small.scan(&jpeg.into_inner(), Scale::None).unwrap();
        assert!(!rest.is_same(small, at + FRAME_US));
        rest.looked(None, at, true);
        assert!(!rest.may_rest(at + FRAME_US), "nothing to compare with");
    }
}
