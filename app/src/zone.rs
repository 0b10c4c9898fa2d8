//! Zones of a camera: parts of its picture that have names.

use serde::{Deserialize, Serialize};

/// Zones of one camera, a bit for each, the lowest for the first of [`crate::CameraInfo::zones`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ZoneSet(pub u32);

impl ZoneSet {
    /// The set with a zone more. Numbers that have no bit are left out: no camera has so many zones.
    pub const fn with(self, zone: u8) -> Self {
        if zone < u32::BITS as u8 { Self(self.0 | 1 << zone) } else { self }
    }

    /// All that are in either.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it holds none.
    pub const fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// The zones by number.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..u32::BITS as u8).filter(move |zone| self.0 >> zone & 1 == 1)
    }

    /// The zones by name, of a camera that calls them so.
    pub fn named(self, names: &[String]) -> impl Iterator<Item = &str> {
        self.iter().filter_map(|zone| names.get(usize::from(zone)).map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_told_by_number_and_name() {
        let zones = ZoneSet::default().with(2).with(0).or(ZoneSet::default().with(9)).with(200);
        assert_eq!(zones.iter().collect::<Vec<_>>(), [0, 2, 9]);
        let names = ["porch", "gate", "street"].map(String::from);
        assert_eq!(zones.named(&names).collect::<Vec<_>>(), ["porch", "street"]);
        assert!(ZoneSet::default().is_empty() && !zones.is_empty());
        assert_eq!(serde_json::to_string(&zones).unwrap(), "517");
    }
}
