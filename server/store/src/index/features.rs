//! What the index remembers of each second with motion, and how much was recorded on each day.

use rtm2_app::{CameraId, Event, Feature, FrameInfo, Timestamp, feature};
use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};

use crate::{Error, MAX_ROWS};

/// Microseconds in a second.
pub(crate) const SECOND_US: i64 = rtm2_app::time::MICROS_PER_SECOND;
/// Microseconds in a day.
pub(crate) const DAY_US: i64 = 86_400_000_000;

fn feature(row: &SqlRow<'_>) -> rusqlite::Result<Feature> {
    let bytes = row.get_ref(4)?.as_blob()?;
    let mut map = [0; feature::MAP];
    for (cells, byte) in map.iter_mut().zip(bytes) {
        *cells = *byte;
    }
    Ok(Feature { second: Timestamp(row.get(0)?), area: row.get(1)?, biggest: row.get(2)?, light: row.get(3)?, map })
}

/// What a stored frame of motion adds to its second's record.
pub(crate) fn of_frame(info: &FrameInfo, grid: Option<&[u8]>, light: bool) -> Feature {
    Feature::of_frame(info.at, (info.width, info.height), &info.boxes, grid, light)
}

/// Takes stored frames of motion of one second into that second's record.
pub(crate) fn join_feature(conn: &Connection, camera: CameraId, mut new: Feature) -> Result<(), Error> {
    let old = conn
        .prepare_cached("SELECT second, area, biggest, light, map FROM feature WHERE camera = ?1 AND second = ?2")?
        .query_row(params![camera.0, new.second.0], feature)
        .optional()?;
    if let Some(old) = &old {
        new.join(old);
    }
    if old != Some(new) {
        conn.prepare_cached("INSERT OR REPLACE INTO feature VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
            camera.0,
            new.second.0,
            new.area,
            new.biggest,
            new.light,
            new.map
        ])?;
    }
    Ok(())
}

/// The first `limit` records of seconds in a range, by time.
pub(crate) fn features(
    conn: &Connection,
    camera: CameraId,
    (from, to): (i64, i64),
    limit: usize,
) -> Result<Vec<Feature>, Error> {
    let mut statement = conn.prepare_cached(
        "SELECT second, area, biggest, light, map FROM feature WHERE camera = ?1 AND second BETWEEN ?2 AND ?3
         ORDER BY second LIMIT ?4",
    )?;
    let rows = statement.query_map(params![camera.0, from, to, limit.min(MAX_ROWS) as i64], feature)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets the seconds of an event in which no frame of motion is stored.
pub(crate) fn drop_features(conn: &Connection, event: &Event) -> Result<(), Error> {
    conn.prepare_cached(
        "DELETE FROM feature WHERE camera = ?1 AND second BETWEEN ?2 AND ?3 AND NOT EXISTS (
             SELECT 1 FROM bar b WHERE b.camera = feature.camera AND b.second = feature.second)",
    )?
    .execute(params![event.camera.0, event.start.second().0, event.end.0])?;
    Ok(())
}

/// Counts bytes that were recorded.
pub(crate) fn add_recorded(conn: &Connection, camera: CameraId, at: Timestamp, bytes: u64) -> Result<(), Error> {
    conn.prepare_cached(
        "INSERT INTO recorded VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes",
    )?
    .execute(params![camera.0, at.bucket(DAY_US).0, bytes as i64])?;
    Ok(())
}

/// Days before today that a forecast looks back over.
const RATE_DAYS: i64 = 7;

/// Bytes recorded a day by all cameras: the mean of up to seven whole days before the one that begins at `today`. Days
/// without any count too; the very first day does not, because recording began somewhere in it. `None` while no whole
/// day is over.
pub(crate) fn bytes_per_day(conn: &Connection, today: i64) -> Result<Option<u64>, Error> {
    let first: Option<i64> = conn.prepare_cached("SELECT min(day) FROM recorded")?.query_row([], |row| row.get(0))?;
    let Some(from) = first.map(|first| (first + DAY_US).max(today - RATE_DAYS * DAY_US)).filter(|from| *from < today)
    else {
        return Ok(None);
    };
    let bytes: i64 = conn
        .prepare_cached("SELECT coalesce(sum(bytes), 0) FROM recorded WHERE day >= ?1 AND day < ?2")?
        .query_row([from, today], |row| row.get(0))?;
    Ok(Some((bytes / ((today - from) / DAY_US)) as u64))
}
