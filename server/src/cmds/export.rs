//! `rtm2 export`: writes an event or a stretch of time as pictures, a table and a clip.

mod clip;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::tz::TimeZone;
use rtm2_app::{CameraId, FrameInfo, Timestamp};
use rtm2_store::{Recordings, StoredFrame};

use super::run::{frames_dir, store_failure};
use super::{Failure, Global, log, print};
use crate::clip::Clip;

/// Frames looked up at a time.
const PAGE: usize = 1000;

/// Arguments of `rtm2 export`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Times are microseconds since 1970 UTC, as the page's links and the API have them, or written like 2026-03-01T08:30:00Z,
or like \"2026-03-01 08:30\" in local time.

The folder gets `frames/` with the camera's own JPEGs, named by their UTC time, `frames.csv` with a line for each, and
`clip.mp4` or `clip.webm`. Clips keep the frames' own pace; pauses of more than two seconds are cut to two. They are made
by ffmpeg (apt install ffmpeg, brew install ffmpeg); without it ask for --what jpeg,csv. Nothing is written over.

The server may go on running.

Examples:
  rtm2 export --event 1772350200000000 --out burglar
  rtm2 export --stills --from 2026-03-01T00:00:00Z --to 2026-03-02T00:00:00Z --what jpeg --out day && rtm2 replay day/frames
  rtm2 export --camera 1 --from \"2026-03-01 08:00\" --to \"2026-03-01 09:00\" --what jpeg,webm --out morning")]
pub(super) struct Args {
    /// The camera
    #[arg(long, value_name = "N", default_value = "0")]
    camera: CameraId,
    /// The event that begins at this time, with what was recorded before and after it
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with_all = ["from", "to"], required_unless_present_all = ["from", "to"])]
    event: Option<Timestamp>,
    /// Everything from this time on
    #[arg(long, value_name = "TIME", value_parser = time, requires = "to")]
    from: Option<Timestamp>,
    /// Everything up to this time
    #[arg(long, value_name = "TIME", value_parser = time, requires = "from")]
    to: Option<Timestamp>,
    /// The still frames of that time (store.stills) in place of those around motion
    #[arg(long, conflicts_with = "event")]
    stills: bool,
    /// What to write
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = "jpeg,csv,mp4")]
    what: Vec<Kind>,
    /// A folder that does not exist yet or is empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The pictures
    Jpeg,
    /// A table of them
    Csv,
    /// A clip that browsers and phones play
    Mp4,
    /// A clip in a free format
    Webm,
}

/// A time as people write it.
fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(micros) = text.parse() {
        return Ok(Timestamp(micros));
    }
    let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let local = text.parse::<jiff::civil::DateTime>().ok()?;
        Some(local.to_zoned(TimeZone::system()).ok()?.timestamp())
    });
    instant.map(|instant| Timestamp(instant.as_microsecond())).ok_or_else(|| {
        "write microseconds since 1970, or a time like 2026-03-01T08:30:00Z or \"2026-03-01 08:30\"".to_owned()
    })
}

/// Exports what was asked for.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    log::init(global)?;
    let wants = |kind| args.what.contains(&kind);
    let clips: Vec<Clip> =
        [(Kind::Mp4, Clip::Mp4), (Kind::Webm, Clip::Webm)].into_iter().filter(|c| wants(c.0)).map(|c| c.1).collect();
    if !clips.is_empty() {
        clip::find_ffmpeg()?;
    }
    let recordings = Recordings::open(&frames_dir(&global.state_dir()?)).map_err(store_failure)?;
    let (from, to) = range(&recordings, args)?;
    let pictures = make_folder(&args.out, wants(Kind::Jpeg))?;
    let kept = if args.stills { Kept::Stills(&recordings) } else { Kept::Frames(&recordings) };
    let frames = write_frames(kept, args.camera, (from, to), &pictures)?;
    if frames.is_empty() {
        let _ = fs::remove_dir(&pictures);
        let what = if args.stills { "still frame" } else { "frame" };
        return Err(anyhow::anyhow!("camera {} has no {what} stored in that time", args.camera).into());
    }
    if wants(Kind::Csv) {
        write_table(&args.out.join("frames.csv"), &frames)?;
    }
    for clip in clips {
        clip::make(clip, &args.out, &pictures, &frames)?;
    }
    if !wants(Kind::Jpeg) {
        fs::remove_dir_all(&pictures).map_err(|e| Failure::io(format!("cannot remove {}", pictures.display()), e))?;
    }
    print(&format!("{} frames exported to {}\n", frames.len(), args.out.display()))
}

/// The first and last moment that was asked for.
fn range(recordings: &Recordings, args: &Args) -> Result<(Timestamp, Timestamp), Failure> {
    let Some(start) = args.event else {
        return Ok((args.from.unwrap_or(Timestamp(0)), args.to.unwrap_or(Timestamp(i64::MAX))));
    };
    let event = recordings.event(args.camera, start).map_err(store_failure)?;
    let none = || anyhow::anyhow!("camera {} has no event that begins at {start}", args.camera);
    let event = event.ok_or_else(none)?;
    Ok((event.from, event.to))
}

/// Makes the folder, and the one for pictures in it; where these are only needed on the way, under another name.
fn make_folder(out: &Path, keep: bool) -> Result<PathBuf, Failure> {
    let failed = |e| Failure::io(format!("cannot write to {}", out.display()), e);
    fs::create_dir_all(out).map_err(failed)?;
    if fs::read_dir(out).map_err(failed)?.next().is_some() {
        return Err(anyhow::anyhow!("{} is not empty; name a new folder", out.display()).into());
    }
    let pictures = out.join(if keep { "frames" } else { ".frames" });
    fs::create_dir(&pictures).map_err(failed)?;
    Ok(pictures)
}

/// Which of the recordings are meant.
#[derive(Clone, Copy)]
enum Kept<'a> {
    /// Those of motion and around it.
    Frames(&'a Recordings),
    /// Those kept at a low rate while nothing moved.
    Stills(&'a Recordings),
}

impl Kept<'_> {
    /// Some of the first of them in a stretch of time; none if there are no more.
    fn page(self, camera: CameraId, from: Timestamp, to: Timestamp) -> Result<Vec<FrameInfo>, Failure> {
        let page = match self {
            Self::Frames(recordings) => recordings.frames(camera, from, to, PAGE),
            Self::Stills(recordings) => recordings.stills(camera, from, to, PAGE),
        };
        page.map_err(store_failure)
    }

    fn frame(self, camera: CameraId, at: Timestamp) -> Result<Option<StoredFrame>, rtm2_store::Error> {
        match self {
            Self::Frames(recordings) => recordings.frame(camera, at),
            Self::Stills(recordings) => recordings.still(camera, at),
        }
    }
}

/// Writes the pictures of a stretch of time; answers those that were written. Damaged ones are told and left out.
fn write_frames(
    kept: Kept<'_>,
    camera: CameraId,
    (mut from, to): (Timestamp, Timestamp),
    folder: &Path,
) -> Result<Vec<FrameInfo>, Failure> {
    let mut written = Vec::new();
    loop {
        let page = kept.page(camera, from, to)?;
        let Some(last) = page.last() else { return Ok(written) };
        from = Timestamp(last.at.0.saturating_add(1));
        for info in page {
            match kept.frame(camera, info.at) {
                Ok(Some(frame)) => {
                    let path = folder.join(name(info.at));
                    fs::write(&path, &frame.jpeg)
                        .map_err(|e| Failure::io(format!("cannot write {}", path.display()), e))?;
                    written.push(info);
                }
                Ok(None) => {}
                Err(error @ rtm2_store::Error::Damaged { .. }) => tracing::warn!("{error}"),
                Err(error) => return Err(store_failure(error)),
            }
        }
    }
}

/// A picture's file name: its UTC time. Sorts by time and needs no quoting anywhere.
fn name(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    format!("{}.jpg", instant.strftime("%Y%m%dT%H%M%S.%6fZ"))
}

/// Writes a line per frame.
fn write_table(path: &Path, frames: &[FrameInfo]) -> Result<(), Failure> {
    let failed = |e| Failure::io(format!("cannot write {}", path.display()), e);
    let mut out = BufWriter::new(File::create(path).map_err(failed)?);
    writeln!(out, "time,at_us,motion,score,width,height,bytes,boxes,file").map_err(failed)?;
    for FrameInfo { at, motion, score, width, height, bytes, boxes, .. } in frames {
        let instant = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
        let mut places = String::new();
        for region in boxes {
            let between = if places.is_empty() { "" } else { ";" };
            let _ = write!(places, "{between}{} {} {} {}", region.x, region.y, region.w, region.h);
        }
        let motion = u8::from(*motion);
        let file = name(*at);
        writeln!(out, "{instant},{at},{motion},{score},{width},{height},{bytes},{places},{file}").map_err(failed)?;
    }
    out.flush().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(time("1772350200000000"), Ok(Timestamp(1_772_350_200_000_000)));
        assert_eq!(time("2026-03-01T07:30:00.5Z"), Ok(Timestamp(1_772_350_200_500_000)));
        assert_eq!(time("2026-03-01T08:30:00+01:00"), Ok(Timestamp(1_772_350_200_000_000)));
        assert!(time("2026-03-01 08:30").is_ok());
        for wrong in ["", "yesterday", "8:30", "2026-13-01"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_tell_the_time_and_sort_by_it() {
        assert_eq!(name(Timestamp(1_772_350_200_000_042)), "20260301T073000.000042Z.jpg");
    }
}
