//! Reading a directory of recordings beside the server that writes them: for exports.

use std::path::Path;

use rtm2_app::{CameraId, Event, FrameInfo, Timestamp};

use crate::disk::load;
use crate::index::{self, Readers};
use crate::layout::Layout;
use crate::{Error, EventFilter, StoredFrame, stills};

/// Looks at a frame before it counts as damaged: the server may be writing its segment anew meanwhile.
const LOOKS: usize = 5;

/// Recordings that are only read. A server may have the directory open and write meanwhile.
#[derive(Debug)]
pub struct Recordings {
    layout: Layout,
    readers: Readers,
}

impl Recordings {
    /// Opens a directory without changing anything in it.
    ///
    /// # Errors
    /// [`Error::NoStore`] if there are no recordings in it, [`Error::Older`] and [`Error::Newer`] if another version
    /// wrote its index.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let layout = Layout(dir.to_owned());
        let path = layout.index();
        if !layout.segments().is_dir() || !path.is_file() {
            return Err(Error::NoStore(dir.to_owned()));
        }
        let readers = Readers::new(path.clone());
        if !readers.with(|index| index::is_current(index.0, &path))? {
            return Err(Error::Older(path));
        }
        Ok(Self { layout, readers })
    }

    /// Events that a filter lets through, newest first.
    pub fn events(&self, filter: &EventFilter) -> Result<Vec<Event>, Error> {
        self.readers.with(|index| index::events(index.0, filter))
    }

    /// The event of a camera that begins at exactly this time.
    pub fn event(&self, camera: CameraId, start: Timestamp) -> Result<Option<Event>, Error> {
        self.readers.with(|index| index::find_event(index.0, camera, start))
    }

    /// The first `limit` frames of `from ..= to` by time, [`crate::MAX_ROWS`] at most.
    pub fn frames(
        &self,
        camera: CameraId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<FrameInfo>, Error> {
        self.readers.with(|index| index.frames(camera, from.0, to.0, limit))
    }

    /// The first `limit` still frames of `from ..= to` by time, [`crate::MAX_STILLS`] at most.
    pub fn stills(
        &self,
        camera: CameraId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<FrameInfo>, Error> {
        let range = (from.0, to.0);
        stills::between(&self.layout, &stills::listed(&self.layout, camera, range)?, range, limit)
    }

    /// The still frame of exactly this time; `None` if there is none (any more) that is intact.
    pub fn still(&self, camera: CameraId, at: Timestamp) -> Result<Option<StoredFrame>, Error> {
        stills::exactly(&self.layout, &stills::listed(&self.layout, camera, (at.0, at.0))?, at)
    }

    /// The frame of exactly this time; `None` if there is none (any more).
    ///
    /// # Errors
    /// [`Error::Damaged`] if its bytes are not those that were stored.
    pub fn frame(&self, camera: CameraId, at: Timestamp) -> Result<Option<StoredFrame>, Error> {
        let mut looks = 0;
        loop {
            let Some(row) = self.readers.with(|index| index.frame(camera, at.0, at.0))? else { return Ok(None) };
            looks += 1;
            match load(&self.layout, &row) {
                Ok(frame) => return Ok(Some(frame)),
                Err(error) if looks == LOOKS => return Err(error),
                Err(_) => std::thread::sleep(std::time::Duration::from_millis(20)),
            }
        }
    }
}
