//! Names of the store's files and folders.

use std::fs;
use std::path::{Path, PathBuf};

use rtm2_app::CameraId;

use crate::Error;
use crate::error::At as _;
use crate::segment::SegmentId;

/// Extension of segments: players take them for motion JPEG.
const EXTENSION: &str = ".mjpeg";
/// Extension of a segment that a repair was writing.
pub(crate) const UNFINISHED: &str = ".mjpeg.new";

/// What the name of an index that was put aside begins with.
const UNREADABLE: &str = "index.sqlite.unreadable-";

/// The store's directory.
#[derive(Clone, Debug)]
pub(crate) struct Layout(pub(crate) PathBuf);

/// What lies in the segments' folder.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Segments by start, then camera, with their sizes in bytes.
    pub(crate) segments: Vec<(SegmentId, u64)>,
    /// What repairs that were cut short left behind.
    pub(crate) unfinished: Vec<PathBuf>,
    /// What does not belong there.
    pub(crate) strays: Vec<PathBuf>,
}

impl Layout {
    /// The index.
    pub(crate) fn index(&self) -> PathBuf {
        self.0.join("index.sqlite")
    }

    /// The file that a running store has locked.
    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    /// Where an index that cannot be read is kept.
    pub(crate) fn unreadable_index(&self, number: u32) -> PathBuf {
        self.0.join(format!("{UNREADABLE}{number}"))
    }

    /// The folder of all segments.
    pub(crate) fn segments(&self) -> PathBuf {
        self.0.join("segments")
    }

    /// The folder of a camera's segments.
    pub(crate) fn camera(&self, camera: CameraId) -> PathBuf {
        self.segments().join(format!("{:05}", camera.0))
    }

    /// A segment.
    pub(crate) fn segment(&self, id: SegmentId) -> PathBuf {
        self.camera(id.camera).join(format!("{:018}{EXTENSION}", id.start))
    }

    /// The folder of all still frames.
    pub(crate) fn stills(&self) -> PathBuf {
        self.0.join("stills")
    }

    /// The folder of a camera's still frames.
    pub(crate) fn still_camera(&self, camera: CameraId) -> PathBuf {
        self.stills().join(format!("{:05}", camera.0))
    }

    /// A file of still frames.
    pub(crate) fn still(&self, id: SegmentId) -> PathBuf {
        self.still_camera(id.camera).join(format!("{:018}{EXTENSION}", id.start))
    }

    /// The folder of bytes that repairs took out of segments.
    pub(crate) fn damaged(&self) -> PathBuf {
        self.0.join("damaged")
    }

    /// The folder of what people said of events.
    pub(crate) fn marks(&self) -> PathBuf {
        self.0.join("marks")
    }

    /// Sizes of the index's files: its journal and shared memory come and go.
    pub(crate) fn journal_bytes(&self) -> (u64, u64) {
        let size = |suffix: &str| fs::metadata(self.0.join(format!("index.sqlite-{suffix}"))).map_or(0, |m| m.len());
        (size("wal"), size("shm"))
    }

    /// Files that repairs set aside: damaged bytes and unreadable indexes, with their sizes.
    pub(crate) fn set_aside(&self) -> Result<Vec<(PathBuf, u64)>, Error> {
        let mut files = Vec::new();
        let damaged = self.damaged();
        for dir in [&self.0, &damaged] {
            if !dir.is_dir() {
                continue;
            }
            for entry in fs::read_dir(dir).at(dir)? {
                let entry = entry.at(dir)?;
                let unreadable_index = entry.file_name().to_string_lossy().starts_with(UNREADABLE);
                let meta = entry.metadata().at(&entry.path())?;
                if meta.is_file() && (dir == &damaged || unreadable_index) {
                    files.push((entry.path(), meta.len()));
                }
            }
        }
        files.sort();
        Ok(files)
    }

    /// Everything in the segments' folder, told apart by name.
    pub(crate) fn list(&self) -> Result<Listing, Error> {
        list_in(&self.segments())
    }

    /// Everything in the folder of still frames, told apart by name; nothing if there is none.
    pub(crate) fn list_stills(&self) -> Result<Listing, Error> {
        let root = self.stills();
        if root.is_dir() { list_in(&root) } else { Ok(Listing::default()) }
    }
}

/// Everything in a folder of cameras' folders.
fn list_in(root: &Path) -> Result<Listing, Error> {
    let mut listing = Listing::default();
    for entry in fs::read_dir(root).at(root)? {
        let path = entry.at(root)?.path();
        match camera_of(&path) {
            Some(camera) => list_camera(camera, &path, &mut listing)?,
            None => listing.strays.push(path),
        }
    }
    listing.segments.sort_unstable();
    listing.unfinished.sort_unstable();
    listing.strays.sort_unstable();
    Ok(listing)
}

/// Adds what lies in one camera's folder.
fn list_camera(camera: CameraId, dir: &Path, listing: &mut Listing) -> Result<(), Error> {
    for entry in fs::read_dir(dir).at(dir)? {
        let path = entry.at(dir)?.path();
        let file = fs::metadata(&path).ok().filter(fs::Metadata::is_file);
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        match (file, start_of(name)) {
            (Some(meta), Some(start)) => listing.segments.push((SegmentId { start, camera }, meta.len())),
            (Some(_), None) if name.ends_with(UNFINISHED) => listing.unfinished.push(path),
            _ => listing.strays.push(path),
        }
    }
    Ok(())
}

/// The camera whose folder this is.
fn camera_of(path: &Path) -> Option<CameraId> {
    let name = path.file_name()?.to_str()?;
    let well_formed = name.len() == 5 && name.bytes().all(|b| b.is_ascii_digit()) && path.is_dir();
    well_formed.then(|| name.parse().ok()).flatten()
}

/// The start in µs that a segment's name states.
fn start_of(name: &str) -> Option<i64> {
    let digits = name.strip_suffix(EXTENSION)?;
    (digits.len() == 18 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}
