//! Clips, made by an ffmpeg child process from pictures and a list of how long each is shown.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use rtm2_app::FrameInfo;

use crate::clip::{Clip, LAST_US, LONGEST_US, fitting};
use crate::cmds::Failure;

/// Most of what ffmpeg says that is repeated in an error, in bytes.
const SAID: usize = 600;

/// Makes the clip in a folder from the pictures in another.
pub(super) fn make(clip: Clip, out: &Path, pictures: &Path, frames: &[FrameInfo]) -> Result<(), Failure> {
    let Some(first) = frames.first() else { return Ok(()) };
    let list = pictures.join("list.ffconcat");
    let failed = |e| Failure::io(format!("cannot write {}", list.display()), e);
    fs::write(&list, playlist(frames)).map_err(failed)?;
    let name = file_name(clip);
    let unfinished = out.join(format!(".{name}"));
    let made = run_ffmpeg(clip, &list, (first.width, first.height), &unfinished);
    let _ = fs::remove_file(&list);
    if made.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    made?;
    let path = out.join(name);
    fs::rename(&unfinished, &path).map_err(|e| Failure::io(format!("cannot write {}", path.display()), e))
}

fn file_name(clip: Clip) -> String {
    format!("clip.{}", clip.extension())
}

fn run_ffmpeg(clip: Clip, list: &Path, size: (u16, u16), out: &Path) -> Result<(), Failure> {
    let fit = fitting(size);
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-y", "-f", "concat", "-i"]).arg(plain(list));
    command.args(["-vf", &fit, "-fps_mode", "vfr", "-an"]).args(clip.arguments()).arg(plain(out));
    let output = command.stdin(Stdio::null()).output().map_err(|e| cannot_start(&e))?;
    if output.status.success() {
        return Ok(());
    }
    let name = file_name(clip);
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim();
    let from = said.len().saturating_sub(SAID);
    let from = (from..=said.len()).find(|at| said.is_char_boundary(*at)).unwrap_or(said.len());
    Err(anyhow::anyhow!("ffmpeg could not make {name}: {}", &said[from..]).into())
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
