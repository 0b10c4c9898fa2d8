//! Polygons in parts per million of the picture.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// A corner, in parts per million of the picture's width and height from its upper left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// From the left, 0 to 1 000 000.
    pub x_ppm: u32,
    /// From the top, 0 to 1 000 000.
    pub y_ppm: u32,
}

impl Point {
    /// The whole picture.
    pub const WHOLE_PPM: u32 = 1_000_000;

    /// A corner given in fractions of the picture, from 0 to 1, or nothing when one is outside of that.
    ///
    /// The only place with fractions: from here on everything is a whole number.
    pub fn from_fractions(x: f64, y: f64) -> Option<Self> {
        let ppm = |fraction: f64| (0.0..=1.0).contains(&fraction).then_some((fraction * 1e6 + 0.5) as u32);
        Some(Self { x_ppm: ppm(x)?, y_ppm: ppm(y)? })
    }

    pub(super) fn is_inside_the_picture(self) -> bool {
        self.x_ppm.max(self.y_ppm) <= Self::WHOLE_PPM
    }

    fn x(self) -> i64 {
        i64::from(self.x_ppm)
    }

    fn y(self) -> i64 {
        i64::from(self.y_ppm)
    }
}

/// On which side of the line from `a` to `b` the point is.
fn side(a: Point, b: Point, point: Point) -> Ordering {
    ((b.x() - a.x()) * (point.y() - a.y())).cmp(&((b.y() - a.y()) * (point.x() - a.x())))
}

/// Whether `point`, which is on the line through `a` and `b`, is between them or one of them.
fn is_between(a: Point, b: Point, point: Point) -> bool {
    let within = |a: u32, b: u32, p: u32| (a.min(b)..=a.max(b)).contains(&p);
    within(a.x_ppm, b.x_ppm, point.x_ppm) && within(a.y_ppm, b.y_ppm, point.y_ppm)
}

/// Whether the sides have a point in common.
fn meet([a, b]: [Point; 2], [c, d]: [Point; 2]) -> bool {
    let [from_a, from_b] = [side(c, d, a), side(c, d, b)];
    let [from_c, from_d] = [side(a, b, c), side(a, b, d)];
    let apart = |one: Ordering, other: Ordering| one != Ordering::Equal && one == other.reverse();
    (apart(from_a, from_b) && apart(from_c, from_d))
        || (from_a == Ordering::Equal && is_between(c, d, a))
        || (from_b == Ordering::Equal && is_between(c, d, b))
        || (from_c == Ordering::Equal && is_between(a, b, c))
        || (from_d == Ordering::Equal && is_between(a, b, d))
}

/// A closed polygon: the last corner is joined to the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Polygon(pub(super) Vec<Point>);

impl Polygon {
    fn sides(&self) -> impl Iterator<Item = [Point; 2]> {
        let next = self.0.iter().cycle().skip(1);
        self.0.iter().zip(next).map(|(&a, &b)| [a, b])
    }

    /// The number (from 1) of a corner that repeats the one before it.
    pub(super) fn repeated_corner(&self) -> Option<usize> {
        self.sides().position(|[a, b]| a == b).map(|index| (index + 1) % self.0.len() + 1)
    }

    /// The numbers (from 1) of two sides that cross, touch, or run back over each other. Side 1 begins at corner 1.
    pub(super) fn crossing_sides(&self) -> Option<(usize, usize)> {
        let last = self.0.len() - 1;
        for (i, first) in self.sides().enumerate() {
            for (j, second) in self.sides().enumerate().skip(i + 1) {
                let crossing = if j == i + 1 {
                    runs_back(first[0], first[1], second[1])
                } else if i == 0 && j == last {
                    runs_back(second[0], second[1], first[1])
                } else {
                    meet(first, second)
                };
                if crossing {
                    return Some((i + 1, j + 1));
                }
            }
        }
        None
    }

    /// Its area in parts per million of the picture.
    pub(super) fn area_ppm(&self) -> u32 {
        let doubled: i64 = self.sides().map(|[a, b]| a.x() * b.y() - b.x() * a.y()).sum();
        (doubled.abs() / 2_000_000) as u32
    }

    /// Whether the point is inside: a ray to the right leaves it an odd number of times.
    pub(super) fn contains(&self, point: Point) -> bool {
        self.sides().fold(false, |inside, [a, b]| {
            let passes = (a.y_ppm > point.y_ppm) != (b.y_ppm > point.y_ppm);
            let (low, high) = if a.y_ppm < b.y_ppm { (a, b) } else { (b, a) };
            inside ^ (passes && side(low, high, point) == Ordering::Greater)
        })
    }
}

/// Whether the way from `a` over `b` to `c` turns back on itself.
fn runs_back(a: Point, b: Point, c: Point) -> bool {
    side(a, b, c) == Ordering::Equal && (is_between(a, b, c) || is_between(b, c, a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn polygon(corners: &[(u32, u32)]) -> Polygon {
        Polygon(corners.iter().map(|&(x, y)| Point { x_ppm: x * 100_000, y_ppm: y * 100_000 }).collect())
    }

    #[test]
    fn an_ell_is_plain_and_a_bow_tie_crosses_itself() {
        let ell = polygon(&[(0, 0), (10, 0), (10, 5), (5, 5), (5, 10), (0, 10)]);
        assert_eq!((ell.repeated_corner(), ell.crossing_sides(), ell.area_ppm()), (None, None, 750_000));
        assert_eq!(polygon(&[(0, 0), (10, 10), (10, 0), (0, 10)]).crossing_sides(), Some((1, 3)));
        assert_eq!(polygon(&[(0, 0), (5, 0), (2, 0), (2, 8)]).crossing_sides(), Some((1, 2)), "runs back");
        assert_eq!(polygon(&[(0, 0), (8, 0), (8, 8), (4, 0), (0, 8)]).crossing_sides(), Some((1, 3)), "touches");
        assert_eq!(polygon(&[(0, 0), (8, 0), (8, 0), (0, 8)]).repeated_corner(), Some(3));
        assert_eq!(polygon(&[(0, 0), (8, 0), (0, 8), (0, 0)]).repeated_corner(), Some(1));
    }

    #[test]
    fn inside_is_inside() {
        let ell = polygon(&[(0, 0), (10, 0), (10, 5), (5, 5), (5, 10), (0, 10)]);
        let inside = |x: f64, y: f64| ell.contains(Point::from_fractions(x, y).unwrap());
        assert!(inside(0.1, 0.9) && inside(0.9, 0.1) && inside(0.25, 0.25));
        assert!(!inside(0.9, 0.9) && !inside(0.6, 0.55) && !inside(1.0, 0.2));
    }

    #[test]
    fn fractions_outside_of_the_picture_are_none() {
        for (x, y) in [(-0.01, 0.5), (0.5, 1.000_001), (f64::NAN, 0.5), (f64::INFINITY, 0.0)] {
            assert_eq!(Point::from_fractions(x, y), None);
        }
        assert_eq!(Point::from_fractions(1.0, 0.25), Some(Point { x_ppm: 1_000_000, y_ppm: 250_000 }));
    }

    proptest! {
        #[test]
        fn a_triangle_neither_crosses_itself_nor_holds_more_than_its_box(
            corners in prop::collection::vec((0_u32..=1_000_000, 0_u32..=1_000_000), 3),
            point in (0_u32..=1_000_000, 0_u32..=1_000_000),
        ) {
            let polygon = Polygon(corners.iter().map(|&(x_ppm, y_ppm)| Point { x_ppm, y_ppm }).collect());
            prop_assume!(polygon.area_ppm() > 0);
            prop_assert_eq!(polygon.crossing_sides(), None);
            if polygon.contains(Point { x_ppm: point.0, y_ppm: point.1 }) {
                prop_assert!((corners.iter().map(|c| c.0).min()..=corners.iter().map(|c| c.0).max()).contains(&Some(point.0)));
                prop_assert!((corners.iter().map(|c| c.1).min()..=corners.iter().map(|c| c.1).max()).contains(&Some(point.1)));
            }
        }
    }
}
