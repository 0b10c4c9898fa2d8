//! Raw pictures of a made scene, and what a viewer makes of sheets.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use rtm2_camera::jpeg::{Layout, Pixels, Range, Raw};
use rtm2_tiles::{Region, Shape, Sheet};
use turbojpeg::PixelFormat;

/// Every layout that cameras send.
pub(crate) const LAYOUTS: [Layout; 5] = [Layout::Grey, Layout::Rgb, Layout::Bgr, Layout::Yuyv, Layout::Nv12];

/// Random numbers of 16 bits that are the same every time.
pub(crate) fn random(seed: u32) -> impl FnMut() -> u32 {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    }
}

/// A picture whose samples a function gives: brightness (or green), then two colours (or blue and red).
pub(crate) fn paint(
    layout: Layout,
    (width, height): (usize, usize),
    mut sample: impl FnMut(usize, usize) -> [u8; 3],
) -> Pixels {
    let stride = layout.row_bytes(width);
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width.next_multiple_of(2) {
            let [bright, blue, red] = sample(x, y);
            match layout {
                Layout::Grey if x < width => data.push(bright),
                Layout::Rgb if x < width => data.extend([red, bright, blue]),
                Layout::Bgr if x < width => data.extend([blue, bright, red]),
                Layout::Yuyv => data.extend([bright, if x % 2 == 0 { blue } else { red }]),
                Layout::Nv12 => data.push(bright),
                _ => {}
            }
        }
    }
    if layout == Layout::Nv12 {
        for y in (0..height).step_by(2) {
            for x in (0..width).step_by(2) {
                let [_, blue, red] = sample(x, y);
                data.extend([blue, red]);
            }
        }
    }
    let (width, height) = (width as u16, height as u16);
    Raw { data: &data, width, height, stride, layout, range: Range::Full }.own().unwrap()
}

/// A still room in noise under light that drifts, jumps now and then, and a box that walks through it.
pub(crate) fn scene(layout: Layout, size: (usize, usize), n: usize, seed: u32) -> (Pixels, Vec<Region>) {
    let mut next = random(seed.wrapping_add(n as u32 * 7919));
    let light = 25.0 * (n as f64 / 9.0 + f64::from(seed)).sin() + if n % 23 > 17 { 30.0 } else { 0.0 };
    let region = (n / 11).is_multiple_of(3).then(|| Region {
        x: (n * 5 % (size.0 - 30)) as u16,
        y: size.1 as u16 / 3,
        width: 25,
        height: size.1 as u16 / 3,
    });
    let inside = |x: usize, y: usize| {
        region.is_some_and(|region| {
            (region.x..region.x + region.width).contains(&(x as u16))
                && (region.y..region.y + region.height).contains(&(y as u16))
        })
    };
    let pixels = paint(layout, size, |x, y| {
        if inside(x, y) {
            return [(x * 9 % 200) as u8, 60, (y * 7 % 200) as u8];
        }
        let base = 80.0 + (x / 2 % 90) as f64 + light * (x as f64 / size.0 as f64);
        let value = (base + f64::from(next() % 9) - 4.0).clamp(0.0, 255.0) as u8;
        [value, value / 2 + 60, 220 - value / 2]
    });
    (pixels, region.into_iter().collect())
}

/// A canvas of brightness: it is not resampled, so it can be compared bit for bit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Canvas {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<u8>,
}

impl Canvas {
    pub(crate) fn of(jpeg: &[u8]) -> Self {
        let image = turbojpeg::decompress(jpeg, PixelFormat::GRAY).unwrap();
        let rows = image.pixels.chunks(image.pitch).take(image.height);
        let data = rows.flat_map(|row| &row[..image.width]).copied().collect();
        Self { width: image.width, height: image.height, data }
    }

    /// Lays what is on a sheet where it belongs, as the page does.
    pub(crate) fn lay(&mut self, sheet: &Sheet, head: &[u8], shape: Shape) {
        let decoded = Self::of(&[&[0xff, 0xd8], head, &sheet.body].concat());
        let mcu = (usize::from(shape.mcu_width), usize::from(shape.mcu_height));
        for place in &sheet.places {
            let (from_x, from_y) = (usize::from(place.x) * mcu.0, usize::from(place.y) * mcu.1);
            let (to_x, to_y) = (usize::from(place.of.x) * mcu.0, usize::from(place.of.y) * mcu.1);
            let width = (usize::from(place.of.width) * mcu.0).min(self.width - to_x);
            let height = (usize::from(place.of.height) * mcu.1).min(self.height - to_y);
            for row in 0..height {
                let source = &decoded.data[(from_y + row) * decoded.width + from_x..][..width];
                self.data[(to_y + row) * self.width + to_x..][..width].copy_from_slice(source);
            }
        }
    }

    /// The mean of a square.
    pub(crate) fn mean(&self, x: usize, y: usize, side: usize) -> f64 {
        let pixels = (y..y + side).flat_map(|y| &self.data[y * self.width + x..][..side]);
        pixels.map(|&pixel| f64::from(pixel)).sum::<f64>() / (side * side) as f64
    }
}
