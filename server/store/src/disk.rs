//! The store on disk: one writer behind a lock, readers beside it.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rtm2_app::{CameraId, Timestamp};

use crate::error::At as _;
use crate::index::{self, FrameRow, Readers};
use crate::layout::Layout;
use crate::lock::{self, Lock};
use crate::record::Record;
use crate::retain::Holdings;
use crate::segment;
use crate::types::{CameraUsage, Limits};
use crate::writer::Writer;
use crate::{Appended, Error, NewFrame, StoredFrame, Usage, recover};

/// A store in a directory.
#[derive(Debug)]
pub(crate) struct Disk {
    layout: Layout,
    budget: u64,
    pub(crate) readers: Readers,
    writer: Mutex<Writer>,
    /// Dropped last: the directory is free for another process only when all is written.
    _lock: Lock,
}

impl Disk {
    /// Opens the directory, makes it when missing, and mends what a crash left.
    pub(crate) fn open(layout: Layout, limits: Limits) -> Result<Self, Error> {
        for dir in [&layout.0, &layout.segments()] {
            std::fs::create_dir_all(dir).at(dir)?;
        }
        let lock = lock::take(&layout)?;
        let (conn, held) = recover::open(&layout)?;
        let holdings = Holdings::new(held, layout.set_aside()?);
        let mut writer = Writer::new(layout.clone(), conn, limits, holdings)?;
        writer.fit()?;
        Ok(Self {
            readers: Readers::new(layout.index()),
            layout,
            budget: limits.budget,
            writer: Mutex::new(writer),
            _lock: lock,
        })
    }

    /// The writer. A panic of another thread cannot have left it half changed: transactions roll back by themselves.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn append(&self, frame: &NewFrame<'_>) -> Result<Appended, Error> {
        self.writer().append(frame)
    }

    /// The first frame whose time is in this range, ends included.
    pub(crate) fn frame(&self, camera: CameraId, from: i64, to: i64) -> Result<Option<StoredFrame>, Error> {
        let find = || self.readers.with(|index| index.frame(camera, from, to));
        let Some(row) = find()? else { return Ok(None) };
        match self.load(&row) {
            Ok(frame) => Ok(Some(frame)),
            // Retention may have taken the segment between the two looks: then the frame is gone, not damaged.
            Err(error) => match find()? {
                Some(again) if again.info.at == row.info.at => Err(error),
                Some(other) => self.load(&other).map(Some),
                None => Ok(None),
            },
        }
    }

    /// The bytes of a frame, verified.
    fn load(&self, row: &FrameRow) -> Result<StoredFrame, Error> {
        let damaged = |why| Error::Damaged { camera: row.info.camera, at: row.info.at, why };
        let path = self.layout.segment(row.segment);
        let stored = match segment::read_at(&path, row.offset, row.size as usize) {
            Ok(Some(stored)) => stored,
            Ok(None) => return Err(damaged("its segment is too short")),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(damaged("its segment is missing")),
            Err(source) => return Err(Error::Io { path, source }),
        };
        let record = Record::parse(&stored).ok_or_else(|| damaged("its record is unreadable"))?;
        if record.info.at != row.info.at || record.stored_len() != stored.len() {
            return Err(damaged("another frame is in its place"));
        }
        let jpeg = record.jpeg(&stored).ok_or_else(|| damaged("its checksum is wrong"))?;
        let grid = Some(record.grid).filter(|grid| !grid.is_empty());
        Ok(StoredFrame { info: row.info.clone(), grid, jpeg: Bytes::from(jpeg) })
    }

    pub(crate) fn usage(&self) -> Result<Usage, Error> {
        let (bytes, cameras) = {
            let writer = self.writer();
            (writer.bytes()?, writer.holdings.by_camera())
        };
        let volume = rustix::fs::statvfs(&self.layout.0).map_err(io::Error::from).at(&self.layout.0)?;
        let mut usage = Usage {
            bytes,
            budget_bytes: Some(self.budget),
            free_bytes: Some(volume.f_bavail.saturating_mul(volume.f_frsize)),
            ..Usage::default()
        };
        for (camera, held) in cameras {
            if let Some((oldest, newest)) = self.extent(camera)? {
                usage.add(CameraUsage { camera, bytes: held.bytes, frames: held.frames, oldest, newest });
            }
        }
        Ok(usage)
    }

    pub(crate) fn extent(&self, camera: CameraId) -> Result<Option<(Timestamp, Timestamp)>, Error> {
        self.readers.with(|index| index.extent(camera))
    }

    pub(crate) fn seal(&self) -> Result<(), Error> {
        let mut writer = self.writer();
        writer.seal_all()?;
        index::checkpoint(writer.conn())
    }

    /// Says that the volume is full once its segments hold this many bytes.
    #[cfg(test)]
    pub(crate) fn limit_volume(&self, bytes: u64) {
        self.writer().volume = Some(bytes);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Err(error) = self.seal() {
            tracing::warn!(%error, "the recordings could not be closed; the next start mends them");
        }
    }
}
