//! The index: which frames there are, where their bytes lie, and the bars of every second.
//!
//! One connection writes (behind the store's lock), a few read. Everything in it can be made anew from the segments.

mod events;
mod features;
mod migrations;
mod read;
mod write;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use crate::Error;

pub(crate) use events::{
    Entry, bytes_between, events, events_that_disagree, events_touching, find_event, mark_events, mend_events,
    pinned_events, recount_events, remove_event, shed_records, unmark_events,
};
pub(crate) use features::{DAY_US, SECOND_US, add_recorded, bytes_per_day, drop_features, features};
pub(crate) use read::{
    FrameRow, Reader, SegmentRow, bars_that_disagree, frame_rows, free_bytes, is_sound, orphans, page_bytes, segments,
};
pub(crate) use write::{
    Row, State, drop_segment, has_frame, insert_frames, move_frame, rebuild_all_bars, rebuild_bars, remove_frame,
    set_segment,
};

/// Pages in the journal after which they move into the index: 1 MiB, so that it and its memory stay small.
const CHECKPOINT_PAGES: u32 = 256;
/// Readers kept for the next query. More queries at once open more and close them again.
const IDLE_READERS: usize = 4;

/// Opens the index for writing, makes it when missing, and brings an older one to today's layout: events end after
/// `quiet_us` without motion.
pub(crate) fn open_writer(path: &Path, quiet_us: i64) -> Result<Connection, Error> {
    let mut conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    // A commit reaches the system at once, so that it survives the process; the disk gets it at the next checkpoint.
    // What a power cut takes from the index is found again in the segments.
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    conn.set_prepared_statement_cache_capacity(64);
    migrations::migrate(&mut conn, path, quiet_us)?;
    Ok(conn)
}

/// Opens the index for reading only.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, Error> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(32);
    migrations::refuse_newer(&conn, path)?;
    Ok(conn)
}

/// Whether an index has today's layout; an older one can only be read by the version that wrote it.
pub(crate) fn is_current(conn: &Connection, path: &Path) -> Result<bool, Error> {
    migrations::is_current(conn, path)
}

/// Moves the whole journal into the index and empties it.
pub(crate) fn checkpoint(conn: &Connection) -> Result<(), Error> {
    // The answer says whether a reader was in the way; then the journal just stays a little longer.
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Gives unused pages of the index back to the volume.
pub(crate) fn compact(conn: &Connection) -> Result<(), Error> {
    conn.execute_batch("VACUUM")?;
    checkpoint(conn)
}

/// Connections for queries.
#[derive(Debug)]
pub(crate) struct Readers {
    path: std::path::PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// A pool for this index; opens nothing yet.
    pub(crate) fn new(path: std::path::PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    /// Runs a query on a connection of its own.
    pub(crate) fn with<T>(&self, query: impl FnOnce(Reader<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = idle.map_or_else(|| open_reader(&self.path), Ok)?;
        let answer = query(Reader(&conn));
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_READERS {
            idle.push(conn);
        }
        answer
    }
}
