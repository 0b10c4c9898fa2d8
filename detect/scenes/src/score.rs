//! What a detector's decisions are worth.
//!
//! An event is a stretch of frames in which something moves that a viewer wants to hear of. It is found when one
//! decision falls on it. A false clip is what a recorder would have written for nothing: the first firing on a frame in
//! which nothing happens, and again for every further five seconds that hold one. Three seconds after an event, or
//! after frames that are unclear, are free: they belong to the event's own clip. The first two seconds are not counted.

use crate::{Happening, Picture, Scene};

/// The score of one detector on one scene, or on several together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Events that there are.
    pub events: u32,
    /// Events that were found.
    pub found: u32,
    /// Clips recorded while nothing happened.
    pub false_clips: u32,
    /// Clips recorded of something that nobody wants to hear of.
    pub nuisance_clips: u32,
    /// Time in which nothing happened, right after events included.
    pub empty: Share,
    /// Time in which something moved that a viewer wants to hear of.
    pub moving: Share,
    /// Milliseconds from the start of each found event to the first decision; up to 300 early.
    pub latencies_ms: Vec<i64>,
}

/// How much of a time the detector fired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The time in milliseconds.
    pub total_ms: i64,
    /// For how much of it the detector fired.
    pub fired_ms: i64,
}

impl Share {
    /// Of 1000, rounded down; 0 of no time.
    pub fn permille(self) -> u32 {
        (self.fired_ms * 1_000).checked_div(self.total_ms).unwrap_or(0) as u32
    }
}

impl Score {
    /// The median latency in milliseconds; none when nothing was found.
    pub fn latency_ms(&self) -> Option<i64> {
        self.latency_at(50)
    }

    /// The latency in milliseconds that `percent` of the found events do not exceed; none when nothing was found.
    pub fn latency_at(&self, percent: usize) -> Option<i64> {
        let mut sorted = self.latencies_ms.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len().checked_sub(1)? * percent.min(100) / 100).copied()
    }

    /// Harmonic mean of the share of events that were found and the share of clips that were worth recording, in
    /// thousandths; none where there was nothing to find and nothing was recorded.
    pub fn event_f_permille(&self) -> Option<u32> {
        // 2·P·R / (P + R) with P = found / (found + false) and R = found / events.
        (2_000 * self.found).checked_div(self.events + self.found + self.false_clips)
    }

    /// Takes another scene's score in.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.found += other.found;
        self.false_clips += other.false_clips;
        self.nuisance_clips += other.nuisance_clips;
        for (share, more) in [(&mut self.empty, other.empty), (&mut self.moving, other.moving)] {
            share.total_ms += more.total_ms;
            share.fired_ms += more.fired_ms;
        }
        self.latencies_ms.extend_from_slice(&other.latencies_ms);
    }
}

/// Shows every frame of a scene in order, each with its time in microseconds after the first.
pub fn play(scene: &dyn Scene, mut show: impl FnMut(&Picture, i64)) {
    let (width, height) = scene.size();
    let mut picture = Picture::new(width, height);
    for n in 0..scene.frames() {
        scene.render(n, &mut picture);
        show(&picture, (n * 1_000_000 / scene.frames_per_second()) as i64);
    }
}

/// Scores the decisions about the frames of a scene from the first one on. Decisions beyond the scene's end are not
/// looked at; frames without a decision are not counted.
pub fn score(decisions: &[bool], scene: &dyn Scene) -> Score {
    let frames = decisions.len().min(usize::try_from(scene.frames()).unwrap_or(usize::MAX));
    let truths: Vec<Happening> = (0..frames as u64).map(|n| scene.truth(n).happening).collect();
    judge(decisions, &truths, scene.frames_per_second())
}

/// Frames in a stretch of time.
struct Clock {
    per_second: u64,
}

impl Clock {
    fn frames(&self, milliseconds: u64) -> usize {
        (self.per_second * milliseconds).div_ceil(1_000) as usize
    }

    fn milliseconds(&self, frames: i64) -> i64 {
        frames * 1_000 / self.per_second as i64
    }
}

fn judge(decisions: &[bool], truths: &[Happening], per_second: u64) -> Score {
    let clock = Clock { per_second: per_second.max(1) };
    let mut score = Score::default();
    let first = clock.frames(2_000).min(truths.len());
    events(&mut score, decisions, truths, first, &clock);
    let free = after_events(truths, clock.frames(3_000));
    let clips = |kind: Happening| {
        let fires = |n: &usize| decisions[*n] && truths[*n] == kind && !free[*n];
        count_clips((first..truths.len()).filter(fires), clock.frames(5_000))
    };
    score.false_clips = clips(Happening::Nothing);
    score.nuisance_clips = clips(Happening::Nuisance);
    let share = |kind: Happening| {
        let frames = (first..truths.len()).filter(|&n| truths[n] == kind);
        let fired = frames.clone().filter(|&n| decisions[n]).count();
        let milliseconds = |frames: usize| clock.milliseconds(frames as i64);
        Share { total_ms: milliseconds(frames.count()), fired_ms: milliseconds(fired) }
    };
    score.empty = share(Happening::Nothing);
    score.moving = share(Happening::Moving);
    score
}

/// Counts events and what was found of them.
fn events(score: &mut Score, decisions: &[bool], truths: &[Happening], first: usize, clock: &Clock) {
    // Rounded down: no more than that is allowed.
    let early = (clock.per_second * 300 / 1_000) as usize;
    let mut start = first;
    for run in truths[first..].chunk_by(|a, b| a == b) {
        let end = start + run.len();
        if run[0] == Happening::Moving {
            score.events += 1;
            if decisions[start..end].contains(&true) {
                score.found += 1;
                let earliest = start.saturating_sub(early).max(first);
                let decided = (earliest..end).find(|&n| decisions[n]).unwrap_or(start);
                score.latencies_ms.push(clock.milliseconds(decided as i64 - start as i64));
            }
        }
        start = end;
    }
}

/// Which frames come within `reach` frames after an event or after unclear ones.
fn after_events(truths: &[Happening], reach: usize) -> Vec<bool> {
    let mut since = usize::MAX;
    truths
        .iter()
        .map(|&truth| {
            since = if truth >= Happening::Unclear { 0 } else { since.saturating_add(1) };
            since <= reach
        })
        .collect()
}

/// Clips of `length` frames that firings at these frames, in rising order, make.
fn count_clips(firings: impl Iterator<Item = usize>, length: usize) -> u32 {
    let mut clips = 0;
    let mut end = 0;
    for n in firings {
        if n >= end {
            clips += 1;
            end = n + length;
        }
    }
    clips
}

#[cfg(test)]
mod tests {
    use super::*;
    use Happening::{Moving, Nothing, Nuisance, Unclear};

    const FPS: u64 = 10;

    /// Seconds of each kind, one after the other.
    fn timeline(stretches: &[(Happening, usize)]) -> Vec<Happening> {
        stretches.iter().flat_map(|&(kind, seconds)| vec![kind; seconds * FPS as usize]).collect()
    }

    fn firing_at(frames: usize, at: &[usize]) -> Vec<bool> {
        (0..frames).map(|n| at.contains(&n)).collect()
    }

    #[test]
    fn an_event_is_found_by_one_decision_and_its_latency_counts_from_the_start() {
        let truths = timeline(&[(Nothing, 5), (Moving, 2), (Nothing, 10), (Moving, 2), (Nothing, 5)]);
        let score = judge(&firing_at(240, &[53]), &truths, FPS);
        assert_eq!((score.events, score.found, score.latencies_ms.as_slice()), (2, 1, &[300][..]));
        assert_eq!((score.false_clips, score.empty.permille(), score.latency_ms()), (0, 0, Some(300)));
        // One of the forty frames of the two events, of a tenth of a second each.
        assert_eq!(score.moving, Share { total_ms: 4_000, fired_ms: 100 });
        assert_eq!(score.event_f_permille(), Some(666));
    }

    #[test]
    fn three_tenths_of_a_second_early_is_allowed_but_does_not_find_an_event_alone() {
        let truths = timeline(&[(Nothing, 5), (Moving, 2)]);
        assert_eq!(judge(&firing_at(70, &[47, 55]), &truths, FPS).latencies_ms, [-300]);
        assert_eq!(judge(&firing_at(70, &[46, 55]), &truths, FPS).latencies_ms, [500]);
        assert_eq!(judge(&firing_at(70, &[48]), &truths, FPS).found, 0);
    }

    #[test]
    fn a_detector_that_never_stops_is_charged_twelve_clips_a_minute() {
        let truths = timeline(&[(Nothing, 62)]);
        let score = judge(&vec![true; 620], &truths, FPS);
        assert_eq!((score.false_clips, score.empty.permille(), score.event_f_permille()), (12, 1_000, Some(0)));
    }

    #[test]
    fn firings_within_five_seconds_are_one_clip() {
        let truths = timeline(&[(Nothing, 30)]);
        assert_eq!(judge(&firing_at(300, &[100, 120, 149]), &truths, FPS).false_clips, 1);
        assert_eq!(judge(&firing_at(300, &[100, 150, 250]), &truths, FPS).false_clips, 3);
    }

    #[test]
    fn three_seconds_after_events_and_unclear_frames_are_free_but_count_as_alarmed() {
        for kind in [Moving, Unclear] {
            let truths = timeline(&[(Nothing, 5), (kind, 5), (Nothing, 10)]);
            let score = judge(&firing_at(200, &[110, 129]), &truths, FPS);
            assert_eq!(score.false_clips, 0);
            // Two of the 130 empty frames after the first two seconds.
            assert_eq!(score.empty.permille(), 15);
            assert_eq!(judge(&firing_at(200, &[130]), &truths, FPS).false_clips, 1);
        }
    }

    #[test]
    fn nuisances_are_counted_apart_and_the_first_two_seconds_not_at_all() {
        let truths = timeline(&[(Nothing, 10), (Nuisance, 10)]);
        let score = judge(&firing_at(200, &[0, 19, 150]), &truths, FPS);
        assert_eq!((score.false_clips, score.nuisance_clips, score.empty.permille()), (0, 1, 0));
        assert_eq!(judge(&firing_at(200, &[20]), &truths, FPS).false_clips, 1);
    }

    #[test]
    fn short_lists_of_decisions_are_scored_as_far_as_they_go() {
        assert_eq!(judge(&[], &[], FPS), Score::default());
        assert_eq!(judge(&[true], &[Nothing], FPS), Score::default());
        let scene = crate::by_name("person-near", 1, 32, 24).unwrap();
        assert_eq!(score(&[], scene.as_ref()), Score::default());
        assert_eq!(score(&vec![true; 10_000], scene.as_ref()).events, 2);
    }
    #[test]
    fn scores_add_up() {
        let one = judge(&firing_at(120, &[55, 100]), &timeline(&[(Nothing, 5), (Moving, 1), (Nothing, 6)]), FPS);
        let mut both = Score::default();
        assert_eq!((both.event_f_permille(), both.latency_ms()), (None, None));
        both.add(&one);
        assert_eq!(both, one);
        let quiet =
            Score { latencies_ms: vec![0, 100, 200], empty: Share { total_ms: 100, fired_ms: 0 }, ..one.clone() };
        both.add(&quiet);
        assert_eq!((both.events, both.found, both.false_clips), (2, 2, 2));
        assert_eq!((both.empty.total_ms, both.empty.fired_ms), (9_100, 100));
        assert_eq!((both.latency_at(0), both.latency_ms(), both.latency_at(100)), (Some(0), Some(100), Some(500)));
        assert_eq!(both.event_f_permille(), Some(4_000 / 6));
    }
}
