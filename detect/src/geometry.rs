//! From the camera's picture to the plane that is analysed, and back.

/// Sizes that a detector is made for. When the camera's picture changes size, make a new detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Width of the camera's picture in pixels: regions are given in these.
    pub source_width: u16,
    /// Height of the camera's picture in pixels.
    pub source_height: u16,
    /// Width of the luma plane.
    pub width: u16,
    /// Height of the luma plane.
    pub height: u16,
}

/// How much smaller than the picture the luma plane is: the reductions that a JPEG decoder gives for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As large as the picture.
    Full,
    /// 1/2 of width and height.
    Half,
    /// 1/4 of width and height.
    Quarter,
    /// 1/8 of width and height.
    Eighth,
}

impl Scale {
    /// All, from the largest plane to the smallest.
    pub const ALL: [Self; 4] = [Self::Full, Self::Half, Self::Quarter, Self::Eighth];

    /// 1, 2, 4 or 8.
    pub fn denominator(self) -> u16 {
        match self {
            Self::Full => 1,
            Self::Half => 2,
            Self::Quarter => 4,
            Self::Eighth => 8,
        }
    }

    /// A width or height at this scale, rounded up as libjpeg does.
    pub fn apply(self, length: u16) -> u16 {
        length.div_ceil(self.denominator())
    }
}

impl Geometry {
    /// The height in rows that the detectors are tuned for.
    const IDEAL_HEIGHT: u16 = 120;
    /// Below this a person far away is only a few pixels.
    const LEAST_HEIGHT: u16 = 96;

    /// The analysis plane for a picture of this size: the scale whose height is nearest 120 rows, but not below 96
    /// where the picture itself has that many. A width or height of 0 is taken as 1.
    pub fn for_source(width: u16, height: u16) -> (Self, Scale) {
        let (source_width, source_height) = (width.max(1), height.max(1));
        let scale = Scale::ALL
            .into_iter()
            .filter(|scale| scale.apply(source_height) >= Self::LEAST_HEIGHT)
            .min_by_key(|scale| scale.apply(source_height).abs_diff(Self::IDEAL_HEIGHT))
            .unwrap_or(Scale::Full);
        let (width, height) = (scale.apply(source_width), scale.apply(source_height));
        (Self { source_width, source_height, width, height }, scale)
    }

    /// Bytes of a luma plane.
    pub fn pixels(self) -> usize {
        usize::from(self.width) * usize::from(self.height)
    }

    /// The half-open span `start..end` of plane columns as (left edge, width) in the camera's picture.
    pub(crate) fn columns_in_source(self, start: u16, end: u16) -> (u16, u16) {
        span_in_source(start, end, self.width, self.source_width)
    }

    /// The half-open span `start..end` of plane rows as (upper edge, height) in the camera's picture.
    pub(crate) fn rows_in_source(self, start: u16, end: u16) -> (u16, u16) {
        span_in_source(start, end, self.height, self.source_height)
    }
}

/// Outward rounding, so that a box never cuts off what it is around.
fn span_in_source(start: u16, end: u16, length: u16, source: u16) -> (u16, u16) {
    let (length, source) = (u32::from(length.max(1)), u32::from(source));
    let first = u32::from(start) * source / length;
    let last = (u32::from(end) * source).div_ceil(length).min(source);
    (first as u16, last.saturating_sub(first) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_sizes_get_about_120_rows() {
        for (source, plane, denominator) in [
            ((640, 480), (160, 120), 4),
            ((320, 240), (160, 120), 2),
            ((160, 120), (160, 120), 1),
            ((1280, 720), (320, 180), 4),
            ((1920, 1080), (240, 135), 8),
            ((3840, 2160), (480, 270), 8),
            ((641, 479), (161, 120), 4),
            ((64, 48), (64, 48), 1),
            ((0, 0), (1, 1), 1),
        ] {
            let (geometry, scale) = Geometry::for_source(source.0, source.1);
            assert_eq!((geometry.width, geometry.height), plane, "{source:?}");
            assert_eq!(scale.denominator(), denominator, "{source:?}");
        }
    }

    proptest! {
        #[test]
        fn planes_are_never_empty_and_boxes_stay_inside(width: u16, height: u16, a: u16, b: u16) {
            let (geometry, _) = Geometry::for_source(width, height);
            prop_assert!(geometry.pixels() > 0);
            prop_assert!(geometry.height >= height.clamp(1, 96));
            let (start, end) = (a.min(b) % geometry.width, a.max(b) % geometry.width);
            let (start, end) = (start.min(end), start.max(end) + 1);
            let (x, w) = geometry.columns_in_source(start, end);
            prop_assert!(w > 0 && u32::from(x) + u32::from(w) <= u32::from(geometry.source_width));
        }
    }
}
