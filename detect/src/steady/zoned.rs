//! Zones as this detector uses them: what is not watched, and where more or less is asked for.

use super::settings::demand_percent;
use crate::ops::Blob;
use crate::zones::{ZoneMap, ZoneShare};
use crate::{Geometry, Zones};
use alloc::vec::Vec;

/// The zones on the analysed plane.
pub(super) struct Zoned {
    map: ZoneMap,
    /// What is asked for by zone, in percent of the usual.
    percents: Vec<u16>,
    /// What is asked for at each pixel, in 1/64 of the usual; empty when it is the same everywhere.
    scale: Vec<u8>,
}

impl Zoned {
    /// Nothing where there are no zones. `sensitivity` is what a zone has that does not have its own.
    pub(super) fn new(zones: &Zones, geometry: Geometry, sensitivity: u8) -> Option<Self> {
        let map = ZoneMap::for_plane(zones, geometry)?;
        let own = |zone: &crate::Zone| demand_percent(zone.sensitivity().unwrap_or(sensitivity));
        let percents: Vec<u16> = zones.all().iter().map(own).collect();
        let usual = demand_percent(sensitivity);
        let differs = percents.iter().any(|&percent| percent != usual);
        let members = if differs { map.members() } else { &[] };
        let least = |members: u16| {
            let all = percents.iter().enumerate().filter(|(n, _)| members >> n & 1 == 1);
            all.map(|(_, &percent)| percent).min().unwrap_or(usual)
        };
        let scale = members.iter().map(|&members| (least(members) * 64 / 100) as u8).collect();
        Some(Self { map, percents, scale })
    }

    /// See [`super::noise::Noise::judge`].
    pub(super) fn scale(&self) -> Option<&[u8]> {
        (!self.scale.is_empty()).then_some(&self.scale)
    }

    /// Clears what is not watched.
    pub(super) fn restrict(&self, masks: [&mut [u8]; 2]) {
        for mask in masks {
            self.map.restrict(mask);
        }
    }

    /// How the set pixels of `mask` in the box of an area are spread over the zones.
    pub(super) fn share(&self, blob: &Blob, mask: &[u8]) -> Option<ZoneShare> {
        self.map.share(blob, mask)
    }

    /// What a zone asks for, in percent of the usual.
    pub(super) fn percent(&self, zone: u8) -> Option<u16> {
        self.percents.get(usize::from(zone)).copied()
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.map.bytes() + 2 * self.percents.capacity() + self.scale.capacity()
    }
}
