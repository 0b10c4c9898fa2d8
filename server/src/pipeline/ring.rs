//! What is recorded around motion: the seconds before it, kept in memory until something moves, and those after it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rtm2_app::Timestamp;

use super::LiveFrame;

/// How much is recorded around motion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// Time before motion.
    pub before: Duration,
    /// Time after motion.
    pub after: Duration,
    /// Most bytes of pictures from before motion that are kept in memory, per camera. Where there are more, the oldest
    /// JPEGs go; of pixels, which nobody encodes before something moves, every so many, so that all the time before
    /// motion is there with fewer frames a second.
    pub bytes: usize,
    /// Time between still frames that are kept while nothing is recorded; zero for none.
    pub stills: Duration,
}

impl Capture {
    /// Whether only motion itself is recorded.
    pub fn is_motion_only(&self) -> bool {
        (self.before.is_zero() || self.bytes == 0) && self.after.is_zero() && self.stills.is_zero()
    }
}

/// One camera's frames that may have to be recorded.
#[derive(Debug)]
pub struct Around {
    capture: Capture,
    /// The newest still frames, oldest first, with the bytes of their pictures.
    still: VecDeque<(Arc<LiveFrame>, usize)>,
    /// Bytes of all of them.
    bytes: usize,
    /// The newest frame of motion.
    moved: Option<Timestamp>,
}

impl Around {
    /// Nothing was seen yet.
    pub fn new(capture: Capture) -> Self {
        Self { capture, still: VecDeque::new(), bytes: 0, moved: None }
    }

    /// Takes a frame and answers those to be recorded now, in their order: with one of motion also what came before
    /// it, with a still one itself if motion is just over.
    pub fn admit(&mut self, frame: Arc<LiveFrame>) -> Vec<Arc<LiveFrame>> {
        let at = frame.header().at;
        if frame.motion() {
            self.moved = Some(at);
            let mut frames = self.take(at);
            frames.push(frame);
            return frames;
        }
        let since = self.moved.map(|moved| at.0.saturating_sub(moved.0));
        if since.is_some_and(|since| (0..=micros(self.capture.after)).contains(&since)) {
            return vec![frame];
        }
        if !self.capture.is_motion_only() {
            self.keep(frame);
        }
        Vec::new()
    }

    /// Bytes of pictures in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn keep(&mut self, frame: Arc<LiveFrame>) {
        let earliest = frame.header().at.0.saturating_sub(micros(self.capture.before));
        let bytes = frame.picture_bytes();
        self.bytes += bytes;
        self.still.push_back((frame, bytes));
        // Also what is later than the newest: the clock was set back.
        while let Some((oldest, _)) = self.still.front()
            && (oldest.header().at.0 < earliest || self.is_ahead(oldest))
        {
            self.drop_oldest();
        }
        if self.bytes > self.capture.bytes {
            self.count();
        }
        while self.bytes > self.capture.bytes {
            if !self.thin_out() {
                self.drop_oldest();
            }
        }
    }

    fn drop_oldest(&mut self) {
        self.bytes -= self.still.pop_front().map_or(self.bytes, |(_, bytes)| bytes);
    }

    /// Counts bytes anew: of pixels that somebody else needed a JPEG of only that is left.
    fn count(&mut self) {
        self.still.iter_mut().for_each(|(frame, bytes)| *bytes = frame.picture_bytes());
        self.bytes = self.still.iter().map(|(_, bytes)| bytes).sum();
    }

    /// Drops the pixels that are missed least: those between the two frames that are nearest to each other in time, the
    /// oldest of several. Whether there were any between others.
    fn thin_out(&mut self) -> bool {
        let at = |i: usize| self.still[i].0.header().at.0;
        let pixels = (1..self.still.len().saturating_sub(1)).filter(|&i| !self.still[i].0.has_jpeg());
        let Some(least) = pixels.min_by_key(|&i| at(i + 1) - at(i - 1)) else { return false };
        self.bytes -= self.still.remove(least).map_or(0, |(_, bytes)| bytes);
        true
    }

    fn is_ahead(&self, frame: &LiveFrame) -> bool {
        self.still.back().is_some_and(|(newest, _)| newest.header().at < frame.header().at)
    }

    /// The frames from before motion at a time; none stay.
    fn take(&mut self, at: Timestamp) -> Vec<Arc<LiveFrame>> {
        self.bytes = 0;
        let before = at.0.saturating_sub(micros(self.capture.before))..at.0;
        let frames = self.still.drain(..).map(|(frame, _)| frame);
        frames.filter(|frame| before.contains(&frame.header().at.0)).collect()
    }
}

/// Says when a camera's next still frame is due.
#[derive(Debug)]
pub struct StillClock {
    /// Time between still frames in µs; 0 for none.
    every: i64,
    /// The newest frame that was stored, still or not.
    last: Option<Timestamp>,
}

impl StillClock {
    /// Nothing was stored yet.
    pub fn new(capture: Capture) -> Self {
        Self { every: micros(capture.stills), last: None }
    }

    /// Whether a frame of this time is to be kept as a still one, when it is known whether it is `recorded` anyway:
    /// what was recorded needs no still frame beside it.
    pub fn is_due(&mut self, at: Timestamp, recorded: bool) -> bool {
        // A clock set back starts over.
        let since = self.last.map(|last| at.0.saturating_sub(last.0)).filter(|since| *since >= 0);
        let due = !recorded && self.every > 0 && since.is_none_or(|since| since >= self.every);
        if due || recorded {
            self.last = Some(at);
        }
        due
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use rtm2_app::CameraId;
    use rtm2_app::wire::{Flags, FrameHeader};
    use rtm2_camera::RawImage;
    use rtm2_camera::jpeg::{Encoder, Layout, Range, Raw};

    use super::super::FrameJpeg;
    use super::*;

    const CAPTURE: Capture =
        Capture { before: Duration::from_secs(3), after: Duration::from_secs(2), bytes: 1_000, stills: Duration::ZERO };

    fn frame(ms: i64, motion: bool) -> Arc<LiveFrame> {
        let header = FrameHeader {
            camera: CameraId(0),
            flags: if motion { Flags::MOTION } else { Flags::default() },
            seq: 0,
            at: Timestamp::from_millis(ms),
            width: 4,
            height: 2,
            score: 0,
            boxes: Vec::new(),
        };
        Arc::new(LiveFrame::new(header, vec![0; 100].into()))
    }

    /// Times in ms of what is recorded of a row of frames.
    fn recorded(capture: Capture, frames: &[(i64, bool)]) -> Vec<i64> {
        let mut around = Around::new(capture);
        let mut times = Vec::new();
        for &(ms, motion) in frames {
            times.extend(around.admit(frame(ms, motion)).iter().map(|frame| frame.header().at.millis()));
            assert!(around.bytes() <= capture.bytes);
        }
        times
    }

    #[test]
    fn what_was_before_and_after_motion_is_recorded_once_and_in_order() {
        let still = |range: std::ops::Range<i64>| range.map(|s| (s * 1_000, false)).collect::<Vec<_>>();
        let row = [still(0..10), vec![(10_000, true)], still(11..20), vec![(20_000, true), (20_100, true)]].concat();
        let expected = [7_000, 8_000, 9_000, 10_000, 11_000, 12_000, 17_000, 18_000, 19_000, 20_000, 20_100];
        assert_eq!(recorded(CAPTURE, &row), expected);
    }

    #[test]
    fn memory_is_bounded_by_bytes_too() {
        let row: Vec<_> = (0..100).map(|i| (i * 10, false)).chain([(1_000, true)]).collect();
        let expected: Vec<_> = (90..101).map(|i| i * 10).collect();
        assert_eq!(recorded(CAPTURE, &row), expected);
        assert_eq!(recorded(Capture { bytes: 50, ..CAPTURE }, &row), [1_000]);
    }

    /// Bytes of the pixels of a frame.
    const PIXELS: usize = 64 * 64;

    /// Still frames of pixels, 100 ms apart.
    fn pixels(count: i64) -> Vec<Arc<LiveFrame>> {
        let encoder = Arc::new(Mutex::new(Encoder::new(50).unwrap()));
        let frames = (0..count).map(|i| {
            let (data, layout) = (vec![i as u8; PIXELS], Layout::Grey);
            let raw = Raw { data: &data, width: 64, height: 64, stride: 0, layout, range: Range::Full };
            let image = RawImage::new(raw.own().unwrap(), Arc::clone(&encoder)).into();
            Arc::new(LiveFrame::new(frame(i * 100, false).header().clone(), FrameJpeg::from(&image)))
        });
        frames.collect()
    }

    #[test]
    fn b24_pixels_that_do_not_fit_are_thinned_out_and_none_is_encoded() {
        let capture = Capture { bytes: 10 * PIXELS, ..CAPTURE };
        let mut around = Around::new(capture);
        let frames = pixels(100);
        for frame in &frames {
            assert!(around.admit(Arc::clone(frame)).is_empty());
            assert!(around.bytes() <= capture.bytes);
        }
        assert!(!frames.iter().any(|frame| frame.has_jpeg()));
        let recorded = around.admit(frame(10_000, true));
        assert!((9..=11).contains(&recorded.len()), "{} frames", recorded.len());
        let times: Vec<_> = recorded.iter().map(|frame| frame.header().at.millis()).collect();
        assert!((7_000..7_600).contains(&times[0]), "the whole time before motion is there: {times:?}");
        assert!(times.windows(2).all(|pair| (100..=600).contains(&(pair[1] - pair[0]))), "{times:?}");
    }

    #[test]
    fn pixels_that_became_jpegs_for_somebody_else_are_counted_as_such() {
        let capture = Capture { bytes: 10 * PIXELS, ..CAPTURE };
        let mut around = Around::new(capture);
        for frame in pixels(30) {
            around.admit(Arc::clone(&frame));
            // A viewer that takes whole pictures.
            frame.jpeg();
        }
        assert_eq!(around.admit(frame(3_000, true)).len(), 31, "all of them are recorded");
    }

    #[test]
    fn without_any_around_only_motion_is_recorded() {
        assert!(Capture::default().is_motion_only());
        assert_eq!(recorded(Capture::default(), &[(0, false), (1, true), (2, false), (3, true)]), [1, 3]);
    }

    #[test]
    fn still_frames_are_due_where_nothing_was_recorded_for_long_enough() {
        let mut clock = StillClock::new(Capture { stills: Duration::from_mins(1), ..CAPTURE });
        let row =
            [(0, false), (30, false), (59, true), (100, false), (119, false), (178, false), (180, false), (5, false)];
        let due: Vec<_> =
            row.into_iter().filter(|(s, recorded)| clock.is_due(Timestamp(s * 1_000_000), *recorded)).collect();
        assert_eq!(due, [(0, false), (119, false), (180, false), (5, false)]);
        let mut none = StillClock::new(CAPTURE);
        assert!(!none.is_due(Timestamp(0), false) && !none.is_due(Timestamp(i64::MAX), false));
        assert!(!Capture { stills: Duration::from_secs(1), ..Capture::default() }.is_motion_only());
    }

    #[test]
    fn a_clock_set_back_empties_the_memory_of_what_is_ahead() {
        let row = [(50_000, false), (51_000, false), (1_000, false), (1_500, true), (1_600, false)];
        assert_eq!(recorded(CAPTURE, &row), [1_000, 1_500, 1_600]);
    }
}
