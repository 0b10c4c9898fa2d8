//! When the pictures of a file are due, and what time they carry.

use std::num::NonZeroU32;
use std::thread;
use std::time::{Duration, Instant};

use rtm2_app::Timestamp;

use crate::address::Tempo;
use crate::clock;

/// Pictures a second where neither the address nor the settings nor the file say.
pub(crate) const DEFAULT_FPS: u16 = 15;

/// After a longer pause (a suspended machine, a slow disk) the pictures missed are not rushed through.
const TOO_LATE: Duration = Duration::from_secs(1);

/// Pictures in a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pictures: NonZeroU32,
    seconds: NonZeroU32,
}

impl Rate {
    /// `None` when a part is zero or the rate is beyond what pictures have (0.01 to 1000 a second).
    pub(crate) fn new(pictures: u32, seconds: u32) -> Option<Self> {
        let rate = Self { pictures: NonZeroU32::new(pictures)?, seconds: NonZeroU32::new(seconds)? };
        (0.01..=1000.0).contains(&rate.per_second()).then_some(rate)
    }

    /// Whole pictures a second; 0 counts as 1.
    pub(crate) fn fps(fps: u16) -> Self {
        Self {
            pictures: NonZeroU32::from(std::num::NonZeroU16::new(fps).unwrap_or(std::num::NonZeroU16::MIN)),
            seconds: NonZeroU32::MIN,
        }
    }

    pub(crate) fn per_second(self) -> f64 {
        f64::from(self.pictures.get()) / f64::from(self.seconds.get())
    }

    /// Microseconds from the first picture to picture `n`.
    pub(crate) fn micros(self, n: u64) -> i64 {
        let micros = u128::from(n) * 1_000_000 * u128::from(self.seconds.get()) / u128::from(self.pictures.get());
        i64::try_from(micros).unwrap_or(i64::MAX)
    }

    /// How many pictures of this rate are due when picture `n` of `other` is.
    pub(crate) fn due_at(self, other: Self, n: u64) -> u64 {
        let per = |rate: Self| (u128::from(rate.pictures.get()), u128::from(rate.seconds.get()));
        let ((pictures, seconds), (of, during)) = (per(self), per(other));
        let due = u128::from(n) * during * pictures / (of * seconds);
        u64::try_from(due).unwrap_or(u64::MAX)
    }
}

/// Counts the pictures of a file and says when each was taken.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: Rate,
    tempo: Tempo,
    start: Timestamp,
    n: u64,
    zero: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(rate: Rate, tempo: Tempo, start: Timestamp) -> Self {
        Self { rate, tempo, start, n: 0, zero: None }
    }

    pub(crate) fn rate(&self) -> Rate {
        self.rate
    }

    /// Number of the picture that is next.
    pub(crate) fn position(&self) -> u64 {
        self.n
    }

    /// Passes over a picture that is not shown.
    pub(crate) fn skip(&mut self) {
        self.n += 1;
    }

    /// Waits until the next picture is due, where that matters, and gives its time.
    pub(crate) fn wait(&mut self) -> Timestamp {
        let due = self.rate.micros(self.n);
        self.n += 1;
        if self.tempo == Tempo::Unpaced {
            return Timestamp(self.start.0.saturating_add(due));
        }
        let due = Duration::from_micros(due.unsigned_abs());
        let zero = *self.zero.get_or_insert_with(|| Instant::now().checked_sub(due).unwrap_or_else(Instant::now));
        let passed = zero.elapsed();
        if let Some(early) = due.checked_sub(passed) {
            thread::sleep(early);
        } else if passed.saturating_sub(due) > TOO_LATE {
            self.zero = None;
        }
        clock::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpaced_times_are_exact() {
        let mut pace = Pace::new(Rate::new(30_000, 1001).unwrap(), Tempo::Unpaced, Timestamp(5));
        assert_eq!(pace.wait(), Timestamp(5));
        assert_eq!(pace.wait(), Timestamp(33_371));
        pace.skip();
        assert_eq!(pace.wait(), Timestamp(5 + 100_100));
    }

    #[test]
    fn paced_pictures_are_not_early() {
        let mut pace = Pace::new(Rate::fps(100), Tempo::RealTime, Timestamp(0));
        let (begin, before) = (Instant::now(), clock::now());
        for _ in 0..6 {
            assert!(pace.wait() >= before);
        }
        assert!(begin.elapsed() >= Duration::from_millis(50));
    }

    #[test]
    fn rates() {
        assert_eq!(Rate::new(0, 1), None);
        assert_eq!(Rate::new(90_000, 1), None);
        let (ten, thirty) = (Rate::fps(10), Rate::fps(30));
        let shown: Vec<u64> = (0..7).map(|n| ten.due_at(thirty, n)).collect();
        assert_eq!(shown, [0, 0, 0, 1, 1, 1, 2]);
    }
}
