//! Takes the raw pictures of cameras that send no JPEG, and encodes them for who needs one.

use bytes::Bytes;
use turbojpeg::{Compressor, Image, OutputBuf, PixelFormat, Subsamp, YuvPlanesImage};

use super::JpegError;
use super::yuv::Planes;

/// How a raw picture's bytes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One byte of brightness for each pixel.
    Grey,
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
    /// Two pixels in four bytes: brightness, blue difference, brightness, red difference.
    Yuyv,
    /// A brightness plane, then a plane of interleaved colour differences for each block of two by two pixels.
    Nv12,
}

impl Layout {
    /// Bytes of a row of `width` pixels without padding.
    pub fn row_bytes(self, width: usize) -> usize {
        match self {
            Self::Grey => width,
            Self::Rgb | Self::Bgr => width * 3,
            Self::Yuyv => width.div_ceil(2) * 4,
            Self::Nv12 => width.div_ceil(2) * 2,
        }
    }

    /// Bytes of a whole picture whose rows lie `stride` bytes apart.
    fn picture_bytes(self, width: usize, height: usize, stride: usize) -> usize {
        let rows = if self == Self::Nv12 { height + height.div_ceil(2) } else { height };
        // The last row may lack its padding.
        stride * rows.saturating_sub(1) + self.row_bytes(width)
    }
}

/// Which numbers stand for black and white in YUV layouts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// 0 and 255, as in JPEG.
    Full,
    /// 16 and 235, as in video: what V4L2 means where a driver says nothing.
    #[default]
    Video,
}

/// A raw picture.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'a> {
    /// Its bytes; more than needed is allowed.
    pub data: &'a [u8],
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// Bytes from row to row; 0 means rows without padding.
    pub stride: usize,
    /// How the bytes lie.
    pub layout: Layout,
    /// What black and white are; for YUV layouts only.
    pub range: Range,
}

impl Raw<'_> {
    /// The picture on its own, in the form that [`Encoder`] and detectors take.
    pub fn own(&self) -> Result<Pixels, JpegError> {
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        let stride = if self.stride == 0 { self.layout.row_bytes(width) } else { self.stride };
        let needed = self.layout.picture_bytes(width, height, stride);
        if width == 0 || height == 0 || stride < self.layout.row_bytes(width) || self.data.len() < needed {
            let (width, height, got) = (self.width, self.height, self.data.len());
            return Err(JpegError::RawSize { width, height, needed, got });
        }
        let packed = |format, subsamp| {
            // The codec wants the last row's padding to be there.
            let mut data = self.data[..needed].to_vec();
            data.resize(stride * height, 0);
            Form::Packed { data, pitch: stride, format, subsamp }
        };
        let form = match self.layout {
            Layout::Grey => packed(PixelFormat::GRAY, Subsamp::Gray),
            Layout::Rgb => packed(PixelFormat::RGB, Subsamp::Sub2x2),
            Layout::Bgr => packed(PixelFormat::BGR, Subsamp::Sub2x2),
            Layout::Yuyv => Form::Planes {
                planes: Planes::of_yuyv(self.data, width, height, stride, self.range),
                subsamp: Subsamp::Sub2x1,
            },
            Layout::Nv12 => Form::Planes {
                planes: Planes::of_nv12(self.data, width, height, stride, self.range),
                subsamp: Subsamp::Sub2x2,
            },
        };
        let luma = form.luma(width, height);
        Ok(Pixels { width, height, form, luma })
    }
}

/// A raw picture on its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) form: Form,
    /// Brightness, where the form does not hold it as it is wanted.
    luma: Option<Vec<u8>>,
}

/// A raw picture as the codec takes it.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Form {
    Planes { planes: Planes, subsamp: Subsamp },
    Packed { data: Vec<u8>, pitch: usize, format: PixelFormat, subsamp: Subsamp },
}

impl Form {
    /// Brightness row by row; `None` where it lies there already.
    fn luma(&self, width: usize, height: usize) -> Option<Vec<u8>> {
        let rows = |data: &[u8], pitch: usize| {
            data.chunks(pitch).take(height).flat_map(|row| &row[..width]).copied().collect()
        };
        match self {
            Self::Planes { planes, .. } => (width % 2 == 1).then(|| rows(&planes.y, width + 1)),
            Self::Packed { data, pitch, format: PixelFormat::GRAY, .. } => {
                (*pitch != width).then(|| rows(data, *pitch))
            }
            Self::Packed { data, pitch, format, .. } => {
                let mut luma = vec![0; width * height];
                for (row, luma) in data.chunks_exact(*pitch).zip(luma.chunks_exact_mut(width)) {
                    for (pixel, luma) in row[..3 * width].as_chunks::<3>().0.iter().zip(luma) {
                        let [a, b, c] = *pixel;
                        *luma = brightness(if *format == PixelFormat::BGR { [c, b, a] } else { [a, b, c] });
                    }
                }
                Some(luma)
            }
        }
    }
}

/// Parts of the colours in brightness, as JFIF has them, in 65536ths.
const RED: u32 = 19_595;
const GREEN: u32 = 38_470;
const BLUE: u32 = 7_471;

fn brightness([red, green, blue]: [u8; 3]) -> u8 {
    let sum = u32::from(red) * RED + u32::from(green) * GREEN + u32::from(blue) * BLUE;
    // The parts are 65536 together.
    ((sum + (1 << 15)) >> 16) as u8
}

impl Pixels {
    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let form = match &self.form {
            Form::Planes { planes, .. } => planes.y.len() + planes.u.len() + planes.v.len(),
            Form::Packed { data, .. } => data.len(),
        };
        form + self.luma.as_ref().map_or(0, Vec::len)
    }

    /// Brightness, `width * height` bytes row by row.
    pub fn luma(&self) -> &[u8] {
        match (&self.luma, &self.form) {
            (Some(luma), _) => luma,
            (None, Form::Planes { planes, .. }) => &planes.y[..self.width * self.height],
            (None, Form::Packed { data, .. }) => data,
        }
    }
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pixels").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}

/// Encodes raw pictures at one quality, reusing its memory.
#[derive(Debug)]
pub struct Encoder {
    codec: Compressor,
    output: Vec<u8>,
    pub(super) quality: u8,
}

impl Encoder {
    /// An encoder of `quality` 1 to 100; other values are brought into that range.
    pub fn new(quality: u8) -> Result<Self, JpegError> {
        let mut codec = Compressor::new()?;
        let quality = quality.clamp(1, 100);
        codec.set_quality(i32::from(quality))?;
        Ok(Self { codec, output: Vec::new(), quality })
    }

    /// The picture as a JPEG. Colour is kept as finely as the layout has it, for RGB at half the size.
    pub fn encode(&mut self, raw: &Raw<'_>) -> Result<Bytes, JpegError> {
        self.encode_pixels(&raw.own()?)
    }

    /// The same for a picture on its own.
    pub fn encode_pixels(&mut self, pixels: &Pixels) -> Result<Bytes, JpegError> {
        self.encode_form(&pixels.form, (pixels.width, pixels.height)).map(Bytes::copy_from_slice)
    }

    /// The JPEG in the encoder's memory.
    pub(super) fn encode_form(&mut self, form: &Form, (width, height): (usize, usize)) -> Result<&[u8], JpegError> {
        let (Form::Planes { subsamp, .. } | Form::Packed { subsamp, .. }) = *form;
        let needed = turbojpeg::compressed_buf_len(width, height, subsamp)?;
        if self.output.len() < needed {
            self.output.resize(needed, 0);
        }
        let mut output = OutputBuf::borrowed(&mut self.output[..needed]);
        match form {
            Form::Planes { planes, .. } => {
                let half = width.div_ceil(2);
                let image = YuvPlanesImage {
                    y_plane: &planes.y[..],
                    u_plane: &planes.u[..],
                    v_plane: &planes.v[..],
                    width,
                    height,
                    y_stride: 2 * half,
                    u_stride: half,
                    v_stride: half,
                    subsamp,
                };
                self.codec.compress_yuv_planes(&image, &mut output)?;
            }
            Form::Packed { data, pitch, format, .. } => {
                self.codec.set_subsamp(subsamp)?;
                let image = Image { pixels: &data[..], width, pitch: *pitch, height, format: *format };
                self.codec.compress(image, &mut output)?;
            }
        }
        let written = output.len();
        drop(output);
        Ok(&self.output[..written])
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, Sampling, inspect};
    use super::*;

    /// Brightness and colour of the test card at a pixel: smooth, so that coding changes little.
    fn card(x: usize, y: usize) -> [f32; 3] {
        [40.0 + x as f32, 90.0 + y as f32, 160.0 - x as f32 / 2.0]
    }

    fn rgb(yuv: [f32; 3]) -> [f32; 3] {
        let [y, u, v] = [yuv[0], yuv[1] - 128.0, yuv[2] - 128.0];
        [y + 1.402 * v, y - 0.344_136 * u - 0.714_136 * v, y + 1.772 * u].map(|c| c.clamp(0.0, 255.0))
    }

    fn check(raw: &Raw<'_>, sampling: Sampling) {
        let jpeg = Encoder::new(95).unwrap().encode(raw).unwrap();
        let header = inspect(&jpeg, &Limits::default()).unwrap();
        assert_eq!((header.width, header.height, header.end), (raw.width, raw.height, jpeg.len()));
        assert_eq!(header.sampling, sampling);
        let found = image::load_from_memory(&jpeg).unwrap().to_rgb8();
        for (x, y, pixel) in found.enumerate_pixels() {
            let expected = rgb(card(x as usize, y as usize));
            for (a, b) in pixel.0.iter().zip(expected) {
                assert!((f32::from(*a) - b).abs() <= 8.0, "{:?} at {x},{y}: {pixel:?} for {expected:?}", raw.layout);
            }
        }
    }

    #[test]
    fn brightness_is_that_of_the_jpeg() {
        for (width, height) in SIZES {
            for (layout, pad) in
                [(Layout::Grey, 3), (Layout::Rgb, 0), (Layout::Bgr, 5), (Layout::Yuyv, 4), (Layout::Nv12, 2)]
            {
                let stride = layout.row_bytes(usize::from(width)) + pad;
                let data: Vec<u8> =
                    (0..stride * usize::from(height) * 2).map(|i| 100 + (i % stride) as u8 / 4).collect();
                let raw = Raw { data: &data, width, height, stride, layout, range: Range::Full };
                let pixels = raw.own().unwrap();
                let jpeg = Encoder::new(100).unwrap().encode_pixels(&pixels).unwrap();
                assert_eq!(pixels.luma().len(), usize::from(width) * usize::from(height));
                let found = image::load_from_memory(&jpeg).unwrap().to_rgb8();
                for (pixel, &luma) in found.pixels().zip(pixels.luma()) {
                    let [r, g, b] = pixel.0.map(f32::from);
                    let y = 0.299 * r + 0.587 * g + 0.114 * b;
                    assert!((y - f32::from(luma)).abs() <= 4.0, "{layout:?} {width}x{height}: {y} is {luma}");
                }
            }
        }
    }

    const SIZES: [(u16, u16); 3] = [(64, 48), (63, 47), (2, 2)];

    #[test]
    fn rgb_and_bgr_survive() {
        for (width, height) in SIZES {
            let mut data = Vec::new();
            for y in 0..usize::from(height) {
                for x in 0..usize::from(width) {
                    data.extend(rgb(card(x, y)).map(|c| c.round() as u8));
                }
            }
            let raw = Raw { data: &data, width, height, stride: 0, layout: Layout::Rgb, range: Range::Full };
            check(&raw, Sampling::S420);
            let swapped: Vec<u8> = data.chunks(3).flat_map(|p| [p[2], p[1], p[0]]).collect();
            check(&Raw { data: &swapped, layout: Layout::Bgr, ..raw }, Sampling::S420);
        }
    }

    #[test]
    fn yuyv_survives_in_both_ranges() {
        for (width, height) in SIZES {
            for range in [Range::Full, Range::Video] {
                let mut data = Vec::new();
                for y in 0..usize::from(height) {
                    for x in (0..usize::from(width)).step_by(2) {
                        let (a, b) = (card(x, y), card(x + 1, y));
                        data.extend([luma(a[0], range), chroma(a[1], range), luma(b[0], range), chroma(a[2], range)]);
                    }
                    data.extend([0; 8]);
                }
                let stride = Layout::Yuyv.row_bytes(usize::from(width)) + 8;
                check(&Raw { data: &data, width, height, stride, layout: Layout::Yuyv, range }, Sampling::S422);
            }
        }
    }

    #[test]
    fn nv12_survives_in_both_ranges() {
        for (width, height) in SIZES {
            for range in [Range::Full, Range::Video] {
                let stride = Layout::Nv12.row_bytes(usize::from(width));
                let mut data = vec![0; stride * (usize::from(height) + usize::from(height).div_ceil(2))];
                for y in 0..usize::from(height) {
                    for x in 0..usize::from(width) {
                        let [bright, u, v] = card(x, y);
                        data[y * stride + x] = luma(bright, range);
                        let pair = (usize::from(height) + y / 2) * stride + x / 2 * 2;
                        (data[pair], data[pair + 1]) = (chroma(u, range), chroma(v, range));
                    }
                }
                let raw = Raw { data: &data, width, height, stride: 0, layout: Layout::Nv12, range };
                check(&raw, Sampling::S420);
            }
        }
    }

    fn luma(y: f32, range: Range) -> u8 {
        if range == Range::Full { y as u8 } else { (16.0 + y * 219.0 / 255.0).round() as u8 }
    }

    fn chroma(c: f32, range: Range) -> u8 {
        if range == Range::Full { c as u8 } else { (128.0 + (c - 128.0) * 224.0 / 255.0).round() as u8 }
    }

    #[test]
    fn too_few_bytes_are_refused() {
        let mut encoder = Encoder::new(80).unwrap();
        for layout in [Layout::Grey, Layout::Rgb, Layout::Bgr, Layout::Yuyv, Layout::Nv12] {
            let full = layout.picture_bytes(16, 16, layout.row_bytes(16));
            let data = vec![128; full];
            let raw = Raw { data: &data, width: 16, height: 16, stride: 0, layout, range: Range::Full };
            assert!(encoder.encode(&raw).is_ok());
            assert!(encoder.encode(&Raw { data: &data[1..], ..raw }).is_err());
            assert!(encoder.encode(&Raw { width: 0, ..raw }).is_err());
            assert!(encoder.encode(&Raw { stride: 1, ..raw }).is_err());
        }
    }
}
