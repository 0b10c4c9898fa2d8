//! Zones on the plane that is analysed.

use super::{Point, Zone, ZoneKind, Zones};
use crate::Geometry;
use crate::ops::Blob;
use alloc::{vec, vec::Vec};

/// Which zones each pixel of a plane is in.
pub(crate) struct ZoneMap {
    width: usize,
    /// 1 where the picture is watched.
    watched: Vec<u8>,
    /// Bit `n` is set where the pixel is in the included zone `n`; nothing where the picture is not watched.
    members: Vec<u16>,
}

/// The zone that most of an area is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ZoneShare {
    /// Its number.
    pub(crate) zone: u8,
    /// Pixels of the area in each zone.
    pub(crate) pixels: [u32; Zones::MAX],
}

impl ZoneMap {
    /// The map for a plane of `width` by `height`.
    pub(crate) fn new(zones: &Zones, width: u16, height: u16) -> Self {
        let pixels = usize::from(width) * usize::from(height);
        let mut map = Self { width: usize::from(width), watched: vec![1; pixels], members: vec![0; pixels] };
        let included = zones.all().iter().any(|zone| zone.kind == ZoneKind::Include);
        for (i, (watched, members)) in map.watched.iter_mut().zip(&mut map.members).enumerate() {
            let middle = |index: usize, length: u16| {
                ((2 * index + 1) * Point::WHOLE_PPM as usize / (2 * usize::from(length))) as u32
            };
            let point =
                Point { x_ppm: middle(i % usize::from(width), width), y_ppm: middle(i / usize::from(width), height) };
            let holds = |kind| move |zone: &Zone| zone.kind == kind && zone.polygon.contains(point);
            if zones.all().iter().any(holds(ZoneKind::Ignore)) {
                *watched = 0;
                continue;
            }
            for (n, _) in zones.all().iter().enumerate().filter(|(_, zone)| holds(ZoneKind::Include)(zone)) {
                *members |= 1 << n;
            }
            *watched = u8::from(!included || *members != 0);
        }
        map
    }

    /// The map for a detector's plane, or nothing when there are no zones.
    pub(crate) fn for_plane(zones: &Zones, geometry: Geometry) -> Option<Self> {
        (!zones.is_empty()).then(|| Self::new(zones, geometry.width, geometry.height))
    }

    /// Which zones each pixel is in, one bit a zone.
    pub(crate) fn members(&self) -> &[u16] {
        &self.members
    }

    /// Clears the pixels of a mask that are not watched.
    pub(crate) fn restrict(&self, mask: &mut [u8]) {
        for (pixel, watched) in mask.iter_mut().zip(&self.watched) {
            *pixel &= watched;
        }
    }

    /// How the set pixels of `mask` in the box of `blob` are spread over the zones, or nothing when they are in none.
    pub(crate) fn share(&self, blob: &Blob, mask: &[u8]) -> Option<ZoneShare> {
        let mut pixels = [0; Zones::MAX];
        for y in usize::from(blob.top)..usize::from(blob.bottom) {
            let at = y * self.width + usize::from(blob.left)..y * self.width + usize::from(blob.right);
            for (set, members) in mask[at.clone()].iter().zip(&self.members[at]) {
                let mut members = if *set == 0 { 0 } else { *members };
                while members != 0 {
                    pixels[members.trailing_zeros() as usize] += 1;
                    members &= members - 1;
                }
            }
        }
        // The first of equals.
        let (zone, most) = pixels.iter().enumerate().rev().max_by_key(|(_, pixels)| **pixels)?;
        (*most > 0).then_some(ZoneShare { zone: zone as u8, pixels })
    }

    /// Bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.watched.capacity() + 2 * self.members.capacity()
    }
}

/// Whether every included zone, or without such the picture, has a part that is not ignored. Looked at on a plane of
/// the usual size.
pub(super) fn leaves_something(zones: &Zones) -> bool {
    let map = ZoneMap::new(zones, 160, 120);
    let all = map.members.iter().fold(0, |all, members| all | members);
    let included = |(n, zone): (usize, &Zone)| zone.kind == ZoneKind::Ignore || all >> n & 1 == 1;
    map.watched.contains(&1) && zones.all().iter().enumerate().all(included)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones() -> Zones {
        let rectangle = |left: u32, top: u32, right: u32, bottom: u32| {
            [(left, top), (right, top), (right, bottom), (left, bottom)]
                .map(|(x, y)| Point { x_ppm: x * 100_000, y_ppm: y * 100_000 })
        };
        [("left", ZoneKind::Include, rectangle(0, 0, 6, 10)), ("right", ZoneKind::Include, rectangle(5, 0, 8, 10))]
            .into_iter()
            .chain([("low", ZoneKind::Ignore, rectangle(0, 5, 10, 10))])
            .map(|(name, kind, corners)| Zone::new(name, kind, &corners, None).unwrap())
            .try_fold(Zones::default(), Zones::with)
            .unwrap()
    }

    #[test]
    fn pixels_are_in_the_zones_that_hold_their_middles() {
        let map = ZoneMap::new(&zones(), 10, 10);
        assert_eq!(map.members[..10], [1, 1, 1, 1, 1, 3, 2, 2, 0, 0]);
        assert_eq!(map.watched[40..50], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
        assert!(map.watched[50..].iter().all(|&watched| watched == 0) && map.members[50..].iter().all(|&m| m == 0));
        let mut mask = [1; 100];
        map.restrict(&mut mask);
        assert_eq!(mask.iter().map(|&set| usize::from(set)).sum::<usize>(), 40);
    }

    #[test]
    fn an_area_belongs_to_the_zone_that_holds_most_of_it() {
        let map = ZoneMap::new(&zones(), 10, 10);
        let share = |left, right| map.share(&Blob { top: 0, left, bottom: 2, right, area: 0 }, &[1; 100]);
        let found = share(4, 8).unwrap();
        assert_eq!((found.zone, &found.pixels[..3]), (1, &[4, 6, 0][..]));
        assert_eq!(share(5, 6).unwrap().zone, 0, "the first of equals");
        assert_eq!(share(8, 10), None);
    }
}
