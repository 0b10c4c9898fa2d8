//! Where the user wants to know of motion: zones, which are polygons in fractions of the picture.
//!
//! Without zones that are included all of the picture is watched. Zones that are ignored are never watched, also where
//! they lie over included ones. Where included zones overlap, the more sensitive one decides.

mod map;
mod polygon;

pub use polygon::Point;

pub(crate) use map::{ZoneMap, ZoneShare};

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;
use polygon::Polygon;

/// What a zone is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneKind {
    /// Watched; where there is one, only such zones are watched.
    Include,
    /// Never watched.
    Ignore,
}

/// A named part of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    kind: ZoneKind,
    polygon: Polygon,
    sensitivity: Option<u8>,
}

/// The zones of one camera.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zones(Vec<Zone>);

/// A zone that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneError {
    /// The name is empty, too long, or has characters that are not shown.
    Name,
    /// Another zone has this name.
    DuplicateName,
    /// Fewer than three corners, or more than [`Zone::MAX_CORNERS`].
    Corners(usize),
    /// The corner of this number (from 1) is outside of the picture.
    Outside(usize),
    /// The corner of this number (from 1) repeats the one before it.
    Repeated(usize),
    /// The sides of these numbers (side 1 begins at corner 1) cross, touch or run back over each other.
    Crossing(usize, usize),
    /// The area, in parts per million of the picture, is smaller than [`Zone::LEAST_AREA_PPM`].
    Small(u32),
    /// Sensitivity above 100.
    Sensitivity(u8),
    /// A zone that is ignored has a sensitivity.
    IgnoredSensitivity,
    /// More than [`Zones::MAX`].
    TooMany,
    /// Some zone, or all of the picture, would be ignored as a whole.
    NothingLeft,
}

impl ZoneError {
    /// The key of a zone, as configuration files write it, that has to be changed.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name | Self::DuplicateName => "name",
            Self::Sensitivity(_) | Self::IgnoredSensitivity => "sensitivity",
            Self::TooMany | Self::NothingLeft => "kind",
            _ => "polygon",
        }
    }
}

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (Zone::LEAST_AREA_PPM, Zone::MAX_CORNERS);
        match self {
            Self::Name => {
                write!(f, "give the zone a name of 1 to {} characters that can be shown", Zone::MAX_NAME)
            }
            Self::DuplicateName => f.write_str("another zone of this camera has the same name; give it its own"),
            Self::Corners(n) => write!(f, "{n} corners are no polygon; give it 3 to {most}"),
            Self::Outside(n) => write!(
                f,
                "corner {n} is outside of the picture; coordinates are fractions of its width and height from 0 to 1"
            ),
            Self::Repeated(n) => write!(f, "corner {n} is the same as the one before it; leave one out"),
            Self::Crossing(a, b) => {
                write!(f, "side {a} and side {b} cross or touch; give the corners in their order around the zone")
            }
            Self::Small(ppm) => {
                let [ppm, least] = [*ppm, least].map(|ppm| (ppm / 10_000, ppm / 100 % 100));
                let (whole, part) = ppm;
                let (least_whole, least_part) = least;
                write!(
                    f,
                    "it covers {whole}.{part:02} % of the picture; at least {least_whole}.{least_part:02} % is needed"
                )
            }
            Self::Sensitivity(value) => write!(f, "{value} is too much; give it a value from 0 to 100"),
            Self::IgnoredSensitivity => f.write_str("a zone that is ignored has no sensitivity; leave it out"),
            Self::TooMany => write!(f, "more than {} zones; join some", Zones::MAX),
            Self::NothingLeft => f.write_str(
                "with this zone, what is to be watched is ignored as a whole; make the ignored zone smaller",
            ),
        }
    }
}

impl core::error::Error for ZoneError {}

impl Zone {
    /// Most corners of a polygon.
    pub const MAX_CORNERS: usize = 32;
    /// Longest name, in characters.
    pub const MAX_NAME: usize = 40;
    /// Smallest area, in parts per million of the picture: the smallest that can show a person.
    pub const LEAST_AREA_PPM: u32 = 1_000;

    /// A zone with these corners in their order around it, either way; the last is joined to the first. Without a
    /// `sensitivity` (0 to 100) it has the camera's.
    pub fn new(name: &str, kind: ZoneKind, corners: &[Point], sensitivity: Option<u8>) -> Result<Self, ZoneError> {
        let name = name.trim();
        if !(1..=Self::MAX_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(ZoneError::Name);
        }
        match (kind, sensitivity) {
            (ZoneKind::Ignore, Some(_)) => return Err(ZoneError::IgnoredSensitivity),
            (ZoneKind::Include, Some(value @ 101..)) => return Err(ZoneError::Sensitivity(value)),
            _ => {}
        }
        Ok(Self { name: name.to_string(), kind, polygon: checked(corners)?, sensitivity })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for.
    pub fn kind(&self) -> ZoneKind {
        self.kind
    }

    /// Its corners.
    pub fn corners(&self) -> &[Point] {
        &self.polygon.0
    }

    /// Its own sensitivity.
    pub fn sensitivity(&self) -> Option<u8> {
        self.sensitivity
    }
}

/// The corners as a polygon that does not cross itself and has an area.
fn checked(corners: &[Point]) -> Result<Polygon, ZoneError> {
    if !(3..=Zone::MAX_CORNERS).contains(&corners.len()) {
        return Err(ZoneError::Corners(corners.len()));
    }
    if let Some(index) = corners.iter().position(|corner| !corner.is_inside_the_picture()) {
        return Err(ZoneError::Outside(index + 1));
    }
    let polygon = Polygon(corners.to_vec());
    if let Some(corner) = polygon.repeated_corner() {
        return Err(ZoneError::Repeated(corner));
    }
    if let Some((a, b)) = polygon.crossing_sides() {
        return Err(ZoneError::Crossing(a, b));
    }
    match polygon.area_ppm() {
        area if area < Zone::LEAST_AREA_PPM => Err(ZoneError::Small(area)),
        _ => Ok(polygon),
    }
}

impl Zones {
    /// Most zones of one camera.
    pub const MAX: usize = 16;

    /// Adds a zone. Its number, which verdicts name it by, is how many there were before.
    pub fn with(mut self, zone: Zone) -> Result<Self, ZoneError> {
        if self.0.len() >= Self::MAX {
            return Err(ZoneError::TooMany);
        }
        if self.0.iter().any(|other| other.name == zone.name) {
            return Err(ZoneError::DuplicateName);
        }
        self.0.push(zone);
        if map::leaves_something(&self) { Ok(self) } else { Err(ZoneError::NothingLeft) }
    }

    /// The zones by number.
    pub fn all(&self) -> &[Zone] {
        &self.0
    }

    /// Whether all of the picture is watched alike.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(corners: &[(f64, f64)]) -> Vec<Point> {
        corners.iter().map(|&(x, y)| Point::from_fractions(x, y).unwrap()).collect()
    }

    fn rectangle(left: f64, top: f64, right: f64, bottom: f64) -> Vec<Point> {
        points(&[(left, top), (right, top), (right, bottom), (left, bottom)])
    }

    fn include(name: &str, corners: &[Point]) -> Zone {
        Zone::new(name, ZoneKind::Include, corners, None).unwrap()
    }

    fn ignore(name: &str, corners: &[Point]) -> Zone {
        Zone::new(name, ZoneKind::Ignore, corners, None).unwrap()
    }

    #[test]
    fn bad_zones_are_refused_with_the_reason_and_the_key() {
        let refused = |name: &str, kind, corners: &[Point], sensitivity| {
            let error = Zone::new(name, kind, corners, sensitivity).unwrap_err();
            (error.key(), error.to_string())
        };
        let good = rectangle(0.1, 0.1, 0.5, 0.5);
        let polygon = |corners: &[Point]| {
            let (key, text) = refused("door", ZoneKind::Include, corners, None);
            assert_eq!(key, "polygon");
            text
        };
        assert_eq!(refused(" ", ZoneKind::Include, &good, None).0, "name");
        assert_eq!(refused("a\nb", ZoneKind::Include, &good, None).0, "name");
        assert_eq!(refused(&"x".repeat(41), ZoneKind::Include, &good, None).0, "name");
        let (key, text) = refused("door", ZoneKind::Include, &good, Some(101));
        assert_eq!((key, text.as_str()), ("sensitivity", "101 is too much; give it a value from 0 to 100"));
        assert_eq!(refused("door", ZoneKind::Ignore, &good, Some(50)).0, "sensitivity");
        assert!(polygon(&good[..2]).starts_with("2 corners"));
        assert!(polygon(&vec![good[0]; 33]).starts_with("33 corners"));
        let outside = [good[0], good[1], Point { x_ppm: 1_000_001, y_ppm: 0 }];
        assert!(polygon(&outside).starts_with("corner 3 is outside"));
        assert!(polygon(&[good[0], good[0], good[2]]).starts_with("corner 2 is the same"));
        assert!(polygon(&[good[0], good[2], good[1], good[3]]).starts_with("side 1 and side 3 cross"));
        let (line, sliver) = (points(&[(0.1, 0.1), (0.5, 0.5), (0.9, 0.9)]), rectangle(0.1, 0.1, 0.12, 0.13));
        assert!(polygon(&line).contains("cross"), "a line runs back");
        assert_eq!(polygon(&sliver), "it covers 0.06 % of the picture; at least 0.10 % is needed");
    }

    #[test]
    fn zones_have_their_own_names_and_are_not_too_many() {
        let corners = rectangle(0.1, 0.1, 0.5, 0.5);
        let mut zones = Zones::default().with(include("door", &corners)).unwrap();
        assert_eq!(zones.clone().with(ignore("door", &rectangle(0.6, 0.6, 0.9, 0.9))), Err(ZoneError::DuplicateName));
        for n in 1..Zones::MAX {
            zones = zones.with(include(&n.to_string(), &corners)).unwrap();
        }
        assert_eq!(zones.with(include("one more", &corners)), Err(ZoneError::TooMany));
    }

    #[test]
    fn something_has_to_be_left_to_watch() {
        let (all, door) = (rectangle(0.0, 0.0, 1.0, 1.0), rectangle(0.1, 0.1, 0.5, 0.5));
        assert_eq!(Zones::default().with(ignore("all", &all)), Err(ZoneError::NothingLeft));
        let zones = Zones::default().with(include("door", &door)).unwrap();
        assert_eq!(zones.clone().with(ignore("all", &all)), Err(ZoneError::NothingLeft));
        let zones = zones.with(ignore("mat", &rectangle(0.1, 0.4, 0.5, 0.5))).unwrap();
        assert_eq!(zones.with(include("under the mat", &rectangle(0.2, 0.42, 0.4, 0.48))), Err(ZoneError::NothingLeft));
    }
}
