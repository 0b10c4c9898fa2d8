//! Finds problems, changes nothing.

use std::collections::BTreeMap;
use std::fs;

use rusqlite::Connection;

use super::{Index, Report};
use crate::Error;
use crate::error::At as _;
use crate::index::{self, SegmentRow};
use crate::jpeg;
use crate::layout::Layout;
use crate::segment::{Scan, SegmentId};

/// Looks at everything.
pub(super) fn report(layout: &Layout) -> Result<Report, Error> {
    let mut report = Report::default();
    let listing = layout.list()?;
    report.notes.extend(listing.strays.iter().map(|path| format!("{} does not belong there", path.display())));
    let leftover = |path: &std::path::PathBuf| format!("{} was left by a repair cut short", path.display());
    report.problems.extend(listing.unfinished.iter().map(leftover));
    let index = match super::open_index(layout)? {
        Index::Usable(conn) => Some(conn),
        Index::Older => {
            report.notes.push("an earlier version wrote the index; the next start brings it to today's layout".into());
            None
        }
        // A directory in which nothing was ever recorded.
        Index::Useless(_) if listing.segments.is_empty() && !layout.index().exists() => return Ok(report),
        Index::Useless(why) => {
            report.problems.push(format!("{why}; the next start builds it anew from the segments"));
            None
        }
    };
    let mut known = index.as_ref().map_or_else(|| Ok(BTreeMap::new()), index::segments)?;
    for (id, _) in listing.segments {
        let row = known.remove(&id);
        segment(layout, index.as_ref(), id, row, &mut report)?;
    }
    let missing = |id: &SegmentId| format!("{} is in the index but is gone", layout.segment(*id).display());
    report.problems.extend(known.keys().map(missing));
    if let Some(conn) = &index {
        whole_index(conn, &mut report)?;
    }
    stills(layout, &mut report)?;
    Ok(report)
}

/// Looks at the files of still frames.
fn stills(layout: &Layout, report: &mut Report) -> Result<(), Error> {
    let listing = layout.list_stills()?;
    report.notes.extend(listing.strays.iter().map(|path| format!("{} does not belong there", path.display())));
    for (id, _) in listing.segments {
        let path = layout.still(id);
        let bytes = fs::read(&path).at(&path)?;
        let scan = Scan::of(&bytes);
        report.stills += scan.frames.len() as u64;
        report.bytes += bytes.len() as u64;
        for damage in &scan.damaged {
            let (name, from, to) = (path.display(), damage.start, damage.end);
            if scan.is_inside(damage) {
                report.problems.push(format!("{name}: bytes {from} to {to} are damaged"));
            } else {
                report.notes.push(format!("{name}: bytes {from} to {to} at the end are of a frame cut short"));
            }
        }
    }
    Ok(())
}

/// What only the index as a whole shows.
fn whole_index(conn: &Connection, report: &mut Report) -> Result<(), Error> {
    for id in index::orphans(conn)? {
        report
            .problems
            .push(format!("the index has frames of camera {} in an unknown segment {}", id.camera, id.start));
    }
    let bars = index::bars_that_disagree(conn)?;
    if bars > 0 {
        report.problems.push(format!("{bars} bars do not say what the frames say"));
    }
    let (homeless, wrong) = index::events_that_disagree(conn)?;
    if homeless > 0 {
        report.problems.push(format!("{homeless} frames of motion belong to no event"));
    }
    if wrong > 0 {
        report.problems.push(format!("{wrong} events do not say how many of their frames are stored"));
    }
    Ok(())
}

/// Looks at one segment.
fn segment(
    layout: &Layout,
    index: Option<&Connection>,
    id: SegmentId,
    row: Option<SegmentRow>,
    report: &mut Report,
) -> Result<(), Error> {
    let path = layout.segment(id);
    let name = path.display();
    let bytes = fs::read(&path).at(&path)?;
    let scan = Scan::of(&bytes);
    report.segments += 1;
    report.frames += scan.frames.len() as u64;
    report.bytes += bytes.len() as u64;
    for damage in &scan.damaged {
        let what = if scan.is_inside(damage) { "are damaged" } else { "at the end are torn or damaged" };
        report.problems.push(format!("{name}: bytes {} to {} {what}", damage.start, damage.end));
    }
    if bytes.is_empty() {
        report.problems.push(format!("{name} is empty"));
    }
    for found in &scan.frames {
        let whole =
            found.record.jpeg(&bytes[found.range()]).is_some_and(|jpeg| jpeg::length(&jpeg) == Some(jpeg.len()));
        if !whole {
            let at = found.record.info.at;
            report.notes.push(format!("{name}: frame {at} was recorded as it came, but is no whole JPEG"));
        }
    }
    if let Some(conn) = index {
        rows(conn, id, row, &scan, (bytes.len() as u64, &name.to_string()), report)?;
    }
    Ok(())
}

/// Compares a segment with its rows.
fn rows(
    conn: &Connection,
    id: SegmentId,
    row: Option<SegmentRow>,
    scan: &Scan,
    (size, name): (u64, &str),
    report: &mut Report,
) -> Result<(), Error> {
    let mut rows: BTreeMap<_, _> =
        index::frame_rows(conn, id)?.into_iter().map(|row| (row.info.at, (row.offset, row.size))).collect();
    let indexed = rows.len() as u64;
    match row {
        None => report.problems.push(format!("{name} is not in the index")),
        Some(row) if row.sealed && (row.bytes, row.frames) != (size, indexed) => report.problems.push(format!(
            "{name} has {size} bytes and {indexed} frames, the index says {} and {}",
            row.bytes, row.frames
        )),
        Some(_) => {}
    }
    for found in &scan.frames {
        let at = found.record.info.at;
        match rows.remove(&at) {
            Some(place) if place == (found.offset as u64, found.record.stored_len() as u64) => {}
            Some(_) => report.problems.push(format!("{name}: the index has frame {at} in another place")),
            None if row.is_some() => report.problems.push(format!("{name}: frame {at} is not in the index")),
            None => {}
        }
    }
    report.problems.extend(rows.keys().map(|at| format!("{name}: frame {at} is in the index but not intact")));
    Ok(())
}
