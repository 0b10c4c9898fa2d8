//! A picture in memory.

/// A colour picture: three bytes (red, green, blue) per pixel, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: u16,
    height: u16,
    rgb: Vec<u8>,
}

impl Picture {
    /// A black picture. A width or height of 0 is taken as 1.
    pub fn new(width: u16, height: u16) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self { width, height, rgb: vec![0; usize::from(width) * usize::from(height) * 3] }
    }

    /// Width in pixels.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// The bytes: `width * height * 3`.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The bytes, to be drawn on.
    pub fn rgb_mut(&mut self) -> &mut [u8] {
        &mut self.rgb
    }

    /// Makes it fit, without allocating when it already does.
    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        if (self.width, self.height) != (width, height) {
            *self = Self::new(width, height);
        }
    }

    /// Writes the luma (full range, ITU-R BT.601 as in JPEG) of the picture at 1/`denominator` of its size, rounded up,
    /// each pixel the mean of those that it covers: what a JPEG decoder gives at that scale, without the JPEG.
    pub fn luma(&self, denominator: u16, luma: &mut Vec<u8>) {
        let step = usize::from(denominator.max(1));
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        luma.clear();
        for top in (0..height).step_by(step) {
            for left in (0..width).step_by(step) {
                let (right, bottom) = ((left + step).min(width), (top + step).min(height));
                let sum: u32 = (top..bottom)
                    .flat_map(|y| self.rgb[(y * width + left) * 3..(y * width + right) * 3].chunks_exact(3))
                    .map(|pixel| 77 * u32::from(pixel[0]) + 150 * u32::from(pixel[1]) + 29 * u32::from(pixel[2]))
                    .sum();
                let pixels = ((right - left) * (bottom - top)) as u32;
                luma.push(((sum + 128 * pixels) / (256 * pixels)) as u8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_has_the_scaled_size_and_the_mean_grey() {
        let mut picture = Picture::new(5, 3);
        picture.rgb_mut().fill(200);
        picture.rgb_mut()[..3].fill(0);
        let mut luma = Vec::new();
        picture.luma(2, &mut luma);
        assert_eq!(luma, [150, 200, 200, 200, 200, 200]);
        picture.luma(1, &mut luma);
        assert_eq!(luma.len(), 15);
        assert_eq!(luma[..2], [0, 200]);
    }

    #[test]
    fn red_green_and_blue_weigh_as_in_jpeg() {
        for (channel, wanted) in [(0, 76), (1, 149), (2, 28)] {
            let mut picture = Picture::new(1, 1);
            picture.rgb_mut()[channel] = 255;
            let mut luma = Vec::new();
            picture.luma(1, &mut luma);
            assert!(luma[0].abs_diff(wanted) <= 1, "{luma:?}");
        }
    }
}
