//! The original's algorithm: the baseline that every other detector is measured against.
//!
//! Blur, absolute difference to a reference picture, threshold, two dilations, connected areas, and motion when one of
//! them is large enough. The reference is the first frame; after a frame with motion the *next* frame becomes the
//! reference, and at no other time, so slow light drift adds up until it fires: that weakness is the baseline's own.
//! The frame that becomes the reference is not examined and carries the verdict of the frame before it.
//!
//! Not here: anything that learns, adapts or knows about light. `Verdict::scene` is always normal.

use crate::ops::{Blob, Blur, Components, Dilation, changed, shares};
use crate::zones::ZoneMap;
use crate::{ClassicSettings, Detector, Geometry, Grid, Region, Verdict, Zones};
use alloc::{vec, vec::Vec};
use core::cmp::Reverse;

/// What the next frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// To become the reference.
    Reference,
    /// To be compared with the reference.
    Examined,
}

/// The detector `classic`.
///
/// Score and strength are areas: 1000 is exactly the smallest area that counts, so there is motion just when the score
/// is above 1000, and a score below says how near it was. The grid holds the changed pixels before dilation, also those
/// of areas too small to count. Of zones it knows only where they are: changes outside of them are not seen, and their
/// sensitivity is not read.
pub struct Classic {
    geometry: Geometry,
    threshold: u8,
    /// Smallest area that counts, times a million.
    min_area_millionths: u64,
    blur: Blur,
    dilations: [Dilation; 2],
    components: Components,
    zones: Option<ZoneMap>,
    next: Next,
    reference: Vec<u8>,
    blurred: Vec<u8>,
    mask: Vec<u8>,
    grown: Vec<u8>,
    verdict: Verdict,
}

impl Classic {
    /// Its name in settings and tables.
    pub const NAME: &'static str = "classic";

    /// Most regions in a verdict; the strongest are kept.
    pub const MAX_REGIONS: usize = 64;

    /// Makes a detector without a reference: the first frame becomes it.
    pub fn new(geometry: Geometry, settings: &ClassicSettings, zones: &Zones) -> Self {
        let (width, height) = (usize::from(geometry.width), usize::from(geometry.height));
        let plane = vec![0; geometry.pixels()];
        let across = whole_pixels(settings.spread_across_ppm(), geometry.width);
        let down = whole_pixels(settings.spread_down_ppm(), geometry.height);
        Self {
            geometry,
            threshold: settings.threshold(),
            min_area_millionths: u64::from(settings.min_area_ppm()) * geometry.pixels() as u64,
            blur: Blur::new(width, height, settings.blur_ppm()),
            // One dilation after another adds up; an odd distance is split as evenly as whole pixels allow.
            dilations: [
                Dilation::new(width, height, across.div_ceil(2), down.div_ceil(2)),
                Dilation::new(width, height, across / 2, down / 2),
            ],
            components: Components::new(width, height),
            zones: ZoneMap::for_plane(zones, geometry),
            next: Next::Reference,
            reference: plane.clone(),
            blurred: plane.clone(),
            mask: plane.clone(),
            grown: plane,
            verdict: Verdict {
                regions: Vec::with_capacity(Self::MAX_REGIONS),
                zones: vec![0; zones.all().len()],
                ..Verdict::default()
            },
        }
    }

    /// Compares the blurred picture with the reference.
    fn examine(&mut self) {
        self.verdict.regions.clear();
        self.verdict.score = 0;
        self.verdict.zones.fill(0);
        if changed(&self.blurred, &self.reference, self.threshold, &mut self.mask) == 0 {
            self.verdict.motion = false;
            self.verdict.grid = Grid::default();
            return;
        }
        if let Some(zones) = &self.zones {
            zones.restrict(&mut self.mask);
        }
        shares(&self.mask, usize::from(self.geometry.width), &mut self.verdict.grid);
        let [first, second] = &mut self.dilations;
        first.apply(&self.mask, &mut self.grown);
        second.apply(&self.grown, &mut self.mask);
        let blobs = self.components.find(&self.mask);
        blobs.sort_unstable_by_key(|blob| (Reverse(blob.area), *blob));

        let (geometry, limit) = (self.geometry, self.min_area_millionths);
        self.verdict.score = blobs.first().map_or(0, |largest| strength_of(largest.area, limit));
        let counting = blobs.iter().filter(|blob| u64::from(blob.area) * 1_000_000 > limit);
        for blob in counting.take(Self::MAX_REGIONS) {
            let strength = strength_of(blob.area, limit);
            let zone = self.zones.as_ref().and_then(|zones| zones.share(blob, &self.mask)).map(|share| {
                for (score, pixels) in self.verdict.zones.iter_mut().zip(share.pixels) {
                    *score = (*score).max(strength_of(pixels.min(blob.area), limit));
                }
                share.zone
            });
            self.verdict.regions.push(region(blob, strength, zone, geometry));
        }
        self.verdict.motion = !self.verdict.regions.is_empty();
    }
}

impl Detector for Classic {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    fn update(&mut self, luma: &[u8], _at_us: i64) -> &Verdict {
        if luma.len() != self.geometry.pixels() || luma.is_empty() {
            return &self.verdict;
        }
        match self.next {
            Next::Reference => {
                self.blur.apply(luma, &mut self.reference);
                self.next = Next::Examined;
            }
            Next::Examined => {
                self.blur.apply(luma, &mut self.blurred);
                self.examine();
                if self.verdict.motion {
                    self.next = Next::Reference;
                }
            }
        }
        &self.verdict
    }

    fn memory(&self) -> usize {
        let planes: usize =
            [&self.reference, &self.blurred, &self.mask, &self.grown].into_iter().map(Vec::capacity).sum();
        let dilations: usize = self.dilations.iter().map(Dilation::bytes).sum();
        let regions = self.verdict.regions.capacity() * size_of::<Region>() + 2 * self.verdict.zones.capacity();
        let zones = self.zones.as_ref().map_or(0, ZoneMap::bytes);
        planes + dilations + regions + zones + self.blur.bytes() + self.components.bytes()
    }
}

/// A fraction of a length in whole pixels, rounded.
fn whole_pixels(ppm: u32, length: u16) -> u32 {
    ((u64::from(ppm) * u64::from(length) + 500_000) / 1_000_000) as u32
}

/// The area in thousandths of the smallest that counts, rounded up so that it is above 1000 just when the area counts.
fn strength_of(area: u32, min_area_millionths: u64) -> u16 {
    let thousandths = (u64::from(area) * 1_000_000_000).div_ceil(min_area_millionths.max(1));
    u16::try_from(thousandths).unwrap_or(u16::MAX)
}

fn region(blob: &Blob, strength: u16, zone: Option<u8>, geometry: Geometry) -> Region {
    let (x, w) = geometry.columns_in_source(blob.left, blob.right);
    let (y, h) = geometry.rows_in_source(blob.top, blob.bottom);
    Region { x, y, w, h, strength, zone }
}
