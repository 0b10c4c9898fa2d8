//! Opening a directory as it was left: by a clean end, by a crash, by a power cut, or without its index.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::ops::Range;
use std::path::{Path, PathBuf};

use rtm2_app::FrameInfo;
use rusqlite::Connection;

use crate::Error;
use crate::error::At as _;
use crate::index::{self, Row, State};
use crate::layout::Layout;
use crate::retain::{Held, Stage};
use crate::segment::{Found, Scan, SegmentId};

/// Opens the index and brings it and the segments into agreement. An index that is no database is put aside and built
/// anew from the segments.
pub(crate) fn open(layout: &Layout, quiet_us: i64) -> Result<(Connection, BTreeMap<SegmentId, Held>), Error> {
    match try_open(layout, quiet_us) {
        Err(error) if error.is_corrupt() => {
            let aside = put_index_aside(layout)?;
            tracing::error!(%error, kept = %aside.display(), "the index is unreadable and is built anew");
            try_open(layout, quiet_us)
        }
        opened => opened,
    }
}

fn try_open(layout: &Layout, quiet_us: i64) -> Result<(Connection, BTreeMap<SegmentId, Held>), Error> {
    let mut conn = index::open_writer(&layout.index(), quiet_us)?;
    let held = agree(layout, &mut conn, quiet_us)?;
    Ok((conn, held))
}

/// Renames an unreadable index and removes its journal, which means nothing without it.
pub(crate) fn put_index_aside(layout: &Layout) -> Result<PathBuf, Error> {
    let index = layout.index();
    let mut number = 1;
    let mut aside = layout.unreadable_index(number);
    while aside.exists() {
        number += 1;
        aside = layout.unreadable_index(number);
    }
    fs::rename(&index, &aside).at(&index)?;
    for suffix in ["wal", "shm"] {
        let path = layout.0.join(format!("index.sqlite-{suffix}"));
        if path.exists() {
            fs::remove_file(&path).at(&path)?;
        }
    }
    Ok(aside)
}

/// Makes the index say what the segments hold. Finished segments of the right size are trusted.
fn agree(layout: &Layout, conn: &mut Connection, quiet_us: i64) -> Result<BTreeMap<SegmentId, Held>, Error> {
    let listing = layout.list()?;
    for path in &listing.strays {
        tracing::warn!(path = %path.display(), "this is no recording and is left alone");
    }
    for path in &listing.unfinished {
        fs::remove_file(path).at(path)?;
    }
    let known = index::segments(conn)?;
    let present: BTreeMap<_, _> = listing.segments.into_iter().collect();
    for id in known.keys().filter(|id| !present.contains_key(id)).copied() {
        tracing::warn!(path = %layout.segment(id).display(), "this segment is gone, and so are its frames");
        let tx = conn.transaction()?;
        index::drop_segment(&tx, id)?;
        tx.commit()?;
    }
    let mut held = BTreeMap::new();
    for (id, size) in present {
        let trusted = known.get(&id).filter(|row| row.sealed && row.bytes == size);
        let segment = match trusted {
            Some(row) => {
                let stage = if row.whole { Stage::Whole } else { Stage::Thinned };
                Some(Held { bytes: size, frames: row.frames, stage })
            }
            None => mend(layout, conn, id, quiet_us)?,
        };
        held.extend(segment.map(|segment| (id, segment)));
    }
    Ok(held)
}

/// Cuts a torn end off a segment and makes the index agree with the rest; `None` if there is nothing in it.
pub(crate) fn mend(
    layout: &Layout,
    conn: &mut Connection,
    id: SegmentId,
    quiet_us: i64,
) -> Result<Option<Held>, Error> {
    let path = layout.segment(id);
    let bytes = fs::read(&path).at(&path)?;
    let scan = Scan::of(&bytes);
    let end = scan.end();
    let torn = end..bytes.len();
    if !torn.is_empty() {
        // What the index had promised, or what is no frame of ours at all, is not thrown away.
        let promised = index::frame_rows(conn, id)?.iter().any(|row| row.offset >= end as u64);
        if promised || end == 0 {
            set_aside(layout, id, &bytes, &torn)?;
        }
        tracing::warn!(path = %path.display(), bytes = torn.len(), "the end of this segment was torn and is cut off");
    }
    if end == 0 {
        let tx = conn.transaction()?;
        index::drop_segment(&tx, id)?;
        tx.commit()?;
        fs::remove_file(&path).at(&path)?;
        return Ok(None);
    }
    let file = OpenOptions::new().write(true).open(&path).at(&path)?;
    file.set_len(end as u64).and_then(|()| file.sync_all()).at(&path)?;
    let frames = reconcile(conn, id, &scan, quiet_us)?;
    Ok(Some(Held { bytes: end as u64, frames, stage: Stage::Whole }))
}

/// Copies bytes that are no intact frame into the folder for them.
pub(crate) fn set_aside(layout: &Layout, id: SegmentId, bytes: &[u8], range: &Range<usize>) -> Result<PathBuf, Error> {
    let dir = layout.damaged();
    fs::create_dir_all(&dir).at(&dir)?;
    let path = dir.join(format!("{:05}-{:018}-{}.bin", id.camera.0, id.start, range.start));
    write_synced(&path, &bytes[range.clone()])?;
    Ok(path)
}

/// Writes a file and brings it to the disk.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    use std::io::Write as _;
    let mut file = fs::File::create(path).at(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).at(path)
}

/// Makes the rows of a segment those of the frames found in it, and its bars those of the rows. Rows of damaged frames
/// between intact ones stay, so that asking for them tells of the damage. Answers the number of rows.
pub(crate) fn reconcile(conn: &mut Connection, id: SegmentId, scan: &Scan, quiet_us: i64) -> Result<u64, Error> {
    let mut rows: BTreeMap<i64, _> =
        index::frame_rows(conn, id)?.into_iter().map(|row| (row.info.at.0, (row.offset, row.size))).collect();
    let tx = conn.transaction()?;
    let mut frames = 0;
    for found in &scan.frames {
        let at = found.record.info.at.0;
        let place = (found.offset as u64, found.record.stored_len() as u64);
        let row = rows.remove(&at);
        if row != Some(place) {
            if row.is_some() {
                index::remove_frame(&tx, id.camera, at)?;
            }
            if !enter(&tx, id, found, quiet_us)? {
                continue;
            }
        }
        frames += 1;
    }
    for (at, (offset, _)) in rows {
        let at_damage = |damage: &Range<usize>| damage.contains(&(offset as usize)) && scan.is_inside(damage);
        if scan.damaged.iter().any(at_damage) {
            frames += 1;
        } else {
            index::remove_frame(&tx, id.camera, at)?;
        }
    }
    index::rebuild_bars(&tx, id)?;
    index::recount_events(&tx, id.camera, (id.start, id.end()))?;
    index::set_segment(&tx, id, scan.end() as u64, frames, State::Sealed)?;
    tx.commit()?;
    Ok(frames)
}

/// Adds the row of a frame that was found; answers whether it can have one.
fn enter(tx: &Connection, id: SegmentId, found: &Found, quiet_us: i64) -> Result<bool, Error> {
    let info = &found.record.info;
    if !id.covers(info.at.0) || index::has_frame(tx, id.camera, info.at.0)? {
        tracing::warn!(camera = %id.camera, at = %info.at, "this frame is in another segment too, or in the wrong one");
        return Ok(false);
    }
    let info = FrameInfo { camera: id.camera, ..info.clone() };
    let (offset, size) = (found.offset as u64, found.record.stored_len() as u64);
    let grid = Some(&*found.record.grid).filter(|grid| !grid.is_empty());
    let (light, zones) = (found.record.light, &*found.record.zones);
    let row = Row { segment: id, offset, size, info: &info, grid, light, zones, entry: index::Entry::Found };
    index::insert_frames(tx, &[row], quiet_us)?;
    Ok(true)
}
