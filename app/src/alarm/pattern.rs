//! Vibration patterns: milliseconds of shaking and of rest in turn.

use std::fmt;
use std::str::FromStr;

/// Most numbers in a pattern. Browsers cut longer ones off.
pub const MOST_PULSES: usize = 19;
/// Longest single pulse in milliseconds. Browsers cut longer ones off.
const LONGEST_MS: u16 = 10_000;

/// A vibration pattern: shake, rest, shake… in milliseconds, as the Vibration API takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<u16>);

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It holds something else than numbers and what parts them.
    #[error("write milliseconds with commas between, such as 200, 100, 200")]
    Letters,
    /// A number is too large.
    #[error("a pulse lasts 10000 ms at most")]
    Long,
    /// Too many numbers.
    #[error("19 numbers at most")]
    Many,
    /// Nothing in it shakes.
    #[error("nothing in it would be felt")]
    Still,
}

impl Default for Pattern {
    /// The original's (R50).
    fn default() -> Self {
        Self(vec![200, 100, 200, 100, 200])
    }
}

impl Pattern {
    /// Milliseconds of shaking and rest in turn.
    pub fn pulses(&self) -> &[u16] {
        &self.0
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, ms) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            ms.fmt(f)?;
        }
        Ok(())
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut pulses = Vec::new();
        let text = text.trim().trim_start_matches('[').trim_end_matches(']');
        for word in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty()) {
            if !word.bytes().all(|b| b.is_ascii_digit()) {
                return Err(PatternError::Letters);
            }
            let ms: u16 = word.parse().ok().filter(|ms| *ms <= LONGEST_MS).ok_or(PatternError::Long)?;
            pulses.push(ms);
        }
        if pulses.len() > MOST_PULSES {
            return Err(PatternError::Many);
        }
        if pulses.iter().step_by(2).all(|ms| *ms == 0) {
            return Err(PatternError::Still);
        }
        Ok(Self(pulses))
    }
}
