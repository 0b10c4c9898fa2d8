//! Whether the camera still looks where it did: how many of the edges that it used to see are where they were.
//!
//! Edges hardly depend on the light. A camera that is turned or pushed loses most of them at once and for good; people
//! and things hide some of them, for a while. Upright and level edges are looked at apart: a camera pushed sideways
//! finds the level ones again. Half a second between looks is enough, so this costs next to nothing.

use super::pace::Pace;
use crate::ops::Neighbourhood;
use alloc::{vec, vec::Vec};

/// How often is looked.
const LOOK_MS: u32 = 500;
/// An edge is so many times as steep as the average of the picture,
const STEEP: u32 = 3;
/// and at least so steep, in grey levels over two pixels.
const LEAST_STEEP: u32 = 10;
/// Fewer edges of one direction than this share of the picture (in thousandths) say nothing.
const LEAST_EDGES: usize = 5;
/// The bits of upright and level edges.
const DIRECTIONS: [u8; 2] = [0, 1];
/// Shares of edges found again, in percent, beyond what chance finds: from the first on the view is as it was, below
/// the second it is another. Two looks at the same view find at least the first.
const SAME: i32 = 50;
const OTHER: i32 = 20;
/// How long another view must stay before the camera was moved.
const STAYED_MS: u32 = 3_000;
/// How often the edges that are usually seen are taken anew, for day and furniture change them.
const RENEW_MS: u32 = 30_000;
/// How long it is told that the camera was moved.
const TOLD_MS: u32 = 10_000;

/// Follows where the camera looks.
pub(super) struct View {
    width: usize,
    /// Edges of the view as it usually is; none before it was seen.
    usual: Vec<u8>,
    known: bool,
    /// Edges at the last look.
    before: Vec<u8>,
    edges: Vec<u8>,
    /// The edges and a pixel around them.
    wide: Vec<u8>,
    since_look_ms: u32,
    since_renewal_ms: u32,
    other_ms: u32,
    told_ms: u32,
}

impl View {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let plane = vec![0; width * height];
        Self {
            width,
            usual: plane.clone(),
            known: false,
            before: plane.clone(),
            edges: plane.clone(),
            wide: plane,
            since_look_ms: LOOK_MS,
            since_renewal_ms: 0,
            other_ms: 0,
            told_ms: 0,
        }
    }

    /// Whether the camera was moved lately.
    pub(super) fn is_moved(&self) -> bool {
        self.told_ms > 0
    }

    /// Looks at the picture now and then. Returns true when it has just become clear that the camera was moved.
    /// Pictures that are not `clear`, because they are dark or their light has just changed, say nothing.
    pub(super) fn update(&mut self, luma: &[u8], clear: bool, pace: Pace, around: &mut Neighbourhood) -> bool {
        self.told_ms = self.told_ms.saturating_sub(u32::from(pace.ms));
        self.since_look_ms += u32::from(pace.ms);
        self.since_renewal_ms = self.since_renewal_ms.saturating_add(u32::from(pace.ms));
        if !clear || self.since_look_ms < LOOK_MS {
            return false;
        }
        let passed = core::mem::take(&mut self.since_look_ms).min(2 * LOOK_MS);
        core::mem::swap(&mut self.before, &mut self.edges);
        find_edges(luma, self.width, &mut self.edges, &mut self.wide);
        around.union(&self.edges, &mut self.wide);
        if found_again(&self.before, &self.wide).is_none_or(|share| share < SAME) {
            self.other_ms = 0;
            return false;
        }
        let same = if self.known { found_again(&self.usual, &self.wide).unwrap_or(SAME) } else { 100 };
        if same >= OTHER {
            self.other_ms = 0;
            if !self.known || (same >= SAME && self.since_renewal_ms >= RENEW_MS) {
                self.renew();
            }
            return false;
        }
        self.other_ms += passed;
        if self.other_ms < STAYED_MS {
            return false;
        }
        self.other_ms = 0;
        self.told_ms = TOLD_MS;
        self.renew();
        true
    }

    fn renew(&mut self) {
        self.known = true;
        self.since_renewal_ms = 0;
        self.usual.copy_from_slice(&self.edges);
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        [&self.usual, &self.before, &self.edges, &self.wide].into_iter().map(Vec::capacity).sum()
    }
}

/// Marks what is steep across and what is steep down. `scratch` is as large as `edges`.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn find_edges(luma: &[u8], width: usize, edges: &mut [u8], scratch: &mut [u8]) {
    edges.fill(0);
    scratch.fill(0);
    let height = luma.len() / width.max(1);
    if width < 3 || height < 3 {
        return;
    }
    for y in 1..height - 1 {
        let row = |y: usize| &luma[y * width..(y + 1) * width];
        let middle = y * width + 1..(y + 1) * width - 1;
        differences(row(y), &row(y)[2..], &mut edges[middle.clone()]);
        differences(&row(y - 1)[1..], &row(y + 1)[1..], &mut scratch[middle]);
    }
    let mean = (sum(edges) + sum(scratch)) / (2 * (width - 2) * (height - 2)) as u32;
    let limit = (STEEP * mean).clamp(LEAST_STEEP, 254) as u8;
    for (edge, down) in edges.iter_mut().zip(scratch) {
        *edge = u8::from(*edge > limit) << DIRECTIONS[0] | u8::from(*down > limit) << DIRECTIONS[1];
    }
}

#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn differences(a: &[u8], b: &[u8], to: &mut [u8]) {
    for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
        *to = a.abs_diff(*b);
    }
}

#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn sum(plane: &[u8]) -> u32 {
    // Short pieces, whose sums fit 16 bits and so many pixels at once.
    plane.chunks(256).map(|piece| u32::from(piece.iter().fold(0_u16, |sum, &value| sum + u16::from(value)))).sum()
}

/// How many pixels have the bit set in both planes.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn count(a: &[u8], b: &[u8], bit: u8) -> usize {
    // At most 255 ones are added up in a byte.
    let ones = |(a, b): (&[u8], &[u8])| a.iter().zip(b).fold(0_u8, |sum, (a, b)| sum.wrapping_add((a & b) >> bit & 1));
    a.chunks(255).zip(b.chunks(255)).map(|pieces| usize::from(ones(pieces))).sum()
}

/// How many of the edges `of` are within `wide`, in percent, of the direction that fewer are of; 0 is what chance
/// finds, and less is possible. Nothing where there are too few.
fn found_again(of: &[u8], wide: &[u8]) -> Option<i32> {
    let enough = |count: usize| count * 1000 >= LEAST_EDGES * of.len();
    let share = |bit: &u8| {
        let (had, has) = (count(of, of, *bit), count(wide, wide, *bit));
        if !enough(had) || !enough(has) {
            return None;
        }
        let found = count(of, wide, *bit);
        let [chance, share] = [has * 100 / wide.len(), found * 100 / had].map(|percent| percent as i32);
        Some((share - chance) * 100 / (100 - chance).max(1))
    };
    DIRECTIONS.iter().filter_map(share).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 80;
    const HEIGHT: usize = 60;

    /// Furniture of random size and place, `right` pixels further to the left.
    fn room(right: usize, hidden: usize) -> Vec<u8> {
        let mut luma = vec![90; WIDTH * HEIGHT];
        let mut n = 7_u32;
        let mut random = |most: usize| {
            n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            n as usize / 65_536 % most
        };
        for _ in 0..24 {
            let (left, top, w, h, grey) = (random(120), random(60), 6 + random(24), 6 + random(24), random(240) as u8);
            for y in top..(top + h).min(HEIGHT) {
                for x in left..left + w {
                    if let Some(x) = x.checked_sub(right).filter(|&x| x < WIDTH) {
                        luma[y * WIDTH + x] = grey;
                    }
                }
            }
        }
        luma.chunks_exact_mut(WIDTH).for_each(|row| row[..hidden].fill(30));
        luma
    }

    struct Watch {
        view: View,
        tick: u32,
    }

    impl Watch {
        fn new() -> Self {
            Self { view: View::new(WIDTH, HEIGHT), tick: 0 }
        }

        /// Whether a move was found within some seconds at ten frames a second.
        fn shown(&mut self, seconds: u32, of: impl Fn(u32) -> Vec<u8>) -> bool {
            let mut around = Neighbourhood::new(WIDTH);
            (0..seconds * 10).fold(false, |found, n| {
                self.tick += 1;
                self.view.update(&of(n), true, Pace::new(100_000, self.tick), &mut around) || found
            })
        }
    }

    #[test]
    fn a_turned_camera_is_found_once_and_told_for_a_while() {
        for right in [5, 12, 30] {
            let mut watch = Watch::new();
            assert!(!watch.shown(5, |_| room(0, 0)));
            assert!(!watch.shown(2, |_| room(right, 0)), "it has not stayed yet");
            assert!(watch.shown(3, |_| room(right, 0)) && watch.view.is_moved(), "{right}");
            assert!(!watch.shown(9, |_| room(right, 0)));
            watch.shown(5, |_| room(right, 0));
            assert!(!watch.view.is_moved());
            assert!(watch.shown(5, |_| room(0, 0)), "back again is a move too");
        }
    }

    #[test]
    fn light_shake_passers_by_and_swings_are_no_move() {
        let mut watch = Watch::new();
        watch.shown(5, |_| room(0, 0));
        let dimmed = |luma: Vec<u8>, percent: u32| luma.iter().map(|&g| (u32::from(g) * percent / 100) as u8).collect();
        assert!(!watch.shown(10, |_| dimmed(room(0, 0), 45)));
        assert!(!watch.shown(10, |n| room(n as usize % 2, 0)));
        assert!(!watch.shown(10, |_| room(0, 40)), "half of it hidden");
        assert!(!watch.shown(20, |n| room(if n / 20 % 2 == 0 { 30 } else { 0 }, 0)), "does not stay");
        assert!(!watch.shown(10, |_| vec![90; WIDTH * HEIGHT]), "nothing to be seen");
    }
}
