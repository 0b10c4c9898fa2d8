//! The store in memory: the newest frames of each camera, and bars of nothing but these (B12).

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rtm2_app::{Bar, CameraId, Event, Feature, FrameInfo, Timestamp};

use crate::types::{CameraUsage, EventFilter};
use crate::{
    Among, Appended, Error, MAX_EVENTS, MAX_GRID, MAX_ROWS, MAX_TIME, NewFrame, Seek, StoredFrame, Usage, jpeg, record,
};

/// Frames in memory.
#[derive(Debug)]
pub(crate) struct Memory {
    most: usize,
    quiet_us: i64,
    cameras: Mutex<HashMap<CameraId, Ring>>,
}

/// The frames of one camera.
#[derive(Debug, Default)]
struct Ring {
    frames: BTreeMap<i64, StoredFrame>,
    /// Their times in the order they came: a clock set back must not make the newest frame the first to go.
    order: VecDeque<i64>,
    /// The zones that something moves in, of frames that have any.
    zones: BTreeMap<i64, String>,
}

impl Memory {
    /// Room for the `most` newest frames of each camera; events end after `quiet_us` without motion.
    pub(crate) fn new(most: usize, quiet_us: i64) -> Self {
        Self { most, quiet_us, cameras: Mutex::default() }
    }

    fn cameras(&self) -> MutexGuard<'_, HashMap<CameraId, Ring>> {
        self.cameras.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a query on a camera's frames; the default answer for a camera that has none.
    fn with<T: Default>(&self, camera: CameraId, query: impl FnOnce(&Ring) -> T) -> T {
        self.cameras().get(&camera).map(query).unwrap_or_default()
    }

    pub(crate) fn append(&self, frame: &NewFrame<'_>, zones: &str) -> Result<Appended, Error> {
        if !jpeg::begins(frame.jpeg) {
            return Err(Error::NotJpeg(frame.camera));
        }
        if let Some(grid) = frame.grid.filter(|grid| grid.len() > MAX_GRID) {
            return Err(Error::TooBig { what: "a grid", bytes: grid.len(), most: MAX_GRID as u64 });
        }
        let mut cameras = self.cameras();
        Ok(cameras.entry(frame.camera).or_default().push(frame, zones, self.most))
    }

    pub(crate) fn frame(&self, camera: CameraId, from: i64, to: i64) -> Option<StoredFrame> {
        self.with(camera, |ring| ring.range(from, to).next().cloned())
    }

    pub(crate) fn seek(&self, camera: CameraId, seek: Seek, among: Among) -> Option<FrameInfo> {
        self.with(camera, |ring| ring.seek(seek, among).map(|frame| frame.info.clone()))
    }

    pub(crate) fn frames(&self, camera: CameraId, from: i64, to: i64, limit: usize) -> Vec<FrameInfo> {
        self.with(camera, |ring| ring.range(from, to).take(limit.min(MAX_ROWS)).map(|f| f.info.clone()).collect())
    }

    pub(crate) fn bars(&self, camera: CameraId, (from, to): (i64, i64), bucket: i64, limit: usize) -> Vec<Bar> {
        let end = to.saturating_sub(to.rem_euclid(bucket)).saturating_add(bucket - 1);
        self.with(camera, |ring| ring.bars(from, end, bucket, limit.min(MAX_ROWS)))
    }

    pub(crate) fn last_bars(&self, camera: CameraId, n: usize) -> Vec<Bar> {
        let second = rtm2_app::time::MICROS_PER_SECOND;
        let mut bars = self.with(camera, |ring| ring.bars(0, i64::MAX, second, usize::MAX));
        bars.split_off(bars.len().saturating_sub(n.min(MAX_ROWS)))
    }

    /// Events of the frames that are held.
    pub(crate) fn events(&self, filter: &EventFilter) -> Vec<Event> {
        let mut events: Vec<Event> = self.cameras().values().flat_map(|ring| ring.events(self.quiet_us)).collect();
        events.retain(|event| filter.lets_through(event));
        events.sort_unstable_by_key(|event| std::cmp::Reverse((event.start, event.camera)));
        events.truncate(filter.limit.min(MAX_EVENTS));
        events
    }

    pub(crate) fn event(&self, camera: CameraId, start: Timestamp) -> Option<Event> {
        self.with(camera, |ring| ring.events(self.quiet_us).into_iter().find(|event| event.start == start))
    }

    /// Records of the seconds of the frames that are held.
    pub(crate) fn features(&self, camera: CameraId, (from, to): (i64, i64), limit: usize) -> Vec<Feature> {
        let all = self.with(camera, Ring::features);
        let wanted = all.into_iter().filter(|feature| (from..=to).contains(&feature.second.0));
        wanted.take(limit.min(MAX_ROWS)).collect()
    }

    pub(crate) fn extent(&self, camera: CameraId) -> Option<(Timestamp, Timestamp)> {
        self.with(camera, Ring::extent)
    }

    pub(crate) fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        let cameras = self.cameras();
        let mut sorted: Vec<_> = cameras.iter().collect();
        sorted.sort_unstable_by_key(|(camera, _)| **camera);
        for (&camera, ring) in sorted {
            let bytes = ring.frames.values().map(|frame| frame.jpeg.len() as u64).sum();
            if let Some((oldest, newest)) = ring.extent() {
                usage.bytes += bytes;
                usage.add(CameraUsage { camera, bytes, frames: ring.frames.len() as u64, oldest, newest });
            }
        }
        usage
    }
}

impl Ring {
    fn push(&mut self, frame: &NewFrame<'_>, zones: &str, most: usize) -> Appended {
        let mut at = frame.at.0.clamp(0, MAX_TIME.0);
        while self.frames.contains_key(&at) {
            at += 1;
        }
        let info = FrameInfo {
            camera: frame.camera,
            at: Timestamp(at),
            seq: frame.seq,
            width: frame.width,
            height: frame.height,
            score: frame.score,
            bytes: frame.jpeg.len() as u32,
            boxes: record::kept_boxes(frame.boxes).to_vec(),
            motion: frame.motion,
        };
        let grid = frame.grid.filter(|grid| !grid.is_empty()).map(<[u8]>::to_vec);
        self.frames.insert(at, StoredFrame { info, grid, jpeg: Bytes::copy_from_slice(frame.jpeg) });
        if !zones.is_empty() {
            self.zones.insert(at, zones.to_owned());
        }
        self.order.push_back(at);
        while self.order.len() > most.max(1) {
            if let Some(oldest) = self.order.pop_front() {
                self.frames.remove(&oldest);
                self.zones.remove(&oldest);
            }
        }
        let second = Timestamp(at).second();
        let mut in_second = self.range(second.0, second.0 + 999_999).filter(|frame| frame.info.motion);
        let first = in_second.next().map(|frame| frame.info.at);
        let count = u32::from(first.is_some()) + in_second.count() as u32;
        let bar = Bar { start: second, count, first: first.unwrap_or(Timestamp(at)) };
        Appended { at: Timestamp(at), bar, oldest: self.extent().map_or(Timestamp(at), |(oldest, _)| oldest) }
    }

    fn events(&self, quiet_us: i64) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        for FrameInfo { camera, at, score, boxes, .. } in self.motion().map(|frame| &frame.info) {
            let mut event = Event::of_frame(*camera, *at, *score, boxes);
            event.zone = self.zones.get(&at.0).cloned().unwrap_or_default();
            match events.last_mut().filter(|last| last.takes(*at, quiet_us)) {
                Some(last) => last.join(event),
                None => events.push(event),
            }
        }
        events
    }

    fn features(&self) -> Vec<Feature> {
        let mut features: Vec<Feature> = Vec::new();
        for frame in self.motion() {
            let FrameInfo { at, width, height, boxes, .. } = &frame.info;
            let feature = Feature::of_frame(*at, (*width, *height), boxes, frame.grid.as_deref(), false);
            match features.last_mut().filter(|last| last.second == feature.second) {
                Some(last) => last.join(&feature),
                None => features.push(feature),
            }
        }
        features
    }

    fn motion(&self) -> impl Iterator<Item = &StoredFrame> {
        self.frames.values().filter(|frame| frame.info.motion)
    }

    fn range(&self, from: i64, to: i64) -> impl Iterator<Item = &StoredFrame> {
        // A map panics on a range that ends before it starts.
        let range = (from <= to).then(|| self.frames.range(from..=to));
        range.into_iter().flatten().map(|(_, frame)| frame)
    }

    fn seek(&self, seek: Seek, among: Among) -> Option<&StoredFrame> {
        let wanted = |frame: &&StoredFrame| among == Among::All || frame.info.motion;
        let after = |t: Timestamp| self.frames.range((Excluded(t.0), Unbounded)).map(|(_, frame)| frame).find(wanted);
        let before = |range| self.frames.range::<i64, _>(range).rev().map(|(_, frame)| frame).find(wanted);
        match seek {
            Seek::First => self.frames.values().find(wanted),
            Seek::Last => self.frames.values().rev().find(wanted),
            Seek::Next(t) => after(t),
            Seek::Previous(t) => before((Unbounded, Excluded(t.0))),
            Seek::At(t) => before((Unbounded, Included(t.0))).or_else(|| after(t)),
        }
    }

    fn bars(&self, from: i64, to: i64, bucket: i64, limit: usize) -> Vec<Bar> {
        let mut bars: Vec<Bar> = Vec::new();
        for frame in self.range(from, to).filter(|frame| frame.info.motion) {
            let start = frame.info.at.bucket(bucket);
            if let Some(bar) = bars.last_mut().filter(|bar| bar.start == start) {
                bar.count += 1;
            } else if bars.len() < limit {
                bars.push(Bar { start, count: 1, first: frame.info.at });
            } else {
                break;
            }
        }
        bars
    }

    fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        let (first, last) = (self.frames.first_key_value()?, self.frames.last_key_value()?);
        Some((Timestamp(*first.0), Timestamp(*last.0)))
    }
}
