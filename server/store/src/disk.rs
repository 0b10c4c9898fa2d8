//! The store on disk: one writer behind a lock, readers beside it.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rtm2_app::{CameraId, Event, Feature, FrameInfo, Timestamp};

use crate::batch::Waiting;
use crate::error::At as _;
use crate::index::{self, FrameRow, Reader, Readers};
use crate::layout::Layout;
use crate::lock::{self, Lock};
use crate::marks::Marks;
use crate::record::Record;
use crate::retain::Holdings;
use crate::segment;
use crate::types::{CameraUsage, EventFilter, Forecast, Limits, Mark};
use crate::writer::Writer;
use crate::{Appended, Error, NewFrame, StoredFrame, Usage, recover, stills};

/// A store in a directory.
#[derive(Debug)]
pub(crate) struct Disk {
    layout: Layout,
    budget: u64,
    readers: Readers,
    writer: Mutex<Writer>,
    /// Whether the writer has rows that the readers do not see yet.
    waiting: Waiting,
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
        let (conn, held) = recover::open(&layout, limits.quiet_us)?;
        let marks = Marks::open(&layout, &conn)?;
        let holdings = Holdings::new(held, layout.set_aside()?, marks.bytes());
        let budget = limits.budget;
        let mut writer = Writer::new(layout.clone(), conn, limits, holdings, marks)?;
        writer.fit()?;
        Ok(Self {
            readers: Readers::new(layout.index()),
            layout,
            budget,
            waiting: writer.index.waiting(),
            writer: Mutex::new(writer),
            _lock: lock,
        })
    }

    /// Runs a query that sees all frames stored so far.
    pub(crate) fn read<T>(&self, query: impl FnOnce(Reader<'_>) -> Result<T, Error>) -> Result<T, Error> {
        if self.waiting.any()
            && let Err(error) = self.settle()
        {
            tracing::warn!(%error, "the newest frames cannot be entered into the index now");
        }
        self.readers.with(query)
    }

    /// Lets readers of other processes see all frames stored so far, too.
    pub(crate) fn settle(&self) -> Result<(), Error> {
        self.writer().index.settle()
    }

    /// The writer. A panic of another thread cannot have left it half changed: what a transaction had of it is rolled back.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn append(&self, frame: &NewFrame<'_>, zones: &str) -> Result<Appended, Error> {
        self.writer().append(frame, zones)
    }

    /// The first frame whose time is in this range, ends included.
    pub(crate) fn frame(&self, camera: CameraId, from: i64, to: i64) -> Result<Option<StoredFrame>, Error> {
        let find = |index: Reader<'_>| index.frame(camera, from, to);
        let Some(row) = self.read(find)? else { return Ok(None) };
        load(&self.layout, &row).map(Some).or_else(|_| {
            // Retention may have taken the frame away or put it elsewhere between the two looks. Nothing moves while
            // the writer is held.
            let mut writer = self.writer();
            writer.index.settle()?;
            self.readers.with(find)?.map(|row| load(&self.layout, &row)).transpose()
        })
    }

    pub(crate) fn usage(&self) -> Result<Usage, Error> {
        let (bytes, cameras, free) = {
            let writer = self.writer();
            (writer.bytes()?, writer.holdings.by_camera(), writer.volume_free()?)
        };
        let mut usage = Usage { bytes, budget_bytes: Some(self.budget), free_bytes: Some(free), ..Usage::default() };
        for (camera, held) in cameras {
            if let Some((oldest, newest)) = self.extent(camera)? {
                usage.add(CameraUsage { camera, bytes: held.bytes, frames: held.frames, oldest, newest });
            }
        }
        Ok(usage)
    }

    pub(crate) fn extent(&self, camera: CameraId) -> Result<Option<(Timestamp, Timestamp)>, Error> {
        self.read(|index| index.extent(camera))
    }

    pub(crate) fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, Error> {
        self.read(|index| index::events(index.0, filter))
    }

    pub(crate) fn event(&self, camera: CameraId, start: Timestamp) -> Result<Option<Event>, Error> {
        self.read(|index| index::find_event(index.0, camera, start))
    }

    pub(crate) fn mark(&self, camera: CameraId, start: Timestamp, mark: &Mark) -> Result<(), Error> {
        self.writer().mark(camera, start, mark)
    }

    pub(crate) fn delete_event(&self, camera: CameraId, start: Timestamp) -> Result<(), Error> {
        self.writer().delete_event(camera, start)
    }

    /// The records of the first seconds with motion in a range, ends included.
    pub(crate) fn features(&self, camera: CameraId, range: (i64, i64), limit: usize) -> Result<Vec<Feature>, Error> {
        self.read(|index| index::features(index.0, camera, range, limit))
    }

    pub(crate) fn append_still(&self, frame: &NewFrame<'_>) -> Result<Timestamp, Error> {
        self.writer().append_still(frame)
    }

    /// The first still frames of a range, ends included.
    pub(crate) fn stills(&self, camera: CameraId, range: (i64, i64), limit: usize) -> Result<Vec<FrameInfo>, Error> {
        let files = self.writer().stills.touching(camera, range);
        stills::between(&self.layout, &files, range, limit)
    }

    /// The still frame of exactly this time.
    pub(crate) fn still(&self, camera: CameraId, at: Timestamp) -> Result<Option<StoredFrame>, Error> {
        let files = self.writer().stills.touching(camera, (at.0, at.0));
        stills::exactly(&self.layout, &files, at)
    }

    pub(crate) fn forecast(&self, now: Timestamp) -> Result<Forecast, Error> {
        let bytes_left = self.writer().left()?;
        let today = now.bucket(index::DAY_US).0;
        let bytes_per_day = self.read(|index| index::bytes_per_day(index.0, today))?;
        let rate = bytes_per_day.filter(|rate| *rate > 0);
        Ok(Forecast { bytes_per_day, bytes_left, days_left: rate.map(|rate| bytes_left as f64 / rate as f64) })
    }

    pub(crate) fn seal(&self) -> Result<(), Error> {
        let mut writer = self.writer();
        writer.seal_all()?;
        index::checkpoint(writer.index.settled()?)
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

/// The bytes of a frame, verified.
pub(crate) fn load(layout: &Layout, row: &FrameRow) -> Result<StoredFrame, Error> {
    let damaged = |why| Error::Damaged { camera: row.info.camera, at: row.info.at, why };
    let path = layout.segment(row.segment);
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
