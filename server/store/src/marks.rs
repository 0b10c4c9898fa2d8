//! Marks: what people say of events. They are the one thing that segments do not hold, so each has a small file of its
//! own in `marks/`, and the index only repeats them.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;

use rtm2_app::{CameraId, Timestamp};
use rusqlite::Connection;

use crate::error::At as _;
use crate::index;
use crate::layout::Layout;
use crate::recover::write_synced;
use crate::retain::remove;
use crate::writer::Writer;
use crate::{Error, MAX_TEXT, Mark};

/// First line of every file.
const HEAD: &str = "rtm2 mark 1";
/// Longest file that is read: names and labels are short.
const MAX_FILE: u64 = 4096;
/// Most marked events; more would make every start slow.
const MAX_MARKS: usize = 10_000;

/// What is said of a camera's events in a range of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marked {
    camera: CameraId,
    from: i64,
    to: i64,
    pinned: bool,
    label: String,
    zone: String,
}

/// All marks, as they are on the disk.
#[derive(Debug)]
pub(crate) struct Marks {
    layout: Layout,
    all: Vec<Marked>,
}

impl Marked {
    fn text(&self) -> String {
        let mut text = format!("{HEAD}\ncamera {}\nfrom {}\nto {}\n", self.camera, self.from, self.to);
        let _ = writeln!(text, "pinned {}\nlabel {}\nzone {}", self.pinned, self.label, self.zone);
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(HEAD)?.strip_prefix('\n')?.lines();
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        Some(Self {
            camera: value("camera")?.parse().ok()?,
            from: value("from")?.parse().ok()?,
            to: value("to")?.parse().ok()?,
            pinned: value("pinned")?.parse().ok()?,
            label: value("label")?.to_owned(),
            zone: value("zone")?.to_owned(),
        })
    }

    fn path(&self, layout: &Layout) -> PathBuf {
        layout.marks().join(format!("{:05}-{:018}", self.camera.0, self.from))
    }

    fn touches(&self, camera: CameraId, from: i64, to: i64) -> bool {
        self.camera == camera && self.from <= to && self.to >= from
    }
}

impl Marks {
    /// Reads all marks and says them in the index. Files that are no marks are left alone.
    pub(crate) fn open(layout: &Layout, conn: &Connection) -> Result<Self, Error> {
        let mut marks = Self { layout: layout.clone(), all: Vec::new() };
        let dir = layout.marks();
        let entries = match fs::read_dir(&dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            entries => Some(entries.at(&dir)?),
        };
        for entry in entries.into_iter().flatten() {
            let entry = entry.at(&dir)?;
            let short = entry.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_FILE);
            let mark = short.then(|| fs::read_to_string(entry.path()).ok()).flatten();
            if let Some(mark) = mark.as_deref().and_then(Marked::parse) {
                marks.all.push(mark);
            } else {
                tracing::warn!(path = %entry.path().display(), "this is no mark and is left alone");
            }
        }
        marks.all.sort_by_key(|mark| (mark.camera, mark.from));
        index::unmark_events(conn)?;
        for mark in &marks.all {
            let said = (mark.pinned, &*mark.label, &*mark.zone);
            index::mark_events(conn, mark.camera, (mark.from, mark.to), said)?;
        }
        Ok(marks)
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.all.iter().map(|mark| mark.text().len() as u64).sum()
    }

    /// Whether there is a mark already that this one replaces.
    fn says(&self, mark: &Marked) -> bool {
        self.all.iter().any(|other| other.touches(mark.camera, mark.from, mark.to))
    }

    /// Removes what is said of a range of time.
    pub(crate) fn remove(&mut self, camera: CameraId, from: i64, to: i64) -> Result<(), Error> {
        let gone = self.all.iter().filter(|mark| mark.touches(camera, from, to));
        for path in gone.map(|mark| mark.path(&self.layout)) {
            remove(&path)?;
        }
        self.all.retain(|mark| !mark.touches(camera, from, to));
        Ok(())
    }

    /// Writes what is said of a range of time in place of what was.
    fn replace(&mut self, mark: Marked) -> Result<(), Error> {
        let dir = self.layout.marks();
        fs::create_dir_all(&dir).at(&dir)?;
        let path = mark.path(&self.layout);
        let beside = path.with_extension("new");
        write_synced(&beside, mark.text().as_bytes())?;
        fs::rename(&beside, &path).at(&path)?;
        fs::File::open(&dir).and_then(|dir| dir.sync_all()).at(&dir)?;
        // Others that said something of the same time: two events that became one.
        let others = |other: &Marked| other.touches(mark.camera, mark.from, mark.to) && other.from != mark.from;
        for path in self.all.iter().filter(|other| others(other)).map(|other| other.path(&self.layout)) {
            remove(&path)?;
        }
        self.all.retain(|other| !other.touches(mark.camera, mark.from, mark.to));
        self.all.push(mark);
        Ok(())
    }
}

impl Writer {
    /// Says something of an event: on the disk first, then in the index.
    pub(crate) fn mark(&mut self, camera: CameraId, start: Timestamp, mark: &Mark) -> Result<(), Error> {
        let event = index::find_event(self.index.rows()?, camera, start)?.ok_or(Error::NoEvent { camera, start })?;
        let text = |what: &str, new: &Option<String>, old: &str| match new {
            Some(text) if text.len() > MAX_TEXT => Err(Error::Text(format!("{what} is longer than {MAX_TEXT} bytes"))),
            Some(text) if text.chars().any(char::is_control) => {
                Err(Error::Text(format!("{what} is more than one line of plain text")))
            }
            new => Ok(new.as_deref().unwrap_or(old).to_owned()),
        };
        let said = Marked {
            camera,
            from: event.start.0,
            to: event.end.0,
            pinned: mark.pinned.unwrap_or(event.pinned),
            label: text("the label", &mark.label, &event.label)?,
            zone: text("the zone", &mark.zone, &event.zone)?,
        };
        let before = self.marks.bytes();
        if said.pinned || !said.label.is_empty() || !said.zone.is_empty() {
            if said.pinned && !event.pinned {
                self.may_pin(camera, (event.from.0, event.to.0))?;
            }
            if self.marks.all.len() >= MAX_MARKS && !self.marks.says(&said) {
                return Err(Error::Text(format!("{MAX_MARKS} events are marked already; take marks off others")));
            }
            self.make_room(None, said.text().len() as u64)?;
            self.marks.replace(said.clone())?;
        } else {
            self.marks.remove(camera, said.from, said.to)?;
        }
        self.holdings.marks_changed(before, self.marks.bytes());
        let words = (said.pinned, &*said.label, &*said.zone);
        index::mark_events(self.index.settled()?, camera, (said.from, said.from), words)?;
        if event.pinned && !said.pinned {
            self.holdings.look_again();
        }
        Ok(())
    }

    /// Refuses to pin more than half of the budget: new frames need room too.
    fn may_pin(&mut self, camera: CameraId, (from, to): (i64, i64)) -> Result<(), Error> {
        let mut bytes = index::bytes_between(self.index.rows()?, camera, from, to)?;
        for event in index::pinned_events(self.index.rows()?)? {
            bytes += index::bytes_between(self.index.rows()?, event.camera, event.from.0, event.to.0)?;
        }
        let most = self.limits.cameras.values().copied().fold(self.limits.budget, u64::min) / 2;
        if bytes > most { Err(Error::PinnedTooMuch { bytes, most }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Marked {
            camera: CameraId(3),
            from: 5,
            to: 9,
            pinned: true,
            label: "the neighbour's cat".into(),
            zone: String::new(),
        };
        assert_eq!(Marked::parse(&mark.text()), Some(mark.clone()));
        for text in ["", "rtm2 mark 1", "rtm2 mark 2\ncamera 0\n", &mark.text()[..30]] {
            assert_eq!(Marked::parse(text), None, "{text}");
        }
    }
}
