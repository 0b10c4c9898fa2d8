//! The writing connection: rows of the newest frames wait until there are enough of them, somebody reads, or something else is
//! to be written.
//!
//! A frame is safe once its bytes are in its segment: what had not reached the index when the program ended, the next
//! start finds there. So neither a commit nor a bar's new count need come with each frame: together they cost many times
//! more than the rows themselves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rtm2_app::{Bar, CameraId, FrameInfo, Timestamp};
use rusqlite::{Connection, TransactionBehavior};

use crate::index::{self, Row};
use crate::segment::SegmentId;
use crate::{Appended, Error};

/// Frames whose rows wait at most: about a second of one camera.
const MOST: usize = 32;

/// A stored frame whose row is to be entered.
#[derive(Clone, Debug)]
pub(crate) struct NewRow {
    /// The segment.
    pub(crate) segment: SegmentId,
    /// Where the stored frame begins in it.
    pub(crate) offset: u64,
    /// Its length, the record included.
    pub(crate) size: u64,
    /// What is known of it.
    pub(crate) info: FrameInfo,
    /// The detector's coarse map, if there is one.
    pub(crate) grid: Option<Vec<u8>>,
    /// Whether the light shifted as a whole.
    pub(crate) light: bool,
    /// The zones that something moves in.
    pub(crate) zones: String,
}

impl NewRow {
    fn row(&self) -> Row<'_> {
        let Self { segment, offset, size, info, grid, light, zones } = self;
        let (segment, offset, size, light) = (*segment, *offset, *size, *light);
        Row { segment, offset, size, info, grid: grid.as_deref(), light, zones, entry: index::Entry::New }
    }
}

/// Whether rows wait that readers do not see yet; shared with who reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting(Arc<AtomicBool>);

impl Waiting {
    pub(crate) fn any(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The index as its one writer has it.
#[derive(Debug)]
pub(crate) struct Batch {
    conn: Connection,
    /// How long nothing moves in µs until an event is over.
    quiet_us: i64,
    /// The frames whose rows wait.
    entries: Vec<NewRow>,
    waiting: Waiting,
    /// What is known of each camera's newest frames, those that wait included. Forgotten when something else is written.
    tips: BTreeMap<CameraId, Tip>,
    /// How often the index was changed.
    changes: u64,
}

impl Batch {
    pub(crate) fn new(conn: Connection, quiet_us: i64) -> Self {
        let (entries, waiting) = (Vec::with_capacity(MOST), Waiting::default());
        Self { conn, quiet_us, entries, waiting, tips: BTreeMap::new(), changes: 0 }
    }

    /// Tells whether rows wait.
    pub(crate) fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    /// Another number after each change: what was asked of the index under the same one is still so.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// The index without the rows that wait, to ask for its size.
    pub(crate) fn bare(&self) -> &Connection {
        &self.conn
    }

    /// Whether rows of a segment wait.
    pub(crate) fn is_waiting_for(&self, segment: SegmentId) -> bool {
        self.entries.iter().any(|entry| entry.segment == segment)
    }

    /// The index with nothing waiting, for reading.
    pub(crate) fn rows(&mut self) -> Result<&Connection, Error> {
        self.settle()?;
        Ok(&self.conn)
    }

    /// The index with nothing waiting, for whatever else is to be written.
    pub(crate) fn settled(&mut self) -> Result<&mut Connection, Error> {
        self.settle()?;
        self.tips.clear();
        self.changes += 1;
        Ok(&mut self.conn)
    }

    /// Whether no frame of the camera has this time.
    pub(crate) fn is_free(&mut self, camera: CameraId, at: Timestamp) -> Result<bool, Error> {
        Ok(self.tip(camera)?.is_behind(at) || !index::has_frame(self.rows()?, camera, at.0)?)
    }

    /// Takes a frame of a time that is free; answers its bar and the oldest frame of its camera. After an error it is as if
    /// it had never come.
    pub(crate) fn enter(&mut self, entry: NewRow) -> Result<Appended, Error> {
        let info = &entry.info;
        let (camera, at, motion) = (info.camera, info.at, info.motion);
        let tip = self.tip(camera)?;
        let appended = tip.is_behind(at).then(|| tip.add(at, motion));
        self.entries.push(entry);
        self.waiting.0.store(true, Ordering::Release);
        if appended.is_none() || self.entries.len() >= MOST {
            self.settle().inspect_err(|_| {
                self.entries.pop();
                self.tips.remove(&camera);
            })?;
        }
        let Some(appended) = appended else {
            // The clock was set back.
            self.tips.remove(&camera);
            return Ok(self.find(camera, at).unwrap_or_else(|error| {
                // Its row is entered, so it must not be refused for this.
                tracing::warn!(%camera, %error, "the bar of a frame cannot be told");
                Appended { at, bar: Bar { start: at.second(), count: 0, first: at }, oldest: at }
            }));
        };
        Ok(appended)
    }

    /// Commits what waits; after an error it waits still.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        if self.entries.is_empty() {
            return Ok(());
        }
        self.changes += 1;
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for NewRow { segment, .. } in self.entries.iter().filter(|entry| entry.offset == 0) {
            index::set_segment(&tx, *segment, 0, 0, index::State::Open)?;
        }
        let rows: Vec<_> = self.entries.iter().map(NewRow::row).collect();
        index::insert_frames(&tx, &rows, self.quiet_us)?;
        tx.commit()?;
        self.entries.clear();
        self.waiting.0.store(false, Ordering::Release);
        Ok(())
    }

    fn tip(&mut self, camera: CameraId) -> Result<&mut Tip, Error> {
        if !self.tips.contains_key(&camera) {
            self.settle()?;
            let reader = index::Reader(&self.conn);
            let extent = reader.extent(camera)?;
            let bar = reader.last_bars(camera, 1)?.pop();
            self.tips.insert(camera, Tip { extent, bar });
        }
        Ok(self.tips.entry(camera).or_default())
    }

    /// What [`Self::enter`] answers, from the index.
    fn find(&self, camera: CameraId, at: Timestamp) -> Result<Appended, Error> {
        let (reader, second) = (index::Reader(&self.conn), at.second());
        let bar = reader.bars(camera, (second.0, second.0), index::SECOND_US, 1)?.pop();
        let oldest = reader.first(camera)?.unwrap_or(at);
        Ok(Appended { at, bar: bar.unwrap_or(Bar { start: second, count: 0, first: at }), oldest })
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if let Err(error) = self.settle() {
            tracing::warn!(%error, "the newest frames are not in the index; the next start enters them");
        }
    }
}

/// Where a camera's frames end.
#[derive(Clone, Copy, Debug, Default)]
struct Tip {
    /// Times of the oldest and the newest frame.
    extent: Option<(Timestamp, Timestamp)>,
    /// The newest bar.
    bar: Option<Bar>,
}

impl Tip {
    /// Whether a time is later than all frames.
    fn is_behind(&self, at: Timestamp) -> bool {
        self.extent.is_none_or(|(_, newest)| newest < at)
    }

    /// Adds a frame that is later than all.
    fn add(&mut self, at: Timestamp, motion: bool) -> Appended {
        let start = at.second();
        let mut bar = self.bar.filter(|bar| bar.start == start).unwrap_or(Bar { start, count: 0, first: at });
        if motion {
            bar.count += 1;
            self.bar = Some(bar);
        }
        let oldest = self.extent.map_or(at, |(oldest, _)| oldest);
        self.extent = Some((oldest, at));
        Appended { at, bar, oldest }
    }
}

#[cfg(test)]
mod tests {
    use rtm2_app::{CameraId, Region, Timestamp};
    use tempfile::TempDir;

    use super::*;

    const QUIET_US: i64 = 3_000_000;

    fn opened() -> (TempDir, Batch, Connection) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index.sqlite");
        let batch = Batch::new(index::open_writer(&path, QUIET_US).unwrap(), QUIET_US);
        let reader = index::open_reader(&path).unwrap();
        (dir, batch, reader)
    }

    fn entry(n: i64) -> NewRow {
        let region = Region { x: 1, y: 2, w: 3, h: 4, strength: 5 };
        let info = FrameInfo {
            camera: CameraId(0),
            at: Timestamp(n * 33_333),
            seq: n as u64,
            width: 640,
            height: 480,
            score: 5,
            bytes: 10_000,
            boxes: vec![region; 20],
            motion: true,
        };
        let segment = SegmentId { start: 0, camera: CameraId(0) };
        let offset = n as u64 * 10_100;
        NewRow { segment, offset, size: 10_100, info, grid: Some(vec![3; 192]), light: false, zones: "porch".into() }
    }

    fn frames(conn: &Connection) -> usize {
        index::Reader(conn).frames(CameraId(0), 0, i64::MAX, 10_000).unwrap().len()
    }

    fn bars(conn: &Connection) -> u32 {
        index::Reader(conn).last_bars(CameraId(0), 10_000).unwrap().iter().map(|bar| bar.count).sum()
    }

    #[test]
    fn rows_wait_for_company_and_are_told_of() {
        let (_dir, mut batch, reader) = opened();
        let waiting = batch.waiting();
        for n in 0..MOST as i64 - 1 {
            batch.enter(entry(n)).unwrap();
            assert!(waiting.any());
            assert_eq!(frames(&reader), 0, "the frame {n}");
        }
        let last = batch.enter(entry(MOST as i64 - 1)).unwrap();
        assert!(!waiting.any());
        assert_eq!((frames(&reader), bars(&reader)), (MOST, MOST as u32));
        assert_eq!((last.bar.count, last.oldest), (1, Timestamp(0)), "of the second that began two frames ago");
        batch.enter(entry(MOST as i64)).unwrap();
        batch.settled().unwrap();
        assert_eq!((frames(&reader), waiting.any()), (MOST + 1, false));
    }

    #[test]
    fn a_failure_costs_no_row_but_its_own() {
        let (_dir, mut batch, reader) = opened();
        let pages: i64 = batch.bare().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        let limit = |batch: &Batch, pages: i64| {
            batch.bare().query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
        };
        limit(&batch, pages + 3);
        let mut taken = 0;
        let error = (0..1000).find_map(|n| {
            let entered = batch.enter(entry(n));
            taken += usize::from(entered.is_ok());
            entered.err()
        });
        assert!(error.is_some_and(|error| error.is_full()), "a full index is told as such");
        let failed = taken as i64;
        assert!(batch.enter(entry(failed)).is_err(), "and again");
        limit(&batch, 100_000);
        batch.enter(entry(failed + 1)).unwrap();
        batch.settle().unwrap();
        assert_eq!((frames(&reader), bars(&reader)), (taken + 1, taken as u32 + 1));
        assert!(!index::has_frame(&reader, CameraId(0), entry(failed).info.at.0).unwrap());
        assert_eq!(index::bars_that_disagree(&reader).unwrap(), 0);
        assert_eq!(index::events_that_disagree(&reader).unwrap(), (0, 0));
    }

    #[test]
    fn bars_are_told_as_they_will_be() {
        let (_dir, mut batch, _reader) = opened();
        let mut still = entry(0);
        still.info.motion = false;
        assert_eq!(batch.enter(still).unwrap().bar.count, 0);
        // Over several seconds and batches; then the clock is set back, between frames that are there.
        let times = (1..100).map(|n| n * 33_333).chain([50_000, 3_010_000, 3_300_000]);
        for (n, at) in times.enumerate() {
            let mut row = entry(n as i64 + 1);
            row.info.at = Timestamp(at);
            assert!(batch.is_free(CameraId(0), row.info.at).unwrap());
            let told = batch.enter(row).unwrap();
            assert_eq!((told.at, told.oldest), (Timestamp(at), Timestamp(0)));
            assert!(!batch.is_free(CameraId(0), Timestamp(at)).unwrap());
            let second = (told.bar.start.0, told.bar.start.0);
            let stored = index::Reader(&batch.conn).bars(CameraId(0), second, index::SECOND_US, 1).unwrap();
            // Asking whether it is free entered all.
            assert_eq!(stored, [told.bar]);
        }
        assert_eq!(index::bars_that_disagree(&batch.conn).unwrap(), 0);
        assert_eq!(index::events_that_disagree(&batch.conn).unwrap(), (0, 0));
    }

    #[test]
    fn cameras_take_turns() {
        let (_dir, mut batch, reader) = opened();
        for n in 0..200 {
            let mut row = entry(n);
            (row.segment.camera, row.info.camera) = (CameraId(n as u16 % 3), CameraId(n as u16 % 3));
            batch.enter(row).unwrap();
        }
        batch.settle().unwrap();
        for camera in 0..3 {
            assert_eq!(
                index::Reader(&reader).frames(CameraId(camera), 0, i64::MAX, 1000).unwrap().len(),
                66 + usize::from(camera < 2)
            );
        }
        assert_eq!(index::bars_that_disagree(&reader).unwrap(), 0);
        assert_eq!(index::events_that_disagree(&reader).unwrap(), (0, 0));
    }

    #[test]
    fn what_waits_at_the_end_is_entered() {
        let (_dir, mut batch, reader) = opened();
        batch.enter(entry(0)).unwrap();
        drop(batch);
        assert_eq!(frames(&reader), 1);
    }
}
