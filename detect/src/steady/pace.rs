//! Time between frames, and how much of a difference is learned in it: what makes every number of the detector one of
//! seconds and never of frames.

/// Time since the frame before, as the detector counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// 1 to [`Pace::LONGEST_MS`].
    pub(super) ms: u16,
    /// A number that differs from frame to frame, for [`Rate`].
    tick: u32,
}

/// A share of a difference to be learned in one frame.
///
/// Shares are small and levels have few fractional bits, so that most steps would round to nothing. A number that
/// differs from frame to frame is therefore added before rounding: on average exactly the share is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// In 1/65536.
    share: i16,
    dither: i16,
}

impl Pace {
    /// After a gap the scene may be another: what was learned is not to be thrown away in one step.
    pub(super) const LONGEST_MS: u16 = 250;

    /// The pace of frame number `tick`, `us` microseconds after the one before.
    pub(super) fn new(us: i64, tick: u32) -> Self {
        Self { ms: (us / 1000).clamp(1, i64::from(Self::LONGEST_MS)) as u16, tick }
    }

    /// Learns with this time constant.
    pub(super) fn within_ms(self, constant: u32) -> Rate {
        self.share_of(u32::from(self.ms), constant.max(1))
    }

    /// Learns `part / whole` in this frame, at most half.
    pub(super) fn share_of(self, part: u32, whole: u32) -> Rate {
        let share = (u64::from(part) * 65_536 / u64::from(whole.max(1))).clamp(1, 32_767) as u32;
        // A multiplicative hash of the frame's number: evenly spread, the same on every target.
        let noise = self.tick.wrapping_mul(0x9e37_79b9) >> 16;
        let dither = ((noise * (65_536 / share)) >> 16).min(16_384);
        Rate { share: share as i16, dither: dither as i16 }
    }
}

impl Rate {
    /// The part of `difference` to learn now.
    pub(super) fn of(self, difference: i16) -> i16 {
        high_half(difference.saturating_add(self.dither), self.share)
    }

    /// The same in a background that today's light multiplies by `gain` (in 1/8192).
    pub(super) fn in_light(self, gain: i16) -> Self {
        let share = (i32::from(self.share) * 8192 / i32::from(gain.max(1))).clamp(1, 32_767);
        let dither = (i32::from(self.dither) * i32::from(gain) / 8192).min(16_384);
        Self { share: share as i16, dither: dither as i16 }
    }
}

/// The high half of a product, from products of halves: 16 bits suffice for each step, so that processors without a
/// wide multiplication of many numbers at once are not slowed down. May be one too small.
pub(super) fn high_half(a: i16, b: i16) -> i16 {
    let (a_high, a_low, b_high, b_low) = (a >> 8, a & 255, b >> 8, b & 255);
    let low = ((a_low.wrapping_mul(b_low) as u16) >> 8) as i16;
    let middle = ((a_high * b_low) >> 1) + ((a_low * b_high + low) >> 1);
    a_high * b_high + (middle >> 7)
}

/// All ones for true, to choose without branches.
pub(super) fn ones(yes: bool) -> i16 {
    -i16::from(yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far a level gets towards another that is `start` away in four seconds.
    fn learned(fps: u32, constant: u32, start: i16) -> i16 {
        let mut level = 0;
        for tick in 0..fps * 4 {
            level += Pace::new(1_000_000 / i64::from(fps), tick).within_ms(constant).of(start - level);
        }
        level
    }

    #[test]
    fn learning_is_the_same_at_every_frame_rate_and_difference() {
        for fps in [10, 15, 25, 30, 60] {
            for start in [-20_000, -400, 400, 20_000] {
                // After four seconds with a constant of eight, 1 - e^-0.5 is learned: 39 %.
                let percent = i32::from(learned(fps, 8000, start)) * 100 / i32::from(start);
                assert!((34..=44).contains(&percent), "{fps} fps, {start}: {percent} %");
            }
        }
    }

    #[test]
    fn what_is_equal_stays_equal_on_average() {
        assert!(learned(30, 8000, 0).abs() <= 4);
        assert!(learned(30, 160_000, 0).abs() <= 4);
    }

    #[test]
    fn time_runs_neither_backwards_nor_in_leaps() {
        assert_eq!(Pace::new(-5, 0).ms, 1);
        assert_eq!(Pace::new(i64::MAX, 0).ms, Pace::LONGEST_MS);
    }
}
