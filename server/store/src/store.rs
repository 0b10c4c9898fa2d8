//! The store as the rest of the program sees it, on disk or in memory.

use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_app::{Bar, CameraId, Event, Feature, FrameInfo, Timestamp};

use crate::disk::Disk;
use crate::layout::Layout;
use crate::memory::Memory;
use crate::{Among, Appended, Error, EventFilter, Forecast, Mark, NewFrame, Options, Place, Seek, StoredFrame, Usage};

/// Frames of motion of all cameras. Share it in an `Arc`; calls from many threads are fine, one writes at a time.
#[derive(Debug)]
pub struct Store(Kind);

#[derive(Debug)]
enum Kind {
    Disk(Box<Disk>),
    Memory(Memory),
}

impl Store {
    /// Opens a store, makes it when missing, and mends what a crash left behind: torn ends of segments are cut off,
    /// frames that the index lacks are added, rows without bytes removed, a lost index is built anew.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process has the directory, [`Error::Newer`] if a later version wrote it,
    /// [`Error::Options`] for settings that cannot work, else what the system says.
    pub fn open(options: Options) -> Result<Self, Error> {
        let limits = options.limits()?;
        let kind = match options.place {
            Place::Memory { frames } => Kind::Memory(Memory::new(frames, limits.quiet_us)),
            Place::Directory(dir) => Kind::Disk(Box::new(Disk::open(Layout(dir), limits)?)),
        };
        Ok(Self(kind))
    }

    /// Stores a frame: bytes first, then its row, which may be committed with those of later ones. When this returns, the frame survives the end of the process; a
    /// power cut may cost the frames of about the last second.
    ///
    /// Old frames go when a budget would be passed, as `docs/store.md` says. A time that is taken moves on by microseconds until it
    /// is free, so a clock set back loses nothing.
    ///
    /// # Errors
    /// [`Error::NotJpeg`] and [`Error::TooBig`] for what is not stored at all; [`Error::Full`] when the volume is full
    /// even without the oldest segment, or pinned events use up the budget. The store stays usable after each of them.
    pub fn append(&self, frame: &NewFrame<'_>) -> Result<Appended, Error> {
        self.append_in(frame, "")
    }

    /// As [`Self::append`], of a frame in which something moves in these zones: their names as [`Event::zone`] holds
    /// them, cut where they are longer than [`crate::MAX_ZONES`] bytes. They become those of its event.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn append_in(&self, frame: &NewFrame<'_>, zones: &str) -> Result<Appended, Error> {
        let zones = &zones[..zones.floor_char_boundary(crate::MAX_ZONES)];
        match &self.0 {
            Kind::Disk(disk) => disk.append(frame, zones),
            Kind::Memory(memory) => memory.append(frame, zones),
        }
    }

    /// The frame of exactly this time; `None` if there is none (any more).
    ///
    /// # Errors
    /// [`Error::Damaged`] if its bytes are not those that were stored.
    pub fn frame(&self, camera: CameraId, at: Timestamp) -> Result<Option<StoredFrame>, Error> {
        self.first_frame(camera, at.0, at.0)
    }

    /// The first frame of a millisecond since the epoch (R23); `None` if there is none.
    ///
    /// # Errors
    /// As [`Self::frame`].
    pub fn frame_by_millis(&self, camera: CameraId, ms: i64) -> Result<Option<StoredFrame>, Error> {
        let from = Timestamp::from_millis(ms).0;
        self.first_frame(camera, from, from.saturating_add(999))
    }

    fn first_frame(&self, camera: CameraId, from: i64, to: i64) -> Result<Option<StoredFrame>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.frame(camera, from, to),
            Kind::Memory(memory) => Ok(memory.frame(camera, from, to)),
        }
    }

    /// The frame of motion that a seek leads to; `None` if there is none.
    pub fn seek(&self, camera: CameraId, seek: Seek) -> Result<Option<FrameInfo>, Error> {
        self.seek_among(camera, seek, Among::Motion)
    }

    /// The frame that a seek over some kind of frames leads to; `None` if there is none.
    pub fn seek_among(&self, camera: CameraId, seek: Seek, among: Among) -> Result<Option<FrameInfo>, Error> {
        match &self.0 {
            Kind::Disk(disk) => Ok(disk.read(|index| index.seek(camera, seek, among))?.map(|row| row.info)),
            Kind::Memory(memory) => Ok(memory.seek(camera, seek, among)),
        }
    }

    /// The first `limit` frames of `from ..= to` by time, [`crate::MAX_ROWS`] at most. The next page begins 1 µs after
    /// the last of them.
    pub fn frames(
        &self,
        camera: CameraId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<FrameInfo>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.read(|index| index.frames(camera, from.0, to.0, limit)),
            Kind::Memory(memory) => Ok(memory.frames(camera, from.0, to.0, limit)),
        }
    }

    /// The first `limit` bars of `bucket_us` by time, [`crate::MAX_ROWS`] at most, from the bucket that holds `from`
    /// to the one that holds `to`. Every bar is the whole of its bucket; empty ones are left out. The next page begins
    /// one bucket after the last of them.
    ///
    /// # Errors
    /// [`Error::Bucket`] if the width is not a positive multiple of a second.
    pub fn bars(
        &self,
        camera: CameraId,
        from: Timestamp,
        to: Timestamp,
        bucket_us: i64,
        limit: usize,
    ) -> Result<Vec<Bar>, Error> {
        if bucket_us < MICROS_PER_SECOND || bucket_us % MICROS_PER_SECOND != 0 {
            return Err(Error::Bucket(bucket_us));
        }
        let range = (Timestamp(from.0.max(0)).bucket(bucket_us).0, to.0);
        if from > to || to.0 < 0 {
            return Ok(Vec::new());
        }
        match &self.0 {
            Kind::Disk(disk) => disk.read(|index| index.bars(camera, range, bucket_us, limit)),
            Kind::Memory(memory) => Ok(memory.bars(camera, range, bucket_us, limit)),
        }
    }

    /// The `n` newest bars of a second, by time (R24); [`crate::MAX_ROWS`] at most, and none for 0 (B13).
    pub fn last_bars(&self, camera: CameraId, n: usize) -> Result<Vec<Bar>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.read(|index| index.last_bars(camera, n)),
            Kind::Memory(memory) => Ok(memory.last_bars(camera, n)),
        }
    }

    /// Times of a camera's oldest and newest frame; `None` if it has none.
    pub fn extent(&self, camera: CameraId) -> Result<Option<(Timestamp, Timestamp)>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.extent(camera),
            Kind::Memory(memory) => Ok(memory.extent(camera)),
        }
    }

    /// Events that a filter lets through, newest first.
    pub fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.events(filter),
            Kind::Memory(memory) => Ok(memory.events(filter)),
        }
    }

    /// The event of a camera that begins at exactly this time.
    pub fn event(&self, camera: CameraId, start: Timestamp) -> Result<Option<Event>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.event(camera, start),
            Kind::Memory(memory) => Ok(memory.event(camera, start)),
        }
    }

    /// Pins an event, gives it a label or a zone, or takes these away. When this returns it is on the disk, beside
    /// the index, so that it outlives that too.
    ///
    /// # Errors
    /// [`Error::NoEvent`], [`Error::PinnedTooMuch`] once half of the budget would be pinned, [`Error::Text`] for what
    /// is no short line of text, [`Error::MemoryOnly`] in memory.
    pub fn mark(&self, camera: CameraId, start: Timestamp, mark: &Mark) -> Result<(), Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.mark(camera, start, mark),
            Kind::Memory(_) => Err(Error::MemoryOnly),
        }
    }

    /// Deletes an event with all its frames for good.
    ///
    /// # Errors
    /// [`Error::NoEvent`], [`Error::Pinned`], [`Error::MemoryOnly`] in memory.
    pub fn delete_event(&self, camera: CameraId, start: Timestamp) -> Result<(), Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.delete_event(camera, start),
            Kind::Memory(_) => Err(Error::MemoryOnly),
        }
    }

    /// What is remembered of the first `limit` seconds with motion in `from ..= to`, [`crate::MAX_ROWS`] at most,
    /// whether their frames are stored still or not. The next page begins 1 s after the last of them.
    pub fn features(
        &self,
        camera: CameraId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<Feature>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.features(camera, (from.0, to.0), limit),
            Kind::Memory(memory) => Ok(memory.features(camera, (from.0, to.0), limit)),
        }
    }

    /// Stores a picture in which nothing moves, outside of all events and bars, for who wants to look at it again later.
    /// Such frames are the first to give way. Answers the time that it is stored under: a later one where that was taken.
    ///
    /// # Errors
    /// As [`Self::append`], but a full volume gives nothing up for it; [`Error::MemoryOnly`] in memory.
    pub fn append_still(&self, frame: &NewFrame<'_>) -> Result<Timestamp, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.append_still(frame),
            Kind::Memory(_) => Err(Error::MemoryOnly),
        }
    }

    /// The first `limit` still frames of `from ..= to` by time, [`crate::MAX_STILLS`] at most. The next page begins 1 µs
    /// after the last of them.
    pub fn stills(
        &self,
        camera: CameraId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<FrameInfo>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.stills(camera, (from.0, to.0), limit),
            Kind::Memory(_) => Ok(Vec::new()),
        }
    }

    /// The still frame of exactly this time; `None` if there is none (any more) that is intact.
    pub fn still(&self, camera: CameraId, at: Timestamp) -> Result<Option<StoredFrame>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.still(camera, at),
            Kind::Memory(_) => Ok(None),
        }
    }

    /// How long the room will last, as of `now`; `None` in memory.
    pub fn forecast(&self, now: Timestamp) -> Result<Option<Forecast>, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.forecast(now).map(Some),
            Kind::Memory(_) => Ok(None),
        }
    }

    /// What is held, and how much room is left.
    pub fn usage(&self) -> Result<Usage, Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.usage(),
            Kind::Memory(memory) => Ok(memory.usage()),
        }
    }

    /// Brings the index up to date for readers in other processes: rows of up to 32 frames may wait for company. Readers of
    /// this process see them without it, and a crash costs none of them.
    ///
    /// # Errors
    /// What the system says; the rows go on waiting.
    pub fn settle(&self) -> Result<(), Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.settle(),
            Kind::Memory(_) => Ok(()),
        }
    }

    /// Finishes the open segments and the index's journal and brings both to the disk: for the end of the program.
    /// Frames can be stored afterwards all the same; they begin new segments.
    pub fn seal(&self) -> Result<(), Error> {
        match &self.0 {
            Kind::Disk(disk) => disk.seal(),
            Kind::Memory(_) => Ok(()),
        }
    }

    /// Says that the volume is full once its segments hold this many bytes.
    #[cfg(test)]
    pub(crate) fn limit_volume(&self, bytes: u64) {
        if let Kind::Disk(disk) = &self.0 {
            disk.limit_volume(bytes);
        }
    }
}
