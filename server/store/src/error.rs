//! What can go wrong.

use std::io;
use std::path::{Path, PathBuf};

use rtm2_app::{CameraId, Timestamp};

/// Why the store could not do what it was asked. Messages are for the person who runs the program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has the directory open.
    #[error("{dir} is in use by another process{}; stop it or choose another directory", holder(*.pid))]
    Locked {
        /// The store's directory.
        dir: PathBuf,
        /// The other process, where its lock file says so.
        pid: Option<u32>,
    },
    /// The directory holds no store.
    #[error("{0} holds no recordings of rtm2; name the directory that the server records to")]
    NoStore(PathBuf),
    /// A setting that cannot work.
    #[error("{0}")]
    Options(String),
    /// The volume is full, also after the oldest segment was given up. The store stays usable.
    #[error("no space left for recordings; free some on the volume or lower the budget")]
    Full,
    /// What was handed in does not begin like a JPEG.
    #[error("a picture of camera {0} is no JPEG and was not stored")]
    NotJpeg(CameraId),
    /// The picture or its grid is too big.
    #[error(
        "{what} of {bytes} bytes is more than the {most} that fit; raise the budget or lower the picture's quality"
    )]
    TooBig {
        /// What is too big.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        most: u64,
    },
    /// A frame's bytes are not what was stored.
    #[error("frame {at} of camera {camera} is damaged ({why}); `rtm2 check --repair` sets damaged frames aside")]
    Damaged {
        /// The frame's camera.
        camera: CameraId,
        /// The frame's time.
        at: Timestamp,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no such event, or not any more.
    #[error("camera {camera} has no event that begins at {start}")]
    NoEvent {
        /// The camera.
        camera: CameraId,
        /// Its start.
        start: Timestamp,
    },
    /// A pinned event is not deleted.
    #[error("this event is pinned; unpin it first")]
    Pinned,
    /// Pinned events would leave too little room for new recordings.
    #[error("pinned events would take {bytes} bytes of {most} that may be pinned; unpin others or raise the budget")]
    PinnedTooMuch {
        /// What all pinned events would take.
        bytes: u64,
        /// Half of the budget.
        most: u64,
    },
    /// A label or a zone's name that cannot be kept.
    #[error("{0}")]
    Text(String),
    /// Recordings in memory have no marks.
    #[error("events that are only in memory can be neither pinned, labelled nor deleted")]
    MemoryOnly,
    /// A width of bars that is not whole seconds.
    #[error("a bar of {0} µs is not a whole number of seconds; ask for 1000000 or a multiple")]
    Bucket(i64),
    /// The index was written by an earlier version of the program.
    #[error("{0} was written by an earlier version; start the server once, or run `rtm2 check --repair`")]
    Older(PathBuf),
    /// The index was written by a later version of the program.
    #[error("{path} has layout {found}, this program knows up to {known}; start the newer version")]
    Newer {
        /// The index.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The newest layout known here.
        known: i64,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The index could not be read or written.
    #[error("index of recordings: {0}")]
    Index(#[from] rusqlite::Error),
}

/// Words for the process that holds a lock.
fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (pid {pid})"))
}

impl Error {
    /// Whether the volume has no room: by the system's word or by the index's.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Full => true,
            Self::Io { source, .. } => {
                matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            Self::Index(source) => source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            _ => false,
        }
    }

    /// Whether the index is no readable database, so that it must be built anew from the segments.
    pub(crate) fn is_corrupt(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        matches!(self, Self::Index(source) if matches!(source.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase)))
    }
}

/// Names the file in errors of the system.
pub(crate) trait At<T> {
    /// The result with `path` named in its error.
    fn at(self, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { path: path.to_owned(), source })
    }
}
