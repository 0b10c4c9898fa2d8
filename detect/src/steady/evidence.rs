//! What speaks for and against each changed area: whether it brought edges that the background does not have, and
//! whether it is more than the same picture in another light.
//!
//! Light, shadows without sharp rims, infrared switches and exposure ramps change grey levels but hardly edges.

use super::background::Compared;
use crate::ops::{Blob, Components};
use alloc::{vec, vec::Vec};

/// Areas examined at most, in order of their first pixels. With more than this the picture is chaos anyway.
pub(super) const MOST_AREAS: usize = 63;
/// Edge strengths are told apart up to this many grey levels.
const BINS: usize = 64;
/// Both pictures need this much texture (variance in grey levels squared) for their correlation to mean anything.
const TEXTURE_EXPECTED: i64 = 25;
const TEXTURE_SEEN: i64 = 9;
/// Correlation, in percent, from which on it is the same picture in another light.
pub(super) const SAME: i64 = 88;
/// The same just after the light jumped, when most changes are what the fit left over.
pub(super) const SAME_UNSETTLED: i64 = 75;
/// The picture's rim edges must be weaker than the background's by this factor (in tenths) for a thing removed.
const REMOVED: u32 = 13;

/// So many onsets (in 1/128) within the background's memory make a restless place: one is of the area itself.
const RESTLESS: i16 = 2 * 128;

/// One changed area and a pixel around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    /// Where, with the pixel around it.
    pub(super) blob: Blob,
    /// Changed pixels.
    pub(super) size: u32,
    /// Changed pixels that were active just now.
    pub(super) active: u32,
    /// Changed pixels that also changed again and again before.
    pub(super) swung: u32,
    /// Bit `n` is set when it overlaps the track `n` of the frame before.
    pub(super) tracks: u64,
    edges: [u32; BINS],
    count: u32,
    /// Sums over expectation and picture, for the correlation.
    e: u64,
    s: u64,
    ee: u64,
    ss: u64,
    es: u64,
}

impl Area {
    pub(super) fn new(blob: Blob) -> Self {
        let edges = [0; BINS];
        Self { blob, size: 0, active: 0, swung: 0, tracks: 0, edges, count: 0, e: 0, s: 0, ee: 0, ss: 0, es: 0 }
    }

    /// Mean strength of the strongest third of new edges, in 1/16 grey.
    pub(super) fn new_edges(&self) -> u32 {
        let wanted = (self.count / 3).max(1);
        let (mut n, mut sum) = (0, 0);
        for (strength, &count) in self.edges.iter().enumerate().rev() {
            let (strength, taken) = (strength as u32, count.min(wanted - n));
            n += taken;
            sum += taken * strength;
        }
        sum * 16 / wanted
    }

    /// Whether picture and expectation are the same but for gain and offset.
    pub(super) fn is_same_picture(&self, percent: i64) -> bool {
        let n = i64::from(self.count.max(1));
        let [e, s, ee, ss, es] = [self.e, self.s, self.ee, self.ss, self.es].map(|sum| sum as i64);
        // In 1/16 grey squared.
        let of = |product: i64, a: i64, b: i64| (product * 16 - a * b / n * 16) / n;
        let (expected, seen, both) = (of(ee, e, e), of(ss, s, s), of(es, e, s));
        expected > TEXTURE_EXPECTED * 16
            && seen > TEXTURE_SEEN * 16
            && both > 0
            && both * both * 10_000 > percent * percent * expected * seen
    }
}

/// The planes that areas are measured on.
#[derive(Clone, Copy)]
pub(super) struct Planes<'a> {
    pub(super) luma: &'a [u8],
    pub(super) compared: &'a Compared,
    /// Changed pixels after cleaning.
    pub(super) mask: &'a [u8],
    pub(super) since_ms: &'a [u16],
    /// Milliseconds within which a pixel must have changed to be active.
    pub(super) active_ms: u16,
    /// Onsets lately, in 1/128.
    pub(super) onsets: &'a [i16],
    /// Tracks of the frame before.
    pub(super) tracks: &'a [u8],
}

/// Measures the areas of one frame.
pub(super) struct Evidence {
    width: usize,
    areas: Vec<Area>,
    /// For each blob its index in `areas`, or [`NONE`].
    index: Vec<u8>,
    /// New edges of one run.
    edges: Vec<u8>,
}

/// A blob too small to be examined.
const NONE: u8 = u8::MAX;

impl Evidence {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            areas: Vec::with_capacity(MOST_AREAS),
            index: Vec::with_capacity(width.div_ceil(2) * height.div_ceil(2)),
            edges: vec![0; width],
        }
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.areas.capacity() * size_of::<Area>() + self.index.capacity() + self.edges.capacity()
    }

    /// The area that a blob became, if it was large enough.
    pub(super) fn area_of(&self, blob: usize) -> Option<usize> {
        self.index.get(blob).filter(|&&index| index != NONE).map(|&index| usize::from(index))
    }

    /// Measures the areas of at least `least` pixels, a pixel around them included.
    pub(super) fn measure(&mut self, found: &Components, least: u32, planes: Planes<'_>) {
        self.areas.clear();
        self.index.clear();
        for &blob in found.blobs() {
            let taken = blob.area >= least && self.areas.len() < MOST_AREAS;
            self.index.push(if taken { self.areas.len() as u8 } else { NONE });
            if taken {
                self.areas.push(Area::new(blob));
            }
        }
        for span in found.spans() {
            let Some(index) = self.area_of(span.blob) else { continue };
            let area = &mut self.areas[index];
            let (from, to) = (span.row * self.width + span.start, span.row * self.width + span.end);
            correlate(area, &planes.compared.expected[from..to], &planes.luma[from..to]);
            for i in from..to {
                area.tracks |= 1 << planes.tracks[i];
                let changed = u32::from(planes.mask[i]);
                area.size += changed;
                area.active += changed & u32::from(planes.since_ms[i] <= planes.active_ms);
                area.swung += changed & u32::from(planes.onsets[i] >= RESTLESS);
            }
            let edges = &mut self.edges[..to - from];
            edge_strengths(&planes.compared.difference, self.width, span.row, span.start, edges);
            for &strength in edges.iter() {
                area.edges[usize::from(strength).min(BINS - 1)] += 1;
            }
        }
    }

    /// The areas measured last.
    pub(super) fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// Whether the edges at the area's rim are the background's and no longer the picture's: the thing that stood
    /// there was taken away.
    pub(super) fn is_removed(&self, area: &Area, planes: Planes<'_>) -> bool {
        let (mut now, mut before) = (0, 0);
        let Blob { top, left, bottom, right, .. } = area.blob;
        let width = self.width;
        for y in usize::from(top).max(1)..usize::from(bottom).min(planes.mask.len() / width - 1) {
            for x in usize::from(left).max(1)..usize::from(right).min(width - 1) {
                let i = y * width + x;
                let inner = planes.mask[i] & planes.mask[i - 1] & planes.mask[i + 1];
                let inner = inner & planes.mask[i - width] & planes.mask[i + width];
                let near = planes.mask[i] | planes.mask[i - 1] | planes.mask[i + 1];
                let near = near | planes.mask[i - width] | planes.mask[i + width];
                if near == 1 && inner == 0 {
                    now += slope(planes.luma, i, width);
                    before += slope(&planes.compared.expected, i, width);
                }
            }
        }
        before * 10 > now * REMOVED
    }
}

#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn correlate(area: &mut Area, expected: &[u8], seen: &[u8]) {
    // Sums of 1024 products of bytes fit 32 bits.
    for (expected, seen) in expected.chunks(1024).zip(seen.chunks(1024)) {
        let (mut e, mut s, mut ee, mut ss, mut es) = (0_u32, 0_u32, 0_u32, 0_u32, 0_u32);
        for (&a, &b) in expected.iter().zip(seen) {
            let (a, b) = (u32::from(a), u32::from(b));
            e += a;
            s += b;
            ee += a * a;
            ss += b * b;
            es += a * b;
        }
        area.e += u64::from(e);
        area.s += u64::from(s);
        area.ee += u64::from(ee);
        area.ss += u64::from(ss);
        area.es += u64::from(es);
        area.count += expected.len() as u32;
    }
}

/// Sobel gradients of the difference, the larger of across and down, in grey levels over two pixels. At the outermost
/// pixels of the plane there are none.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn edge_strengths(difference: &[i16], width: usize, row: usize, start: usize, edges: &mut [u8]) {
    edges.fill(0);
    let height = difference.len() / width;
    if row == 0 || row + 1 >= height || width < 3 {
        return;
    }
    let first = start.max(1);
    let last = (start + edges.len()).min(width - 1);
    if first >= last {
        return;
    }
    let edges = &mut edges[first - start..last - start];
    let [above, here, below] = [row - 1, row, row + 1].map(|y| &difference[y * width + first - 1..=y * width + last]);
    let n = edges.len();
    let (al, am, ar) = (&above[..n], &above[1..=n], &above[2..n + 2]);
    let (hl, hr) = (&here[..n], &here[2..n + 2]);
    let (bl, bm, br) = (&below[..n], &below[1..=n], &below[2..n + 2]);
    for i in 0..n {
        // To 1/4 grey, so that the sums fit 16 bits.
        let q = |v: i16| v >> 5;
        let across = q(ar[i]) - q(al[i]) + 2 * (q(hr[i]) - q(hl[i])) + q(br[i]) - q(bl[i]);
        let down = q(bl[i]) - q(al[i]) + 2 * (q(bm[i]) - q(am[i])) + q(br[i]) - q(ar[i]);
        edges[i] = (across.abs().max(down.abs()) >> 4).min(255) as u8;
    }
}

/// Steepness at a pixel that is not an outermost one.
fn slope(plane: &[u8], i: usize, width: usize) -> u32 {
    let step = |a: usize, b: usize| u32::from(plane[a].abs_diff(plane[b]));
    step(i - 1, i + 1) + step(i - width, i + width)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 40;
    const HEIGHT: usize = 30;

    fn inside(i: usize) -> bool {
        (10..20).contains(&(i % WIDTH)) && (8..18).contains(&(i / WIDTH))
    }

    fn texture(i: usize) -> u8 {
        60 + (i % WIDTH / 3 % 3 * 20) as u8
    }

    /// Measures a block over a background, where the picture is `seen(background, x)`.
    fn measured(background: impl Fn(usize) -> u8, seen: impl Fn(u8, usize) -> u8) -> (Area, bool) {
        let mut compared = Compared::new(WIDTH * HEIGHT);
        let (mut luma, mut mask, mut wide) =
            (vec![0; WIDTH * HEIGHT], vec![0; WIDTH * HEIGHT], vec![0; WIDTH * HEIGHT]);
        for i in 0..WIDTH * HEIGHT {
            let background = background(i);
            compared.expected[i] = background;
            luma[i] = if inside(i) { seen(background, i % WIDTH) } else { background };
            compared.difference[i] = (i16::from(luma[i]) - i16::from(background)) << 7;
            mask[i] = u8::from(inside(i));
        }
        crate::ops::Neighbourhood::new(WIDTH).largest(&mask, &mut wide);
        let mut components = Components::new(WIDTH, HEIGHT);
        components.find(&wide);
        let planes = Planes {
            luma: &luma,
            compared: &compared,
            mask: &mask,
            since_ms: &[0; WIDTH * HEIGHT],
            active_ms: 400,
            onsets: &[0; WIDTH * HEIGHT],
            tracks: &[3; WIDTH * HEIGHT],
        };
        let mut evidence = Evidence::new(WIDTH, HEIGHT);
        evidence.measure(&components, 10, planes);
        let area = evidence.areas()[0];
        (area, evidence.is_removed(&area, planes))
    }

    #[test]
    fn a_thing_has_edges_and_another_picture() {
        let (area, removed) = measured(texture, |_, x| if x % 4 < 2 { 220 } else { 20 });
        assert_eq!((area.size, area.active, area.tracks), (100, 100, 1 << 3));
        assert!(area.new_edges() > 20 * 16 && !area.is_same_picture(SAME) && !removed);
    }

    #[test]
    fn another_light_is_the_same_picture() {
        let (area, _) = measured(texture, |background, _| background + 3);
        assert!(area.is_same_picture(SAME));
        assert!(area.new_edges() < 5 * 16, "{}", area.new_edges());
    }

    #[test]
    fn where_a_thing_was_the_background_has_the_edges() {
        let (_, removed) = measured(|i| if inside(i) { 200 } else { 80 }, |_, _| 80);
        assert!(removed);
    }
}
