//! `rtm2 replay`: runs a detector over footage as fast as it can and writes a line per frame.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::builder::PossibleValuesParser;
use rtm2_app::Timestamp;
use rtm2_camera::{Source, SourceError, SourceUrl, Wanted};
use rtm2_detect::{NAMES, Settings, Verdict};

use super::{Failure, Global, log, print};
use crate::pipeline::detecting::Eye;

/// Arguments of `rtm2 replay`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A video, a folder of pictures, or any source URL that ends
    source: String,
    /// Write the decisions here as CSV: frame,motion,boxes,ms,score [default: standard output]
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// The detector
    #[arg(long, value_name = "NAME", default_value = "steady", value_parser = PossibleValuesParser::new(NAMES))]
    detector: String,
}

/// Frames and time of a replay.
#[derive(Debug, Default)]
struct Tally {
    frames: u64,
    motion: u64,
    skipped: u64,
    detect_ms: f64,
}

/// Replays the footage.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    log::init(global)?;
    let url = source_url(&args.source)?;
    let mut source = rtm2_camera::open(&url, &Wanted::default(), Timestamp(0)).map_err(anyhow::Error::from)?;
    let mut eye = Eye::new(&args.detector, Settings::default()).map_err(anyhow::Error::from)?;
    let tally = match &args.csv {
        Some(path) => {
            let file = File::create(path).map_err(|e| Failure::io(format!("cannot write {}", path.display()), e))?;
            replay(source.as_mut(), &mut eye, &mut BufWriter::new(file))?
        }
        None => replay(source.as_mut(), &mut eye, &mut std::io::stdout().lock())?,
    };
    if args.csv.is_some() {
        print(&tally.summary())?;
    }
    if tally.frames == 0 {
        return Err(anyhow::anyhow!("{} holds no picture", url.label()).into());
    }
    Ok(())
}

/// A source URL as it is, else a path, read without waiting for its frame times.
fn source_url(text: &str) -> Result<SourceUrl, Failure> {
    let path_like = PathBuf::from(text).exists() || !text.contains(':');
    let url = if path_like { format!("file:{text}?realtime=0") } else { text.to_owned() };
    Ok(url.parse::<SourceUrl>().map_err(anyhow::Error::from)?)
}

fn replay(source: &mut dyn Source, eye: &mut Eye, out: &mut dyn Write) -> Result<Tally, Failure> {
    let written = |e| Failure::io("cannot write the decisions", e);
    let mut tally = Tally::default();
    writeln!(out, "frame,motion,boxes,ms,score").map_err(written)?;
    loop {
        let picture = match source.next() {
            Ok(picture) => picture,
            Err(SourceError::Ended) => break,
            Err(SourceError::Bad(reason)) => {
                tracing::warn!("picture {} was skipped: {reason}", tally.frames + tally.skipped);
                tally.skipped += 1;
                continue;
            }
            Err(error) => return Err(anyhow::Error::from(error).into()),
        };
        let started = Instant::now();
        let verdict = eye.look(&picture).map_err(anyhow::Error::from)?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        tally.add(verdict, ms);
        writeln!(out, "{}", line(tally.frames - 1, verdict, ms)).map_err(written)?;
    }
    out.flush().map_err(written)?;
    Ok(tally)
}

/// `frame,motion,boxes,ms,score`, the boxes as `x y w h` joined by `;`.
fn line(frame: u64, verdict: &Verdict, ms: f64) -> String {
    let boxes: Vec<String> = verdict.regions.iter().map(|r| format!("{} {} {} {}", r.x, r.y, r.w, r.h)).collect();
    format!("{frame},{},{},{ms:.3},{}", u8::from(verdict.motion), boxes.join(";"), verdict.score)
}

impl Tally {
    fn add(&mut self, verdict: &Verdict, ms: f64) {
        self.frames += 1;
        self.motion += u64::from(verdict.motion);
        self.detect_ms += ms;
    }

    fn summary(&self) -> String {
        let mean = self.detect_ms / self.frames.max(1) as f64;
        let skipped = if self.skipped > 0 { format!(", {} skipped", self.skipped) } else { String::new() };
        format!("{} frames, {} with motion, {mean:.3} ms a frame{skipped}\n", self.frames, self.motion)
    }
}
