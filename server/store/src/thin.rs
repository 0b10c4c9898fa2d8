//! Thinning: a segment is written anew with fewer frames. What stays of an event longest is its first frame, its best
//! and its last; frames of pinned events stay all.

use std::collections::BTreeSet;
use std::fs;

use rtm2_app::{CameraId, Event, Timestamp};

use crate::Error;
use crate::error::At as _;
use crate::index::{self, FrameRow, State};
use crate::layout::UNFINISHED;
use crate::record::Record;
use crate::recover::write_synced;
use crate::retain::{Held, Stage};
use crate::segment::SegmentId;
use crate::writer::Writer;

/// What stays of a segment.
struct Stay {
    /// Times of the frames that stay.
    times: BTreeSet<i64>,
    /// Ranges of time in which every frame stays.
    ranges: Vec<(i64, i64)>,
}

impl Stay {
    /// Pinned events alone.
    fn pinned(events: &[Event]) -> Self {
        let ranges = events.iter().filter(|event| event.pinned).map(|event| (event.from.0, event.to.0)).collect();
        Self { times: BTreeSet::new(), ranges }
    }

    /// Also the frames that tell what every event was.
    fn telling(events: &[Event]) -> Self {
        let times = events.iter().flat_map(|event| [event.start.0, event.peak.0, event.end.0]).collect();
        Self { times, ..Self::pinned(events) }
    }

    fn has(&self, at: i64) -> bool {
        self.times.contains(&at) || self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&at))
    }
}

impl Writer {
    /// Takes all frames out of a finished segment but those that tell what its events were. Answers the bytes freed.
    pub(crate) fn thin(&mut self, id: SegmentId) -> Result<u64, Error> {
        let stay = Stay::telling(&self.events_in(id)?);
        self.rewrite(id, Stage::Thinned, |at| stay.has(at))
    }

    /// Takes all frames out of a finished segment but those of pinned events. Answers the bytes freed.
    pub(crate) fn keep_pinned(&mut self, id: SegmentId) -> Result<u64, Error> {
        let stay = Stay::pinned(&self.events_in(id)?);
        self.rewrite(id, Stage::Pinned, |at| stay.has(at))
    }

    /// Whether any frame of a segment belongs to a pinned event, or may: on a volume so full that the newest rows cannot be
    /// entered, it is not known yet which event theirs is.
    pub(crate) fn has_pinned(&mut self, id: SegmentId) -> Result<bool, Error> {
        match self.index.settle() {
            Err(error) if error.is_full() && self.index.is_waiting_for(id) => return Ok(true),
            Err(error) if !error.is_full() => return Err(error),
            _ => {}
        }
        let (conn, around) = (self.index.bare(), self.limits.quiet_us);
        let stay = Stay::pinned(&index::events_touching(conn, id.camera, (id.start, id.end()), around)?);
        Ok(!stay.ranges.is_empty() && index::frame_rows(conn, id)?.iter().any(|row| stay.has(row.info.at.0)))
    }

    /// Deletes an event with its frames, wherever they are.
    pub(crate) fn delete_event(&mut self, camera: CameraId, start: Timestamp) -> Result<(), Error> {
        let event = index::find_event(self.index.rows()?, camera, start)?.ok_or(Error::NoEvent { camera, start })?;
        if event.pinned {
            return Err(Error::Pinned);
        }
        let gone = event.from.0..=event.to.0;
        for id in self.holdings.touching(camera, event.from.0, event.to.0) {
            let touched = index::frame_rows(self.index.rows()?, id)?.iter().any(|row| gone.contains(&row.info.at.0));
            if !touched {
                continue;
            }
            if self.is_open(id) {
                self.seal_one(camera)?;
            }
            let stage = self.holdings.get(id).map_or(Stage::Whole, |held| held.stage);
            self.rewrite(id, stage, |at| !gone.contains(&at))?;
        }
        self.delete_stills(camera, (event.from.0, event.to.0))?;
        self.unmark(&event)?;
        let tx = self.index.settled()?.transaction()?;
        index::remove_event(&tx, camera, start)?;
        index::drop_features(&tx, &event)?;
        Ok(tx.commit()?)
    }

    fn events_in(&mut self, id: SegmentId) -> Result<Vec<Event>, Error> {
        index::events_touching(self.index.rows()?, id.camera, (id.start, id.end()), self.limits.quiet_us)
    }

    /// Writes a finished segment anew with the frames that stay; drops it if none do. Answers the bytes freed.
    ///
    /// The new file is complete beside the old one before the index says where its frames are, and takes the old one's
    /// place after that. A crash in between leaves a segment of another size than the index says, which the next start
    /// goes through: the frames are all there still.
    fn rewrite(&mut self, id: SegmentId, stage: Stage, stays: impl Fn(i64) -> bool) -> Result<u64, Error> {
        let old = self.holdings.get(id).unwrap_or_default();
        let rows = index::frame_rows(self.index.rows()?, id)?;
        let (mut stay, mut go): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| stays(row.info.at.0));
        if stay.is_empty() {
            self.drop_whole(id)?;
            return Ok(old.bytes.max(1));
        }
        if go.is_empty() {
            return self.note_stage(id, old, stage).map(|()| 0);
        }
        let path = self.layout.segment(id);
        let bytes = fs::read(&path).at(&path)?;
        let whole = |row: &FrameRow| stored(&bytes, row).is_some();
        let damaged: Vec<_> = stay.extract_if(.., |row| !whole(row)).collect();
        go.extend(damaged);
        if stay.is_empty() {
            self.drop_whole(id)?;
            return Ok(old.bytes.max(1));
        }
        stay.sort_by_key(|row| row.offset);
        let new: Vec<u8> = stay.iter().filter_map(|row| stored(&bytes, row)).flatten().copied().collect();
        let beside = path.with_extension(UNFINISHED.trim_start_matches('.'));
        if let Err(error) = write_synced(&beside, &new).and_then(|()| self.move_rows(id, &stay, &go, &new, stage)) {
            // It is of no use any more; what cannot be removed the next start removes.
            let _ = fs::remove_file(&beside);
            return Err(error);
        }
        fs::rename(&beside, &path).at(&path)?;
        self.sync_folder(id.camera)?;
        self.holdings.set(id, Some(Held { bytes: new.len() as u64, frames: stay.len() as u64, stage }));
        Ok(old.bytes.saturating_sub(new.len() as u64).max(1))
    }

    /// Says in the index where the frames of a segment are after it was written anew.
    fn move_rows(
        &mut self,
        id: SegmentId,
        stay: &[FrameRow],
        go: &[FrameRow],
        new: &[u8],
        stage: Stage,
    ) -> Result<(), Error> {
        let tx = self.index.settled()?.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for row in go {
            index::remove_frame(&tx, id.camera, row.info.at.0)?;
        }
        let mut offset = 0;
        for row in stay {
            index::move_frame(&tx, id.camera, row.info.at.0, offset)?;
            offset += row.size;
        }
        index::set_segment(&tx, id, new.len() as u64, stay.len() as u64, sealed(stage))?;
        index::rebuild_bars(&tx, id)?;
        index::recount_events(&tx, id.camera, (id.start, id.end()))?;
        Ok(tx.commit()?)
    }

    /// Remembers that a segment needs no rewriting to be in a stage.
    fn note_stage(&mut self, id: SegmentId, held: Held, stage: Stage) -> Result<(), Error> {
        index::set_segment(self.index.settled()?, id, held.bytes, held.frames, sealed(stage))?;
        self.holdings.set(id, Some(Held { stage, ..held }));
        Ok(())
    }

    /// Removes the marks of an event.
    fn unmark(&mut self, event: &Event) -> Result<(), Error> {
        let before = self.marks.bytes();
        self.marks.remove(event.camera, event.start.0, event.end.0)?;
        self.holdings.marks_changed(before, self.marks.bytes());
        Ok(())
    }
}

/// How the index writes a stage of a finished segment.
fn sealed(stage: Stage) -> State {
    if stage == Stage::Whole { State::Sealed } else { State::Thinned }
}

/// The bytes of a stored frame in its segment's, if they are intact.
fn stored<'a>(bytes: &'a [u8], row: &FrameRow) -> Option<&'a [u8]> {
    let (from, size) = (row.offset as usize, row.size as usize);
    let stored = bytes.get(from..from.checked_add(size)?)?;
    let record = Record::parse(stored)?;
    let right = record.info.at == row.info.at && record.stored_len() == size && record.is_intact(stored);
    right.then_some(stored)
}
