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

/// A factor below 1 for many numbers at once, of eight significant bits: two products of 16 bits each, which every
/// processor does many of at once, are enough for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Factor {
    /// 128 to 255.
    mantissa: i16,
    /// The factor is the mantissa divided by 2 to the power of 8 + this, which is 0 to 15.
    shift: u16,
}

/// A share of a difference to be learned in one frame.
///
/// Shares are small and levels have few fractional bits, so that most steps would round to nothing. A number that
/// differs from frame to frame is therefore added before rounding: on average exactly the share is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// In 1/2^24.
    share: u32,
    factor: Factor,
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
        let share = (u64::from(part) << 24) / u64::from(whole.max(1));
        // A multiplicative hash of the frame's number: evenly spread, the same on every target.
        let noise = self.tick.wrapping_mul(0x9e37_79b9) >> 16;
        let share = share.clamp(1 << 8, 1 << 23) as u32;
        let dither = ((noise * (65_536 / (share >> 8))) >> 16).min(16_384);
        Rate { share, factor: Factor::in_2_24(share), dither: dither as i16 }
    }
}

impl Factor {
    /// `part / whole`, between 1/65536 and 1/2.
    pub(super) fn new(part: u32, whole: u32) -> Self {
        Self::in_2_24(((u64::from(part) << 24) / u64::from(whole.max(1))).min(1 << 23) as u32)
    }

    fn in_2_24(value: u32) -> Self {
        let value = value.clamp(1 << 8, 1 << 23);
        // 9 to 24.
        let bits = u32::BITS - value.leading_zeros();
        Self { mantissa: (value >> (bits - 8)) as i16, shift: (24 - bits) as u16 }
    }

    /// The product, rounded down.
    pub(super) fn of(self, number: i16) -> i16 {
        let low = ((number & 255) as u16).wrapping_mul(self.mantissa as u16) >> 8;
        ((number >> 8) * self.mantissa + low as i16) >> self.shift
    }
}

impl Rate {
    /// The part of `difference` to learn now.
    pub(super) fn of(self, difference: i16) -> i16 {
        self.factor.of(difference.saturating_add(self.dither))
    }

    /// The same in a background that today's light multiplies by `gain` (in 1/8192).
    pub(super) fn in_light(self, gain: i16) -> Self {
        let gain = gain.max(1);
        let share = ((u64::from(self.share) << 13) / gain as u64).clamp(1 << 8, 1 << 23) as u32;
        let dither = (i32::from(self.dither) * i32::from(gain) / 8192).min(16_384);
        Self { share, factor: Factor::in_2_24(share), dither: dither as i16 }
    }
}

/// The high half of a product, from products of halves: 16 bits suffice for each step, and compilers then do many
/// numbers at once. May be one too small.
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
    fn factors_are_exact_to_eight_bits() {
        for (part, whole) in [(1, 2), (1, 3), (40, 8000), (512, 2458), (1, 60_000)] {
            for number in [i16::MIN, -129, -1, 0, 1, 255, 256, 20_000, i16::MAX] {
                let exact = f64::from(number) * f64::from(part) / f64::from(whole);
                let got = f64::from(Factor::new(part, whole).of(number));
                assert!((got - exact).abs() <= 1.0 + exact.abs() / 128.0, "{number} * {part} / {whole}: {got}");
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
