//! The one that writes: bytes into the camera's open segment, then the frame's row into the index.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use rtm2_app::{CameraId, FrameInfo, Timestamp};
use rusqlite::Connection;

use crate::batch::{Batch, NewRow};
use crate::error::At as _;
use crate::index;
use crate::layout::Layout;
use crate::marks::Marks;
use crate::retain::{Holdings, Scope};
use crate::segment::{SegmentId, Writing};
use crate::stills::Stills;
use crate::sync::Syncer;
use crate::types::Limits;
use crate::{Appended, Error, MAX_GRID, MAX_TIME, NewFrame, jpeg, record};

/// Times tried one after the other before the end of what is stored is looked up: a camera whose clock stands still
/// must not search through all its frames for every new one.
const BUMPS: usize = 16;

/// The writing half of a store on disk.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) layout: Layout,
    pub(crate) index: Batch,
    pub(crate) limits: Limits,
    /// What people said of events.
    pub(crate) marks: Marks,
    /// Finished and open segments with their sizes.
    pub(crate) holdings: Holdings,
    /// The open segment of each camera that has one.
    pub(crate) writing: BTreeMap<CameraId, Writing>,
    /// Pictures at a low rate while nothing moves.
    pub(crate) stills: Stills,
    pub(crate) syncer: Syncer,
    /// Bytes that count for the index, as of so many of its changes.
    pub(crate) index_bytes: Cell<Option<(u64, u64)>>,
    /// In tests: bytes of segments at which the volume is full.
    #[cfg(test)]
    pub(crate) volume: Option<u64>,
}

impl Writer {
    /// A writer for a directory that was brought in order.
    pub(crate) fn new(
        layout: Layout,
        conn: Connection,
        limits: Limits,
        holdings: Holdings,
        marks: Marks,
    ) -> Result<Self, Error> {
        let stills = Stills::open(&layout)?;
        let syncer = Syncer::start().at(&layout.0)?;
        Ok(Self {
            layout,
            index: Batch::new(conn, limits.quiet_us),
            limits,
            holdings,
            marks,
            writing: BTreeMap::new(),
            stills,
            syncer,
            index_bytes: Cell::default(),
            #[cfg(test)]
            volume: None,
        })
    }

    /// Stores a frame. On a full volume the oldest segment without a pinned frame is given up once and the frame tried
    /// again.
    pub(crate) fn append(&mut self, frame: &NewFrame<'_>, zones: &str) -> Result<Appended, Error> {
        self.accept(frame)?;
        match self.try_append(frame, zones) {
            Err(error) if error.is_full() => {
                tracing::warn!(%error, "the volume is full: the oldest recordings are given up");
                if !self.give_up(Scope::All)? {
                    return Err(Error::Full);
                }
                self.try_append(frame, zones).map_err(|again| if again.is_full() { Error::Full } else { again })
            }
            done => done,
        }
    }

    /// Refuses what could not be read back or would not fit.
    pub(crate) fn accept(&self, frame: &NewFrame<'_>) -> Result<(), Error> {
        if !jpeg::begins(frame.jpeg) {
            return Err(Error::NotJpeg(frame.camera));
        }
        if let Some(grid) = frame.grid.filter(|grid| grid.len() > MAX_GRID) {
            return Err(Error::TooBig { what: "a grid", bytes: grid.len(), most: MAX_GRID as u64 });
        }
        let most = self.limits.frame - record::MAX_LEN as u64;
        if frame.jpeg.len() as u64 > most {
            return Err(Error::TooBig { what: "a picture", bytes: frame.jpeg.len(), most });
        }
        Ok(())
    }

    fn try_append(&mut self, frame: &NewFrame<'_>, zones: &str) -> Result<Appended, Error> {
        let size = (record::len(frame, zones) + frame.jpeg.len() - 2) as u64;
        self.make_room(Some(frame.camera), size)?;
        let at = self.free_time(frame.camera, frame.at.0.clamp(0, MAX_TIME.0))?;
        let at = self.open_segment(frame.camera, at, size)?;
        let appended = self.write(frame, zones, Timestamp(at));
        if appended.is_err() && self.writing.get(&frame.camera).is_some_and(|writing| writing.len() == 0) {
            self.abandon(frame.camera);
        }
        appended
    }

    /// Writes the frame into the open segment, then its row.
    fn write(&mut self, frame: &NewFrame<'_>, zones: &str, at: Timestamp) -> Result<Appended, Error> {
        let head = record::encode(frame, zones, at);
        #[cfg(test)]
        self.simulate_volume(head.len() + frame.jpeg.len() - 2)?;
        let Some(writing) = self.writing.get_mut(&frame.camera) else {
            unreachable!("`open_segment` came before");
        };
        let id = writing.id;
        let offset = match writing.append([&head, &frame.jpeg[2..]]) {
            Ok(offset) => offset,
            Err(failed) => {
                if failed.torn {
                    self.writing.remove(&frame.camera);
                }
                return Err(failed.error);
            }
        };
        let size = writing.len() - offset;
        let indexed = self.index.enter(entry((frame, zones), at, (id, offset, size)));
        if indexed.is_err() {
            // Without its row the frame was never stored: nobody may find it after a crash either.
            if writing.take_back(offset).is_err() {
                self.writing.remove(&frame.camera);
            }
            return indexed;
        }
        self.syncer.mark(&writing.file);
        self.holdings.grow(id, size);
        indexed
    }

    /// The given time, or the next that no frame of the camera has.
    fn free_time(&mut self, camera: CameraId, mut at: i64) -> Result<i64, Error> {
        for _ in 0..BUMPS {
            if self.index.is_free(camera, Timestamp(at))? {
                return Ok(at);
            }
            at += 1;
        }
        let extent = index::Reader(self.index.rows()?).extent(camera)?;
        Ok(extent.map_or(at, |(_, last)| at.max(last.0 + 1)))
    }

    /// Makes sure that the camera's open segment takes a frame of this time and size; begins a new one if not. Answers
    /// the time, later than asked for where a file of the new segment's name was in the way.
    fn open_segment(&mut self, camera: CameraId, mut at: i64, size: u64) -> Result<i64, Error> {
        if let Some(writing) = self.writing.get(&camera) {
            if writing.id.covers(at) && writing.len() + size <= self.limits.segment {
                return Ok(at);
            }
            self.seal_one(camera)?;
        }
        // Cameras at rest do not keep a segment open for ever: retention spares open ones.
        let idle: Vec<_> = self.writing.values().filter(|w| w.id.end() < at).map(|w| w.id.camera).collect();
        idle.into_iter().try_for_each(|camera| self.seal_one(camera))?;
        loop {
            match Writing::create(&self.layout, SegmentId { start: at, camera })? {
                Some(writing) => {
                    self.sync_folder(camera)?;
                    self.writing.insert(camera, writing);
                    return Ok(at);
                }
                None => at = self.free_time(camera, at + 1)?,
            }
        }
    }

    /// A new file is safe only when its folder is.
    pub(crate) fn sync_folder(&self, camera: CameraId) -> Result<(), Error> {
        for dir in [self.layout.camera(camera), self.layout.segments()] {
            self.syncer.mark(&Arc::new(File::open(&dir).at(&dir)?));
        }
        Ok(())
    }

    /// Removes the open segment of a camera that holds nothing.
    fn abandon(&mut self, camera: CameraId) {
        if let Some(writing) = self.writing.remove(&camera) {
            let path = self.layout.segment(writing.id);
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "an empty segment stays; the next start removes it");
            }
        }
    }

    /// Finishes a camera's open segment.
    pub(crate) fn seal_one(&mut self, camera: CameraId) -> Result<(), Error> {
        let Some(writing) = self.writing.get(&camera) else { return Ok(()) };
        writing.sync()?;
        let (id, len, frames) = (writing.id, writing.len(), self.holdings.get(writing.id).unwrap_or_default().frames);
        index::set_segment(self.index.settled()?, id, len, frames, index::State::Sealed)?;
        self.writing.remove(&camera);
        Ok(())
    }

    /// Finishes all open segments.
    pub(crate) fn seal_all(&mut self) -> Result<(), Error> {
        let open: Vec<_> = self.writing.keys().copied().collect();
        open.into_iter().try_for_each(|camera| self.seal_one(camera))
    }

    /// Bytes that the directory takes.
    pub(crate) fn bytes(&self) -> Result<u64, Error> {
        let (journal, memory) = self.layout.journal_bytes();
        let frames = self.holdings.bytes() + self.stills.bytes(Scope::All);
        Ok(frames + index::page_bytes(self.index.bare())? + journal + memory)
    }

    /// Writes half of a frame and fails like a full disk, once there is no room on the volume of a test.
    #[cfg(test)]
    fn simulate_volume(&mut self, size: usize) -> Result<(), Error> {
        let full = |volume| self.holdings.bytes() + size as u64 > volume;
        if !self.volume.is_some_and(full) {
            return Ok(());
        }
        let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
        Err(Error::Io { path: self.layout.segments(), source })
    }
}

/// A frame as the index takes it: with its segment, its place in that, and its length.
fn entry(
    (frame, zones): (&NewFrame<'_>, &str),
    at: Timestamp,
    (segment, offset, size): (SegmentId, u64, u64),
) -> NewRow {
    let info = FrameInfo {
        camera: frame.camera,
        at,
        seq: frame.seq,
        width: frame.width,
        height: frame.height,
        score: frame.score,
        bytes: frame.jpeg.len() as u32,
        boxes: record::kept_boxes(frame.boxes).to_vec(),
        motion: frame.motion,
    };
    let grid = frame.grid.map(<[u8]>::to_vec);
    NewRow { segment, offset, size, info, grid, light: frame.light_shift, zones: zones.to_owned() }
}
