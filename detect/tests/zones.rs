//! Where motion counts: the same walk through a room under other zones.
#![cfg(not(target_arch = "wasm32"))]

use rtm2_detect::{BoxedDetector, Geometry, Point, Settings, Verdict, Zone, ZoneKind, Zones, create};

const WIDTH: usize = 160;
const HEIGHT: usize = 120;

/// A rectangle in tenths of the picture.
fn zone(name: &str, kind: ZoneKind, [left, top, right, bottom]: [u32; 4], sensitivity: Option<u8>) -> Zone {
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        .map(|(x, y)| Point { x_ppm: x * 100_000, y_ppm: y * 100_000 });
    Zone::new(name, kind, &corners, sensitivity).unwrap_or_else(|error| panic!("zone {name}: {error}"))
}

fn detector(name: &str, zones: impl IntoIterator<Item = Zone>) -> BoxedDetector {
    let zones = zones.into_iter().try_fold(Zones::default(), Zones::with).unwrap_or_else(|error| panic!("{error}"));
    create(name, Geometry::for_source(640, 480).0, &Settings { zones, ..Settings::default() })
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Shows an empty room for three seconds at 15 frames a second, then a figure of this grey that walks from the left to
/// the right for six, and passes every verdict of the walk and the figure's left edge to `see`.
fn walk(detector: &mut BoxedDetector, grey: u8, mut see: impl FnMut(usize, &Verdict)) {
    for n in 0..135 {
        let mut luma: Vec<u8> = (0..WIDTH * HEIGHT)
            .map(|i| 90 + (i as u32 * (2 * n + 7)).wrapping_mul(0x9e37_79b9).to_be_bytes()[0] % 4)
            .collect();
        let left = n.checked_sub(45).map(|n| 8 + n as usize * 3 / 2);
        for row in luma.chunks_exact_mut(WIDTH).skip(50).take(30) {
            if let Some(left) = left {
                row[left..left + 12].fill(grey);
            }
        }
        let verdict = detector.update(&luma, i64::from(n) * 66_667);
        if let Some(left) = left {
            see(left, verdict);
        }
    }
}

/// The figure's left edges in the first and the last frame with motion.
fn seen(detector: &mut BoxedDetector) -> Option<(usize, usize)> {
    let mut found = None;
    walk(detector, 220, |left, verdict| {
        if verdict.motion {
            found = Some((found.map_or(left, |(first, _)| first), left));
        }
    });
    found
}

#[test]
fn without_zones_all_of_the_way_is_seen() {
    for name in ["steady", "classic"] {
        let (first, last) = seen(&mut detector(name, [])).unwrap();
        assert!(first < 16 && last > 135, "{name}: {first} to {last}");
    }
}

#[test]
fn only_included_zones_are_watched() {
    for name in ["steady", "classic"] {
        // Columns 80 to 112.
        let (first, last) = seen(&mut detector(name, [zone("door", ZoneKind::Include, [5, 0, 7, 10], None)])).unwrap();
        assert!((68..84).contains(&first) && (100..116).contains(&last), "{name}: {first} to {last}");
    }
}

#[test]
fn ignored_zones_are_not_watched_even_inside_of_included_ones() {
    for name in ["steady", "classic"] {
        let street = zone("street", ZoneKind::Ignore, [0, 0, 5, 10], None);
        let (first, _) = seen(&mut detector(name, [street.clone()])).unwrap();
        assert!((68..84).contains(&first), "{name}: {first}");
        let all = zone("all", ZoneKind::Include, [0, 0, 10, 10], None);
        let (first, _) = seen(&mut detector(name, [all, street])).unwrap();
        assert!((68..84).contains(&first), "{name}: {first}");
        let path = zone("path", ZoneKind::Ignore, [0, 3, 10, 8], None);
        assert_eq!(seen(&mut detector(name, [path])), None, "{name}");
    }
}

#[test]
fn regions_and_scores_say_which_zone() {
    for name in ["steady", "classic"] {
        let left = zone("left", ZoneKind::Include, [0, 0, 5, 10], None);
        let pond = zone("pond", ZoneKind::Ignore, [0, 9, 10, 10], None);
        let right = zone("right", ZoneKind::Include, [5, 0, 10, 10], None);
        let mut zones = [false; 3];
        walk(&mut detector(name, [left, pond, right]), 220, |at, verdict| {
            assert_eq!(verdict.zones.len(), 3);
            assert_eq!(verdict.zones[1], 0, "nothing is ignored and scored");
            for region in &verdict.regions {
                let zone = usize::from(region.zone.unwrap());
                zones[zone] = true;
                assert!(verdict.zones[zone] > 0 && verdict.zones[zone] <= verdict.score);
                let well_inside = if zone == 0 { at < 84 } else { at > 56 };
                assert!(well_inside, "{name}: zone {zone} at {at}");
            }
        });
        assert_eq!(zones, [true, false, true], "{name}");
    }
    let (mut other, mut any) = (detector("steady", [zone("low", ZoneKind::Ignore, [0, 9, 10, 10], None)]), false);
    walk(&mut other, 220, |_, verdict| {
        any |= verdict.motion;
        assert!(verdict.regions.iter().all(|region| region.zone.is_none()));
    });
    assert!(any);
}

#[test]
fn a_zone_has_its_own_sensitivity() {
    // A figure so faint that only the sensitive half sees it.
    let mut zones = [0; 2];
    let half = |name, at, sensitivity| zone(name, ZoneKind::Include, at, Some(sensitivity));
    let mut detector = detector("steady", [half("dull", [0, 0, 5, 10], 0), half("keen", [5, 0, 10, 10], 100)]);
    walk(&mut detector, 102, |_, verdict| {
        for region in &verdict.regions {
            zones[usize::from(region.zone.unwrap())] += 1;
        }
    });
    assert!(zones[0] == 0 && zones[1] > 20, "{zones:?}");
}
