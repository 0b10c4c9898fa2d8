//! The writing connection: rows of the newest frames wait in one open transaction until there are enough of them, somebody
//! reads, or something else is to be written.
//!
//! A frame is safe once its bytes are in its segment: what a crash takes out of the index with an open transaction, the next
//! start finds there. So a commit, which costs more than the rows themselves, need not come with each frame.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rtm2_app::{FrameInfo, Timestamp};
use rusqlite::Connection;

use crate::index::{self, Row};
use crate::segment::SegmentId;
use crate::{Appended, Error};

/// Frames whose rows wait at most: about a second of one camera.
const MOST: usize = 32;

/// A stored frame whose row is to be entered.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The segment.
    pub(crate) segment: SegmentId,
    /// Where the stored frame begins in it.
    pub(crate) offset: u64,
    /// Its length, the record included.
    pub(crate) size: u64,
    /// What is known of it.
    pub(crate) info: FrameInfo,
    /// The detector's coarse map, if there is one.
    pub(crate) grid: Option<Vec<u8>>,
    /// Whether the light shifted as a whole.
    pub(crate) light: bool,
    /// The zones that something moves in.
    pub(crate) zones: String,
}

/// Whether rows wait that readers do not see yet; shared with who reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting(Arc<AtomicBool>);

impl Waiting {
    pub(crate) fn any(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The index as its one writer has it.
#[derive(Debug)]
pub(crate) struct Batch {
    conn: Connection,
    /// How long nothing moves in µs until an event is over.
    quiet_us: i64,
    /// What was entered since the last commit. While no transaction is open, a failure took these rows out again, and
    /// they are entered anew before anything else happens.
    entries: Vec<Entry>,
    waiting: Waiting,
    /// Whether a row is being entered: if this is still so at the next one, a panic left it half done.
    entering: bool,
}

impl Batch {
    pub(crate) fn new(conn: Connection, quiet_us: i64) -> Self {
        Self { conn, quiet_us, entries: Vec::with_capacity(MOST), waiting: Waiting::default(), entering: false }
    }

    /// Tells whether rows wait.
    pub(crate) fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    /// The index with the rows that wait, for reading.
    pub(crate) fn rows(&self) -> &Connection {
        &self.conn
    }

    /// The index, for whatever else is to be written: with nothing waiting.
    pub(crate) fn settled(&mut self) -> Result<&mut Connection, Error> {
        self.settle()?;
        Ok(&mut self.conn)
    }

    /// Enters a frame; answers its bar and the oldest frame of its camera. After an error it is as if it had never come.
    pub(crate) fn enter(&mut self, entry: Entry) -> Result<Appended, Error> {
        self.begin()?;
        self.entering = true;
        let appended = insert(&self.conn, &entry, self.quiet_us);
        self.entering = false;
        let appended = appended.inspect_err(|_| self.roll_back())?;
        self.entries.push(entry);
        self.waiting.0.store(true, Ordering::Release);
        if self.entries.len() >= MOST
            && let Err(error) = self.settle()
        {
            self.entries.pop();
            return Err(error);
        }
        Ok(appended)
    }

    /// Commits what waits.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        if self.entries.is_empty() {
            return Ok(());
        }
        self.begin()?;
        let done = self.conn.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
        done.inspect_err(|_| self.roll_back())?;
        self.entries.clear();
        self.waiting.0.store(false, Ordering::Release);
        Ok(())
    }

    /// Opens a transaction unless one is, with all that waits in it.
    fn begin(&mut self) -> Result<(), Error> {
        if std::mem::take(&mut self.entering) {
            self.roll_back();
        }
        if !self.conn.is_autocommit() {
            return Ok(());
        }
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let again = self.entries.iter().try_for_each(|entry| insert(&self.conn, entry, self.quiet_us).map(drop));
        again.inspect_err(|_| self.roll_back())
    }

    /// Takes all rows since the last commit out again, unless the index did so by itself.
    fn roll_back(&self) {
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "the index could not take a failed change back");
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if let Err(error) = self.settle() {
            tracing::warn!(%error, "the newest frames are not in the index; the next start enters them");
        }
    }
}

/// Enters a frame, and its segment with the first one.
fn insert(conn: &Connection, entry: &Entry, quiet_us: i64) -> Result<Appended, Error> {
    let Entry { segment, offset, size, info, grid, light, zones } = entry;
    if *offset == 0 {
        index::set_segment(conn, *segment, 0, 0, index::State::Open)?;
    }
    let row = Row {
        segment: *segment,
        offset: *offset,
        size: *size,
        info,
        grid: grid.as_deref(),
        light: *light,
        zones,
        entry: index::Entry::New,
    };
    let bar = index::insert_frame(conn, &row, quiet_us)?;
    let oldest = index::Reader(conn).first(segment.camera)?.unwrap_or(info.at);
    Ok(Appended { at: info.at, bar, oldest: oldest.min(Timestamp(info.at.0)) })
}

#[cfg(test)]
mod tests {
    use rtm2_app::{CameraId, Region};
    use tempfile::TempDir;

    use super::*;

    const QUIET_US: i64 = 3_000_000;

    fn opened() -> (TempDir, Batch, Connection) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index.sqlite");
        let batch = Batch::new(index::open_writer(&path, QUIET_US).unwrap(), QUIET_US);
        let reader = index::open_reader(&path).unwrap();
        (dir, batch, reader)
    }

    fn entry(n: i64) -> Entry {
        let region = Region { x: 1, y: 2, w: 3, h: 4, strength: 5 };
        let info = FrameInfo {
            camera: CameraId(0),
            at: Timestamp(n * 33_333),
            seq: n as u64,
            width: 640,
            height: 480,
            score: 5,
            bytes: 10_000,
            boxes: vec![region; 20],
            motion: true,
        };
        let segment = SegmentId { start: 0, camera: CameraId(0) };
        let offset = n as u64 * 10_100;
        Entry { segment, offset, size: 10_100, info, grid: Some(vec![3; 192]), light: false, zones: "porch".into() }
    }

    fn frames(conn: &Connection) -> usize {
        index::Reader(conn).frames(CameraId(0), 0, i64::MAX, 10_000).unwrap().len()
    }

    fn bars(conn: &Connection) -> u32 {
        index::Reader(conn).last_bars(CameraId(0), 10_000).unwrap().iter().map(|bar| bar.count).sum()
    }

    #[test]
    fn rows_wait_for_company_and_are_told_of() {
        let (_dir, mut batch, reader) = opened();
        let waiting = batch.waiting();
        for n in 0..MOST as i64 - 1 {
            batch.enter(entry(n)).unwrap();
            assert!(waiting.any());
            assert_eq!((frames(batch.rows()), frames(&reader)), (n as usize + 1, 0), "seen by the writer alone");
        }
        let last = batch.enter(entry(MOST as i64 - 1)).unwrap();
        assert!(!waiting.any());
        assert_eq!((frames(&reader), bars(&reader)), (MOST, MOST as u32));
        assert_eq!((last.bar.count, last.oldest), (1, Timestamp(0)), "of the second that began two frames ago");
        batch.enter(entry(MOST as i64)).unwrap();
        batch.settled().unwrap();
        assert_eq!((frames(&reader), waiting.any()), (MOST + 1, false));
    }

    #[test]
    fn a_failure_costs_no_row_but_its_own() {
        let (_dir, mut batch, reader) = opened();
        let pages: i64 = batch.rows().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        let limit = |batch: &Batch, pages: i64| {
            batch.rows().query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
        };
        limit(&batch, pages + 3);
        let mut taken = 0;
        let error = (0..1000).find_map(|n| {
            let entered = batch.enter(entry(n));
            taken += usize::from(entered.is_ok());
            entered.err()
        });
        assert!(error.is_some_and(|error| error.is_full()), "a full index is told as such");
        let failed = taken as i64;
        assert!(batch.enter(entry(failed)).is_err(), "and again");
        limit(&batch, 100_000);
        batch.enter(entry(failed + 1)).unwrap();
        batch.settle().unwrap();
        assert_eq!((frames(&reader), bars(&reader)), (taken + 1, taken as u32 + 1));
        assert!(!index::has_frame(&reader, CameraId(0), entry(failed).info.at.0).unwrap());
        assert_eq!(index::bars_that_disagree(&reader).unwrap(), 0);
        assert_eq!(index::events_that_disagree(&reader).unwrap(), (0, 0));
    }

    #[test]
    fn what_a_panic_left_half_done_is_taken_back() {
        let (_dir, mut batch, reader) = opened();
        batch.enter(entry(0)).unwrap();
        // As if entering the next had ended between two of its statements.
        insert(&batch.conn, &entry(1), QUIET_US).unwrap();
        batch.entering = true;
        batch.enter(entry(2)).unwrap();
        batch.settle().unwrap();
        assert_eq!((frames(&reader), bars(&reader)), (2, 2));
    }

    #[test]
    fn what_waits_at_the_end_is_entered() {
        let (_dir, mut batch, reader) = opened();
        batch.enter(entry(0)).unwrap();
        drop(batch);
        assert_eq!(frames(&reader), 1);
    }
}
