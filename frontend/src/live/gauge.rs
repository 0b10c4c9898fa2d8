//! Figures about pictures on their way to the canvas, for the statistics over it. Pure: times are arguments.

use rtm2_app::Timestamp;
use rtm2_app::wire::{Flags, FrameHeader};

use super::Fate;

/// What came over the socket during the last second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Pictures painted.
    pub frames: u32,
    /// Bytes received, headers of the transport not counted.
    pub bytes: u64,
}

impl Flow {
    /// Brings what came in `elapsed_us` to a second: a busy or hidden page hears its timers late.
    pub fn of(frames: u32, bytes: u64, elapsed_us: i64) -> Self {
        // A clock that was set meanwhile says nothing.
        let elapsed = if elapsed_us > 0 { elapsed_us as u64 } else { SECOND_US };
        let a_second = |count: u64| (count * SECOND_US + elapsed / 2) / elapsed;
        Self { frames: a_second(frames.into()) as u32, bytes: a_second(bytes) }
    }
}

const SECOND_US: u64 = 1_000_000;

/// How long pictures took from capture to canvas during the last second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delay {
    /// On average, in milliseconds.
    pub mean_ms: u32,
    /// At most, in milliseconds.
    pub most_ms: u32,
}

/// Figures of one camera since they are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// `None` while no picture came that was taken just then.
    pub delay: Option<Delay>,
    /// Whole pictures that came.
    pub whole: u32,
    /// Parts of pictures that came.
    pub parts: u32,
    /// Pictures that the server left out.
    pub skipped: u32,
    /// Pictures that came and were not shown.
    pub dropped: u32,
}

/// Keeps the figures.
#[derive(Debug, Default)]
pub struct Gauge {
    stats: Stats,
    /// Delays since the last look: how many, their sum and the longest, in microseconds.
    delays: (u32, i64, i64),
    clocks: Clocks,
}

/// How far the server's clock is ahead of this browser's, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Clocks {
    /// As the hello says: too little by the time that it took, which is long while a page begins.
    hello_us: i64,
    /// At least: no picture comes before it was taken, and the quickest was hardly later.
    least_us: i64,
}

impl Gauge {
    /// A picture came, at a time of this browser. By the hello the server's clock is `hello_us` ahead.
    pub fn came(&mut self, header: &FrameHeader, now: Timestamp, hello_us: i64) {
        if self.clocks.hello_us != hello_us {
            self.clocks = Clocks { hello_us, least_us: hello_us };
        }
        self.clocks.least_us = self.clocks.least_us.max(header.at.0 - now.0);
        let flags = header.flags;
        let count = if flags.has(Flags::KEY) { &mut self.stats.whole } else { &mut self.stats.parts };
        *count += 1;
        self.stats.skipped += u32::from(flags.skipped());
    }

    /// It was decided on.
    pub fn ended(&mut self, header: &FrameHeader, fate: Fate, now: Timestamp) {
        if fate != Fate::Shown {
            self.stats.dropped += 1;
        } else if !header.flags.has(Flags::REPLAY) {
            let (count, sum, most) = self.delays;
            let age = (now.0 + self.clocks.least_us - header.at.0).max(0);
            self.delays = (count + 1, sum + age, most.max(age));
        }
    }

    /// The figures now; delays begin anew.
    pub fn read(&mut self) -> Stats {
        let (count, sum, most) = std::mem::take(&mut self.delays);
        let ms = |us: i64| (us / 1_000) as u32;
        let delay = (count > 0).then(|| Delay { mean_ms: ms(sum / i64::from(count)), most_ms: ms(most) });
        self.stats.delay = delay;
        self.stats
    }
}

#[cfg(test)]
mod tests {
    use rtm2_app::CameraId;

    use super::*;

    #[test]
    fn what_came_late_counts_for_the_time_that_it_took() {
        assert_eq!(Flow::of(15, 3_000, 1_000_000), Flow { frames: 15, bytes: 3_000 });
        assert_eq!(Flow::of(15, 3_000, 1_500_000), Flow { frames: 10, bytes: 2_000 });
        assert_eq!(Flow::of(15, 3_000, -5), Flow { frames: 15, bytes: 3_000 });
    }

    fn header(flags: Flags, at_ms: i64) -> FrameHeader {
        let at = Timestamp::from_millis(at_ms);
        FrameHeader { camera: CameraId(0), flags, seq: 0, at, width: 8, height: 6, score: 0, boxes: Vec::new() }
    }

    /// The browser's clock, an hour ahead of the server's.
    fn browser(ms: i64) -> Timestamp {
        Timestamp::from_millis(3_600_000 + ms)
    }

    #[test]
    fn every_picture_is_counted_once_as_what_became_of_it() {
        let mut gauge = Gauge::default();
        let gap = Flags::KEY.with(Flags::left_out(7));
        for flags in [Flags::KEY.with(Flags::REPLAY), Flags::MOTION, gap, Flags::MOTION] {
            gauge.came(&header(flags, 0), browser(0), -3_600_000_000);
        }
        gauge.ended(&header(Flags::KEY.with(Flags::REPLAY), 0), Fate::Shown, browser(9_000));
        assert_eq!(gauge.read().delay, None, "a replay was not taken just then");
        gauge.ended(&header(Flags::MOTION, 0), Fate::Lost, browser(20));
        gauge.ended(&header(gap, 0), Fate::Shown, browser(30));
        gauge.ended(&header(Flags::MOTION, 0), Fate::Shown, browser(50));
        let delay = Some(Delay { mean_ms: 40, most_ms: 50 });
        assert_eq!(gauge.read(), Stats { delay, whole: 2, parts: 2, skipped: 7, dropped: 1 });
        assert_eq!(gauge.read().delay, None, "of the last second only");
    }

    #[test]
    fn a_hello_that_took_long_is_set_right_by_a_quick_picture() {
        let mut gauge = Gauge::default();
        // The hello was 300 ms old when it was read, the first picture 200 ms, the second 10 ms.
        let hello_us = -3_600_000_000 - 300_000;
        let most = |gauge: &mut Gauge| gauge.read().delay.unwrap().most_ms;
        for (taken, came, shown, said) in [(0, 200, 200, 0), (300, 310, 350, 40), (600, 800, 800, 190)] {
            let header = header(Flags::MOTION, taken);
            gauge.came(&header, browser(came), hello_us);
            gauge.ended(&header, Fate::Shown, browser(shown));
            assert_eq!(most(&mut gauge), said);
        }
        // The browser's clock was set back an hour: the next hello says so.
        let header = header(Flags::MOTION, 900);
        gauge.came(&header, Timestamp::from_millis(950), -20_000);
        gauge.ended(&header, Fate::Shown, Timestamp::from_millis(960));
        assert_eq!(most(&mut gauge), 40);
    }
}
