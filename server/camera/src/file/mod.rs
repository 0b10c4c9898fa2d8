//! `file:`: folders of pictures, files of concatenated JPEGs, and videos through ffmpeg.

mod concat;
mod folder;
mod natural;
mod reader;
mod video;
mod y4m;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use rtm2_app::Timestamp;

use crate::address::FileUrl;
use crate::pace::{DEFAULT_FPS, Pace, Rate};
use crate::source::{Source, SourceError, Wanted};
pub(crate) use reader::{PictureReader, Piece};
pub use y4m::{Y4m, Y4mError, is_y4m};

/// What a file is, by its first bytes.
enum Kind {
    Jpegs,
    Png,
    Video,
}

pub(crate) fn open(url: &FileUrl, wanted: &Wanted, start: Timestamp) -> Result<Box<dyn Source>, SourceError> {
    let path = &url.path;
    let about = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let rate = Rate::fps(url.fps.or(wanted.fps).unwrap_or(DEFAULT_FPS));
    let pace = Pace::new(rate, url.tempo, start);
    if about.is_dir() {
        return Ok(Box::new(folder::Folder::open(path, url.ending, pace, wanted.quality)?));
    }
    if about.len() == 0 {
        return Err(SourceError::Lost(format!("{} is empty", path.display())));
    }
    match kind(path).map_err(|error| unreadable(path, &error))? {
        Kind::Jpegs => Ok(Box::new(concat::Concatenated::open(path, url.ending, pace)?)),
        Kind::Png => Ok(Box::new(folder::Folder::single(path, url.ending, pace, wanted.quality)?)),
        Kind::Video => Ok(Box::new(video::Video::open(url, wanted, start)?)),
    }
}

fn kind(path: &Path) -> io::Result<Kind> {
    let mut first = Vec::with_capacity(8);
    File::open(path)?.take(8).read_to_end(&mut first)?;
    Ok(match first[..] {
        [0xff, 0xd8, 0xff, ..] => Kind::Jpegs,
        [0x89, b'P', b'N', b'G', ..] => Kind::Png,
        _ if has_ending(path, &["mjpeg", "mjpg"]) => Kind::Jpegs,
        _ => Kind::Video,
    })
}

/// Whether the file name's ending is one of `endings`, in any case.
fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    endings.iter().any(|other| ending.eq_ignore_ascii_case(other))
}

fn unreadable(path: &Path, error: &io::Error) -> SourceError {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder; check the path after file:".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "permission denied; make it readable for the user that rtm2 runs as".to_owned()
        }
        _ => error.to_string(),
    };
    SourceError::Lost(format!("cannot open {}: {why}", path.display()))
}
