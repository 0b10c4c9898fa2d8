//! The index's layouts, one file per step.

use std::path::Path;

use rusqlite::Connection;

use super::events;
use crate::Error;

/// A step in SQL, and what SQL cannot say.
struct Step {
    sql: &'static str,
    then: fn(&Connection, i64) -> Result<(), Error>,
}

/// Each step brings the layout of its place (counted from 0) to the next. Never change one that was released.
const STEPS: &[Step] = &[
    Step { sql: include_str!("0001_frames_and_bars.sql"), then: |_, _| Ok(()) },
    // Indexes of that layout knew no events; their frames of motion make them.
    Step { sql: include_str!("0002_events.sql"), then: events::derive_all },
];

/// Runs the steps that are missing, all or nothing. Events end after `quiet_us` without motion.
pub(super) fn migrate(conn: &mut Connection, path: &Path, quiet_us: i64) -> Result<(), Error> {
    let version = refuse_newer(conn, path)?;
    if version < STEPS.len() {
        let tx = conn.transaction()?;
        for step in &STEPS[version..] {
            tx.execute_batch(step.sql)?;
            (step.then)(&tx, quiet_us)?;
        }
        tx.pragma_update(None, "user_version", STEPS.len() as i64)?;
        tx.commit()?;
    }
    Ok(())
}

/// The layout of an index; an error if this program does not know it.
pub(super) fn refuse_newer(conn: &Connection, path: &Path) -> Result<usize, Error> {
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let newer = Error::Newer { path: path.to_owned(), found, known: STEPS.len() as i64 };
    usize::try_from(found).ok().filter(|&version| version <= STEPS.len()).ok_or(newer)
}

/// Whether an index has today's layout, so that it can be read without being changed first.
pub(super) fn is_current(conn: &Connection, path: &Path) -> Result<bool, Error> {
    Ok(refuse_newer(conn, path)? == STEPS.len())
}
