//! Lists the cameras of this machine.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use crate::SourceUrl;

/// A camera.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Device {
    /// Its device node, such as `/dev/video0`.
    pub path: PathBuf,
    /// Its number: `camera:0` opens number 0.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// The kernel driver, where it is known.
    pub driver: Option<String>,
    /// What it offers; empty when it could not be asked.
    pub formats: Vec<Format>,
    /// Why it cannot be used by this user now.
    pub problem: Option<String>,
}

/// A format and size with its rates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Format {
    /// The format's four-letter code, such as `MJPG`.
    pub fourcc: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Pictures a second, highest first; empty when the driver does not say.
    pub fps: Vec<f64>,
}

/// Why cameras cannot be listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// Built without camera support.
    #[error("{}", crate::camera::NO_SUPPORT)]
    NoSupport,
}

/// The cameras of this machine, by number. Devices that do not capture (metadata, output) are left out.
#[cfg(all(feature = "v4l", target_os = "linux"))]
pub fn probe() -> Result<Vec<Device>, ProbeError> {
    let devices = crate::camera::video_nodes().into_iter().filter_map(|(index, path)| {
        // The bindings panic on names that are no text; one odd device must not hide the others.
        let asked = std::panic::catch_unwind(|| crate::camera::found(&path));
        let problem = match asked {
            Ok(Ok(found)) if found.formats.is_empty() => return None,
            Ok(Ok(found)) => {
                let (name, driver) = (found.name, Some(found.driver));
                return Some(Device { path, index, name, driver, formats: found.formats, problem: None });
            }
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                "permission denied; add this user to the group video".to_owned()
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "its driver gives answers that cannot be read".to_owned(),
        };
        let name = sysfs_name(index).unwrap_or_else(|| "unknown".to_owned());
        Some(Device { path, index, name, driver: None, formats: Vec::new(), problem: Some(problem) })
    });
    Ok(devices.collect())
}

#[cfg(all(feature = "v4l", target_os = "linux"))]
fn sysfs_name(index: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/sys/class/video4linux/video{index}/name")).ok()?;
    Some(name.trim().to_owned())
}

/// The cameras of this machine: none can be listed by this build.
#[cfg(not(all(feature = "v4l", target_os = "linux")))]
pub fn probe() -> Result<Vec<Device>, ProbeError> {
    Err(ProbeError::NoSupport)
}

/// The first camera that gives pictures: what is used when nothing is configured.
pub fn first_camera() -> Option<SourceUrl> {
    let devices = probe().ok()?;
    let first = devices.iter().find(|device| device.formats.iter().any(|format| is_readable(&format.fourcc)))?;
    Some(SourceUrl::camera(first.index))
}

fn is_readable(fourcc: &str) -> bool {
    matches!(fourcc, "MJPG" | "YUYV" | "NV12" | "RGB3" | "BGR3")
}

/// The list as people read it, ending with a line break.
pub fn table(devices: &[Device]) -> String {
    let mut text = String::new();
    for device in devices {
        let driver = device.driver.as_deref().map(|driver| format!(" [{driver}]")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "camera:{}  {}  {}{driver}", device.index, device.path.display(), device.name);
        if let Some(problem) = &device.problem {
            let _ = writeln!(text, "    cannot be used: {problem}");
        }
        for format in &device.formats {
            let Format { fourcc, width, height, fps } = format;
            let size = format!("{width}x{height}");
            let rates: Vec<String> = fps.iter().map(ToString::to_string).collect();
            let rates = if rates.is_empty() { "unknown".to_owned() } else { rates.join(" ") };
            let note = if is_readable(fourcc) { "" } else { "  (not read by rtm2)" };
            let _ = writeln!(text, "    {fourcc:<5} {size:<10} fps {rates}{note}");
        }
    }
    if devices.is_empty() {
        text.push_str("no cameras found; plug one in, or use file:…, http://… or demo:\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_show_what_is_there_and_what_is_wrong() {
        let format = Format { fourcc: "MJPG".into(), width: 640, height: 480, fps: vec![30.0, 7.5] };
        let odd = Format { fourcc: "H264".into(), width: 1920, height: 1080, fps: vec![] };
        let good = Device {
            path: "/dev/video0".into(),
            index: 0,
            name: "Webcam".into(),
            driver: Some("uvcvideo".into()),
            formats: vec![format, odd],
            problem: None,
        };
        let problem = Some("permission denied".to_owned());
        let bad =
            Device { index: 2, path: "/dev/video2".into(), driver: None, formats: vec![], problem, ..good.clone() };
        assert_eq!(
            table(&[good, bad]),
            "camera:0  /dev/video0  Webcam [uvcvideo]\n    MJPG  640x480    fps 30 7.5\n    \
             H264  1920x1080  fps unknown  (not read by rtm2)\ncamera:2  /dev/video2  Webcam\n    \
             cannot be used: permission denied\n"
        );
        assert!(table(&[]).contains("demo:"));
    }

    #[cfg(all(feature = "v4l", target_os = "linux"))]
    #[test]
    fn probing_never_fails() {
        let devices = probe().unwrap();
        assert!(devices.windows(2).all(|pair| pair[0].index < pair[1].index));
    }
}
