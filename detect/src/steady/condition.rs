//! The state of the scene beside motion. A state is named after it lasted and left after it was gone for a while, so
//! that it does not flap.

use super::pace::Pace;
use crate::Scene;
use crate::vectors::vectorised;
use alloc::{vec, vec::Vec};

/// Mean grey level below which a scene is dark, and from which on it is no longer.
const DARK: [u8; 2] = [12, 18];
/// Mean distance from the mean (grey levels) below which a picture shows nothing, and from which on it does again.
const BLANK: [u8; 2] = [4, 8];
/// A scene that usually shows this much is covered when it shows nothing.
const USUALLY: i16 = 12 * 128;
/// Time constant of what is usual.
const USUAL_MS: u32 = 30_000;
/// How long dark and covered must last to be named, and be gone to be left.
const LASTING_MS: u32 = 1_000;
/// No camera gives byte for byte the same picture for this long: the source hangs. Made-up pictures may, for a while.
const FROZEN_MS: u32 = 10_000;
/// How long pictures must differ again before the source is taken for alive: one that hangs may still repeat itself
/// with a gap.
const ALIVE_MS: u32 = 400;

/// What one picture says of the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signs {
    /// Mean grey level.
    pub(super) mean: u8,
    /// Mean distance from it.
    spread: u8,
    /// Byte for byte the picture before.
    same: bool,
}

/// Follows the state of the scene.
pub(super) struct Condition {
    before: Vec<u8>,
    same_ms: u32,
    alive_ms: u32,
    frozen: bool,
    /// Usual spread in 1/128 grey.
    usual: i16,
    dark: Lasting,
    covered: Lasting,
}

/// A state with hysteresis in time.
#[derive(Clone, Copy, Debug, Default)]
struct Lasting {
    holds: bool,
    against_ms: u32,
}

impl Lasting {
    /// `begins` speaks for the state, `ends` against it; neither leaves it as it is.
    fn update(&mut self, begins: Sign, pace: Pace) -> bool {
        let contrary = match begins {
            Sign::For => !self.holds,
            Sign::Against => self.holds,
            Sign::Neither => false,
        };
        self.against_ms = if contrary { self.against_ms + u32::from(pace.ms) } else { 0 };
        if self.against_ms >= LASTING_MS {
            *self = Self { holds: !self.holds, against_ms: 0 };
        }
        self.holds
    }
}

/// What a picture says of one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    For,
    Against,
    Neither,
}

impl Sign {
    /// A value below the first limit speaks for, one from the second on against.
    fn below(value: u8, [begin, end]: [u8; 2]) -> Self {
        if value < begin {
            Self::For
        } else if value >= end {
            Self::Against
        } else {
            Self::Neither
        }
    }
}

impl Condition {
    pub(super) fn new(pixels: usize) -> Self {
        let (dark, covered) = (Lasting::default(), Lasting::default());
        Self { before: vec![0; pixels], same_ms: 0, alive_ms: 0, frozen: false, usual: 0, dark, covered }
    }

    pub(super) fn start(&mut self, luma: &[u8]) {
        self.before.copy_from_slice(luma);
        self.usual = i16::from(self.signs(luma).spread) << 7;
    }

    /// Looks at a picture.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    pub(super) fn signs(&mut self, luma: &[u8]) -> Signs {
        vectorised!({
            let same = self.before == luma;
            self.before.copy_from_slice(luma);
            let n = luma.len().max(1) as u64;
            let mean = (sum(luma, |grey| grey) / n) as u8;
            Signs { mean, spread: (sum(luma, |grey| grey.abs_diff(mean)) / n) as u8, same }
        })
    }

    fn watch_for_life(&mut self, same: bool, pace: Pace) {
        let ms = u32::from(pace.ms);
        [self.same_ms, self.alive_ms] =
            if same { [self.same_ms.saturating_add(ms), 0] } else { [0, self.alive_ms.saturating_add(ms)] };
        self.frozen = if self.frozen { self.alive_ms < ALIVE_MS } else { self.same_ms >= FROZEN_MS };
    }

    /// Whether there is enough light to tell what is seen.
    pub(super) fn is_clear(&self, signs: Signs) -> bool {
        signs.mean >= DARK[1] && !self.dark.holds && !self.covered.holds
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.before.capacity()
    }

    /// The state after a picture with these signs.
    pub(super) fn update(&mut self, signs: Signs, unsettled: bool, moved: bool, pace: Pace) -> Scene {
        self.watch_for_life(signs.same, pace);
        let blank = match Sign::below(signs.spread, BLANK) {
            Sign::For if self.usual < USUALLY => Sign::Neither,
            sign => sign,
        };
        let dark = self.dark.update(Sign::below(signs.mean, DARK), pace);
        let covered = self.covered.update(blank, pace);
        if blank == Sign::Against && !covered {
            self.usual += pace.within_ms(USUAL_MS).of((i16::from(signs.spread) << 7) - self.usual);
        }
        if self.frozen {
            Scene::Frozen
        } else if dark {
            // A covered lens and a dark room look alike when nothing is left to be seen.
            Scene::Dark
        } else if covered {
            Scene::Covered
        } else if moved {
            Scene::Moved
        } else if unsettled {
            Scene::LightShift
        } else {
            Scene::Normal
        }
    }
}

/// Adds up what `of` makes of each pixel.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn sum(luma: &[u8], of: impl Fn(u8) -> u8) -> u64 {
    // Short pieces, whose sums fit 16 bits and so many pixels at once.
    luma.chunks(256).map(|piece| u64::from(piece.iter().fold(0_u16, |sum, &grey| sum + u16::from(of(grey))))).sum()
}
