//! What changes the index. Every call is part of the caller's transaction.

use rtm2_app::{CameraId, FrameInfo, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::events::{Entry, Joiner};
use super::features::{DAY_US, add_recorded, join_feature, of_frame};
use super::recount_events;
use crate::Error;
use crate::record::{encode_boxes, kept_boxes};
use crate::segment::SegmentId;

/// Widths in µs of the bars that are kept beside those of a second: a minute, an hour, a day. Each divides the next.
pub(crate) const WIDE: [i64; 3] = [60_000_000, 3_600_000_000, 86_400_000_000];

/// A frame and where its bytes lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// The segment.
    pub(crate) segment: SegmentId,
    /// Where the stored frame begins in it.
    pub(crate) offset: u64,
    /// Its length, the record included.
    pub(crate) size: u64,
    /// What is known of it.
    pub(crate) info: &'a FrameInfo,
    /// The detector's coarse map, if there is one.
    pub(crate) grid: Option<&'a [u8]>,
    /// Whether the light shifted as a whole.
    pub(crate) light: bool,
    /// The zones that something moves in.
    pub(crate) zones: &'a str,
    /// How it came to be entered.
    pub(crate) entry: Entry,
}

/// Whether a frame of that time exists.
pub(crate) fn has_frame(conn: &Connection, camera: CameraId, at: i64) -> Result<bool, Error> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM frame WHERE camera = ?1 AND at = ?2")?;
    Ok(statement.query_row(params![camera.0, at], |_| Ok(())).optional()?.is_some())
}

/// Adds frames of times that were free, counts them in their bars, and enters them into their events. Each camera's frames
/// are best in the order of time, as they are recorded: what many of them change, such as a bar, is then written once.
pub(crate) fn insert_frames(conn: &Connection, rows: &[Row<'_>], quiet_us: i64) -> Result<(), Error> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.segment.camera);
    let follows = |a: &Row<'_>, b: &Row<'_>| a.segment.camera == b.segment.camera && a.info.at < b.info.at;
    rows.chunk_by(follows).try_for_each(|run| insert_run(conn, run, quiet_us))
}

/// Adds frames of one camera in the order of time; never none.
fn insert_run(conn: &Connection, run: &[Row<'_>], quiet_us: i64) -> Result<(), Error> {
    let (camera, first) = (run[0].segment.camera, run[0].info.at);
    run.iter().try_for_each(|row| insert_row(conn, row))?;
    let mut joiner = Joiner::new(conn, camera, first, quiet_us)?;
    for day in run.chunk_by(|a, b| a.info.at.bucket(DAY_US) == b.info.at.bucket(DAY_US)) {
        let mut bytes = 0;
        for row in day {
            bytes += if joiner.join(row.info, row.zones, row.entry)? { row.size } else { 0 };
        }
        if bytes > 0 {
            add_recorded(conn, camera, day[0].info.at, bytes)?;
        }
    }
    joiner.finish()?;
    let motion: Vec<_> = run.iter().filter(|row| row.info.motion).collect();
    for second in motion.chunk_by(|a, b| a.info.at.second() == b.info.at.second()) {
        let features = second.iter().map(|row| of_frame(row.info, row.grid, row.light));
        let joined = features.reduce(|mut all, feature| {
            all.join(&feature);
            all
        });
        joined.map_or(Ok(()), |feature| join_feature(conn, camera, feature))?;
        let bar = (second[0].info.at.second().0, second.len() as i64, second[0].info.at.0);
        conn.prepare_cached(
            "INSERT INTO bar VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET count = count + excluded.count, first = min(first, excluded.first)",
        )?
        .execute(params![camera.0, bar.0, bar.1, bar.2])?;
    }
    for width in WIDE {
        for bucket in motion.chunk_by(|a, b| a.info.at.bucket(width) == b.info.at.bucket(width)) {
            let first = bucket[0].info.at;
            conn.prepare_cached(
                "INSERT INTO wide_bar VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET count = count + excluded.count, first = min(first, excluded.first)",
            )?
            .execute(params![camera.0, width, first.bucket(width).0, bucket.len() as i64, first.0])?;
        }
    }
    Ok(())
}

fn insert_row(conn: &Connection, row: &Row<'_>) -> Result<(), Error> {
    let info = row.info;
    conn.prepare_cached("INSERT INTO frame VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")?.execute(
        params![
            row.segment.camera.0,
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
            info.motion,
        ],
    )?;
    Ok(())
}

/// Takes a frame out; its bar must be rebuilt afterwards.
pub(crate) fn remove_frame(conn: &Connection, camera: CameraId, at: i64) -> Result<(), Error> {
    conn.prepare_cached("DELETE FROM frame WHERE camera = ?1 AND at = ?2")?.execute(params![camera.0, at])?;
    Ok(())
}

/// Says where a frame begins in its segment after that was written anew.
pub(crate) fn move_frame(conn: &Connection, camera: CameraId, at: i64, offset: u64) -> Result<(), Error> {
    conn.prepare_cached("UPDATE frame SET offset = ?3 WHERE camera = ?1 AND at = ?2")?.execute(params![
        camera.0,
        at,
        offset as i64
    ])?;
    Ok(())
}

/// Whether a segment is still written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It grows; only its file says how far.
    Open,
    /// It is finished and its row right.
    Sealed,
    /// It is finished and was thinned.
    Thinned,
}

/// Adds or replaces a segment's row.
pub(crate) fn set_segment(
    conn: &Connection,
    id: SegmentId,
    bytes: u64,
    frames: u64,
    state: State,
) -> Result<(), Error> {
    conn.prepare_cached("INSERT OR REPLACE INTO segment VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
        id.camera.0,
        id.start,
        bytes as i64,
        frames as i64,
        state != State::Open,
        state != State::Thinned
    ])?;
    Ok(())
}

/// Takes a segment and its frames out, and out of their bars (B12).
pub(crate) fn drop_segment(conn: &Connection, id: SegmentId) -> Result<(), Error> {
    conn.prepare_cached("DELETE FROM frame WHERE camera = ?1 AND at BETWEEN ?2 AND ?3 AND segment = ?2")?
        .execute(params![id.camera.0, id.start, id.end()])?;
    conn.prepare_cached("DELETE FROM segment WHERE camera = ?1 AND start = ?2")?
        .execute(params![id.camera.0, id.start])?;
    rebuild_bars(conn, id)?;
    recount_events(conn, id.camera, (id.start, id.end()))
}

/// Counts the bars of all seconds that a segment may touch anew, and the wider ones above them.
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
         WHERE camera = ?1 AND at BETWEEN ?2 AND ?3 AND motion = 1 GROUP BY second",
    )?
    .execute(params![id.camera.0, from, to.saturating_add(999_999)])?;
    let mut below = None;
    for width in WIDE {
        rebuild_wide(conn, id, (below, width))?;
        below = Some(width);
    }
    Ok(())
}

/// Sums up the bars of a width that a segment may touch from those of the width below; `None` is the second.
fn rebuild_wide(conn: &Connection, id: SegmentId, (below, width): (Option<i64>, i64)) -> Result<(), Error> {
    let bucket = |at: i64| Timestamp(at).bucket(width).0;
    let (from, to) = (bucket(id.start), bucket(id.end()));
    conn.prepare_cached("DELETE FROM wide_bar WHERE camera = ?1 AND width = ?2 AND start BETWEEN ?3 AND ?4")?
        .execute(params![id.camera.0, width, from, to])?;
    let sum = "INSERT INTO wide_bar SELECT camera, ?2, at - at % ?2 AS bucket, sum(count), min(first) FROM";
    let end = to.saturating_add(width - 1);
    match below {
        None => conn
            .prepare_cached(&format!(
                "{sum} (SELECT camera, second AS at, count, first FROM bar
                 WHERE camera = ?1 AND second BETWEEN ?3 AND ?4) GROUP BY bucket"
            ))?
            .execute(params![id.camera.0, width, from, end])?,
        Some(below) => conn
            .prepare_cached(&format!(
                "{sum} (SELECT camera, start AS at, count, first FROM wide_bar
                 WHERE camera = ?1 AND width = ?5 AND start BETWEEN ?3 AND ?4) GROUP BY bucket"
            ))?
            .execute(params![id.camera.0, width, from, end, below])?,
    };
    Ok(())
}

/// Counts all bars anew.
pub(crate) fn rebuild_all_bars(conn: &mut Connection) -> Result<(), Error> {
    let tx = conn.transaction()?;
    tx.execute_batch(
        "DELETE FROM bar;
         INSERT INTO bar SELECT camera, at - at % 1000000 AS second, count(*), min(at) FROM frame WHERE motion = 1
         GROUP BY camera, second;
         DELETE FROM wide_bar;",
    )?;
    for width in WIDE {
        tx.execute(
            "INSERT INTO wide_bar SELECT camera, ?1, second - second % ?1 AS bucket, sum(count), min(first) FROM bar
             GROUP BY camera, bucket",
            [width],
        )?;
    }
    Ok(tx.commit()?)
}
