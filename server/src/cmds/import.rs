//! `rtm2 import`: takes over the pictures of the original rtm2.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use rtm2_app::{CameraId, Timestamp};
use rtm2_store::{NewFrame, Store};

use super::run::{frames_dir, make_private, store_failure, store_options};
use super::{Failure, Global, log, print};

/// Longest file that is read as a picture.
const MAX_FILE: u64 = 64 << 20;
/// Files that are named one by one when they are skipped; the rest are only counted.
const NAMED: usize = 20;

/// Arguments of `rtm2 import`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Pictures are named by the time they were taken, in milliseconds since 1970: 1700000000123.jpg. Whatever else lies in
the folder is skipped and named. Pictures that are stored already are not stored again, so an import that was cut
short is simply repeated. Nothing in the folder is changed.

The budget holds for imported pictures too, and they are the oldest: what does not fit goes first. Raise `store.budget`
before a large import. The server must not be running.

Example:
  rtm2 import ~/old-rtm2/frames --camera 0")]
pub(super) struct Args {
    /// The `frames` folder of the original, or the folder that holds it
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The camera that took them
    #[arg(long, value_name = "N", default_value = "0")]
    camera: CameraId,
}

/// What became of the files.
#[derive(Debug, Default)]
struct Tally {
    stored: u64,
    known: u64,
    skipped: Vec<String>,
}

/// Imports the pictures of a folder.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    log::init(global)?;
    let inner = args.folder.join("frames");
    let folder = if inner.is_dir() { inner } else { args.folder.clone() };
    let (pictures, strays) = list(&folder)?;
    if pictures.is_empty() {
        let message = format!("{} holds no picture; they are named like 1700000000123.jpg", folder.display());
        return Err(anyhow::Error::msg(message).into());
    }
    let loaded = global.load(Vec::new())?;
    let state_dir = global.state_dir()?;
    make_private(&state_dir)?;
    let options = store_options(&loaded.config, frames_dir(&state_dir));
    let store = Store::open(options).map_err(store_failure)?;
    let mut tally = Tally { skipped: strays, ..Tally::default() };
    for (ms, path) in &pictures {
        take(&store, args.camera, *ms, path, &mut tally)?;
    }
    store.seal().map_err(store_failure)?;
    print(&tally.words())
}

/// A picture's time in milliseconds and its file.
type Dated = (i64, PathBuf);

/// The pictures of a folder by time, and what is none, in words.
fn list(folder: &Path) -> Result<(Vec<Dated>, Vec<String>), Failure> {
    let failed = |e| Failure::io(format!("cannot read the folder {}", folder.display()), e);
    let (mut pictures, mut strays) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        match millis(&path) {
            Some(ms) if path.is_file() => pictures.push((ms, path)),
            _ => strays.push(format!("{} is no picture named by its time", path.display())),
        }
    }
    pictures.sort_unstable();
    strays.sort_unstable();
    Ok((pictures, strays))
}

/// The time in a picture's name.
fn millis(path: &Path) -> Option<i64> {
    let is_jpeg = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("jpg") || e.eq_ignore_ascii_case("jpeg"));
    let digits = path.file_stem().and_then(OsStr::to_str).filter(|_| is_jpeg)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// Stores one picture unless it is stored already or is none.
fn take(store: &Store, camera: CameraId, ms: i64, path: &Path, tally: &mut Tally) -> Result<(), Failure> {
    let (jpeg, (width, height)) = match read(path) {
        Ok(picture) => picture,
        Err(why) => {
            tally.skipped.push(format!("{}: {why}", path.display()));
            return Ok(());
        }
    };
    let known = store.frame_by_millis(camera, ms).ok().flatten();
    if known.is_some_and(|frame| frame.jpeg == jpeg) {
        tally.known += 1;
        return Ok(());
    }
    let appended = store.append(&NewFrame {
        camera,
        at: Timestamp::from_millis(ms),
        seq: tally.stored,
        width,
        height,
        // The original stored nothing else, and said nothing else of it.
        motion: true,
        light_shift: false,
        score: 0,
        boxes: &[],
        grid: None,
        jpeg: &jpeg,
    });
    match appended {
        Ok(_) => tally.stored += 1,
        Err(error @ (rtm2_store::Error::NotJpeg(_) | rtm2_store::Error::TooBig { .. })) => {
            tally.skipped.push(format!("{}: {error}", path.display()));
        }
        Err(error) => return Err(store_failure(error)),
    }
    Ok(())
}

/// A picture and its size in pixels; why it is none otherwise.
fn read(path: &Path) -> Result<(Vec<u8>, (u16, u16)), String> {
    let bytes = fs::metadata(path).map_err(|e| e.to_string())?.len();
    if bytes > MAX_FILE {
        return Err(format!("{bytes} bytes are too many for a picture"));
    }
    let jpeg = fs::read(path).map_err(|e| e.to_string())?;
    let reader = image::ImageReader::with_format(Cursor::new(&jpeg), image::ImageFormat::Jpeg);
    let (width, height) = reader.into_dimensions().map_err(|e| format!("no JPEG: {e}"))?;
    let size = u16::try_from(width).ok().zip(u16::try_from(height).ok());
    Ok((jpeg, size.ok_or("the picture is too large")?))
}

impl Tally {
    fn words(&self) -> String {
        let (mut text, skipped) = (String::new(), self.skipped.len());
        for why in self.skipped.iter().take(NAMED) {
            let _ = writeln!(text, "skipped: {why}");
        }
        if skipped > NAMED {
            let _ = writeln!(text, "skipped: {} more", skipped - NAMED);
        }
        let Self { stored, known, .. } = self;
        let _ = writeln!(text, "{stored} pictures imported, {known} were stored already, {skipped} files skipped");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_milliseconds_name_a_picture() {
        assert_eq!(millis(Path::new("a/1700000000123.jpg")), Some(1_700_000_000_123));
        assert_eq!(millis(Path::new("7.JPEG")), Some(7));
        for name in ["x.jpg", "-7.jpg", "+7.jpg", "1.5.jpg", ".jpg", "7", "7.png", "99999999999999999999.jpg", "7 .jpg"]
        {
            assert_eq!(millis(Path::new(name)), None, "{name}");
        }
    }
}
