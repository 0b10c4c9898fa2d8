//! What is asked of the index.

use std::collections::BTreeMap;

use rtm2_app::{Bar, CameraId, FrameInfo, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Params, Row as SqlRow, params};

use crate::record::decode_boxes;
use crate::segment::SegmentId;
use crate::{Among, Error, MAX_ROWS, Seek};

/// A frame and where its bytes lie.
#[derive(Clone, Debug)]
pub(crate) struct FrameRow {
    /// The segment that holds it.
    pub(crate) segment: SegmentId,
    /// Where it begins in there.
    pub(crate) offset: u64,
    /// Its length with its record.
    pub(crate) size: u64,
    /// What is known of it.
    pub(crate) info: FrameInfo,
}

/// All columns of a frame, in the order that [`frame_row`] reads them.
pub(super) const COLUMNS: &str = "camera, at, segment, offset, size, bytes, seq, width, height, score, boxes, motion";

/// A frame from its row.
pub(super) fn frame_row(row: &SqlRow<'_>) -> rusqlite::Result<FrameRow> {
    let camera = CameraId(row.get(0)?);
    Ok(FrameRow {
        segment: SegmentId { start: row.get(2)?, camera },
        offset: row.get::<_, i64>(3)? as u64,
        size: row.get::<_, i64>(4)? as u64,
        info: FrameInfo {
            camera,
            at: Timestamp(row.get(1)?),
            seq: row.get::<_, i64>(6)? as u64,
            width: row.get(7)?,
            height: row.get(8)?,
            score: row.get(9)?,
            bytes: row.get(5)?,
            boxes: decode_boxes(row.get_ref(10)?.as_blob()?),
            motion: row.get(11)?,
        },
    })
}

/// A connection to ask.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a Connection);

impl Reader<'_> {
    fn one<P: Params>(self, condition: &str, params: P) -> Result<Option<FrameRow>, Error> {
        let mut statement =
            self.0.prepare_cached(&format!("SELECT {COLUMNS} FROM frame WHERE camera = ?1 {condition} LIMIT 1"))?;
        Ok(statement.query_row(params, frame_row).optional()?)
    }

    /// The first frame whose time is in this range, ends included.
    pub(crate) fn frame(self, camera: CameraId, from: i64, to: i64) -> Result<Option<FrameRow>, Error> {
        self.one("AND at BETWEEN ?2 AND ?3 ORDER BY at", params![camera.0, from, to])
    }

    /// The frame that a seek leads to, among all or among those of motion.
    pub(crate) fn seek(self, camera: CameraId, seek: Seek, among: Among) -> Result<Option<FrameRow>, Error> {
        let (c, least) = (camera.0, among == Among::Motion);
        let motion = "AND motion >= ?2";
        match seek {
            Seek::First => self.one(&format!("{motion} ORDER BY at"), params![c, least]),
            Seek::Last => self.one(&format!("{motion} ORDER BY at DESC"), params![c, least]),
            Seek::Next(t) => self.one(&format!("{motion} AND at > ?3 ORDER BY at"), params![c, least, t.0]),
            Seek::Previous(t) => self.one(&format!("{motion} AND at < ?3 ORDER BY at DESC"), params![c, least, t.0]),
            Seek::At(t) => {
                match self.one(&format!("{motion} AND at <= ?3 ORDER BY at DESC"), params![c, least, t.0])? {
                    None => self.seek(camera, Seek::Next(t), among),
                    found => Ok(found),
                }
            }
        }
    }

    /// The first frames of a range of time, ends included.
    pub(crate) fn frames(self, camera: CameraId, from: i64, to: i64, limit: usize) -> Result<Vec<FrameInfo>, Error> {
        let mut statement = self.0.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM frame WHERE camera = ?1 AND at BETWEEN ?2 AND ?3 ORDER BY at LIMIT ?4"
        ))?;
        let rows = statement.query_map(params![camera.0, from, to, limit.min(MAX_ROWS) as i64], frame_row)?;
        rows.map(|row| Ok(row?.info)).collect()
    }

    /// The first bars of `bucket` µs whose buckets start in `from ..= to`; `from` is a bucket's start.
    pub(crate) fn bars(
        self,
        camera: CameraId,
        range: (i64, i64),
        bucket: i64,
        limit: usize,
    ) -> Result<Vec<Bar>, Error> {
        // Nothing is stored before 1970, so plain division finds a bucket's start.
        let (from, to) = (range.0.max(0), range.1);
        let limit = limit.min(MAX_ROWS) as i64;
        if bucket == rtm2_app::time::MICROS_PER_SECOND {
            let mut statement = self.0.prepare_cached(
                "SELECT second, count, first FROM bar WHERE camera = ?1 AND second BETWEEN ?2 AND ?3
                 ORDER BY second LIMIT ?4",
            )?;
            return collect_bars(statement.query_map(params![camera.0, from, to, limit], bar)?);
        }
        // The widest bars that divide the bucket, so that a year costs what a minute does.
        let end = to.saturating_sub(to.rem_euclid(bucket)).saturating_add(bucket - 1);
        let Some(width) = super::write::WIDE.into_iter().rev().find(|width| bucket % width == 0) else {
            let mut statement = self.0.prepare_cached(
                "SELECT second - second % ?5 AS bucket, sum(count), min(first) FROM bar
                 WHERE camera = ?1 AND second BETWEEN ?2 AND ?3 GROUP BY bucket ORDER BY bucket LIMIT ?4",
            )?;
            return collect_bars(statement.query_map(params![camera.0, from, end, limit, bucket], bar)?);
        };
        let mut statement = self.0.prepare_cached(
            "SELECT start - start % ?5 AS bucket, sum(count), min(first) FROM wide_bar
             WHERE camera = ?1 AND width = ?6 AND start BETWEEN ?2 AND ?3 GROUP BY bucket ORDER BY bucket LIMIT ?4",
        )?;
        collect_bars(statement.query_map(params![camera.0, from, end, limit, bucket, width], bar)?)
    }

    /// The newest bars of a second, by time.
    pub(crate) fn last_bars(self, camera: CameraId, n: usize) -> Result<Vec<Bar>, Error> {
        let mut statement = self
            .0
            .prepare_cached("SELECT second, count, first FROM bar WHERE camera = ?1 ORDER BY second DESC LIMIT ?2")?;
        let mut bars = collect_bars(statement.query_map(params![camera.0, n.min(MAX_ROWS) as i64], bar)?)?;
        bars.reverse();
        Ok(bars)
    }

    /// Time of a camera's oldest frame.
    pub(crate) fn first(self, camera: CameraId) -> Result<Option<Timestamp>, Error> {
        let mut statement = self.0.prepare_cached("SELECT min(at) FROM frame WHERE camera = ?1")?;
        Ok(statement.query_row([camera.0], |row| row.get(0)).map(|first: Option<i64>| first.map(Timestamp))?)
    }

    /// Times of a camera's oldest and newest frame.
    pub(crate) fn extent(self, camera: CameraId) -> Result<Option<(Timestamp, Timestamp)>, Error> {
        // Two lookups by key; `min` and `max` in one statement would read every row.
        let mut statement = self.0.prepare_cached(
            "SELECT (SELECT min(at) FROM frame WHERE camera = ?1), (SELECT max(at) FROM frame WHERE camera = ?1)",
        )?;
        let (first, last): (Option<i64>, Option<i64>) =
            statement.query_row([camera.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(first.zip(last).map(|(first, last)| (Timestamp(first), Timestamp(last))))
    }
}

/// A bar from its row.
fn bar(row: &SqlRow<'_>) -> rusqlite::Result<Bar> {
    let count: i64 = row.get(1)?;
    Ok(Bar {
        start: Timestamp(row.get(0)?),
        count: u32::try_from(count).unwrap_or(u32::MAX),
        first: Timestamp(row.get(2)?),
    })
}

/// Bars of a query.
fn collect_bars(rows: impl Iterator<Item = rusqlite::Result<Bar>>) -> Result<Vec<Bar>, Error> {
    Ok(rows.collect::<Result<_, _>>()?)
}

/// All frames that the index has in a segment, by time.
pub(crate) fn frame_rows(conn: &Connection, id: SegmentId) -> Result<Vec<FrameRow>, Error> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM frame WHERE camera = ?1 AND at BETWEEN ?2 AND ?3 AND segment = ?2 ORDER BY at"
    ))?;
    let rows = statement.query_map(params![id.camera.0, id.start, id.end()], frame_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What the index says of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentRow {
    /// Its size; right only if sealed.
    pub(crate) bytes: u64,
    /// Its frames; right only if sealed.
    pub(crate) frames: u64,
    /// Whether it was finished.
    pub(crate) sealed: bool,
    /// Whether it was not thinned yet.
    pub(crate) whole: bool,
}

/// All segments that the index knows.
pub(crate) fn segments(conn: &Connection) -> Result<BTreeMap<SegmentId, SegmentRow>, Error> {
    let mut statement = conn.prepare_cached("SELECT camera, start, bytes, frames, sealed, whole FROM segment")?;
    let rows = statement.query_map([], |row| {
        let id = SegmentId { camera: CameraId(row.get(0)?), start: row.get(1)? };
        let (bytes, frames) = (row.get::<_, i64>(2)? as u64, row.get::<_, i64>(3)? as u64);
        Ok((id, SegmentRow { bytes, frames, sealed: row.get(4)?, whole: row.get(5)? }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Bytes of a page: `SQLite`'s default, which the index is made with.
const PAGE: u64 = 4096;

/// Size of the index in bytes once its journal has moved into it.
pub(crate) fn page_bytes(conn: &Connection) -> Result<u64, Error> {
    let pages: i64 = conn.prepare_cached("PRAGMA page_count")?.query_row([], |row| row.get(0))?;
    Ok(pages as u64 * PAGE)
}

/// How much of that is unused.
pub(crate) fn free_bytes(conn: &Connection) -> Result<u64, Error> {
    let pages: i64 = conn.prepare_cached("PRAGMA freelist_count")?.query_row([], |row| row.get(0))?;
    Ok(pages as u64 * PAGE)
}

/// Whether the database's own check finds nothing.
pub(crate) fn is_sound(conn: &Connection) -> Result<bool, Error> {
    let answer: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok(answer == "ok")
}

/// Bars of every width that do not say what the frames say.
pub(crate) fn bars_that_disagree(conn: &Connection) -> Result<u64, Error> {
    let mut wrong = 0;
    for width in [rtm2_app::time::MICROS_PER_SECOND].into_iter().chain(super::write::WIDE) {
        let counted = format!(
            "SELECT camera, at - at % {width} AS start, count(*), min(at) FROM frame WHERE motion = 1
             GROUP BY camera, start"
        );
        let kept = if width == rtm2_app::time::MICROS_PER_SECOND {
            "SELECT camera, second AS start, count, first FROM bar".to_owned()
        } else {
            format!("SELECT camera, start, count, first FROM wide_bar WHERE width = {width}")
        };
        let count: i64 = conn.query_row(
            &format!(
                "SELECT count(*) FROM (SELECT DISTINCT camera, start FROM (
                     SELECT * FROM (SELECT * FROM ({counted}) EXCEPT SELECT * FROM ({kept}))
                     UNION ALL SELECT * FROM (SELECT * FROM ({kept}) EXCEPT SELECT * FROM ({counted}))))"
            ),
            [],
            |row| row.get(0),
        )?;
        wrong += count as u64;
    }
    Ok(wrong)
}

/// Frames whose segment the index does not know: they can never be shown.
pub(crate) fn orphans(conn: &Connection) -> Result<Vec<SegmentId>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT camera, segment FROM frame
         WHERE NOT EXISTS (SELECT 1 FROM segment s WHERE s.camera = frame.camera AND s.start = frame.segment)",
    )?;
    let rows = statement.query_map([], |row| Ok(SegmentId { camera: CameraId(row.get(0)?), start: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
