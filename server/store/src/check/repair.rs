//! Mends what the inspection finds.

use std::fs;

use rusqlite::Connection;

use crate::Error;
use crate::error::At as _;
use crate::index;
use crate::layout::{Layout, UNFINISHED};
use crate::recover::{self, reconcile, set_aside, write_synced};
use crate::segment::{Scan, SegmentId};
use crate::stills;

/// Mends a directory in which events end after `quiet_us` without motion; answers what was done, a sentence each.
pub(super) fn repair(layout: &Layout, quiet_us: i64) -> Result<Vec<String>, Error> {
    let mut done: Vec<String> = super::renew_index(layout)?.into_iter().collect();
    // Opening mends all that needs no reading of finished segments: torn ends, lost files, files the index lacks.
    let (mut conn, held) = recover::open(layout, quiet_us)?;
    done.push("the index and unfinished segments were brought into agreement".into());
    for id in index::orphans(&conn)? {
        let tx = conn.transaction()?;
        index::drop_segment(&tx, id)?;
        tx.commit()?;
    }
    for &id in held.keys() {
        done.extend(segment(layout, &mut conn, id, quiet_us)?);
    }
    for (id, _) in layout.list_stills()?.segments {
        for aside in stills::set_damage_aside(layout, id)? {
            done.push(format!("{}: damaged bytes were moved to {}", layout.still(id).display(), aside.display()));
        }
    }
    index::rebuild_all_bars(&mut conn)?;
    index::mend_events(&mut conn, quiet_us)?;
    index::checkpoint(&conn)?;
    Ok(done)
}

/// Mends one segment; answers what was done.
fn segment(layout: &Layout, conn: &mut Connection, id: SegmentId, quiet_us: i64) -> Result<Vec<String>, Error> {
    let path = layout.segment(id);
    let bytes = fs::read(&path).at(&path)?;
    let scan = Scan::of(&bytes);
    if scan.damaged.is_empty() {
        reconcile(conn, id, &scan, quiet_us)?;
        return Ok(Vec::new());
    }
    let mut done = Vec::new();
    for damage in &scan.damaged {
        let aside = set_aside(layout, id, &bytes, damage)?;
        let (from, to) = (damage.start, damage.end);
        done.push(format!("{}: bytes {from} to {to} were moved to {}", path.display(), aside.display()));
    }
    let good: Vec<u8> = scan.frames.iter().flat_map(|found| &bytes[found.range()]).copied().collect();
    // The whole file is replaced at once; the index is brought to it afterwards, by the next start at the latest,
    // because a finished segment of another size is looked through again.
    let new = path.with_extension(UNFINISHED.trim_start_matches('.'));
    write_synced(&new, &good)?;
    fs::rename(&new, &path).at(&path)?;
    recover::mend(layout, conn, id, quiet_us)?;
    Ok(done)
}
