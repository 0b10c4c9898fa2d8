//! Clips that browsers and phones play, made by an ffmpeg child process: what is the same for files and for the web.

pub mod matroska;

/// Longest time that a frame is shown in µs: what is between two events is not worth watching.
pub const LONGEST_US: i64 = 2_000_000;
/// How long the last frame is shown in µs.
pub const LAST_US: i64 = 100_000;

/// A kind of clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clip {
    /// H.264 in MP4: plays in every browser and on every phone.
    Mp4,
    /// VP8 in `WebM`.
    Webm,
}

impl Clip {
    /// What its file name ends in.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Webm => "webm",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::Webm => "video/webm",
        }
    }

    /// What ffmpeg is told to write.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            // The index in front, so that a browser starts before it has the whole clip.
            Self::Mp4 => {
                &["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-movflags", "+faststart", "-f", "mp4"]
            }
            Self::Webm => &["-c:v", "libvpx", "-crf", "12", "-b:v", "2M", "-deadline", "realtime", "-f", "webm"],
        }
    }
}

/// The filter that brings all frames to the size of the first one: encoders want even sizes, and one size to the end.
pub fn fitting((width, height): (u16, u16)) -> String {
    let (width, height) = (width.max(2) & !1, height.max(2) & !1);
    format!("scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,format=yuv420p")
}
