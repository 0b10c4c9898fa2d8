//! Asks the kernel's camera devices what they are and what they offer.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use v4l::FourCC;
use v4l::format::{Colorspace, Quantization};
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::FrameSizeEnum;
use v4l::video::Capture as _;
use v4l::video::capture::Parameters;

use super::choose::{Choice, Offer};
use crate::address::CameraFormat;
use crate::jpeg::Range;
use crate::probe::Format;

/// Sizes listed of a camera that takes any.
const SIZES: [(u32, u32); 10] = [
    (160, 120),
    (320, 240),
    (640, 360),
    (640, 480),
    (800, 600),
    (1024, 768),
    (1280, 720),
    (1600, 1200),
    (1920, 1080),
    (3840, 2160),
];
/// Rates listed of a camera that takes any.
const RATES: [f64; 10] = [1.0, 5.0, 10.0, 15.0, 20.0, 24.0, 25.0, 30.0, 50.0, 60.0];

/// What a device says of itself.
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) driver: String,
    pub(crate) formats: Vec<Format>,
}

/// The format that a driver really set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Agreed {
    pub(super) choice: Choice,
    pub(super) stride: usize,
    pub(super) range: Range,
}

/// The video devices in `/dev`, by number. Not all of them capture.
pub(crate) fn video_nodes() -> Vec<(u32, PathBuf)> {
    let Ok(entries) = fs::read_dir("/dev") else { return Vec::new() };
    let number = |name: &str| name.strip_prefix("video")?.parse().ok();
    let mut nodes: Vec<(u32, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((number(entry.file_name().to_str()?)?, entry.path())))
        .collect();
    nodes.sort();
    nodes
}

/// Opens a device for a moment and asks it. A device that captures nothing has no formats.
pub(crate) fn found(path: &Path) -> io::Result<Found> {
    let device = v4l::Device::with_path(path)?;
    let about = device.query_caps()?;
    let mut formats = Vec::new();
    // Metadata and output nodes answer with an error.
    for format in device.enum_formats().unwrap_or_default() {
        let name = code_name(format.fourcc);
        for (width, height) in sizes(&device, format.fourcc) {
            let fps = rates(&device, format.fourcc, width, height);
            formats.push(Format { fourcc: name.clone(), width, height, fps });
        }
    }
    Ok(Found { name: about.card, driver: about.driver, formats })
}

/// The code's four letters; the kernel marks formats of the other byte order in the highest bit.
fn code_name(fourcc: FourCC) -> String {
    let mut bytes = fourcc.repr;
    let swapped = bytes[3] & 0x80 != 0;
    bytes[3] &= 0x7f;
    let name: String = bytes.iter().map(|&byte| if byte.is_ascii_graphic() { char::from(byte) } else { ' ' }).collect();
    format!("{}{}", name.trim_end(), if swapped { "-BE" } else { "" })
}

fn sizes(device: &v4l::Device, fourcc: FourCC) -> Vec<(u32, u32)> {
    let mut sizes = Vec::new();
    for size in device.enum_framesizes(fourcc).unwrap_or_default() {
        match size.size {
            FrameSizeEnum::Discrete(size) => sizes.push((size.width, size.height)),
            FrameSizeEnum::Stepwise(range) => {
                let fits = |side: u32, least: u32, most: u32, step: u32| {
                    (least..=most).contains(&side) && (side - least).is_multiple_of(step.max(1))
                };
                sizes.extend(SIZES.iter().filter(|(width, height)| {
                    fits(*width, range.min_width, range.max_width, range.step_width)
                        && fits(*height, range.min_height, range.max_height, range.step_height)
                }));
                sizes.push((range.max_width, range.max_height));
            }
        }
    }
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// Pictures a second, rounded to hundredths, highest first.
fn rates(device: &v4l::Device, fourcc: FourCC, width: u32, height: u32) -> Vec<f64> {
    let per_second = |interval: &v4l::Fraction| {
        let fps = f64::from(interval.denominator) / f64::from(interval.numerator.max(1));
        (fps * 100.0).round() / 100.0
    };
    let mut rates: Vec<f64> = Vec::new();
    for interval in device.enum_frameintervals(fourcc, width, height).unwrap_or_default() {
        match interval.interval {
            FrameIntervalEnum::Discrete(interval) => rates.push(per_second(&interval)),
            FrameIntervalEnum::Stepwise(range) => {
                let (slowest, fastest) = (per_second(&range.max), per_second(&range.min));
                rates.extend(RATES.iter().filter(|fps| (slowest..=fastest).contains(*fps)));
            }
        }
    }
    rates.sort_by(|a, b| b.total_cmp(a));
    rates.dedup();
    rates
}

/// The offers among a device's formats that can be used.
pub(super) fn offers(formats: &[Format]) -> Vec<Offer> {
    let usable = formats.iter().filter(|format| format.width > 0 && format.width <= 8192 && format.height <= 8192);
    usable
        .filter_map(|format| {
            let Format { fourcc, width, height, fps } = format.clone();
            Some(Offer { format: by_fourcc(&fourcc)?, width, height, fps })
        })
        .collect()
}

fn by_fourcc(fourcc: &str) -> Option<CameraFormat> {
    Some(match fourcc {
        "MJPG" => CameraFormat::Mjpeg,
        "YUYV" => CameraFormat::Yuyv,
        "NV12" => CameraFormat::Nv12,
        "RGB3" => CameraFormat::Rgb,
        "BGR3" => CameraFormat::Bgr,
        _ => return None,
    })
}

fn fourcc(format: CameraFormat) -> FourCC {
    FourCC::new(match format {
        CameraFormat::Mjpeg => b"MJPG",
        CameraFormat::Yuyv => b"YUYV",
        CameraFormat::Nv12 => b"NV12",
        CameraFormat::Rgb => b"RGB3",
        CameraFormat::Bgr => b"BGR3",
    })
}

/// Sets a format and a rate, and says what the driver made of it.
pub(super) fn agree(path: &Path, choice: Choice) -> io::Result<Agreed> {
    let device = v4l::Device::with_path(path)?;
    let format = device.set_format(&v4l::Format::new(choice.width, choice.height, fourcc(choice.format)))?;
    let format_name = code_name(format.fourcc);
    let Some(kind) = by_fourcc(&format_name) else {
        return Err(io::Error::other(format!(
            "the driver insists on the format {format_name:?}, which rtm2 does not read"
        )));
    };
    // A driver without rates keeps its own.
    let interval = device.set_params(&Parameters::with_fps(choice.fps)).or_else(|_| device.params())?.interval;
    if interval.numerator != 1 {
        // Rates such as 30000/1001 cannot be expressed by nokhwa.
        let rate = format!("{}/{}", interval.denominator, interval.numerator);
        return Err(io::Error::other(format!(
            "the driver insists on {rate} pictures a second; only whole numbers work"
        )));
    }
    let range = match (format.quantization, format.colorspace) {
        (Quantization::FullRange, _) | (Quantization::Default, Colorspace::JPEG) => Range::Full,
        _ => Range::Video,
    };
    let choice = Choice { format: kind, width: format.width, height: format.height, fps: interval.denominator };
    Ok(Agreed { choice, stride: format.stride as usize, range })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names() {
        assert_eq!(code_name(FourCC::new(b"MJPG")), "MJPG");
        assert_eq!(code_name(FourCC::new(b"Y16 ")), "Y16");
        assert_eq!(code_name(FourCC::new(&[b'R', b'G', b'B', b'R' | 0x80])), "RGBR-BE");
        assert_eq!(by_fourcc(&code_name(fourcc(CameraFormat::Nv12))), Some(CameraFormat::Nv12));
    }

    #[test]
    fn only_readable_formats_are_offers() {
        let format = |fourcc: &str, width| Format { fourcc: fourcc.to_owned(), width, height: 480, fps: vec![30.0] };
        let offers = offers(&[format("GREY", 640), format("YUYV", 640), format("MJPG", 9000)]);
        assert_eq!(offers.len(), 1);
        assert_eq!(offers[0].format, CameraFormat::Yuyv);
    }
}
