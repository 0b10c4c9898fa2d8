//! Addresses of picture sources, as written in the configuration and on the command line.
//!
//! `camera:0` · `camera:/dev/video2?size=1280x720&fps=15&format=mjpeg` · `file:clip.mp4?loop` · `file:pictures/?fps=10` ·
//! `http://user:password@host/stream` · `demo:?fps=15&size=640x480&seed=7`

mod http;
mod options;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

pub(crate) use http::{Credentials, HttpUrl};
use options::{Options, split_options};

/// A picture source's address. Neither `Display` nor `Debug` shows a password.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceUrl {
    target: Target,
    label: String,
}

/// What an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Camera(CameraUrl),
    File(FileUrl),
    Http(HttpUrl),
    Demo(DemoUrl),
}

/// A camera of the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CameraUrl {
    pub(crate) device: CameraDevice,
    pub(crate) size: Option<(u16, u16)>,
    pub(crate) fps: Option<u16>,
    pub(crate) format: Option<CameraFormat>,
}

/// How a camera is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CameraDevice {
    Index(u32),
    Path(PathBuf),
}

/// A format that may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CameraFormat {
    Mjpeg,
    Yuyv,
    Nv12,
    Rgb,
    Bgr,
}

/// A video or pictures on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileUrl {
    pub(crate) path: PathBuf,
    pub(crate) fps: Option<u16>,
    pub(crate) ending: Ending,
    pub(crate) tempo: Tempo,
}

/// What a file does at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Stop,
    Loop,
}

/// How fast a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tempo {
    /// As it was taken.
    RealTime,
    /// As fast as the reader takes it, with times as if it were played.
    Unpaced,
}

/// The generated scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DemoUrl {
    pub(crate) size: Option<(u16, u16)>,
    pub(crate) fps: Option<u16>,
    pub(crate) seed: u64,
}

/// Why an address is not one; says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceUrlError {
    /// There is nothing.
    #[error("the source is empty: write for example camera:0, file:clip.mp4, http://host/stream or demo:")]
    Empty,
    /// No scheme.
    #[error("the source {0:?} has no scheme: write {1}")]
    NoScheme(String, String),
    /// A scheme that does not exist.
    #[error("the scheme {scheme:?} is unknown: {hint}")]
    Scheme {
        /// What was written.
        scheme: String,
        /// What could be meant.
        hint: String,
    },
    /// An option that this kind of source does not have.
    #[error("{scheme}: has no option {option:?}: {hint}")]
    Option {
        /// The kind of source.
        scheme: &'static str,
        /// What was written.
        option: String,
        /// What could be meant.
        hint: String,
    },
    /// An option's value that cannot be used.
    #[error("the option {option}={value} of {scheme}: cannot be used: {hint}")]
    Value {
        /// The kind of source.
        scheme: &'static str,
        /// The option.
        option: String,
        /// Its value.
        value: String,
        /// What to write.
        hint: &'static str,
    },
    /// The part after the scheme.
    #[error("the address after {scheme}: cannot be used: {problem}")]
    Address {
        /// The kind of source.
        scheme: &'static str,
        /// What is wrong and what to write.
        problem: String,
    },
}

impl SourceUrl {
    /// The address of the camera with a number.
    pub fn camera(index: u32) -> Self {
        let device = CameraDevice::Index(index);
        let target = Target::Camera(CameraUrl { device, size: None, fps: None, format: None });
        Self { target, label: format!("camera:{index}") }
    }

    /// `camera`, `file`, `http`, `https` or `demo`.
    pub fn scheme(&self) -> &'static str {
        match &self.target {
            Target::Camera(_) => "camera",
            Target::File(_) => "file",
            Target::Http(http) => http.scheme(),
            Target::Demo(_) => "demo",
        }
    }

    /// The address with credentials removed: what logs and pages show.
    pub fn label(&self) -> String {
        self.label.clone()
    }

    /// Whether the pictures are generated.
    pub fn is_demo(&self) -> bool {
        matches!(self.target, Target::Demo(_))
    }

    /// Whether pictures come as fast as they are taken, not at the pace of a camera (`file:…?realtime=0`): its reader
    /// must take every picture, and may make the source wait.
    pub fn is_unpaced(&self) -> bool {
        matches!(&self.target, Target::File(file) if file.tempo == Tempo::Unpaced)
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }
}

impl fmt::Display for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

impl fmt::Debug for SourceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SourceUrl").field(&self.label).finish()
    }
}

impl FromStr for SourceUrl {
    type Err = SourceUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SourceUrlError::Empty);
        }
        let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
            return Err(no_scheme(text));
        };
        let lower = scheme.to_ascii_lowercase();
        let target = match lower.as_str() {
            "camera" => Target::Camera(camera(rest)?),
            "file" => Target::File(file(rest)?),
            "http" | "https" => Target::Http(HttpUrl::parse(text)?),
            "demo" => Target::Demo(demo(rest)?),
            _ => return Err(unknown_scheme(&lower)),
        };
        let label = match &target {
            Target::Http(http) => http.label(),
            _ => format!("{lower}:{rest}"),
        };
        Ok(Self { target, label })
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn no_scheme(text: &str) -> SourceUrlError {
    let shown = text.rsplit('@').next().unwrap_or_default();
    let meant = if text.chars().all(|c| c.is_ascii_digit()) || text.starts_with("/dev/") {
        format!("camera:{shown}")
    } else {
        format!("file:{shown} for a file or folder, camera:0 for a camera, http://… for a stream")
    };
    SourceUrlError::NoScheme(shown.to_owned(), meant)
}

fn unknown_scheme(scheme: &str) -> SourceUrlError {
    let hint = match scheme {
        "rtsp" | "rtsps" | "rtmp" => {
            "not supported yet; many such cameras also have an MJPEG address that begins with http://".to_owned()
        }
        "v4l" | "v4l2" | "video" | "usb" | "webcam" => "write camera:0 or camera:/dev/video0".to_owned(),
        "test" | "synthetic" | "fake" => "write demo:".to_owned(),
        _ => options::suggest(scheme, &["camera", "file", "http", "https", "demo"]).map_or_else(
            || "use camera:, file:, http://, https:// or demo:".to_owned(),
            |near| format!("did you mean {near}:?"),
        ),
    };
    SourceUrlError::Scheme { scheme: scheme.to_owned(), hint }
}

fn camera(rest: &str) -> Result<CameraUrl, SourceUrlError> {
    let (address, given) = split_options(rest);
    let mut options = Options::parse("camera", given, &["size", "fps", "format"])?;
    let device = if let Ok(index) = address.parse() {
        CameraDevice::Index(index)
    } else if address.starts_with("/dev/") && address.len() > 5 {
        CameraDevice::Path(PathBuf::from(address))
    } else {
        let problem =
            format!("{address:?} is no camera: write camera:0 or camera:/dev/video0; `rtm2 probe` lists them");
        return Err(SourceUrlError::Address { scheme: "camera", problem });
    };
    let hint = "write mjpeg, yuyv, nv12, rgb or bgr";
    let format = options.take_with("format", hint, |value| match value.to_ascii_lowercase().as_str() {
        "mjpeg" | "mjpg" => Some(CameraFormat::Mjpeg),
        "yuyv" | "yuy2" => Some(CameraFormat::Yuyv),
        "nv12" => Some(CameraFormat::Nv12),
        "rgb" | "rgb3" | "rgb24" => Some(CameraFormat::Rgb),
        "bgr" | "bgr3" | "bgr24" => Some(CameraFormat::Bgr),
        _ => None,
    })?;
    Ok(CameraUrl { device, size: options.size()?, fps: options.fps()?, format })
}

fn file(rest: &str) -> Result<FileUrl, SourceUrlError> {
    let (address, given) = split_options(rest);
    let mut options = Options::parse("file", given, &["loop", "fps", "realtime"])?;
    // `file:///pictures` is what browsers and desktops write.
    let address = address.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(address);
    if address.is_empty() {
        let problem = "no path is given: write file:clip.mp4, file:/folder/of/pictures or file:clip.mjpeg".to_owned();
        return Err(SourceUrlError::Address { scheme: "file", problem });
    }
    let ending = if options.flag("loop")?.unwrap_or(false) { Ending::Loop } else { Ending::Stop };
    let tempo = if options.flag("realtime")?.unwrap_or(true) { Tempo::RealTime } else { Tempo::Unpaced };
    Ok(FileUrl { path: PathBuf::from(address), fps: options.fps()?, ending, tempo })
}

fn demo(rest: &str) -> Result<DemoUrl, SourceUrlError> {
    let (address, given) = split_options(rest);
    let mut options = Options::parse("demo", given, &["fps", "size", "seed"])?;
    if !address.trim_matches('/').is_empty() {
        let problem = format!("{address:?} means nothing here: write demo: or demo:?fps=15&size=640x480");
        return Err(SourceUrlError::Address { scheme: "demo", problem });
    }
    let seed = options.take_with("seed", "write a whole number", |value| value.parse().ok())?.unwrap_or(0);
    Ok(DemoUrl { size: options.size()?, fps: options.fps()?, seed })
}

#[cfg(test)]
mod tests;
