//! Events in the index: made from frames of motion as they are entered, and asked for.

use rtm2_app::{CameraId, Event, FrameInfo, Kept, Region, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};

use crate::record::{decode_boxes, encode_boxes};
use crate::types::EventFilter;
use crate::{Error, MAX_EVENTS};

/// All columns of an event, in the order that [`event`] reads them.
const COLUMNS: &str = "camera, start, end_at, from_at, to_at, peak, score, region, frames, held, pinned, label, zone";

/// An event from its row.
fn event(row: &SqlRow<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        camera: CameraId(row.get(0)?),
        start: Timestamp(row.get(1)?),
        end: Timestamp(row.get(2)?),
        from: Timestamp(row.get(3)?),
        to: Timestamp(row.get(4)?),
        peak: Timestamp(row.get(5)?),
        score: row.get(6)?,
        region: decode_boxes(row.get_ref(7)?.as_blob()?).into_iter().next(),
        frames: row.get(8)?,
        held: row.get(9)?,
        pinned: row.get(10)?,
        label: row.get(11)?,
        zone: row.get(12)?,
    })
}

/// Adds or replaces an event.
pub(crate) fn set_event(conn: &Connection, event: &Event) -> Result<(), Error> {
    let region: Vec<Region> = event.region.into_iter().collect();
    conn.prepare_cached(&format!(
        "INSERT OR REPLACE INTO event ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    ))?
    .execute(params![
        event.camera.0,
        event.start.0,
        event.end.0,
        event.from.0,
        event.to.0,
        event.peak.0,
        event.score,
        encode_boxes(&region),
        event.frames,
        event.held,
        event.pinned,
        event.label,
        event.zone,
    ])?;
    Ok(())
}

/// Takes an event out.
pub(crate) fn remove_event(conn: &Connection, camera: CameraId, start: Timestamp) -> Result<(), Error> {
    conn.prepare_cached("DELETE FROM event WHERE camera = ?1 AND start = ?2")?.execute(params![camera.0, start.0])?;
    Ok(())
}

/// The event of that start.
pub(crate) fn find_event(conn: &Connection, camera: CameraId, start: Timestamp) -> Result<Option<Event>, Error> {
    one(conn, "start = ?2", camera, start.0)
}

fn one(conn: &Connection, condition: &str, camera: CameraId, at: i64) -> Result<Option<Event>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM event WHERE camera = ?1 AND {condition} LIMIT 1");
    Ok(conn.prepare_cached(&sql)?.query_row(params![camera.0, at], event).optional()?)
}

/// The event that a time lies in or behind, and the one after it.
fn neighbours(conn: &Connection, camera: CameraId, at: i64) -> Result<(Option<Event>, Option<Event>), Error> {
    let before = one(conn, "start <= ?2 ORDER BY start DESC", camera, at)?;
    let after = one(conn, "start > ?2 ORDER BY start", camera, at)?;
    Ok((before, after))
}

/// How a frame came to be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It was stored just now.
    New,
    /// It was found in a segment, and may have been entered and taken out before.
    Found,
}

/// Enters frames of one camera, in the order of time, into the events they belong to; one of motion makes a new event
/// where there is none. The event that frames lie in is written once, by [`Self::finish`].
pub(crate) struct Joiner<'a> {
    conn: &'a Connection,
    camera: CameraId,
    quiet_us: i64,
    /// The event that the frames lie in or behind.
    before: Option<Event>,
    /// Whether that is not as in the index.
    changed: bool,
    /// The event behind the frames.
    after: Option<Event>,
}

impl<'a> Joiner<'a> {
    /// For frames from `at` on. Events end after `quiet_us` without motion.
    pub(crate) fn new(conn: &'a Connection, camera: CameraId, at: Timestamp, quiet_us: i64) -> Result<Self, Error> {
        let (before, after) = neighbours(conn, camera, at.0)?;
        Ok(Self { conn, camera, quiet_us, before, changed: false, after })
    }

    /// Enters a frame that is stored. Answers whether it counts: a frame that was found where an event is already was
    /// counted when that was recorded.
    pub(crate) fn join(&mut self, info: &FrameInfo, zones: &str, entry: Entry) -> Result<bool, Error> {
        if self.after.as_ref().is_some_and(|after| after.start <= info.at) {
            self.write()?;
            (self.before, self.after) = neighbours(self.conn, self.camera, info.at.0)?;
        }
        let counts = entry == Entry::New || self.before.as_ref().is_none_or(|event| event.to < info.at);
        if !info.motion {
            return self.surround(info.at).map(|()| counts);
        }
        let mut event = Event::of_frame(self.camera, info.at, info.score, &info.boxes);
        zones.clone_into(&mut event.zone);
        event.frames = u32::from(counts || self.before.as_ref().is_none_or(|event| event.end < info.at));
        let near = |event: &Event| event.takes(info.at, self.quiet_us);
        let near_after = self.after.as_ref().is_some_and(near);
        if let Some(before) = self.before.take_if(|before| near(before)) {
            event.join(before);
        } else {
            event.from = self.first_before(info.at)?;
            self.write()?;
        }
        if let Some(after) = self.after.take_if(|after| near_after && rtm2_app::event::fit_together(&event, after)) {
            remove_event(self.conn, self.camera, after.start)?;
            event.join(after);
            self.after = one(self.conn, "start > ?2 ORDER BY start", self.camera, info.at.0)?;
        }
        (self.before, self.changed) = (Some(event), true);
        Ok(counts)
    }

    /// Writes what is not written yet.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.write()
    }

    fn write(&mut self) -> Result<(), Error> {
        if let Some(event) = &self.before
            && std::mem::take(&mut self.changed)
        {
            set_event(self.conn, event)?;
        }
        Ok(())
    }

    /// Where what was recorded just before motion begins, as far as no earlier event has it.
    fn first_before(&self, at: Timestamp) -> Result<Timestamp, Error> {
        let free = self.before.as_ref().map_or(i64::MIN, |event| event.to.0.saturating_add(1));
        let from = free.max(at.0.saturating_sub(self.quiet_us));
        let first = self
            .conn
            .prepare_cached("SELECT min(at) FROM frame WHERE camera = ?1 AND at BETWEEN ?2 AND ?3 AND motion = 0")?
            .query_row(params![self.camera.0, from, at.0], |row| row.get::<_, Option<i64>>(0))?;
        Ok(first.map_or(at, Timestamp))
    }

    /// Enters a frame from around motion: behind an event, else before the one that follows.
    fn surround(&mut self, at: Timestamp) -> Result<(), Error> {
        if let Some(event) = self.before.as_mut().filter(|event| at.0 <= event.end.0.saturating_add(self.quiet_us)) {
            self.changed |= at > event.to;
            event.to = event.to.max(at);
            return Ok(());
        }
        let leads = |event: &&mut Event| at < event.from && event.start.0.saturating_sub(self.quiet_us) <= at.0;
        if let Some(event) = self.after.as_mut().filter(leads) {
            event.from = at;
            set_event(self.conn, event)?;
        }
        Ok(())
    }
}

/// Enters a single frame into the event it belongs to: see [`Joiner::join`].
fn join_event(conn: &Connection, info: &FrameInfo, quiet_us: i64) -> Result<(), Error> {
    let mut joiner = Joiner::new(conn, info.camera, info.at, quiet_us)?;
    joiner.join(info, "", Entry::New)?;
    joiner.finish()
}

/// Makes all events anew from the frames of motion: marks and events without frames are lost by it.
pub(super) fn derive_all(conn: &Connection, quiet_us: i64) -> Result<(), Error> {
    conn.execute_batch("DELETE FROM event; DELETE FROM feature;")?;
    let mut statement = conn.prepare(&format!("SELECT {} FROM frame ORDER BY camera, at", super::read::COLUMNS))?;
    let rows = statement.query_map([], super::read::frame_row)?;
    for row in rows {
        let info = row?.info;
        join_event(conn, &info, quiet_us)?;
        if info.motion {
            super::features::join_feature(conn, info.camera, super::features::of_frame(&info, None, false))?;
        }
    }
    Ok(())
}

/// Counts anew what is stored of the events that touch a range of time.
pub(crate) fn recount_events(conn: &Connection, camera: CameraId, (from, to): (i64, i64)) -> Result<(), Error> {
    let held = "SELECT count(*) FROM frame f WHERE f.camera = event.camera AND f.motion = 1
                AND f.at BETWEEN event.start AND event.end_at";
    conn.prepare_cached(&format!(
        "UPDATE event SET held = ({held}) WHERE camera = ?1 AND start BETWEEN ?2 AND ?3 AND end_at >= ?4"
    ))?
    .execute(params![camera.0, from.saturating_sub(rtm2_app::event::MAX_EVENT_US), to, from])?;
    conn.prepare_cached(
        "UPDATE event SET frames = held WHERE camera = ?1 AND start BETWEEN ?2 AND ?3 AND frames < held",
    )?
    .execute(params![camera.0, from.saturating_sub(rtm2_app::event::MAX_EVENT_US), to])?;
    Ok(())
}

/// Events of a camera that touch a range of time, with the frames around them.
pub(crate) fn events_touching(
    conn: &Connection,
    camera: CameraId,
    (from, to): (i64, i64),
    around_us: i64,
) -> Result<Vec<Event>, Error> {
    let earliest = from.saturating_sub(rtm2_app::event::MAX_EVENT_US).saturating_sub(around_us);
    let sql = format!(
        "SELECT {COLUMNS} FROM event WHERE camera = ?1 AND start BETWEEN ?2 AND ?3 AND from_at <= ?4 AND to_at >= ?5
         ORDER BY start"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(params![camera.0, earliest, to.saturating_add(around_us), to, from], event)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Events that a filter lets through, newest first.
pub(crate) fn events(conn: &Connection, filter: &EventFilter) -> Result<Vec<Event>, Error> {
    // An event is ten minutes long at most, so the key finds where the range begins.
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM event
         WHERE start <= ?1 AND end_at >= ?2 AND start >= ?2 - 600000000 AND score >= ?3
         AND (?4 IS NULL OR camera = ?4)
         AND (?5 IS NULL OR start < ?5 OR start = ?5 AND camera < ?6)
         AND (?7 IS NULL OR pinned = ?7)
         AND (?8 IS NULL OR label = ?8)
         AND (?9 IS NULL OR zone = ?9 OR instr(', ' || zone || ', ', ', ' || ?9 || ', ') > 0)
         AND CASE ?10 WHEN 0 THEN held >= frames WHEN 1 THEN held BETWEEN 1 AND frames - 1 WHEN 2 THEN held = 0
             ELSE 1 END
         ORDER BY start DESC, camera DESC LIMIT ?11"
    ))?;
    let before = filter.before.map(|(start, camera)| (start.0, camera.0)).unzip();
    let kept = filter.kept.map(|kept| match kept {
        Kept::Whole => 0,
        Kept::Thinned => 1,
        Kept::Record => 2,
    });
    let values = params![
        filter.to.0.min(before.0.unwrap_or(i64::MAX)),
        filter.from.0.max(0),
        filter.min_score,
        filter.camera.map(|camera| camera.0),
        before.0,
        before.1,
        filter.pinned,
        filter.label,
        filter.zone,
        kept,
        filter.limit.min(MAX_EVENTS) as i64,
    ];
    let rows = statement.query_map(values, event)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Says of a camera's events in a range of time whether they are pinned, and what they are called.
pub(crate) fn mark_events(
    conn: &Connection,
    camera: CameraId,
    (from, to): (i64, i64),
    (pinned, label, zone): (bool, &str, &str),
) -> Result<usize, Error> {
    Ok(conn
        .prepare_cached(
            "UPDATE event SET pinned = ?4, label = ?5, zone = ?6
             WHERE camera = ?1 AND start BETWEEN ?2 - 600000000 AND ?3 AND end_at >= ?2",
        )?
        .execute(params![camera.0, from, to, pinned, label, zone])?)
}

/// Takes all marks off. The zones stay: it is not known which a detector named.
pub(crate) fn unmark_events(conn: &Connection) -> Result<(), Error> {
    conn.execute("UPDATE event SET pinned = 0, label = '' WHERE pinned = 1 OR label <> ''", [])?;
    Ok(())
}

/// Removes up to `most` of the oldest events that nothing is left of, with what is remembered of their seconds.
/// Answers how many went.
pub(crate) fn shed_records(conn: &Connection, most: usize) -> Result<usize, Error> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM event WHERE held = 0 AND pinned = 0 ORDER BY start, camera LIMIT {most}"
    ))?;
    let gone: Vec<Event> = statement.query_map([], event)?.collect::<Result<_, _>>()?;
    for event in &gone {
        remove_event(conn, event.camera, event.start)?;
        super::features::drop_features(conn, event)?;
    }
    Ok(gone.len())
}

/// Bytes of the stored frames in a range of a camera's time.
pub(crate) fn bytes_between(conn: &Connection, camera: CameraId, from: i64, to: i64) -> Result<u64, Error> {
    let mut statement =
        conn.prepare_cached("SELECT coalesce(sum(size), 0) FROM frame WHERE camera = ?1 AND at BETWEEN ?2 AND ?3")?;
    Ok(statement.query_row(params![camera.0, from, to], |row| row.get::<_, i64>(0))? as u64)
}

/// All pinned events.
pub(crate) fn pinned_events(conn: &Connection) -> Result<Vec<Event>, Error> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM event WHERE pinned = 1"))?;
    let rows = statement.query_map([], event)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Frames of motion that no event has, and events whose count of stored frames is wrong.
pub(crate) fn events_that_disagree(conn: &Connection) -> Result<(u64, u64), Error> {
    let ask = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    let homeless = ask("SELECT count(*) FROM frame f WHERE motion = 1 AND NOT EXISTS (
             SELECT 1 FROM event e WHERE e.camera = f.camera AND e.start BETWEEN f.at - 600000000 AND f.at
             AND e.end_at >= f.at)")?;
    let wrong = ask("SELECT count(*) FROM event e WHERE held <> (
             SELECT count(*) FROM frame f WHERE f.camera = e.camera AND f.at BETWEEN e.start AND e.end_at
             AND motion = 1)")?;
    Ok((homeless as u64, wrong as u64))
}

/// Makes events for frames of motion that have none and counts all anew.
pub(crate) fn mend_events(conn: &mut Connection, quiet_us: i64) -> Result<(), Error> {
    let tx = conn.transaction()?;
    let homeless: Vec<FrameInfo> = {
        let mut statement = tx.prepare(&format!(
            "SELECT {} FROM frame f WHERE motion = 1 AND NOT EXISTS (
                 SELECT 1 FROM event e WHERE e.camera = f.camera AND e.start BETWEEN f.at - 600000000 AND f.at
                 AND e.end_at >= f.at) ORDER BY camera, at",
            super::read::COLUMNS
        ))?;
        let rows = statement.query_map([], super::read::frame_row)?;
        rows.map(|row| Ok(row?.info)).collect::<Result<_, Error>>()?
    };
    for info in &homeless {
        join_event(&tx, info, quiet_us)?;
    }
    tx.execute_batch(
        "UPDATE event SET held = (SELECT count(*) FROM frame f WHERE f.camera = event.camera
             AND f.at BETWEEN event.start AND event.end_at AND f.motion = 1);
         UPDATE event SET frames = held WHERE frames < held;",
    )?;
    Ok(tx.commit()?)
}
