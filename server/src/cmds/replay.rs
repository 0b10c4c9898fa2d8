//! `rtm2 replay`: runs a detector over footage as fast as it can and writes a line per frame.

mod footage;
mod masks;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use rtm2_detect::{NAMES, Settings, Verdict};

use super::{Failure, Global, log, print};
use crate::pipeline::detecting::Eye;
use footage::{Footage, Seen};
use masks::Masks;

/// Arguments of `rtm2 replay`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Args {
    /// A folder of pictures (.jpg, .png, by name), a video, a .y4m, or any source URL that ends
    ///
    /// A .y4m is read as it is: the detector sees its brightness without a JPEG in between. Other videos go through
    /// ffmpeg.
    source: String,
    /// Write the decisions here as CSV: frame,motion,boxes,ms,score [default: standard output]
    ///
    /// Frames are counted from 0, pictures that cannot be read included. Boxes are `x y w h` in pixels of the picture,
    /// joined by `;`. The time is the detector's, decoding included.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write what moved as one PNG a frame into this folder: bin000000.png, white where it moved [default: none]
    #[arg(long, value_name = "DIR")]
    masks: Option<PathBuf>,
    /// Frames a second of the footage, such as 12.5 [default: the video's own; 15 for pictures]
    #[arg(long, value_name = "N", value_parser = frame_rate)]
    fps: Option<f64>,
    /// The detector
    #[arg(long, value_name = "NAME", default_value = "steady", value_parser = PossibleValuesParser::new(NAMES))]
    detector: String,
}

const EXAMPLES: &str = "\
Examples:
  rtm2 replay clip.mp4 --csv motion.csv
  rtm2 replay pictures/ --fps 10 --detector classic
  rtm2 replay clip.y4m --csv out/motion.csv --masks out";

/// Frames and time of a replay.
#[derive(Debug, Default)]
struct Tally {
    frames: u64,
    motion: u64,
    skipped: u64,
    detecting: Duration,
}

/// Replays the footage.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    log::init(global)?;
    let mut footage = Footage::open(&args.source, args.fps)?;
    let mut eye = Eye::new(&args.detector, Settings::default()).map_err(anyhow::Error::from)?;
    let masks = args.masks.as_deref().map(Masks::create).transpose()?;
    let tally = match &args.csv {
        Some(path) => {
            let file = File::create(path).map_err(|e| Failure::io(format!("cannot write {}", path.display()), e))?;
            replay(&mut footage, &mut eye, masks.as_ref(), &mut BufWriter::new(file))?
        }
        None => replay(&mut footage, &mut eye, masks.as_ref(), &mut std::io::stdout().lock())?,
    };
    if args.csv.is_some() {
        print(&tally.summary())?;
    }
    if tally.frames == 0 {
        return Err(anyhow::anyhow!("{} holds no picture", args.source).into());
    }
    Ok(())
}

fn frame_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.01..=1000.0).contains(rate));
    rate.ok_or_else(|| "give a number of frames a second from 0.01 to 1000".to_owned())
}

fn replay(footage: &mut Footage, eye: &mut Eye, masks: Option<&Masks>, out: &mut dyn Write) -> Result<Tally, Failure> {
    let written = |e| Failure::io("cannot write the decisions", e);
    let mut tally = Tally::default();
    writeln!(out, "frame,motion,boxes,ms,score").map_err(written)?;
    loop {
        let frame = tally.frames + tally.skipped;
        match footage.next(eye)? {
            Seen::Frame(verdict, took) => {
                writeln!(out, "{}", line(frame, verdict, took)).map_err(written)?;
                tally.add(verdict, took);
            }
            Seen::Skipped(reason) => {
                tracing::warn!("frame {frame} was skipped: {reason}");
                tally.skipped += 1;
                continue;
            }
            Seen::End => break,
        }
        if let Some(masks) = masks {
            masks.write(frame, eye.mask())?;
        }
    }
    out.flush().map_err(written)?;
    Ok(tally)
}

/// `frame,motion,boxes,ms,score`, the boxes as `x y w h` joined by `;`.
fn line(frame: u64, verdict: &Verdict, took: Duration) -> String {
    let boxes: Vec<String> = verdict.regions.iter().map(|r| format!("{} {} {} {}", r.x, r.y, r.w, r.h)).collect();
    let ms = took.as_secs_f64() * 1e3;
    format!("{frame},{},{},{ms:.3},{}", u8::from(verdict.motion), boxes.join(";"), verdict.score)
}

impl Tally {
    fn add(&mut self, verdict: &Verdict, took: Duration) {
        self.frames += 1;
        self.motion += u64::from(verdict.motion);
        self.detecting += took;
    }

    fn summary(&self) -> String {
        let mean = self.detecting.as_secs_f64() * 1e3 / self.frames.max(1) as f64;
        let skipped = if self.skipped > 0 { format!(", {} skipped", self.skipped) } else { String::new() };
        format!("{} frames, {} with motion, {mean:.3} ms a frame{skipped}\n", self.frames, self.motion)
    }
}
