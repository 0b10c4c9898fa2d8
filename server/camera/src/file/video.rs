//! Videos, read by an ffmpeg child process that writes JPEGs into a pipe. Motion-JPEG videos are copied, not encoded again.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use rtm2_app::Timestamp;

use super::reader::{PictureReader, Piece};
use crate::address::{Ending, FileUrl};
use crate::jpeg::Limits;
use crate::pace::{Pace, Rate};
use crate::source::{Picture, Source, SourceError, Wanted};

/// Pictures a second where ffprobe does not know.
const UNKNOWN_RATE: u16 = 25;

/// A video on disk.
pub(super) struct Video {
    url: FileUrl,
    about: About,
    /// Pictures a second to show at most; the others are left out, so that the speed stays.
    most: Option<Rate>,
    pace: Pace,
    child: Decoder,
    shown: Option<u64>,
    good: u64,
}

/// What ffprobe says of the first video stream.
#[derive(Debug)]
struct About {
    rate: Rate,
    codec: String,
}

impl Video {
    pub(super) fn open(url: &FileUrl, wanted: &Wanted, start: Timestamp) -> Result<Self, SourceError> {
        let about = about(&url.path)?;
        let pace = Pace::new(about.rate, url.tempo, start);
        let child = Decoder::start(&url.path, &about)?;
        let most = url.fps.or(wanted.fps).map(Rate::fps);
        Ok(Self { url: url.clone(), about, most, pace, child, shown: None, good: 0 })
    }

    /// Whether the picture whose turn it is is shown at the rate wanted.
    fn is_due(&mut self) -> bool {
        let Some(most) = self.most else { return true };
        let due = Some(most.due_at(self.about.rate, self.pace.position()));
        std::mem::replace(&mut self.shown, due) != due
    }

    fn restart(&mut self) -> Result<(), SourceError> {
        let reason = self.child.failure(&self.url.path);
        if self.good == 0 || reason.is_some() {
            let empty = || format!("{} holds no pictures", self.url.path.display());
            return Err(SourceError::Lost(reason.unwrap_or_else(empty)));
        }
        if self.url.ending == Ending::Stop {
            return Err(SourceError::Ended);
        }
        self.good = 0;
        self.child = Decoder::start(&self.url.path, &self.about)?;
        Ok(())
    }
}

impl Source for Video {
    fn next(&mut self) -> Result<Picture, SourceError> {
        loop {
            match self
                .child
                .reader
                .next()
                .map_err(|error| SourceError::Lost(format!("reading from ffmpeg: {error}")))?
            {
                Piece::Picture(jpeg, header) => {
                    self.good += 1;
                    if self.is_due() {
                        return Ok(Picture::inspected(jpeg, &header, self.pace.wait()));
                    }
                    self.pace.skip();
                }
                Piece::Bad(error) => {
                    self.pace.skip();
                    return Err(error.into());
                }
                Piece::End => self.restart()?,
            }
        }
    }

    fn describe(&self) -> String {
        let rate = self.about.rate.per_second();
        let kept = self.most.map(Rate::per_second).filter(|most| *most < rate);
        let shown = kept.map_or_else(String::new, |most| format!(", {most} of them shown"));
        format!("{} video at {rate:.2} fps{shown}", self.about.codec)
    }
}

/// A running ffmpeg; ended when dropped.
struct Decoder {
    child: Child,
    reader: PictureReader<ChildStdout>,
    complaint: Option<JoinHandle<String>>,
}

impl Decoder {
    fn start(path: &Path, about: &About) -> Result<Self, SourceError> {
        let mut command = Command::new("ffmpeg");
        command.args(["-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe", "-i"]);
        command.arg(input(path)).args(["-map", "0:v:0", "-an", "-sn", "-dn"]);
        if about.codec == "mjpeg" {
            command.args(["-c:v", "copy"]);
        } else {
            command.args(["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"]);
        }
        command.args(["-f", "image2pipe", "pipe:1"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| missing("ffmpeg", path, &error))?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(SourceError::Lost("ffmpeg has no output".to_owned()));
        };
        widen(&stdout);
        let reader = PictureReader::with_pieces(stdout, Limits::default(), PIPE / 2);
        Ok(Self { child, reader, complaint: Some(thread::spawn(move || last_line(stderr))) })
    }

    /// After its end: why it failed, if it did.
    fn failure(&mut self, path: &Path) -> Option<String> {
        let status = self.child.wait();
        let said = self.complaint.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let failed = !status.as_ref().is_ok_and(std::process::ExitStatus::success);
        failed.then(|| {
            let said = if said.is_empty() { status.map_or_else(|e| e.to_string(), |s| s.to_string()) } else { said };
            format!("ffmpeg cannot read {}: {said}", path.display())
        })
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Bytes that a pipe should hold: several pictures, so that neither side waits for the other within one. Half of it is read
/// at once, which wakes ffmpeg that seldom.
const PIPE: usize = 1 << 20;

/// Gives a pipe more room than the 64 KiB it has.
#[cfg(target_os = "linux")]
fn widen(pipe: &ChildStdout) {
    // Where the system's limit is lower it stays as it is and works as well, with more turns taken.
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, PIPE);
}

#[cfg(not(target_os = "linux"))]
fn widen(_: &ChildStdout) {}

/// `file:` keeps ffmpeg from reading a name as an option or as an address.
fn input(path: &Path) -> OsString {
    let mut input = OsString::from("file:");
    input.push(path);
    input
}

fn about(path: &Path) -> Result<About, SourceError> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-protocol_whitelist", "file,pipe", "-select_streams", "v:0"]);
    command.args([
        "-show_entries",
        "stream=codec_name,avg_frame_rate,r_frame_rate",
        "-of",
        "default=noprint_wrappers=1",
    ]);
    let output = command.arg(input(path)).stdin(Stdio::null()).output();
    let output = output.map_err(|error| missing("ffprobe", path, &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let Some(codec) = field("codec_name") else {
        let said = last_line(&output.stderr[..]);
        let said = if said.is_empty() { "it has no video".to_owned() } else { said };
        let reason = format!("{} is no video that ffmpeg can read, no JPEG and no PNG: {said}", path.display());
        return Err(SourceError::Lost(reason));
    };
    let rate = field("avg_frame_rate").and_then(rate).or_else(|| field("r_frame_rate").and_then(rate));
    Ok(About { rate: rate.unwrap_or(Rate::fps(UNKNOWN_RATE)), codec: codec.to_owned() })
}

fn rate(text: &str) -> Option<Rate> {
    let (pictures, seconds) = text.split_once('/')?;
    Rate::new(pictures.parse().ok()?, seconds.parse().ok()?)
}

fn missing(program: &str, path: &Path, error: &io::Error) -> SourceError {
    let path = path.display();
    SourceError::Lost(if error.kind() == io::ErrorKind::NotFound {
        format!(
            "{path} is read with {program}, which is not installed: install the package ffmpeg (apt install ffmpeg, \
             brew install ffmpeg), or use a folder of pictures or an .mjpeg file"
        )
    } else {
        format!("cannot start {program} for {path}: {error}")
    })
}

/// The last line that says something, with a bound on its length.
fn last_line(stream: impl Read) -> String {
    let mut last = String::new();
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    while let Ok(1..) = lines.by_ref().take(4096).read_until(b'\n', &mut line) {
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            last = text.trim().chars().take(300).collect();
        }
        line.clear();
    }
    last
}
