//! Areas followed from frame to frame: how long each has been there, and whether it came from somewhere.

use super::evidence::{Area, MOST_AREAS};
use super::pace::Pace;
use alloc::vec::Vec;

/// An area must have come this far to be a traveller: pixels (of about 120 rows), and half of its own smaller side. What
/// sways stays.
const LEAST_WAY: u16 = 8;
/// Life counted for one frame at most: also at few frames a second two must agree.
const MOST_PER_FRAME_MS: u16 = 100;

/// What is known of an area over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Track {
    /// Milliseconds that it has been there.
    pub(super) life_ms: u32,
    /// Whether it came from somewhere.
    pub(super) travels: bool,
    /// Milliseconds since it was last seen.
    missed_ms: u16,
    /// Bounds of where its middle has been, in half pixels: left, right, top, bottom.
    way: [u16; 4],
}

/// A track that is not seen for this long is over: in noise and rain things are lost for a frame now and then.
const MOST_MISSED_MS: u16 = 150;

/// Tracks of this frame and of the one before. Track 0 is none.
pub(super) struct Tracks {
    before: Vec<Track>,
    now: Vec<Track>,
    /// Bit `n` is set when the track `n` of the frame before was seen again.
    seen: u64,
}

impl Tracks {
    pub(super) fn new() -> Self {
        let new = || {
            let mut tracks = Vec::with_capacity(MOST_AREAS + 1);
            tracks.push(Track::default());
            tracks
        };
        Self { before: new(), now: new(), seen: 0 }
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        (self.before.capacity() + self.now.capacity()) * size_of::<Track>()
    }

    /// Begins a frame.
    pub(super) fn turn(&mut self) {
        core::mem::swap(&mut self.before, &mut self.now);
        self.now.clear();
        self.now.push(Track::default());
        self.seen = 0;
    }

    /// Goes on with the oldest track that the area overlaps, or begins one. Returns its number.
    pub(super) fn follow(&mut self, area: &Area, pace: Pace, travels_after_ms: u32) -> u8 {
        let blob = &area.blob;
        let (x, y) = (blob.left + blob.right, blob.top + blob.bottom);
        self.seen |= area.tracks;
        let known = self.before.iter().enumerate().skip(1).filter(|(n, _)| area.tracks >> n & 1 == 1);
        let Track { life_ms, travels, way, .. } = known
            .max_by_key(|(_, track)| track.life_ms)
            .map_or(Track { way: [x, x, y, y], ..Track::default() }, |(_, track)| *track);
        let way = [way[0].min(x), way[1].max(x), way[2].min(y), way[3].max(y)];
        let life_ms = life_ms + u32::from(pace.ms.min(MOST_PER_FRAME_MS));
        let far = (way[1] - way[0]).max(way[3] - way[2]);
        let side = (blob.right - blob.left).min(blob.bottom - blob.top);
        let travels = travels || (life_ms >= travels_after_ms && far > (2 * LEAST_WAY).max(side));
        self.now.push(Track { life_ms, travels, way, missed_ms: 0 });
        (self.now.len() - 1) as u8
    }

    /// Ends the frame: tracks that were not seen live on for a moment. Gives for each number of the frame before its
    /// number now, 0 for none.
    pub(super) fn carry(&mut self, pace: Pace) -> [u8; MOST_AREAS + 1] {
        let mut numbers = [0; MOST_AREAS + 1];
        for (n, track) in self.before.iter().enumerate().skip(1).filter(|(n, _)| self.seen >> n & 1 == 0) {
            let missed_ms = track.missed_ms.saturating_add(pace.ms);
            if missed_ms <= MOST_MISSED_MS && self.now.len() <= MOST_AREAS {
                numbers[n] = self.now.len() as u8;
                self.now.push(Track { missed_ms, ..*track });
            }
        }
        numbers
    }

    /// Whether the area overlaps a track that came from somewhere.
    pub(super) fn came(&self, area: &Area) -> bool {
        self.before.iter().enumerate().skip(1).any(|(n, track)| area.tracks >> n & 1 == 1 && track.travels)
    }

    /// A track of this frame.
    pub(super) fn get(&self, number: u8) -> Track {
        self.now.get(usize::from(number)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Blob;

    const PACE_MS: i64 = 50;

    fn frame(tracks: &mut Tracks, left: u16, overlaps: u64) -> (u8, Track) {
        let blob = Blob { top: 40, left, bottom: 60, right: left + 10, area: 200 };
        let pace = Pace::new(PACE_MS * 1000, 0);
        tracks.turn();
        let mut area = Area::new(blob);
        area.tracks = overlaps;
        let number = tracks.follow(&area, pace, 120);
        tracks.carry(pace);
        (number, tracks.get(number))
    }

    #[test]
    fn an_area_grows_older_and_travels_when_it_comes_far() {
        let mut tracks = Tracks::new();
        let (mut number, mut track) = frame(&mut tracks, 20, 0);
        for left in 21..40 {
            assert_eq!(track.travels, left > 29, "{left}");
            (number, track) = frame(&mut tracks, left, 1 << number);
        }
        assert_eq!(track.life_ms, 1000);
    }

    #[test]
    fn what_sways_does_not_travel() {
        let mut tracks = Tracks::new();
        let (mut number, mut track) = frame(&mut tracks, 20, 0);
        for n in 0..200 {
            (number, track) = frame(&mut tracks, 20 + n % 6, 1 << number);
        }
        assert!(!track.travels);
    }

    #[test]
    fn a_track_outlives_a_missed_frame_but_no_long_gap() {
        let pace = Pace::new(PACE_MS * 1000, 0);
        for (missed, life) in [(1, 100), (3, 100), (4, 50)] {
            let mut tracks = Tracks::new();
            let (mut number, _) = frame(&mut tracks, 20, 0);
            for _ in 0..missed {
                tracks.turn();
                number = tracks.carry(pace)[usize::from(number)];
            }
            assert_eq!(frame(&mut tracks, 20, 1 << number & !1).1.life_ms, life, "{missed} frames missed");
        }
    }
}
