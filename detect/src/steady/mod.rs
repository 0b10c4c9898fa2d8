//! The detector that is not disturbed by light: it compares each picture with a learned empty scene in today's light,
//! and asks every change for edges of its own, for a little time, and for going on.
//!
//! The stages, one file each: `light` fits gain and offset of the day, `background` keeps the empty scene as a range
//! per pixel, `noise` sets thresholds, `cleaning` turns pixels into areas, `evidence` tells things from light, `tracks`
//! follow them, `activity` tells what moves from what stands, `condition` names the state of the scene, `view` knows
//! whether the camera was moved, `zoned` knows where and how much the user wants to know, `pace` makes everything
//! independent of the frame rate.
//!
//! Not here: what kind of thing moved.

mod activity;
mod background;
mod cleaning;
mod condition;
mod evidence;
mod light;
mod noise;
mod pace;
mod settings;
mod tracks;
mod view;
mod zoned;

pub use settings::SteadySettings;

use crate::ops::{Blob, Neighbourhood, shares};
use crate::vectors::vectorised;
use crate::{Detector, Geometry, Grid, Region, Verdict, Zones};
use activity::Activity;
use alloc::{vec, vec::Vec};
use background::{Background, Compared, Lesson};
use cleaning::Cleaning;
use condition::{Condition, Signs};
use core::cmp::Reverse;
use evidence::{Evidence, Planes, SAME, SAME_UNSETTLED};
use light::{Light, LightFit};
use noise::{Demand, Noise};
use pace::Pace;
use settings::demand_percent;
use tracks::{Track, Tracks};
use view::View;
use zoned::Zoned;

/// New edges that an area needs, in 1/16 grey over two pixels.
const NEW_EDGES: u16 = 5 * 16;
/// Edges so many times as strong are nothing that a fit leaves over.
const CLEAR: u32 = 4;
/// An area in which nothing changed for this long stands still; just after the light jumped, which changed everything,
/// for this long.
const STILL_MS: u16 = 500;
const STILL_UNSETTLED_MS: u16 = 200;
/// A larger share than this (in thousandths) of active pixels is movement.
const ACTIVE: u32 = 30;
/// The same for what came from somewhere: a visitor who pauses still fidgets, a thing put down does not at all.
const FIDGET: u32 = 2;
/// What stands still this long is part of the scene from then on.
const ABSORB_AFTER_MS: u16 = 60_000;
/// Time constants of absorbing what came to stay, and what was taken away.
const ABSORB_MS: u32 = 400;
const REMOVE_MS: u32 = 150;
/// A change of the fit by this many grey levels at medium grey, or of this share of the picture (in percent), is a
/// change of light.
const JUMP: u32 = 12;
const JUMP_PERCENT: usize = 45;
/// How long a camera needs to settle its exposure after it, and how much longer areas must last meanwhile.
const SETTLE_MS: u32 = 1_000;
const SETTLE_EXTRA_MS: u32 = 400;
/// Younger than this it learns from every picture.
const CALM_AGE_MS: u32 = 10_000;
/// Where it is restless only travellers count, unless they are larger than this multiple: twigs are small.
const LARGE: u32 = 10;
/// Areas up to this multiple of the smallest that counts must last longer: most insects and drops are small.
const SMALL: u32 = 3;
const SMALL_EXTRA_MS: u32 = 60;

/// The detector `steady`.
///
/// Score and strength are areas: 1000 is the smallest area that counts. The grid holds the pixels of the regions.
pub struct Steady {
    geometry: Geometry,
    settings: SteadySettings,
    least: u32,
    most: u32,
    tick: u32,
    age_ms: u32,
    at_us: Option<i64>,
    light: Light,
    unsettled_ms: u32,
    fit: LightFit,
    background: Background,
    compared: Compared,
    noise: Noise,
    activity: Activity,
    cleaning: Cleaning,
    around: Neighbourhood,
    evidence: Evidence,
    tracks: Tracks,
    condition: Condition,
    view: View,
    zones: Option<Zoned>,
    raw: Vec<u8>,
    strong: Vec<u8>,
    /// Track number of each pixel, 0 for none.
    track_of: Vec<u8>,
    travelling: Vec<u8>,
    /// For how long a changed pixel has not changed again, in ms.
    still_ms: Vec<u16>,
    keep: Vec<u8>,
    areas: Vec<Judged>,
    verdict: Verdict,
}

/// What an area is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Too small, or only light.
    Nothing,
    /// A thing that was taken away.
    Removed,
    /// Something new that does not move.
    Still,
    /// Something that moves, with its track.
    Moving { track: u8, counts: bool },
}

#[derive(Clone, Copy, Debug)]
struct Judged {
    kind: Kind,
    blob: Blob,
    size: u32,
    zone: Option<u8>,
}

impl Steady {
    /// Its name in settings and tables.
    pub const NAME: &'static str = "steady";

    /// Most regions in a verdict; the strongest are kept.
    pub const MAX_REGIONS: usize = 64;

    /// Makes a detector that knows nothing of the scene: the first frame becomes its background.
    pub fn new(geometry: Geometry, settings: &SteadySettings, zones: &Zones) -> Self {
        let (width, height) = (usize::from(geometry.width), usize::from(geometry.height));
        let pixels = geometry.pixels();
        let plane = vec![0; pixels];
        let share = |ppm: u32| (u64::from(ppm) * pixels as u64).div_ceil(1_000_000) as u32;
        Self {
            geometry,
            settings: settings.clone(),
            least: share(settings.min_area_ppm()).max(1),
            most: share(settings.max_area_ppm()),
            tick: 0,
            age_ms: 0,
            at_us: None,
            light: Light::SAME,
            unsettled_ms: 0,
            fit: LightFit::new(width, height),
            background: Background::new(pixels),
            compared: Compared::new(pixels),
            noise: Noise::new(pixels),
            activity: Activity::new(pixels),
            cleaning: Cleaning::new(width, height),
            around: Neighbourhood::new(width),
            evidence: Evidence::new(width, height),
            tracks: Tracks::new(),
            condition: Condition::new(pixels),
            view: View::new(width, height),
            zones: Zoned::new(zones, geometry, settings.sensitivity()),
            raw: plane.clone(),
            strong: plane.clone(),
            track_of: plane.clone(),
            travelling: plane.clone(),
            still_ms: vec![0; pixels],
            keep: plane,
            areas: Vec::with_capacity(evidence::MOST_AREAS),
            verdict: Verdict {
                regions: Vec::with_capacity(Self::MAX_REGIONS),
                zones: vec![0; zones.all().len()],
                ..Verdict::default()
            },
        }
    }

    /// Planes of the frame looked at last, for pictures that explain: the background in its light, how far the picture
    /// was outside of the background's range, what was left of that after cleaning, and what counted as motion. The
    /// last two are masks of 0 and 1.
    pub fn planes(&self) -> [(&'static str, &[u8]); 4] {
        [
            ("expected", &self.compared.expected),
            ("outside", &self.compared.outside),
            ("areas", self.cleaning.mask()),
            ("motion", &self.keep),
        ]
    }

    fn start(&mut self, luma: &[u8], at_us: i64) {
        self.at_us = Some(at_us);
        self.background.start(luma);
        self.activity.start(luma);
        self.condition.start(luma);
    }

    fn examine(&mut self, luma: &[u8], pace: Pace) {
        let signs = self.condition.signs(luma);
        let demand = Demand::new(demand_percent(self.settings.sensitivity()), signs.mean);
        self.compare(luma, demand, pace);
        self.cleaning.clean(&self.raw, &self.strong, &mut self.around);
        self.activity.update(luma, self.noise.deviations(), self.unsettled_ms > 0, pace, &mut self.around);
        self.judge(luma, demand, pace);
        self.remember(pace);
        self.learn(pace);
        self.unsettled_ms = self.unsettled_ms.saturating_sub(u32::from(pace.ms));
        if self.view.update(luma, self.condition.is_clear(signs), pace, &mut self.around) {
            // Another scene: what was learned of the old one would be seen as ghosts for a minute.
            self.background.start(luma);
            self.age_ms = 0;
        }
        self.speak(signs, pace);
    }

    /// Everything up to the pixels that changed.
    fn compare(&mut self, luma: &[u8], demand: Demand, pace: Pace) {
        let width = usize::from(self.geometry.width);
        let light = self.fit.fit(&self.background.level, luma, self.cleaning.busy(), width, self.light);
        let jumped = light.distance(self.light) > JUMP;
        self.light = light;
        self.background.compare(luma, light, &mut self.around, &mut self.compared);
        let scale = self.zones.as_ref().and_then(Zoned::scale);
        // A scale says all of what is asked for.
        let asked = if scale.is_some() { demand.with_percent(100) } else { demand };
        let changed = self.noise.judge(&self.compared.outside, asked, scale, &mut self.raw, &mut self.strong);
        if let Some(zones) = &self.zones {
            zones.restrict([&mut self.raw, &mut self.strong]);
        }
        if jumped || changed * 100 > JUMP_PERCENT * luma.len() {
            self.unsettled_ms = SETTLE_MS + u32::from(pace.ms);
        }
    }

    /// Decides what each changed area is.
    fn judge(&mut self, luma: &[u8], demand: Demand, pace: Pace) {
        let planes = Planes {
            luma,
            compared: &self.compared,
            mask: self.cleaning.mask(),
            since_ms: self.activity.since_ms(),
            active_ms: if self.unsettled_ms > 0 { STILL_UNSETTLED_MS } else { STILL_MS },
            onsets: self.background.onsets(),
            tracks: &self.track_of,
        };
        self.evidence.measure(self.cleaning.areas(), self.least, planes);
        self.tracks.turn();
        self.areas.clear();
        // Edges grow with the light as everything does.
        let gain = u32::from(self.light.gain.clamp(4096, 12_288) as u16);
        let needed_edges = |demand: Demand| (u32::from(demand.grey_sixteenths(NEW_EDGES)) * gain) >> 13;
        let usual_edges = needed_edges(demand);
        let patience = if self.unsettled_ms > 0 { SETTLE_EXTRA_MS } else { 0 };
        let unsettled = self.unsettled_ms > 0;
        let duration = self.settings.min_duration_ms();
        for area in self.evidence.areas() {
            let share = self.zones.as_ref().and_then(|zones| zones.share(&area.blob, planes.mask));
            let zone = share.map(|share| share.zone);
            let percent = self.zones.as_ref().zip(zone).and_then(|(zones, zone)| zones.percent(zone));
            let edges = percent.map_or(usual_edges, |percent| needed_edges(demand.with_percent(percent)));
            let new_edges = area.new_edges();
            let same = if unsettled && new_edges < CLEAR * edges { SAME_UNSETTLED } else { SAME };
            let kind = if area.size < self.least || new_edges < edges || area.is_same_picture(same) {
                Kind::Nothing
            } else if area.active * 1000 > area.size * if self.tracks.came(area) { FIDGET } else { ACTIVE } {
                let track = self.tracks.follow(area, pace, duration);
                let Track { life_ms, travels, .. } = self.tracks.get(track);
                let small = if area.size > SMALL * self.least { 0 } else { SMALL_EXTRA_MS };
                let needed = duration + small + patience;
                let credible = travels || area.swung * 2 < area.size || area.size > LARGE * self.least;
                let counts = credible && life_ms >= needed && area.size <= self.most;
                Kind::Moving { track, counts }
            } else if self.evidence.is_removed(area, planes) {
                Kind::Removed
            } else {
                Kind::Still
            };
            self.areas.push(Judged { kind, blob: area.blob, size: area.size, zone });
        }
    }

    /// Writes down pixel by pixel what the areas were found to be.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    fn remember(&mut self, pace: Pace) {
        let numbers = self.tracks.carry(pace);
        if numbers.iter().all(|&number| number == 0) {
            self.track_of.fill(0);
        } else {
            renumber(&mut self.track_of, &numbers);
        }
        self.travelling.fill(0);
        self.keep.fill(0);
        let width = usize::from(self.geometry.width);
        for span in self.cleaning.areas().spans() {
            let Some(judged) = self.evidence.area_of(span.blob).and_then(|area| self.areas.get(area)) else { continue };
            let at = span.row * width + span.start..span.row * width + span.end;
            match judged.kind {
                Kind::Nothing | Kind::Still => {}
                Kind::Removed => self.background.absorb(at, &self.compared, self.light, pace, REMOVE_MS),
                Kind::Moving { track, counts } => {
                    self.track_of[at.clone()].fill(track);
                    self.travelling[at.clone()].fill(u8::from(self.tracks.get(track).travels));
                    if counts {
                        self.keep[at.clone()].copy_from_slice(&self.cleaning.mask()[at]);
                    }
                }
            }
        }
    }

    fn learn(&mut self, pace: Pace) {
        let busy = self.cleaning.busy();
        self.activity.count_stillness(busy, &mut self.still_ms, pace);
        for (y, row) in self.still_ms.chunks_exact(usize::from(self.geometry.width)).enumerate() {
            if longest(row) <= ABSORB_AFTER_MS {
                continue;
            }
            let mut from = 0;
            while let Some(gap) = row[from..].iter().position(|&ms| ms > ABSORB_AFTER_MS) {
                let start = from + gap;
                let length = row[start..].iter().position(|&ms| ms <= ABSORB_AFTER_MS).unwrap_or(row.len() - start);
                let at = y * row.len() + start..y * row.len() + start + length;
                self.background.absorb(at, &self.compared, self.light, pace, ABSORB_MS);
                from = start + length;
            }
        }
        let lesson = Lesson {
            pace,
            age_ms: self.age_ms,
            light: self.light,
            unsettled: self.unsettled_ms > 0,
            busy,
            raw: &self.raw,
            travelling: &self.travelling,
        };
        self.background.learn(&self.compared, &lesson);
        self.noise.learn(&self.compared.outside, &self.compared.difference, busy, pace, self.age_ms);
    }

    /// Fills in the verdict.
    fn speak(&mut self, signs: Signs, pace: Pace) {
        let counting = |judged: &&Judged| matches!(judged.kind, Kind::Moving { counts: true, .. });
        self.areas.sort_unstable_by_key(|judged| (Reverse(judged.size), judged.blob));
        let (geometry, least) = (self.geometry, self.least);
        let verdict = &mut self.verdict;
        verdict.regions.clear();
        let regions = self.areas.iter().filter(counting).map(|judged| region(judged, geometry, least));
        verdict.regions.extend(regions.take(Self::MAX_REGIONS));
        verdict.motion = !verdict.regions.is_empty();
        verdict.score = verdict.regions.first().map_or(0, |region| region.strength);
        if verdict.motion {
            shares(&self.keep, usize::from(geometry.width), &mut verdict.grid);
        } else {
            verdict.grid = Grid::default();
        }
        verdict.scene = self.condition.update(signs, self.unsettled_ms > 0, self.view.is_moved(), pace);
        if let Some(zones) = &self.zones {
            verdict.zones.fill(0);
            for judged in self.areas.iter().filter(counting) {
                let Some(share) = zones.share(&judged.blob, &self.keep) else { continue };
                for (score, pixels) in verdict.zones.iter_mut().zip(share.pixels) {
                    *score = (*score).max(strength(pixels.min(judged.size), least));
                }
            }
        }
    }
}

impl Detector for Steady {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn update(&mut self, luma: &[u8], at_us: i64) -> &Verdict {
        if luma.len() != self.geometry.pixels() || luma.is_empty() {
            return &self.verdict;
        }
        let Some(before) = self.at_us.replace(at_us) else {
            self.start(luma, at_us);
            return &self.verdict;
        };
        self.tick = self.tick.wrapping_add(1);
        let pace = Pace::new(at_us.saturating_sub(before), self.tick);
        self.age_ms = self.age_ms.saturating_add(u32::from(pace.ms));
        self.examine(luma, pace);
        &self.verdict
    }

    fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    fn is_calm(&self) -> bool {
        self.age_ms >= CALM_AGE_MS && self.unsettled_ms == 0 && self.areas.iter().all(|area| area.size < self.least)
    }

    fn is_paced(&self) -> bool {
        true
    }

    fn mask(&self) -> Option<&[u8]> {
        Some(&self.keep)
    }

    fn memory(&self) -> usize {
        let planes = [&self.raw, &self.strong, &self.track_of, &self.travelling, &self.keep];
        let planes = planes.into_iter().map(Vec::capacity).sum::<usize>() + 2 * self.still_ms.capacity();
        let verdict = self.verdict.regions.capacity() * size_of::<Region>() + 2 * self.verdict.zones.capacity();
        let parts = [
            self.fit.bytes(),
            self.background.bytes(),
            self.compared.bytes(),
            self.noise.bytes(),
            self.activity.bytes(),
            self.cleaning.bytes(),
            self.around.bytes(),
            self.evidence.bytes(),
            self.tracks.bytes(),
            self.condition.bytes(),
            self.view.bytes(),
            self.zones.as_ref().map_or(0, Zoned::bytes),
        ];
        planes + verdict + self.areas.capacity() * size_of::<Judged>() + parts.into_iter().sum::<usize>()
    }
}

/// The longest of some times, without a branch, so that many are compared at once.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn longest(times: &[u16]) -> u16 {
    vectorised!({ times.iter().fold(0, |longest, &ms| longest.max(ms)) })
}

/// Gives the pixels of tracks their new numbers. Most pixels are of none, whose number stays 0.
fn renumber(tracks: &mut [u8], numbers: &[u8]) {
    for some in tracks.chunks_mut(16) {
        if some.iter().fold(0, |any, &track| any | track) != 0 {
            for track in some {
                *track = numbers[usize::from(*track)];
            }
        }
    }
}

/// The area in the camera's pixels, without the pixel around it.
fn region(judged: &Judged, geometry: Geometry, least: u32) -> Region {
    let Blob { left, right, top, bottom, .. } = judged.blob;
    let inset = |start: u16, end: u16, length: u16| {
        let start = start + u16::from(start > 0);
        (start, (end - u16::from(end < length)).max(start + 1).min(length))
    };
    let (left, right) = inset(left, right, geometry.width);
    let (top, bottom) = inset(top, bottom, geometry.height);
    let (x, w) = geometry.columns_in_source(left, right);
    let (y, h) = geometry.rows_in_source(top, bottom);
    Region { x, y, w, h, strength: strength(judged.size, least), zone: judged.zone }
}

/// An area in thousandths of the smallest that counts.
fn strength(size: u32, least: u32) -> u16 {
    u16::try_from(u64::from(size) * 1000 / u64::from(least)).unwrap_or(u16::MAX)
}
