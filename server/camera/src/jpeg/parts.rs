//! Encodes parts of a raw picture: rectangles of it on one small JPEG, as viewers in step need them.
//!
//! A rectangle lies on whole MCUs, and what sticks out of the picture is filled as the codec fills it. So the parts'
//! coefficients are those that the whole picture's JPEG has, and tiles can be made of either.

use rtm2_tiles::{Layout, Place, Rect, Shape, Sheet, lay_out};
use turbojpeg::{PixelFormat, Subsamp};

use super::JpegError;
use super::encode::{Encoder, Form, Pixels};
use super::yuv::Planes;

/// Most pixels of a JPEG each way, as libjpeg has it.
const MOST_PIXELS: usize = 65_500;
/// What the free places of a sheet are filled with: flat, so it costs next to nothing.
const FILLING: u8 = 128;

impl Pixels {
    /// Size of the picture, and of the MCUs of its JPEG.
    pub fn shape(&self) -> Shape {
        let (Form::Planes { subsamp, .. } | Form::Packed { subsamp, .. }) = self.form;
        let (mcu_width, mcu_height, components) = match subsamp {
            Subsamp::Gray => (8, 8, 1),
            Subsamp::Sub2x1 => (16, 8, 3),
            _ => (16, 16, 3),
        };
        // Both came as 16 bits.
        Shape { width: self.width as u16, height: self.height as u16, mcu_width, mcu_height, components }
    }
}

impl Encoder {
    /// Encodes rectangles of a picture, told in MCUs, on one sheet.
    pub fn encode_parts(&mut self, pixels: &Pixels, rects: &[Rect]) -> Result<Sheet, JpegError> {
        const TOO_LARGE: JpegError = JpegError::Parts("they do not fit one JPEG");
        let shape = pixels.shape();
        let inside = |rect: &Rect| {
            rect.area() > 0
                && usize::from(rect.x) + usize::from(rect.width) <= shape.columns()
                && usize::from(rect.y) + usize::from(rect.height) <= shape.rows()
        };
        if !rects.iter().all(inside) {
            return Err(JpegError::Parts("one is empty or not inside the picture"));
        }
        let layout = lay_out(rects).ok_or(TOO_LARGE)?;
        let mcu = (usize::from(shape.mcu_width), usize::from(shape.mcu_height));
        let size = (usize::from(layout.width) * mcu.0, usize::from(layout.height) * mcu.1);
        if size.0.max(size.1) > MOST_PIXELS {
            return Err(TOO_LARGE);
        }
        let form = paint(pixels, &layout, mcu, size);
        let jpeg = self.encode_form(&form, size)?;
        Sheet::of_jpeg(jpeg, layout.places).map_err(|error| JpegError::Codec(error.to_string()))
    }
}

/// The sheet's pixels.
fn paint(pixels: &Pixels, layout: &Layout, mcu: (usize, usize), (width, height): (usize, usize)) -> Form {
    let places = &layout.places;
    match &pixels.form {
        Form::Planes { planes, subsamp } => {
            let half = pixels.width.div_ceil(2);
            let fine = Plane { data: &planes.y, pitch: 2 * half, width: 2 * half, bytes: 1 };
            let coarse = |data| Plane { data, pitch: half, width: half, bytes: 1 };
            // Colour is half as fine from left to right, and from top to bottom as much as the MCU is higher than a block.
            let unit = (mcu.0 / 2, 8);
            let size = (width / 2, height / (mcu.1 / 8));
            let planes = Planes {
                y: fine.on_sheet(places, mcu, (width, height)),
                u: coarse(&planes.u).on_sheet(places, unit, size),
                v: coarse(&planes.v).on_sheet(places, unit, size),
            };
            Form::Planes { planes, subsamp: *subsamp }
        }
        Form::Packed { data, pitch, format, subsamp } => {
            let bytes = if *format == PixelFormat::GRAY { 1 } else { 3 };
            let packed = Plane { data: &data[..pitch * pixels.height], pitch: *pitch, width: pixels.width, bytes };
            let data = packed.on_sheet(places, mcu, (width, height));
            Form::Packed { data, pitch: width * bytes, format: *format, subsamp: *subsamp }
        }
    }
}

/// Samples of a picture, row by row.
struct Plane<'a> {
    data: &'a [u8],
    /// Bytes from row to row.
    pitch: usize,
    /// Samples of a row.
    width: usize,
    /// Bytes of a sample.
    bytes: usize,
}

impl Plane<'_> {
    /// Copies places to a sheet of `size` samples; `unit` is how many samples an MCU has each way. The last column and row
    /// stand for what lies behind them.
    fn on_sheet(&self, places: &[Place], unit: (usize, usize), size: (usize, usize)) -> Vec<u8> {
        let (bytes, pitch) = (self.bytes, size.0 * self.bytes);
        let last = (self.data.len() / self.pitch).saturating_sub(1);
        let mut sheet = vec![FILLING; pitch * size.1];
        for place in places {
            let (from_x, width) = (usize::from(place.of.x) * unit.0, usize::from(place.of.width) * unit.0);
            let (from_y, height) = (usize::from(place.of.y) * unit.1, usize::from(place.of.height) * unit.1);
            let (to_x, to_y) = (usize::from(place.x) * unit.0, usize::from(place.y) * unit.1);
            let there = width.min(self.width - from_x) * bytes;
            for row in 0..height {
                let from = &self.data[(from_y + row).min(last) * self.pitch + from_x * bytes..][..there];
                let to = &mut sheet[(to_y + row) * pitch + to_x * bytes..][..width * bytes];
                to[..there].copy_from_slice(from);
                let (there, outside) = to.split_at_mut(there);
                let edge = &there[there.len() - bytes..];
                outside.chunks_exact_mut(bytes).for_each(|sample| sample.copy_from_slice(edge));
            }
        }
        sheet
    }
}
