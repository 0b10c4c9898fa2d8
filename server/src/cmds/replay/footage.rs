//! What is replayed: pictures from a source, or the brightness of a `.y4m`.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rtm2_app::Timestamp;
use rtm2_camera::{Source, SourceError, SourceUrl, Wanted, Y4m, Y4mError, is_y4m};
use rtm2_detect::Verdict;

use super::super::Failure;
use crate::pipeline::detecting::Eye;

/// Footage being read.
pub(super) struct Footage {
    reader: Reader,
    /// Frames a second to take it for.
    fps: Option<f64>,
    /// Frames read, those that were skipped included.
    read: u64,
}

enum Reader {
    Pictures(Box<dyn Source>),
    Luma(Y4m<BufReader<File>>),
}

/// What became of the next frame.
pub(super) enum Seen<'a> {
    /// A verdict, and the time from the frame to it.
    Frame(&'a Verdict, Duration),
    /// It cannot be used; says why. Others follow.
    Skipped(String),
    /// There was none.
    End,
}

impl Footage {
    /// Opens a path or a source URL, to be read without waiting for its frame times.
    pub(super) fn open(text: &str, fps: Option<f64>) -> Result<Self, Failure> {
        let path = Path::new(text);
        let reader = if is_y4m(path) {
            Reader::Luma(Y4m::open(path).with_context(|| format!("cannot use {text}"))?)
        } else {
            let url = source_url(text)?;
            let start = Timestamp(0);
            Reader::Pictures(rtm2_camera::open(&url, &Wanted::default(), start).map_err(anyhow::Error::from)?)
        };
        Ok(Self { reader, fps, read: 0 })
    }

    /// Shows the next frame to the detector.
    pub(super) fn next<'a>(&mut self, eye: &'a mut Eye) -> Result<Seen<'a>, Failure> {
        let n = self.read;
        self.read += 1;
        let told = self.fps.map(|fps| Timestamp((n as f64 * 1e6 / fps) as i64));
        let seen = match &mut self.reader {
            Reader::Pictures(source) => {
                let mut picture = match source.next() {
                    Ok(picture) => picture,
                    Err(SourceError::Ended) => return Ok(Seen::End),
                    Err(SourceError::Bad(reason)) => return Ok(Seen::Skipped(reason)),
                    Err(error) => return Err(anyhow::Error::from(error).into()),
                };
                picture.at = told.unwrap_or(picture.at);
                let started = Instant::now();
                eye.look(&picture).map(|verdict| Seen::Frame(verdict, started.elapsed()))
            }
            Reader::Luma(video) => {
                let (size, at) = (video.size(), told.unwrap_or(Timestamp(video.micros(n))));
                let luma = match video.next_luma() {
                    Ok(Some(luma)) => luma,
                    Ok(None) => return Ok(Seen::End),
                    // What came before is whole.
                    Err(error @ Y4mError::Truncated(_)) => return Ok(Seen::Skipped(error.to_string())),
                    Err(error) => return Err(anyhow::Error::from(error).into()),
                };
                let started = Instant::now();
                eye.look_at_luma(size, luma, at).map(|verdict| Seen::Frame(verdict, started.elapsed()))
            }
        };
        Ok(seen.unwrap_or_else(|error| Seen::Skipped(error.to_string())))
    }
}

/// A source URL as it is, else a path, read without waiting for its frame times.
fn source_url(text: &str) -> Result<SourceUrl, Failure> {
    let path_like = Path::new(text).exists() || !text.contains(':');
    let url = if path_like { format!("file:{text}?realtime=0") } else { text.to_owned() };
    Ok(url.parse::<SourceUrl>().map_err(anyhow::Error::from)?)
}
