//! Pictures made to fit a model's input: scaled without being stretched, and bordered in grey.

use image::RgbImage;
use image::imageops::{self, FilterType};

/// The border's grey, which these models are trained with: 114 of 255.
pub(super) const GREY: f32 = 114.0 / 255.0;

/// Where a picture lies in the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Letterbox {
    across: f32,
    down: f32,
    left: f32,
    top: f32,
    /// The picture's own width and height.
    size: (f32, f32),
}

impl Letterbox {
    /// Scales the picture into an input of this width and height: planes of red, green and blue, 0 to 1.
    pub(super) fn fit(pixels: &RgbImage, (width, height): (usize, usize)) -> (Self, Vec<f32>) {
        let (source_width, source_height) = pixels.dimensions();
        let scale = (width as f32 / source_width as f32).min(height as f32 / source_height as f32);
        let side = |source: u32, most: usize| ((source as f32 * scale).round() as usize).clamp(1, most);
        let (inner_width, inner_height) = (side(source_width, width), side(source_height, height));
        let small = imageops::resize(pixels, inner_width as u32, inner_height as u32, FilterType::Triangle);
        let (left, top) = ((width - inner_width) / 2, (height - inner_height) / 2);
        let mut planes = vec![GREY; 3 * width * height];
        for (x, y, pixel) in small.enumerate_pixels() {
            let at = (top + y as usize) * width + left + x as usize;
            for (plane, &value) in pixel.0.iter().enumerate() {
                planes[plane * width * height + at] = f32::from(value) / 255.0;
            }
        }
        let letterbox = Self {
            across: inner_width as f32 / source_width as f32,
            down: inner_height as f32 / source_height as f32,
            left: left as f32,
            top: top as f32,
            size: (source_width as f32, source_height as f32),
        };
        (letterbox, planes)
    }

    /// A box of the input (left, top, right, bottom) in pixels of the picture, cut off at its edges.
    pub(super) fn to_picture(self, [left, top, right, bottom]: [f32; 4]) -> [f32; 4] {
        let x = |x: f32| ((x - self.left) / self.across).clamp(0.0, self.size.0);
        let y = |y: f32| ((y - self.top) / self.down).clamp(0.0, self.size.1);
        [x(left), y(top), x(right), y(bottom)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_picture_has_borders_above_and_below() {
        let red = RgbImage::from_pixel(128, 64, image::Rgb([255, 0, 0]));
        let (letterbox, planes) = Letterbox::fit(&red, (64, 64));
        assert_eq!(planes.len(), 3 * 64 * 64);
        let at = |plane: usize, x: usize, y: usize| planes[plane * 64 * 64 + y * 64 + x];
        assert_eq!((at(0, 5, 15), at(0, 5, 16), at(0, 63, 47), at(0, 63, 48)), (GREY, 1.0, 1.0, GREY));
        assert_eq!((at(1, 5, 16), at(2, 5, 16), at(2, 5, 15)), (0.0, 0.0, GREY));
        let whole = |area| letterbox.to_picture(area).map(|side| side.round() as i32);
        assert_eq!(whole([0.0, 16.0, 64.0, 48.0]), [0, 0, 128, 64]);
        assert_eq!(whole([-9.0, 0.0, 32.0, 99.0]), [0, 0, 64, 64]);
    }

    #[test]
    fn a_tiny_or_lean_picture_fits() {
        for size in [(1, 1), (3, 2000), (2000, 3)] {
            let (_, planes) = Letterbox::fit(&RgbImage::new(size.0, size.1), (64, 32));
            assert_eq!(planes.len(), 3 * 64 * 32);
        }
    }
}
