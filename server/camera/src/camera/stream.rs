//! Pictures from a camera, through nokhwa.
//!
//! nokhwa hands out the driver's whole buffer, not only the bytes that the camera wrote: a JPEG is cut at its end marker.
//! Its calls block without a limit; the supervisor watches from outside. An unplugged camera is an error at the next call.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use nokhwa::NokhwaError;
use nokhwa::backends::capture::V4LCaptureDevice;
use nokhwa::camera_traits::CaptureBackendTrait as _;
use nokhwa::utils::{
    CameraFormat as NokhwaFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, Resolution,
};
use tracing::info;

use super::choose::{Wish, choose};
use super::device::{Agreed, agree, found, offers};
use crate::address::{CameraDevice, CameraFormat, CameraUrl};
use crate::clock;
use crate::image::RawImage;
use crate::jpeg::{self, Encoder, Layout, Limits, Raw};
use crate::source::{Picture, Source, SourceError, Wanted};

/// An open camera.
pub(super) struct Camera {
    path: PathBuf,
    // Not `nokhwa::Camera`, which cannot be moved between threads without a feature that claims it for every backend.
    device: V4LCaptureDevice<'static>,
    agreed: Agreed,
    encoder: Arc<Mutex<Encoder>>,
    limits: Limits,
}

impl Camera {
    pub(super) fn open(url: &CameraUrl, wanted: &Wanted) -> Result<Self, SourceError> {
        let path = node(&url.device)?;
        let lost = |error: &io::Error| SourceError::Lost(format!("camera {}: {}", path.display(), explain(error)));
        let about = found(&path).map_err(|error| lost(&error))?;
        let offers = offers(&about.formats);
        let wish = Wish { format: url.format, size: url.size.or(wanted.size), fps: url.fps.or(wanted.fps) };
        let Some(choice) = choose(&offers, wish) else {
            let reason =
                "gives no pictures that rtm2 reads (MJPEG, YUYV, NV12, RGB or BGR); `rtm2 probe` lists cameras";
            return Err(SourceError::Lost(format!("camera {} ({}) {reason}", path.display(), about.name)));
        };
        let agreed = agree(&path, choice).map_err(|error| lost(&error))?;
        say_difference(&path, wish, agreed);
        let device = start(&path, agreed).map_err(|error| {
            SourceError::Lost(format!("camera {}: {}", path.display(), explain_text(&error.to_string())))
        })?;
        let encoder = Encoder::new(wanted.quality).map_err(|error| SourceError::Lost(error.to_string()))?;
        let encoder = Arc::new(Mutex::new(encoder));
        Ok(Self { path, device, agreed, encoder, limits: Limits::default() })
    }
}

impl Source for Camera {
    fn next(&mut self) -> Result<Picture, SourceError> {
        let data = self.device.frame_raw().map_err(|error| {
            let why = explain_text(&error.to_string());
            SourceError::Lost(format!("camera {}: {why}", self.path.display()))
        })?;
        let at = clock::now();
        let declared = self.agreed.choice.format;
        // Some cameras send JPEG whatever format was agreed upon. Raw pictures may begin by chance as JPEGs do.
        if declared == CameraFormat::Mjpeg || data.starts_with(&[0xff, 0xd8, 0xff]) {
            match jpeg::inspect(&data, &self.limits) {
                Ok(header) => {
                    let bytes = Bytes::copy_from_slice(&data[..header.end]);
                    return Ok(Picture::inspected(bytes, &header, at));
                }
                Err(error) if declared == CameraFormat::Mjpeg => return Err(error.into()),
                Err(_) => {}
            }
        }
        let layout = match declared {
            // Answered above.
            CameraFormat::Mjpeg => return Err(SourceError::Bad("the camera sent no JPEG".to_owned())),
            CameraFormat::Yuyv => Layout::Yuyv,
            CameraFormat::Nv12 => Layout::Nv12,
            CameraFormat::Rgb => Layout::Rgb,
            CameraFormat::Bgr => Layout::Bgr,
        };
        // Within 8192: checked when the format was chosen, and the encoder refuses what does not fit.
        let (width, height) = (self.agreed.choice.width as u16, self.agreed.choice.height as u16);
        let raw = Raw { data: &data, width, height, stride: self.agreed.stride, layout, range: self.agreed.range };
        let image = RawImage::new(raw.own()?, Arc::clone(&self.encoder)).into();
        Ok(Picture { image, at, width, height })
    }

    fn describe(&self) -> String {
        let choice = self.agreed.choice;
        format!("{} {:?} {}x{} at {} fps", self.path.display(), choice.format, choice.width, choice.height, choice.fps)
    }
}

/// The device node of a camera; links such as those in `/dev/v4l/by-id` are followed.
fn node(device: &CameraDevice) -> Result<PathBuf, SourceError> {
    match device {
        CameraDevice::Index(index) => Ok(PathBuf::from(format!("/dev/video{index}"))),
        CameraDevice::Path(path) => fs::canonicalize(path)
            .map_err(|error| SourceError::Lost(format!("camera {}: {}", path.display(), explain(&error)))),
    }
}

fn start(path: &Path, agreed: Agreed) -> Result<V4LCaptureDevice<'static>, NokhwaError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let number = name.strip_prefix("video").and_then(|number| number.parse().ok());
    let index = number.ok_or_else(|| NokhwaError::GeneralError("its device is not named /dev/videoN".to_owned()))?;
    let choice = agreed.choice;
    let format = match choice.format {
        CameraFormat::Mjpeg => FrameFormat::MJPEG,
        CameraFormat::Yuyv => FrameFormat::YUYV,
        CameraFormat::Nv12 => FrameFormat::NV12,
        CameraFormat::Rgb => FrameFormat::RAWRGB,
        CameraFormat::Bgr => FrameFormat::RAWBGR,
    };
    let exact = NokhwaFormat::new(Resolution::new(choice.width, choice.height), format, choice.fps);
    let formats = [format];
    let request = RequestedFormat::with_formats(RequestedFormatType::Exact(exact), &formats);
    let mut camera = V4LCaptureDevice::new(&CameraIndex::Index(index), request)?;
    camera.open_stream()?;
    Ok(camera)
}

fn say_difference(path: &Path, wish: Wish, agreed: Agreed) {
    let got = agreed.choice;
    let size = wish.size.is_some_and(|(w, h)| (u32::from(w), u32::from(h)) != (got.width, got.height));
    let fps = wish.fps.is_some_and(|fps| u32::from(fps) != got.fps);
    let format = wish.format.is_some_and(|format| format != got.format);
    if size || fps || format {
        let path = path.display();
        info!(
            "camera {path} cannot do exactly what is wanted; the nearest it has is {:?} {}x{} at {} fps",
            got.format, got.width, got.height, got.fps
        );
    }
}

fn explain(error: &io::Error) -> String {
    explain_text(&error.to_string())
}

/// What the kernel's words mean for a user. nokhwa passes them on as text only.
fn explain_text(text: &str) -> String {
    let meaning = [
        ("os error 2)", "there is no such camera; `rtm2 probe` lists those that are there"),
        ("os error 13)", "permission denied; add the user that rtm2 runs as to the group video"),
        ("os error 16)", "in use by another program"),
        ("os error 19)", "unplugged or switched off"),
        ("os error 6)", "unplugged or switched off"),
        ("os error 5)", "the camera does not answer (input/output error); check its cable"),
        ("os error 25)", "this device is no camera; `rtm2 probe` lists cameras"),
        ("os error 28)", "the USB bus has no bandwidth left; choose a smaller size or another port"),
    ];
    meaning
        .iter()
        .find(|(code, _)| text.contains(code))
        .map_or_else(|| text.to_owned(), |(_, meaning)| (*meaning).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b5_an_absent_camera_is_an_error_that_says_what_to_do() {
        let url = CameraUrl { device: CameraDevice::Index(4_000_000), size: None, fps: None, format: None };
        let Err(SourceError::Lost(reason)) = Camera::open(&url, &Wanted::default()) else { panic!("opened") };
        assert!(reason.contains("/dev/video4000000: there is no such camera"), "{reason}");
        let device = CameraDevice::Path("/dev/null".into());
        let Err(SourceError::Lost(reason)) = Camera::open(&CameraUrl { device, ..url }, &Wanted::default()) else {
            panic!("opened")
        };
        assert!(reason.contains("no camera"), "{reason}");
    }
}
