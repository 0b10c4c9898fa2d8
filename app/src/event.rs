//! Events: stretches of motion that belong together, and how they grow frame by frame.

use serde::{Deserialize, Serialize};

use crate::{CameraId, Region, Timestamp};

/// Longest event in µs: a street that never rests is cut into events of ten minutes.
pub const MAX_EVENT_US: i64 = 600_000_000;

/// What stands between the names of an event's zones.
pub const ZONE_SEPARATOR: &str = ", ";

/// How much is left of an event. Old events lose their frames in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// Every frame.
    Whole,
    /// Some frames, its first, its best and its last among them as long as they are intact.
    Thinned,
    /// No frame: only what is said here.
    Record,
}

/// Frames of motion that follow each other without a longer pause. Camera and start name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The camera.
    pub camera: CameraId,
    /// Its first frame of motion.
    pub start: Timestamp,
    /// Its last frame of motion.
    pub end: Timestamp,
    /// The first frame that belongs to it: one from before the motion where these are recorded.
    pub from: Timestamp,
    /// The last frame that belongs to it.
    pub to: Timestamp,
    /// The frame with the best score, the first of several.
    pub peak: Timestamp,
    /// That score.
    pub score: u16,
    /// The smallest box around all boxes of its frames, with the strength of the strongest; `None` without any.
    pub region: Option<Region>,
    /// Frames of motion that it ever had.
    pub frames: u32,
    /// Those of them that are still stored.
    pub held: u32,
    /// Whether it is kept when older frames give way.
    pub pinned: bool,
    /// What somebody wrote about it, or a detector called it; may be empty.
    pub label: String,
    /// The zones it happened in, by name, in the order in which it came there, with [`ZONE_SEPARATOR`] between; may be
    /// empty.
    pub zone: String,
}

impl Event {
    /// An event of one frame.
    pub fn of_frame(camera: CameraId, at: Timestamp, score: u16, boxes: &[Region]) -> Self {
        Self {
            camera,
            start: at,
            end: at,
            from: at,
            to: at,
            peak: at,
            score,
            region: union(boxes.iter().copied()),
            frames: 1,
            held: 1,
            pinned: false,
            label: String::new(),
            zone: String::new(),
        }
    }

    /// How much is left of it.
    pub fn kept(&self) -> Kept {
        match self.held {
            0 => Kept::Record,
            held if held < self.frames => Kept::Thinned,
            _ => Kept::Whole,
        }
    }

    /// Whether this frame of motion belongs to it, if events end after `quiet_us` without motion.
    pub fn takes(&self, at: Timestamp, quiet_us: i64) -> bool {
        let near = self.start.0.saturating_sub(quiet_us) <= at.0 && at.0 <= self.end.0.saturating_add(quiet_us);
        near && span(self.start.min(at), self.end.max(at)) <= MAX_EVENT_US
    }

    /// Takes in what another one of the same camera is: a frame's, or its neighbour once the gap between them closed.
    pub fn join(&mut self, other: Self) {
        // Of equal scores the earlier frame stays the peak, whichever event is joined to which.
        if (other.score, self.peak) > (self.score, other.peak) {
            (self.score, self.peak) = (other.score, other.peak);
        }
        self.zone = if other.start < self.start {
            zones_of_both(&other.zone, &self.zone)
        } else {
            zones_of_both(&self.zone, &other.zone)
        };
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
        self.from = self.from.min(other.from);
        self.to = self.to.max(other.to);
        self.region = union(self.region.into_iter().chain(other.region));
        self.frames = self.frames.saturating_add(other.frames);
        self.held = self.held.saturating_add(other.held);
        self.pinned |= other.pinned;
        if self.label.is_empty() {
            self.label = other.label;
        }
    }
}

/// Whether `zone` is among the zones of an event.
pub fn is_in_zone(zones: &str, zone: &str) -> bool {
    // A name may hold what stands between names.
    zones == zone || zones.split(ZONE_SEPARATOR).any(|name| name == zone)
}

/// The zones of an event, then those of a later one that are new.
fn zones_of_both(first: &str, then: &str) -> String {
    if first.is_empty() || first == then {
        return then.to_owned();
    }
    let mut zones = first.to_owned();
    for zone in then.split(ZONE_SEPARATOR).filter(|zone| !zone.is_empty()) {
        if !is_in_zone(&zones, zone) {
            zones = [&zones, ZONE_SEPARATOR, zone].concat();
        }
    }
    zones
}

/// Whether two neighbours are short enough together to be one event.
pub fn fit_together(a: &Event, b: &Event) -> bool {
    span(a.start.min(b.start), a.end.max(b.end)) <= MAX_EVENT_US
}

fn span(from: Timestamp, to: Timestamp) -> i64 {
    to.0.saturating_sub(from.0)
}

/// The smallest box around some boxes, with the strength of the strongest.
fn union(boxes: impl IntoIterator<Item = Region>) -> Option<Region> {
    boxes.into_iter().reduce(|a, b| {
        let (x, y) = (a.x.min(b.x), a.y.min(b.y));
        let right = a.x.saturating_add(a.w).max(b.x.saturating_add(b.w));
        let bottom = a.y.saturating_add(a.h).max(b.y.saturating_add(b.h));
        Region { x, y, w: right - x, h: bottom - y, strength: a.strength.max(b.strength) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, score: u16) -> Event {
        Event::of_frame(
            CameraId(0),
            Timestamp(at),
            score,
            &[Region { x: at as u16, y: 2, w: 3, h: 4, strength: score }],
        )
    }

    #[test]
    fn joining_is_the_same_in_any_order() {
        let parts = [event(5, 7), event(9, 7), event(2, 3)];
        let mut sums = Vec::new();
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut sum = parts[order[0]].clone();
            for i in &order[1..] {
                sum.join(parts[*i].clone());
            }
            sums.push(sum);
        }
        assert!(sums.iter().all(|sum| *sum == sums[0]), "{sums:?}");
        assert_eq!((sums[0].start.0, sums[0].end.0, sums[0].peak.0, sums[0].frames), (2, 9, 5, 3));
        assert_eq!(sums[0].region, Some(Region { x: 2, y: 2, w: 10, h: 4, strength: 7 }));
    }

    #[test]
    fn zones_are_told_once_and_in_the_order_in_which_it_came_there() {
        let within = |at, zone: &str| Event { zone: zone.into(), ..event(at, 1) };
        let mut sum = within(5, "gate");
        for part in [within(9, "porch"), within(2, "street"), within(7, ""), within(11, "gate, porch")] {
            sum.join(part);
        }
        assert_eq!(sum.zone, "street, gate, porch");
        assert!(is_in_zone(&sum.zone, "gate") && !is_in_zone(&sum.zone, "gat") && is_in_zone("a, b", "a, b"));
    }

    #[test]
    fn an_event_ends_after_a_pause_and_at_its_longest() {
        let one = event(1_000_000, 1);
        assert!(one.takes(Timestamp(3_000_000), 2_000_000) && !one.takes(Timestamp(3_000_001), 2_000_000));
        let mut long = event(0, 1);
        long.join(event(MAX_EVENT_US, 1));
        assert!(long.takes(Timestamp(5), 1) && !long.takes(Timestamp(MAX_EVENT_US + 1), 2_000_000));
        assert!(event(i64::MAX, 1).takes(Timestamp(i64::MAX), i64::MAX));
    }

    #[test]
    fn what_is_left_is_told_from_the_numbers() {
        let mut event = Event { frames: 9, held: 9, ..event(0, 1) };
        assert_eq!(event.kept(), Kept::Whole);
        event.held = 3;
        assert_eq!(event.kept(), Kept::Thinned);
        event.held = 0;
        assert_eq!(event.kept(), Kept::Record);
    }
}
