//! Retention: what is held, and what goes first when the budget or the volume is used up.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use rtm2_app::CameraId;

use crate::Error;
use crate::index;
use crate::segment::SegmentId;
use crate::writer::Writer;

/// Bytes kept free for the index's journal: twice its usual size.
const JOURNAL_RESERVE: u64 = 2 << 20;
/// Bytes kept free for the memory that the index's processes share.
const SHARED_RESERVE: u64 = 64 << 10;
/// Bytes kept free for what one append adds to the index.
const INDEX_SLACK: u64 = 64 << 10;

/// Size of a segment or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Frames that the index has in it.
    pub(crate) frames: u64,
}

/// Everything that takes room beside the index.
#[derive(Debug)]
pub(crate) struct Holdings {
    segments: BTreeMap<SegmentId, Held>,
    /// Files that repairs set aside.
    set_aside: Vec<(PathBuf, u64)>,
    bytes: u64,
}

impl Holdings {
    /// Adds up segments and files set aside.
    pub(crate) fn new(segments: BTreeMap<SegmentId, Held>, set_aside: Vec<(PathBuf, u64)>) -> Self {
        let bytes = segments.values().map(|held| held.bytes).chain(set_aside.iter().map(|(_, size)| *size)).sum();
        Self { segments, set_aside, bytes }
    }

    /// Bytes of all.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Frames of a segment.
    pub(crate) fn frames(&self, id: SegmentId) -> u64 {
        self.segments.get(&id).map_or(0, |held| held.frames)
    }

    /// What each camera holds.
    pub(crate) fn by_camera(&self) -> BTreeMap<CameraId, Held> {
        let mut cameras = BTreeMap::<_, Held>::new();
        for (id, held) in &self.segments {
            let sum = cameras.entry(id.camera).or_default();
            sum.bytes += held.bytes;
            sum.frames += held.frames;
        }
        cameras
    }

    /// A segment got one more frame.
    pub(crate) fn grow(&mut self, id: SegmentId, bytes: u64) {
        let held = self.segments.entry(id).or_default();
        held.bytes += bytes;
        held.frames += 1;
        self.bytes += bytes;
    }

    /// A segment is gone.
    fn shrink(&mut self, id: SegmentId) {
        if let Some(held) = self.segments.remove(&id) {
            self.bytes -= held.bytes;
        }
    }
}

impl Writer {
    /// Gives up the oldest until `size` more bytes are within the budget.
    pub(crate) fn make_room(&mut self, size: u64) -> Result<(), Error> {
        while self.reserved()? + size > self.budget {
            if !self.drop_oldest()? {
                return Err(Error::Full);
            }
        }
        Ok(())
    }

    /// Bytes in use or set apart.
    fn reserved(&self) -> Result<u64, Error> {
        let (journal, memory) = self.layout.journal_bytes();
        let index = index::page_bytes(&self.conn)? + journal.max(JOURNAL_RESERVE) + memory.max(SHARED_RESERVE);
        Ok(self.holdings.bytes() + index + INDEX_SLACK)
    }

    /// Brings a directory within a budget that may have been lowered, before anything is written.
    pub(crate) fn fit(&mut self) -> Result<(), Error> {
        while self.reserved()? - index::free_bytes(&self.conn)? > self.budget {
            if !self.drop_oldest()? {
                break;
            }
        }
        // Pages of the index that are no longer used are used again, so they matter only when most of them are free.
        if index::free_bytes(&self.conn)? * 2 > index::page_bytes(&self.conn)? {
            index::compact(&self.conn)?;
        }
        self.make_room(0)
    }

    /// Gives up what is worth least: first what repairs set aside, then the oldest finished segment of any camera,
    /// then the oldest open one. Answers whether there was anything.
    pub(crate) fn drop_oldest(&mut self) -> Result<bool, Error> {
        if let Some((path, size)) = self.holdings.set_aside.pop() {
            remove(&path)?;
            self.holdings.bytes -= size;
            return Ok(true);
        }
        let is_open = |id: &&SegmentId| self.writing.get(&id.camera).is_some_and(|writing| writing.id == **id);
        let ids = || self.holdings.segments.keys();
        let Some(&id) = ids().find(|id| !is_open(id)).or_else(|| ids().next()) else { return Ok(false) };
        if is_open(&&id) {
            self.writing.remove(&id.camera);
        }
        let path = self.layout.segment(id);
        // Rows first, so that no row points at nothing. On a volume so full that not even the rows can go, the file
        // goes first; a crash in between is mended by the next start.
        match self.forget(id) {
            Err(error) if error.is_full() => {
                remove(&path)?;
                self.forget(id)?;
            }
            forgotten => {
                forgotten?;
                remove(&path)?;
            }
        }
        self.holdings.shrink(id);
        tracing::debug!(camera = %id.camera, start = id.start, "oldest segment given up");
        Ok(true)
    }

    /// Takes a segment out of the index.
    fn forget(&mut self, id: SegmentId) -> Result<(), Error> {
        let tx = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        index::drop_segment(&tx, id)?;
        Ok(tx.commit()?)
    }
}

/// Removes a file; that it is gone already is as good.
fn remove(path: &std::path::Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Io { path: path.to_owned(), source }),
        _ => Ok(()),
    }
}
