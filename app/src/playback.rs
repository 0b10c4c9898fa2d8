//! Playing recorded frames at their own pace, or faster: which frame belongs on the screen, and which are worth fetching.
//!
//! Time never waits for a frame: one that comes too late is left out, so that what is seen never lags behind what is
//! said. Nothing here fetches, decodes or asks the clock; `now` is any clock in µs that only goes forward.

use crate::{FrameInfo, Timestamp};

/// Shortest time on the screen that a frame is fetched for, in µs: faster than 30 a second looks no smoother.
const SHORTEST_US: i64 = 33_000;
/// Longest time that a frame is shown where frames between are missing, in µs.
const LONGEST_US: i64 = 2_000_000;
/// How long the last frame is shown, in µs.
const LAST_US: i64 = 200_000;

/// How pauses between frames are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pauses {
    /// As long as they were.
    Kept,
    /// Two seconds at most: what was between is not stored any more.
    Cut,
}

/// Frames being played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playback {
    frames: Vec<FrameInfo>,
    /// When each is shown, in µs from the beginning.
    starts: Vec<i64>,
    speed: i64,
    /// The place in µs from the beginning at `since`, or where it stands.
    place: i64,
    /// When it began to play from `place`.
    since: Option<i64>,
    /// The first frame that was not asked for yet.
    next: usize,
    /// The frame on the screen.
    shown: Option<usize>,
}

impl Playback {
    /// Frames by time; it stands at the first.
    pub fn new(frames: Vec<FrameInfo>, pauses: Pauses) -> Self {
        let mut starts = Vec::with_capacity(frames.len());
        let mut at = 0_i64;
        let mut before: Option<Timestamp> = None;
        for frame in &frames {
            let pause = before.map_or(0, |before| frame.at.0.saturating_sub(before.0).max(0));
            at = at.saturating_add(if pauses == Pauses::Cut { pause.min(LONGEST_US) } else { pause });
            starts.push(at);
            before = Some(frame.at);
        }
        Self { frames, starts, speed: 1, place: 0, since: None, next: 0, shown: None }
    }

    /// The frames.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }

    /// How long it takes at its own pace, in µs.
    pub fn length(&self) -> i64 {
        self.starts.last().map_or(0, |last| last.saturating_add(LAST_US))
    }

    /// Where it is, in µs from the beginning.
    pub fn place(&self, now: i64) -> i64 {
        let played = self.since.map_or(0, |since| now.saturating_sub(since).max(0).saturating_mul(self.speed));
        self.place.saturating_add(played).clamp(0, self.length())
    }

    /// Whether it plays.
    pub fn plays(&self) -> bool {
        self.since.is_some()
    }

    /// How many times faster than life it plays.
    pub fn speed(&self) -> i64 {
        self.speed
    }

    /// Plays on, from the beginning if it was at the end.
    pub fn play(&mut self, now: i64) {
        if self.has_ended(now) {
            self.go_to(0, now);
        }
        self.since = Some(now);
    }

    /// Stops where it is.
    pub fn pause(&mut self, now: i64) {
        self.place = self.place(now);
        self.since = None;
    }

    /// Plays `speed` times as fast from here on.
    pub fn set_speed(&mut self, speed: i64, now: i64) {
        self.place = self.place(now);
        self.since = self.since.map(|_| now);
        self.speed = speed.max(1);
        // What was asked for at the other speed lies closer or further apart; what is ahead is asked for anew.
        self.next = self.index_at(self.place);
    }

    /// Goes to a place in µs from the beginning.
    pub fn go_to(&mut self, place: i64, now: i64) {
        self.place = place.clamp(0, self.length());
        self.since = self.since.map(|_| now);
        self.next = self.index_at(self.place);
        self.shown = None;
    }

    /// The place of the frame of a time, or of the last one before it.
    pub fn place_of(&self, at: Timestamp) -> i64 {
        let index = self.frames.partition_point(|frame| frame.at <= at).saturating_sub(1);
        self.starts.get(index).copied().unwrap_or(0)
    }

    /// Whether the end was reached.
    pub fn has_ended(&self, now: i64) -> bool {
        self.place(now) >= self.length()
    }

    /// The frame that belongs to a place.
    pub fn index_at(&self, place: i64) -> usize {
        self.starts.partition_point(|start| *start <= place).saturating_sub(1)
    }

    /// When a frame is shown, in µs from the beginning.
    pub fn start_of(&self, index: usize) -> i64 {
        self.starts.get(index).copied().unwrap_or(i64::MAX)
    }

    /// The next frame worth fetching, if fetching takes `fetch_us`. Frames that would come too late and those between two
    /// that are shown right after each other are passed over.
    pub fn ask(&mut self, now: i64, fetch_us: i64) -> Option<usize> {
        let place = self.place(now);
        // Nothing is on the screen yet: the very frame of this place comes first.
        let earliest = if self.shown.is_none() && self.next <= self.index_at(place) {
            self.index_at(place)
        } else {
            let reached = place.saturating_add(fetch_us.max(0).saturating_mul(self.speed));
            self.next.max(self.starts.partition_point(|start| *start < reached))
        };
        // The last one is always shown: it is what stays.
        let index = earliest.min(self.frames.len().checked_sub(1)?);
        if index < self.next {
            return None;
        }
        let apart = self.starts[index].saturating_add(SHORTEST_US.saturating_mul(self.speed));
        let next = self.starts.partition_point(|start| *start < apart);
        self.next = next.max(index + 1).min((self.frames.len() - 1).max(index + 1));
        Some(index)
    }

    /// Puts the newest of the frames that are `ready` and due on the screen; gives its number if it is another one than
    /// before.
    pub fn show(&mut self, now: i64, ready: impl IntoIterator<Item = usize>) -> Option<usize> {
        let due = self.index_at(self.place(now));
        let newest = ready.into_iter().filter(|index| *index <= due).max()?;
        if self.shown.is_some_and(|shown| newest <= shown) {
            return None;
        }
        self.shown = Some(newest);
        Some(newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CameraId;

    fn playback(times_ms: &[i64], pauses: Pauses) -> Playback {
        let frame = |ms: &i64| FrameInfo {
            camera: CameraId(0),
            at: Timestamp(ms * 1000),
            seq: 0,
            width: 4,
            height: 2,
            score: 0,
            bytes: 9,
            boxes: Vec::new(),
            motion: true,
        };
        Playback::new(times_ms.iter().map(frame).collect(), pauses)
    }

    /// Ten frames a second for ten seconds.
    fn ten_seconds() -> Playback {
        playback(&(0..100).map(|i| 5_000 + i * 100).collect::<Vec<_>>(), Pauses::Kept)
    }

    const SECOND: i64 = 1_000_000;

    #[test]
    fn frames_come_at_their_own_pace() {
        let mut film = playback(&[0, 40, 100, 4_000], Pauses::Kept);
        film.play(7 * SECOND);
        let shown = |film: &Playback, ms: i64| film.index_at(film.place(7 * SECOND + ms * 1000));
        assert_eq!([0, 39, 40, 99, 100, 3_999, 4_000].map(|ms| shown(&film, ms)), [0, 0, 1, 1, 2, 2, 3]);
        assert_eq!(film.length(), 4_200_000);
        film.set_speed(4, 7 * SECOND);
        assert_eq!([0, 9, 10, 25, 999, 1_000].map(|ms| shown(&film, ms)), [0, 0, 1, 2, 2, 3]);
        assert!(!film.has_ended(7 * SECOND + 1_049_000) && film.has_ended(7 * SECOND + 1_050_000));
    }

    #[test]
    fn pauses_of_thinned_events_are_cut() {
        let film = playback(&[0, 90_000, 91_000], Pauses::Cut);
        assert_eq!((film.start_of(1), film.start_of(2)), (2 * SECOND, 3 * SECOND));
        assert_eq!(film.place_of(Timestamp(90_500_000)), 2 * SECOND);
    }

    #[test]
    fn every_frame_is_asked_for_once_where_there_is_time_and_fewer_where_it_goes_faster() {
        let asked = |speed: i64, fetch_us: i64| {
            let mut film = ten_seconds();
            film.set_speed(speed, 0);
            film.play(0);
            std::iter::from_fn(|| film.ask(0, fetch_us)).collect::<Vec<_>>()
        };
        assert_eq!(asked(1, 0), (0..100).collect::<Vec<_>>());
        let fast = asked(16, 0);
        assert_eq!(fast[..3], [0, 6, 12]);
        assert_eq!(fast.last(), Some(&99), "the last frame stays on the screen");
        assert!(fast.windows(2).all(|pair| pair[0] < pair[1]));
        // The first comes as soon as it can, then what half a second of fetching can still reach.
        assert_eq!(asked(1, 500_000)[..3], [0, 5, 6]);
    }

    #[test]
    fn what_comes_late_is_left_out_and_never_shown_backwards() {
        let mut film = ten_seconds();
        film.play(0);
        assert_eq!(film.show(0, [0, 1]), Some(0));
        assert_eq!(film.show(SECOND, [3, 5, 12]), Some(5));
        assert_eq!(film.show(SECOND, [4]), None);
        assert_eq!(film.show(2 * SECOND, [12, 19]), Some(19));
        // Two seconds were lost: nothing of them is fetched any more.
        film.next = 10;
        assert_eq!(film.ask(4 * SECOND, 0), Some(40));
    }

    #[test]
    fn it_stops_goes_on_and_jumps() {
        let mut film = ten_seconds();
        film.play(0);
        film.pause(3 * SECOND);
        assert_eq!((film.place(9 * SECOND), film.plays()), (3 * SECOND, false));
        film.play(20 * SECOND);
        assert_eq!(film.place(21 * SECOND), 4 * SECOND);
        film.go_to(SECOND, 21 * SECOND);
        assert_eq!((film.place(22 * SECOND), film.ask(21 * SECOND, SECOND)), (2 * SECOND, Some(10)));
        assert_eq!(film.show(21 * SECOND, [10]), Some(10));
        film.pause(99 * SECOND);
        assert!(film.has_ended(99 * SECOND));
        film.play(100 * SECOND);
        assert_eq!(film.place(100 * SECOND), 0, "again from the beginning");
    }

    #[test]
    fn without_frames_it_is_over_at_once() {
        let mut film = playback(&[], Pauses::Kept);
        film.play(0);
        assert_eq!((film.has_ended(0), film.ask(0, 0), film.show(0, [])), (true, None, None));
        let mut one = playback(&[5], Pauses::Kept);
        one.play(0);
        assert_eq!((one.ask(0, 0), one.ask(0, 0), one.ask(0, SECOND)), (Some(0), None, None));
    }
}
