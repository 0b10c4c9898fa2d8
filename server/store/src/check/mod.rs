//! Checks a directory of recordings from the outside and mends it: `rtm2 check`.
//!
//! Works on a directory that no server has open.

mod inspect;
mod repair;

use std::path::Path;

use crate::error::At as _;
use crate::layout::Layout;
use crate::{Error, lock, recover};

/// What to do about problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Tell them, change nothing.
    Report,
    /// Mend them. No byte of a damaged frame is thrown away: it goes to the folder `damaged`.
    Repair,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Segments looked at.
    pub segments: u64,
    /// Intact frames in them.
    pub frames: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// What is wrong, a sentence each; after a repair, what could not be mended.
    pub problems: Vec<String>,
    /// What was mended, a sentence each.
    pub mended: Vec<String>,
    /// What is odd but does no harm, a sentence each: files that do not belong there, pictures without an end marker.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether nothing is wrong (any more).
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Checks the recordings in `dir`: every frame's checksum and markers, that the index and the segments agree in both
/// directions, that the bars say what the frames say, and what lies around.
///
/// # Errors
/// [`Error::Locked`] while a server runs on the directory, [`Error::NoStore`] if there is none in it, else what the
/// system says. Damage is no error: it is in the report.
pub fn check(dir: &Path, mode: Mode) -> Result<Report, Error> {
    let layout = Layout(dir.to_owned());
    if !layout.segments().is_dir() {
        return Err(Error::NoStore(dir.to_owned()));
    }
    let _lock = lock::take(&layout)?;
    let found = inspect::report(&layout)?;
    if mode == Mode::Report || found.is_sound() {
        return Ok(found);
    }
    let mended = repair::repair(&layout)?;
    Ok(Report { mended, ..inspect::report(&layout)? })
}

/// Opens the index for reading, or says in a sentence why it cannot be used.
fn open_index(layout: &Layout) -> Result<Result<rusqlite::Connection, String>, Error> {
    let path = layout.index();
    if !path.try_exists().at(&path)? {
        return Ok(Err("the index is missing".into()));
    }
    let opened = crate::index::open_reader(&path).and_then(|conn| {
        let sound = crate::index::is_sound(&conn)? && crate::index::segments(&conn).is_ok();
        Ok((conn, sound))
    });
    match opened {
        Ok((conn, true)) => Ok(Ok(conn)),
        Ok((_, false)) => Ok(Err("the index is damaged".into())),
        Err(error) if error.is_corrupt() => Ok(Err(format!("the index is no database ({error})"))),
        Err(error) => Err(error),
    }
}

/// Puts an unusable index aside; answers what was done.
fn renew_index(layout: &Layout) -> Result<Option<String>, Error> {
    match open_index(layout)? {
        Ok(_) => Ok(None),
        Err(why) if layout.index().exists() => {
            let aside = recover::put_index_aside(layout)?;
            Ok(Some(format!("{why}: it was built anew from the segments, the old one is {}", aside.display())))
        }
        Err(why) => Ok(Some(format!("{why}: it was built from the segments"))),
    }
}
