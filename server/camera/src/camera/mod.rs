//! `camera:`: cameras of the kernel, through nokhwa.
//!
//! What a camera offers is asked, and the format set, through the same V4L2 bindings that nokhwa uses: nokhwa leaves out
//! drivers, sizes in steps and rates in ranges, and refuses a format that the driver rounds. The pictures come from nokhwa.

mod choose;
#[cfg(all(feature = "v4l", target_os = "linux"))]
mod device;
#[cfg(all(feature = "v4l", target_os = "linux"))]
mod stream;

#[cfg(all(feature = "v4l", target_os = "linux"))]
pub(crate) use device::{found, video_nodes};

use crate::address::CameraUrl;
use crate::source::{Source, SourceError, Wanted};

/// What a build without camera support answers.
pub(crate) const NO_SUPPORT: &str = "this build of rtm2 has no camera support: it is there on Linux when built with the feature v4l; file:, http: and demo: work";

#[cfg(all(feature = "v4l", target_os = "linux"))]
pub(crate) fn open(url: &CameraUrl, wanted: &Wanted) -> Result<Box<dyn Source>, SourceError> {
    Ok(Box::new(stream::Camera::open(url, wanted)?))
}

#[cfg(not(all(feature = "v4l", target_os = "linux")))]
pub(crate) fn open(_url: &CameraUrl, _wanted: &Wanted) -> Result<Box<dyn Source>, SourceError> {
    Err(SourceError::Lost(NO_SUPPORT.to_owned()))
}
