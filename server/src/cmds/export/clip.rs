//! Clips, made by an ffmpeg child process from pictures and a list of how long each is shown.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use rtm2_app::FrameInfo;

use crate::cmds::Failure;

/// Longest time that a frame is shown in µs: what is between two events is not worth watching.
const LONGEST_US: i64 = 2_000_000;
/// How long the last frame is shown in µs.
const LAST_US: i64 = 100_000;
/// Most of what ffmpeg says that is repeated in an error, in bytes.
const SAID: usize = 600;

/// A kind of clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clip {
    /// H.264 in MP4: plays in every browser and on every phone.
    Mp4,
    /// VP8 in `WebM`.
    Webm,
}

impl Clip {
    fn name(self) -> &'static str {
        match self {
            Self::Mp4 => "clip.mp4",
            Self::Webm => "clip.webm",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            // The index in front, so that a browser starts before it has the whole clip.
            Self::Mp4 => {
                &["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-movflags", "+faststart", "-f", "mp4"]
            }
            Self::Webm => &["-c:v", "libvpx", "-crf", "12", "-b:v", "2M", "-deadline", "realtime", "-f", "webm"],
        }
    }

    /// Makes the clip in a folder from the pictures in another.
    pub(super) fn make(self, out: &Path, pictures: &Path, frames: &[FrameInfo]) -> Result<(), Failure> {
        let Some(first) = frames.first() else { return Ok(()) };
        let list = pictures.join("list.ffconcat");
        let failed = |e| Failure::io(format!("cannot write {}", list.display()), e);
        fs::write(&list, playlist(frames)).map_err(failed)?;
        let unfinished = out.join(format!(".{}", self.name()));
        let made = self.run_ffmpeg(&list, (first.width, first.height), &unfinished);
        let _ = fs::remove_file(&list);
        if made.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        made?;
        let path = out.join(self.name());
        fs::rename(&unfinished, &path).map_err(|e| Failure::io(format!("cannot write {}", path.display()), e))
    }

    fn run_ffmpeg(self, list: &Path, size: (u16, u16), out: &Path) -> Result<(), Failure> {
        // Encoders want even sizes, and one size from the first frame to the last.
        let (width, height) = (size.0.max(2) & !1, size.1.max(2) & !1);
        let fit = format!(
            "scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,format=yuv420p"
        );
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-v", "error", "-y", "-f", "concat", "-i"]).arg(plain(list));
        command.args(["-vf", &fit, "-fps_mode", "vfr", "-an"]).args(self.arguments()).arg(plain(out));
        let output = command.stdin(Stdio::null()).output().map_err(|e| cannot_start(&e))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim();
        let from = said.len().saturating_sub(SAID);
        let from = (from..=said.len()).find(|at| said.is_char_boundary(*at)).unwrap_or(said.len());
        Err(anyhow::anyhow!("ffmpeg could not make {}: {}", self.name(), &said[from..]).into())
    }
}

/// Says what to do when there is no ffmpeg, before anything is written.
pub(super) fn find_ffmpeg() -> Result<(), Failure> {
    let found = Command::new("ffmpeg").arg("-version").stdin(Stdio::null()).output();
    found.map(|_| ()).map_err(|error| cannot_start(&error))
}

fn cannot_start(error: &io::Error) -> Failure {
    anyhow::anyhow!(
        "clips are made by ffmpeg, which cannot be started ({error}): install the package ffmpeg (apt install ffmpeg, \
         brew install ffmpeg), or export without a clip: --what jpeg,csv"
    )
    .into()
}

/// A path that ffmpeg takes neither for an option nor for an address.
fn plain(path: &Path) -> std::ffi::OsString {
    let mut plain = std::ffi::OsString::from("file:");
    plain.push(path);
    plain
}

/// The list of pictures with the time that each is shown: until the next one was taken.
fn playlist(frames: &[FrameInfo]) -> String {
    let mut text = "ffconcat version 1.0\n".to_owned();
    for (i, frame) in frames.iter().enumerate() {
        let shown = frames.get(i + 1).map_or(LAST_US, |next| next.at.0 - frame.at.0).clamp(1, LONGEST_US);
        let _ = writeln!(text, "file {}\nduration {shown}us", super::name(frame.at));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtm2_app::{CameraId, Timestamp};

    #[test]
    fn frames_are_shown_at_their_own_pace_but_no_pause_is_long() {
        let frame = |at| FrameInfo {
            camera: CameraId(0),
            at: Timestamp(at),
            seq: 0,
            width: 4,
            height: 2,
            score: 0,
            bytes: 9,
            boxes: Vec::new(),
            motion: true,
        };
        let list = playlist(&[frame(0), frame(66_667), frame(3_600_000_000)]);
        let durations: Vec<_> = list.lines().filter_map(|line| line.strip_prefix("duration ")).collect();
        assert_eq!(durations, ["66667us", "2000000us", "100000us"]);
        assert!(list.contains("file 19700101T000000.066667Z.jpg\n"));
    }
}
