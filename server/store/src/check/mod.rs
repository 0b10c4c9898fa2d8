//! Checks a directory of recordings from the outside and mends it: `rtm2 check`.
//!
//! Works on a directory that no server has open.

mod inspect;
mod repair;

use std::path::Path;

use crate::error::At as _;
use crate::layout::Layout;
use crate::types::QUIET_US;
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
    /// Intact still frames beside them.
    pub stills: u64,
    /// Bytes of all these frames' files.
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
    check_with_gap(dir, mode, QUIET_US)
}

/// As [`check`], for recordings whose events end after `quiet_us` without motion: events that a repair has to make anew
/// are then the same as before.
///
/// # Errors
/// As [`check`].
pub fn check_with_gap(dir: &Path, mode: Mode, quiet_us: i64) -> Result<Report, Error> {
    let layout = Layout(dir.to_owned());
    if !layout.segments().is_dir() {
        return Err(Error::NoStore(dir.to_owned()));
    }
    let _lock = lock::take(&layout)?;
    let found = inspect::report(&layout)?;
    if mode == Mode::Report || found.is_sound() {
        return Ok(found);
    }
    let mended = repair::repair(&layout, quiet_us)?;
    Ok(Report { mended, ..inspect::report(&layout)? })
}

/// What an index is good for.
enum Index {
    /// It can be compared with the segments.
    Usable(rusqlite::Connection),
    /// An earlier version wrote it; the next start brings it to today's layout.
    Older,
    /// Why it cannot be used.
    Useless(String),
}

/// Opens the index for reading.
fn open_index(layout: &Layout) -> Result<Index, Error> {
    let path = layout.index();
    if !path.try_exists().at(&path)? {
        return Ok(Index::Useless("the index is missing".into()));
    }
    let damaged = || Index::Useless("the index is damaged".into());
    let opened = crate::index::open_reader(&path).and_then(|conn| {
        if !crate::index::is_sound(&conn)? {
            return Ok(damaged());
        }
        if !crate::index::is_current(&conn, &path)? {
            return Ok(Index::Older);
        }
        Ok(if crate::index::segments(&conn).is_ok() { Index::Usable(conn) } else { damaged() })
    });
    match opened {
        Err(error) if error.is_corrupt() => Ok(Index::Useless(format!("the index is no database ({error})"))),
        other => other,
    }
}

/// Puts an unusable index aside; answers what was done.
fn renew_index(layout: &Layout) -> Result<Option<String>, Error> {
    match open_index(layout)? {
        Index::Usable(_) | Index::Older => Ok(None),
        Index::Useless(why) if layout.index().exists() => {
            let aside = recover::put_index_aside(layout)?;
            Ok(Some(format!("{why}: it was built anew from the segments, the old one is {}", aside.display())))
        }
        Index::Useless(why) => Ok(Some(format!("{why}: it was built from the segments"))),
    }
}
