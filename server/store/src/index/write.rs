//! What changes the index. Every call is part of the caller's transaction.

use rtm2_app::{Bar, CameraId, FrameInfo, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::Error;
use crate::record::{encode_boxes, kept_boxes};
use crate::segment::SegmentId;

/// A frame and where its bytes lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// The segment.
    pub(crate) segment: SegmentId,
    /// Where the stored frame begins in it.
    pub(crate) offset: u64,
    /// Its length, the record included.
    pub(crate) size: u64,
    /// What is known of it. The camera is the segment's, whatever stands here.
    pub(crate) info: &'a FrameInfo,
}

/// Whether a frame of that time exists.
pub(crate) fn has_frame(conn: &Connection, camera: CameraId, at: i64) -> Result<bool, Error> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM frame WHERE camera = ?1 AND at = ?2")?;
    Ok(statement.query_row(params![camera.0, at], |_| Ok(())).optional()?.is_some())
}

/// Adds a frame of a time that was free and counts it; answers the bar of its second.
pub(crate) fn insert_frame(conn: &Connection, row: &Row<'_>) -> Result<Bar, Error> {
    let (camera, info) = (row.segment.camera, row.info);
    conn.prepare_cached("INSERT INTO frame VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?.execute(
        params![
            camera.0,
            info.at.0,
            row.segment.start,
            row.offset as i64,
            row.size as i64,
            info.bytes,
            info.seq as i64,
            info.width,
            info.height,
            info.score,
            encode_boxes(kept_boxes(&info.boxes)),
        ],
    )?;
    let second = info.at.second();
    let mut statement = conn.prepare_cached(
        "INSERT INTO bar VALUES (?1, ?2, 1, ?3)
         ON CONFLICT DO UPDATE SET count = count + 1, first = min(first, excluded.first)
         RETURNING count, first",
    )?;
    let bar = statement.query_row(params![camera.0, second.0, info.at.0], |r| {
        Ok(Bar { start: second, count: r.get(0)?, first: Timestamp(r.get(1)?) })
    })?;
    Ok(bar)
}

/// Takes a frame out; its bar must be rebuilt afterwards.
pub(crate) fn remove_frame(conn: &Connection, camera: CameraId, at: i64) -> Result<(), Error> {
    conn.prepare_cached("DELETE FROM frame WHERE camera = ?1 AND at = ?2")?.execute(params![camera.0, at])?;
    Ok(())
}

/// Whether a segment is still written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It grows; only its file says how far.
    Open,
    /// It is finished and its row right.
    Sealed,
}

/// Adds or replaces a segment's row.
pub(crate) fn set_segment(
    conn: &Connection,
    id: SegmentId,
    bytes: u64,
    frames: u64,
    state: State,
) -> Result<(), Error> {
    conn.prepare_cached("INSERT OR REPLACE INTO segment VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        id.camera.0,
        id.start,
        bytes as i64,
        frames as i64,
        state == State::Sealed
    ])?;
    Ok(())
}

/// Takes a segment and its frames out, and out of their bars (B12).
pub(crate) fn drop_segment(conn: &Connection, id: SegmentId) -> Result<(), Error> {
    conn.prepare_cached("DELETE FROM frame WHERE camera = ?1 AND at BETWEEN ?2 AND ?3 AND segment = ?2")?
        .execute(params![id.camera.0, id.start, id.end()])?;
    conn.prepare_cached("DELETE FROM segment WHERE camera = ?1 AND start = ?2")?
        .execute(params![id.camera.0, id.start])?;
    rebuild_bars(conn, id)
}

/// Counts the bars of all seconds that a segment may touch anew.
pub(crate) fn rebuild_bars(conn: &Connection, id: SegmentId) -> Result<(), Error> {
    let second = |at: i64| Timestamp(at).second().0;
    let (from, to) = (second(id.start), second(id.end()));
    conn.prepare_cached("DELETE FROM bar WHERE camera = ?1 AND second BETWEEN ?2 AND ?3")?.execute(params![
        id.camera.0,
        from,
        to
    ])?;
    conn.prepare_cached(
        "INSERT INTO bar SELECT camera, at - at % 1000000 AS second, count(*), min(at) FROM frame
         WHERE camera = ?1 AND at BETWEEN ?2 AND ?3 GROUP BY second",
    )?
    .execute(params![id.camera.0, from, to.saturating_add(999_999)])?;
    Ok(())
}

/// Counts all bars anew.
pub(crate) fn rebuild_all_bars(conn: &mut Connection) -> Result<(), Error> {
    let tx = conn.transaction()?;
    tx.execute_batch(
        "DELETE FROM bar;
         INSERT INTO bar SELECT camera, at - at % 1000000 AS second, count(*), min(at) FROM frame
         GROUP BY camera, second;",
    )?;
    Ok(tx.commit()?)
}
