//! Retention: what is held, and what goes first when a budget or the volume is used up. `docs/store.md` has the order.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use rtm2_app::CameraId;

use crate::Error;
use crate::error::At as _;
use crate::index;
use crate::segment::SegmentId;
use crate::writer::Writer;

/// Bytes kept free for the index's journal: twice its usual size.
const JOURNAL_RESERVE: u64 = 2 << 20;
/// Bytes kept free for the memory that the index's processes share.
const SHARED_RESERVE: u64 = 64 << 10;
/// Bytes kept free for what one append adds to the index.
const INDEX_SLACK: u64 = 64 << 10;
/// Share of the budget that the index may use while it holds events that nothing is left of.
const RECORDS_SHARE: u64 = 8;
/// Events without frames that are forgotten at a time.
const SHED: usize = 32;

/// How much of a segment is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Every frame that was recorded.
    #[default]
    Whole,
    /// What events keep longest, and what is pinned.
    Thinned,
    /// What is pinned alone: nothing of it may go.
    Pinned,
}

/// A segment's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Frames that the index has in it.
    pub(crate) frames: u64,
    /// How much of it is left.
    pub(crate) stage: Stage,
}

/// Bytes of several segments, and how many of them are in whole ones.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    bytes: u64,
    whole: u64,
}

impl Sum {
    fn add(&mut self, held: Held) {
        self.bytes += held.bytes;
        self.whole += if held.stage == Stage::Whole { held.bytes } else { 0 };
    }

    fn subtract(&mut self, held: Held) {
        self.bytes -= held.bytes;
        self.whole -= if held.stage == Stage::Whole { held.bytes } else { 0 };
    }
}

/// Everything that takes room beside the index.
#[derive(Debug)]
pub(crate) struct Holdings {
    segments: BTreeMap<SegmentId, Held>,
    cameras: BTreeMap<CameraId, Sum>,
    all: Sum,
    /// Files that repairs set aside.
    set_aside: Vec<(PathBuf, u64)>,
    /// Bytes of these and of the marks.
    beside: u64,
}

impl Holdings {
    /// Adds up segments, files set aside, and the bytes of marks.
    pub(crate) fn new(segments: BTreeMap<SegmentId, Held>, set_aside: Vec<(PathBuf, u64)>, marks: u64) -> Self {
        let beside = set_aside.iter().map(|(_, size)| *size).sum::<u64>() + marks;
        let empty = (BTreeMap::new(), BTreeMap::new(), Sum::default());
        let mut holdings = Self { segments: empty.0, cameras: empty.1, all: empty.2, set_aside, beside };
        for (id, held) in segments {
            holdings.set(id, Some(held));
        }
        holdings
    }

    /// Bytes of all.
    pub(crate) fn bytes(&self) -> u64 {
        self.all.bytes + self.beside
    }

    /// A segment.
    pub(crate) fn get(&self, id: SegmentId) -> Option<Held> {
        self.segments.get(&id).copied()
    }

    /// What each camera holds: bytes and frames.
    pub(crate) fn by_camera(&self) -> BTreeMap<CameraId, Held> {
        let mut cameras = BTreeMap::<_, Held>::new();
        for (id, held) in &self.segments {
            let sum = cameras.entry(id.camera).or_default();
            sum.bytes += held.bytes;
            sum.frames += held.frames;
        }
        cameras
    }

    /// The segments that may hold frames of a camera between two times.
    pub(crate) fn touching(&self, camera: CameraId, from: i64, to: i64) -> Vec<SegmentId> {
        let touches = |id: &&SegmentId| id.camera == camera && id.start <= to && id.end() >= from;
        self.segments.keys().filter(touches).copied().collect()
    }

    /// Says what a segment is now; `None` when it is gone.
    pub(crate) fn set(&mut self, id: SegmentId, held: Option<Held>) {
        let old = match held {
            Some(held) => self.segments.insert(id, held),
            None => self.segments.remove(&id),
        };
        let camera = self.cameras.entry(id.camera).or_default();
        for sum in [camera, &mut self.all] {
            if let Some(old) = old {
                sum.subtract(old);
            }
            if let Some(held) = held {
                sum.add(held);
            }
        }
    }

    /// A segment got one more frame.
    pub(crate) fn grow(&mut self, id: SegmentId, bytes: u64) {
        let held = self.get(id).unwrap_or_default();
        self.set(id, Some(Held { bytes: held.bytes + bytes, frames: held.frames + 1, stage: held.stage }));
    }

    /// Bytes of marks were written or removed.
    pub(crate) fn marks_changed(&mut self, before: u64, after: u64) {
        self.beside = self.beside.saturating_sub(before) + after;
    }

    /// Nothing is known any more to be all pinned: a pin was taken off.
    pub(crate) fn look_again(&mut self) {
        let pinned: Vec<_> = self.segments.iter().filter(|(_, held)| held.stage == Stage::Pinned).collect();
        let pinned: Vec<_> = pinned.into_iter().map(|(id, held)| (*id, *held)).collect();
        for (id, held) in pinned {
            self.set(id, Some(Held { stage: Stage::Thinned, ..held }));
        }
    }

    fn sum(&self, scope: Scope) -> Sum {
        match scope {
            Scope::Camera(camera) => self.cameras.get(&camera).copied().unwrap_or_default(),
            Scope::All => self.all,
        }
    }
}

/// Whose frames have to give way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One camera's.
    Camera(CameraId),
    /// The oldest of any camera.
    All,
}

impl Scope {
    pub(crate) fn has(self, id: SegmentId) -> bool {
        self == Self::All || self == Self::Camera(id.camera)
    }
}

impl Writer {
    /// Gives up old frames until `size` more bytes of a camera are within all budgets and the volume keeps its floor.
    pub(crate) fn make_room(&mut self, camera: Option<CameraId>, size: u64) -> Result<(), Error> {
        while let Some(scope) = self.too_full(camera, size)? {
            if !self.give_way(scope)? {
                return Err(Error::Full);
            }
        }
        Ok(())
    }

    /// Which limit the bytes would pass.
    fn too_full(&self, camera: Option<CameraId>, size: u64) -> Result<Option<Scope>, Error> {
        if let Some(camera) = camera
            && let Some(most) = self.limits.cameras.get(&camera)
            && self.holdings.sum(Scope::Camera(camera)).bytes + self.stills.bytes(Scope::Camera(camera)) + size > *most
        {
            return Ok(Some(Scope::Camera(camera)));
        }
        let over = self.reserved()? + size > self.limits.budget;
        let floor = self.limits.min_free > 0 && self.volume_free()? < self.limits.min_free + size;
        Ok((over || floor).then_some(Scope::All))
    }

    /// Bytes in use or set apart: for the index's journal, and for a segment that is written anew when it is thinned.
    fn reserved(&self) -> Result<u64, Error> {
        let index = self.index_bytes()?;
        Ok(self.holdings.bytes() + self.stills.bytes(Scope::All) + index + INDEX_SLACK + self.limits.segment)
    }

    /// Bytes of the index with those set apart for its journal; asked anew only after a change.
    fn index_bytes(&self) -> Result<u64, Error> {
        let changes = self.index.changes();
        if let Some((as_of, bytes)) = self.index_bytes.get()
            && as_of == changes
        {
            return Ok(bytes);
        }
        let (journal, memory) = self.layout.journal_bytes();
        let bytes = index::page_bytes(self.index.bare())? + journal.max(JOURNAL_RESERVE) + memory.max(SHARED_RESERVE);
        self.index_bytes.set(Some((changes, bytes)));
        Ok(bytes)
    }

    /// Bytes that can be recorded until something has to give way.
    pub(crate) fn left(&self) -> Result<u64, Error> {
        let budget = self.limits.budget.saturating_sub(self.reserved()?);
        Ok(budget.min(self.volume_free()?.saturating_sub(self.limits.min_free)))
    }

    /// Bytes free on the volume for this user.
    pub(crate) fn volume_free(&self) -> Result<u64, Error> {
        #[cfg(test)]
        if let Some(volume) = self.volume {
            return Ok(volume.saturating_sub(self.holdings.bytes()));
        }
        let volume = rustix::fs::statvfs(&self.layout.0).map_err(io::Error::from).at(&self.layout.0)?;
        Ok(volume.f_bavail.saturating_mul(volume.f_frsize))
    }

    /// Brings a directory within budgets that may have been lowered, before anything is written.
    pub(crate) fn fit(&mut self) -> Result<(), Error> {
        while self.reserved()? - index::free_bytes(self.index.bare())? > self.limits.budget {
            if !self.give_way(Scope::All)? {
                break;
            }
        }
        // Pages of the index that are no longer used are used again, so they matter only when most of them are free.
        if index::free_bytes(self.index.bare())? * 2 > index::page_bytes(self.index.bare())? {
            index::compact(self.index.settled()?)?;
        }
        let cameras: Vec<_> = self.limits.cameras.keys().copied().map(Some).collect();
        for camera in cameras.into_iter().chain([None]) {
            match self.make_room(camera, 0) {
                // Pinned events may fill a lowered budget: they stay, and new frames are refused until there is room.
                Err(Error::Full) => tracing::warn!("pinned events use up the room for recordings; unpin some of them"),
                done => done?,
            }
        }
        Ok(())
    }

    /// Gives up what is worth least; answers whether there was anything.
    pub(crate) fn give_way(&mut self, scope: Scope) -> Result<bool, Error> {
        if let Some((path, size)) = self.holdings.set_aside.pop() {
            remove(&path)?;
            self.holdings.beside -= size;
            return Ok(true);
        }
        let index_used = index::page_bytes(self.index.bare())? - index::free_bytes(self.index.bare())?;
        if index_used > self.limits.budget / RECORDS_SHARE && index::shed_records(self.index.settled()?, SHED)? > 0 {
            return Ok(true);
        }
        loop {
            if let Some(id) = self.still_to_go(scope) {
                return self.drop_still(id).map(|()| true);
            }
            let Some((id, stage)) = self.next_victim(scope) else { return Ok(false) };
            if self.is_open(id) {
                self.seal_one(id.camera)?;
            }
            let done = match stage {
                // Made under a larger budget: beside it there may be no room to write it anew.
                Stage::Whole if self.is_oversized(id) && !self.has_pinned(id)? => self.drop_whole(id).map(|()| 1),
                Stage::Whole => self.thin(id),
                Stage::Thinned | Stage::Pinned => self.keep_pinned(id),
            };
            match done {
                // No room to write the rest of it anew: what has nothing pinned in it can go as it is.
                Err(error) if error.is_full() => return self.give_up(scope),
                Ok(0) => {}
                done => return done.map(|_| true),
            }
        }
    }

    /// The segment that gives way next, and from which stage.
    pub(crate) fn next_victim(&self, scope: Scope) -> Option<(SegmentId, Stage)> {
        let in_scope = || self.holdings.segments.iter().filter(|(id, _)| scope.has(**id));
        let oldest = |stage: Stage, open: bool| {
            in_scope().find(|(id, held)| held.stage == stage && self.is_open(**id) == open).map(|(id, _)| (*id, stage))
        };
        let whole = oldest(Stage::Whole, false);
        let thinned = oldest(Stage::Thinned, false);
        let sum = self.holdings.sum(scope);
        // Thinned events take up to half of the room: then the oldest of them go, so that newer ones stay whole.
        let first = if sum.whole * 2 >= sum.bytes { whole.or(thinned) } else { thinned.or(whole) };
        first.or_else(|| oldest(Stage::Whole, true))
    }

    /// Whether a segment is larger than any that is written today.
    fn is_oversized(&self, id: SegmentId) -> bool {
        self.holdings.get(id).is_some_and(|held| held.bytes > self.limits.segment.max(self.limits.frame))
    }

    /// Whether a segment is still written to.
    pub(crate) fn is_open(&self, id: SegmentId) -> bool {
        self.writing.get(&id.camera).is_some_and(|writing| writing.id == id)
    }

    /// Gives up all still frames, and where they are fewer than a segment also the oldest segment without a pinned frame
    /// as a whole: for a volume that has no room for anything else.
    pub(crate) fn give_up(&mut self, scope: Scope) -> Result<bool, Error> {
        let freed = self.drop_stills(scope)?;
        if freed >= self.limits.segment {
            return Ok(true);
        }
        let mut ids: Vec<_> = self.holdings.segments.keys().copied().filter(|id| scope.has(*id)).collect();
        ids.sort_by_key(|id| (self.is_open(*id), *id));
        for id in ids {
            if !self.has_pinned(id)? {
                self.drop_whole(id)?;
                return Ok(true);
            }
        }
        Ok(freed > 0)
    }

    /// Drops a segment with all that is in it.
    pub(crate) fn drop_whole(&mut self, id: SegmentId) -> Result<(), Error> {
        if self.is_open(id) {
            self.writing.remove(&id.camera);
        }
        let path = self.layout.segment(id);
        // Rows first, so that no row points at nothing. On a volume so full that not even the rows can go, the file
        // goes first; a crash in between is mended by the next start.
        match self.forget(id) {
            Err(error) if error.is_full() => {
                empty_and_remove(&path)?;
                self.forget(id)?;
            }
            forgotten => {
                forgotten?;
                empty_and_remove(&path)?;
            }
        }
        self.holdings.set(id, None);
        tracing::debug!(camera = %id.camera, start = id.start, "a segment was given up");
        Ok(())
    }

    /// Takes a segment out of the index.
    fn forget(&mut self, id: SegmentId) -> Result<(), Error> {
        let tx = self.index.settled()?.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        index::drop_segment(&tx, id)?;
        Ok(tx.commit()?)
    }
}

/// Removes a segment. Emptied first, because the thread that brings files to the disk may hold it open for a second yet,
/// and a full volume needs its bytes now.
fn empty_and_remove(path: &std::path::Path) -> Result<(), Error> {
    if let Ok(file) = fs::OpenOptions::new().write(true).open(path) {
        file.set_len(0).at(path)?;
    }
    remove(path)
}

/// Removes a file; that it is gone already is as good.
pub(crate) fn remove(path: &std::path::Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::Io { path: path.to_owned(), source }),
        _ => Ok(()),
    }
}
