//! Still frames: pictures at a low rate while nothing moves, for whoever wants to look at them again with another detector.
//! They lie in files of their own beside the segments and outside of the index, and are the first to give way.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use rtm2_app::{CameraId, FrameInfo, Timestamp};

use crate::error::At as _;
use crate::layout::{Layout, UNFINISHED};
use crate::recover::write_synced;
use crate::retain::{Scope, remove};
use crate::segment::{Scan, SegmentId};
use crate::writer::Writer;
use crate::{Error, MAX_STILLS, MAX_TIME, NewFrame, StoredFrame, index, record};

/// Size in bytes at which a file ends: it is read whole to find a frame in it.
const FILE_BYTES: u64 = 4 << 20;
/// Longest stretch of time in a file, in µs: its frames are found by its name.
const SPAN_US: i64 = index::DAY_US;
/// Share of a budget that still frames may hold against events of their time.
const SHARE: u64 = 8;

/// All still frames, file by file.
#[derive(Debug)]
pub(crate) struct Stills {
    /// Sizes of the files by start, then camera.
    files: BTreeMap<SegmentId, u64>,
    /// Bytes of each camera's files.
    cameras: BTreeMap<CameraId, u64>,
    /// The files that are written to.
    writing: BTreeMap<CameraId, Writing>,
}

/// A file that is written to. A start begins new ones, so that nothing is ever added behind a torn end.
#[derive(Debug)]
struct Writing {
    id: SegmentId,
    file: Arc<File>,
    /// Time of its last frame: they are in order.
    last: i64,
}

impl Stills {
    /// Lists what is there, and removes what a repair left unfinished.
    pub(crate) fn open(layout: &Layout) -> Result<Self, Error> {
        let listing = layout.list_stills()?;
        for path in &listing.unfinished {
            remove(path)?;
        }
        for path in &listing.strays {
            tracing::warn!(path = %path.display(), "this is no still frame and is left alone");
        }
        let mut stills = Self { files: BTreeMap::new(), cameras: BTreeMap::new(), writing: BTreeMap::new() };
        for (id, size) in listing.segments {
            stills.set(id, Some(size));
        }
        Ok(stills)
    }

    /// Bytes of all of them, or of a camera's.
    pub(crate) fn bytes(&self, scope: Scope) -> u64 {
        match scope {
            Scope::All => self.cameras.values().sum(),
            Scope::Camera(camera) => self.cameras.get(&camera).copied().unwrap_or_default(),
        }
    }

    /// The files that may hold frames of a camera between two times, by start.
    pub(crate) fn touching(&self, camera: CameraId, (from, to): (i64, i64)) -> Vec<SegmentId> {
        self.files.keys().filter(|id| touches(**id, camera, (from, to))).copied().collect()
    }

    fn set(&mut self, id: SegmentId, size: Option<u64>) {
        let before = match size {
            Some(size) => self.files.insert(id, size),
            None => self.files.remove(&id),
        };
        let sum = self.cameras.entry(id.camera).or_default();
        *sum = *sum - before.unwrap_or_default() + size.unwrap_or_default();
    }
}

/// Whether a file may hold frames of a camera between two times.
fn touches(id: SegmentId, camera: CameraId, (from, to): (i64, i64)) -> bool {
    id.camera == camera && id.start <= to && id.start.saturating_add(SPAN_US) >= from
}

/// The files of a directory that may hold frames of a camera between two times, by start: for who does not write.
pub(crate) fn listed(layout: &Layout, camera: CameraId, range: (i64, i64)) -> Result<Vec<SegmentId>, Error> {
    let files = layout.list_stills()?.segments.into_iter().map(|(id, _)| id);
    Ok(files.filter(|id| touches(*id, camera, range)).collect())
}

/// The first `limit` intact still frames between two times in these files, [`MAX_STILLS`] at most.
pub(crate) fn between(
    layout: &Layout,
    files: &[SegmentId],
    (from, to): (i64, i64),
    limit: usize,
) -> Result<Vec<FrameInfo>, Error> {
    let limit = limit.min(MAX_STILLS);
    let mut found: Vec<FrameInfo> = Vec::new();
    for id in files {
        // Files may overlap where a clock was set back: the next one counts as long as it may hold an earlier frame.
        if limit == 0 || found.get(limit - 1).is_some_and(|last| last.at.0 < id.start) {
            break;
        }
        let bytes = read(layout, *id)?;
        let frames = Scan::of(&bytes).frames.into_iter().map(|found| info(*id, found.record.info));
        found.extend(frames.filter(|info| (from..=to).contains(&info.at.0)));
        found.sort_by_key(|info| info.at);
        found.dedup_by_key(|info| info.at);
    }
    found.truncate(limit);
    Ok(found)
}

/// The still frame of exactly this time in these files; `None` if there is none that is intact.
pub(crate) fn exactly(layout: &Layout, files: &[SegmentId], at: Timestamp) -> Result<Option<StoredFrame>, Error> {
    for id in files {
        let bytes = read(layout, *id)?;
        let Some(found) = Scan::of(&bytes).frames.into_iter().find(|found| found.record.info.at == at) else {
            continue;
        };
        if let Some(jpeg) = found.record.jpeg(&bytes[found.range()]) {
            return Ok(Some(StoredFrame { info: info(*id, found.record.info), grid: None, jpeg: Bytes::from(jpeg) }));
        }
    }
    Ok(None)
}

/// The folder says whose frames are in a file.
fn info(id: SegmentId, info: FrameInfo) -> FrameInfo {
    FrameInfo { camera: id.camera, ..info }
}

/// Bytes of a file; none if it gave way meanwhile.
fn read(layout: &Layout, id: SegmentId) -> Result<Vec<u8>, Error> {
    let path = layout.still(id);
    match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.at(&path),
    }
}

/// Moves what is no intact frame out of a file; answers where to.
pub(crate) fn set_damage_aside(layout: &Layout, id: SegmentId) -> Result<Vec<PathBuf>, Error> {
    let bytes = read(layout, id)?;
    let scan = Scan::of(&bytes);
    let mut aside = Vec::new();
    if scan.damaged.is_empty() {
        return Ok(aside);
    }
    let dir = layout.damaged();
    fs::create_dir_all(&dir).at(&dir)?;
    for damage in &scan.damaged {
        let path = dir.join(format!("still-{:05}-{:018}-{}.bin", id.camera.0, id.start, damage.start));
        write_synced(&path, &bytes[damage.clone()])?;
        aside.push(path);
    }
    keep(layout, id, &bytes, &scan, |_| true)?;
    Ok(aside)
}

/// Writes a file anew with those of its intact frames that stay; answers its size, `None` if it is gone.
fn keep(
    layout: &Layout,
    id: SegmentId,
    bytes: &[u8],
    scan: &Scan,
    stays: impl Fn(i64) -> bool,
) -> Result<Option<u64>, Error> {
    let path = layout.still(id);
    let stay = scan.frames.iter().filter(|found| stays(found.record.info.at.0));
    let new: Vec<u8> = stay.flat_map(|found| &bytes[found.range()]).copied().collect();
    if new.is_empty() {
        return remove(&path).map(|()| None);
    }
    let beside = path.with_extension(UNFINISHED.trim_start_matches('.'));
    write_synced(&beside, &new)?;
    fs::rename(&beside, &path).at(&path)?;
    Ok(Some(new.len() as u64))
}

impl Writer {
    /// Stores a still frame; answers the time that it is stored under, later than asked for where that was taken.
    pub(crate) fn append_still(&mut self, frame: &NewFrame<'_>) -> Result<Timestamp, Error> {
        self.accept(frame)?;
        let size = (record::len(frame, "") + frame.jpeg.len() - 2) as u64;
        self.make_room(Some(frame.camera), size)?;
        let at = self.still_file(frame.camera, frame.at.0.clamp(0, MAX_TIME.0), size)?;
        let Some(writing) = self.stills.writing.get_mut(&frame.camera) else {
            unreachable!("`still_file` came before");
        };
        let (id, path) = (writing.id, self.layout.still(writing.id));
        let before = self.stills.files.get(&id).copied().unwrap_or_default();
        let mut file = &*writing.file;
        let parts = [&record::encode(frame, "", Timestamp(at))[..], &frame.jpeg[2..]];
        if let Err(source) = parts.iter().try_for_each(|part| file.write_all(part)) {
            // A torn end is no frame; nothing is added behind one that stays.
            if file.set_len(before).is_err() {
                self.stills.writing.remove(&frame.camera);
            }
            let error = Error::Io { path, source };
            return Err(if error.is_full() { Error::Full } else { error });
        }
        writing.last = at;
        self.syncer.mark(&writing.file);
        self.stills.set(id, Some(before + size));
        index::add_recorded(self.index.settled()?, frame.camera, Timestamp(at), size)?;
        Ok(Timestamp(at))
    }

    /// Makes sure that a file takes a still frame of this time and size; answers the time.
    fn still_file(&mut self, camera: CameraId, mut at: i64, size: u64) -> Result<i64, Error> {
        if let Some(Writing { id, last, .. }) = self.stills.writing.get(&camera) {
            let (most, held) = (FILE_BYTES.min(self.limits.segment), self.stills.files.get(id).copied());
            // A clock that stands still, or is a little off, costs no file of its own.
            let next = at.max(last + 1);
            if next - at <= index::SECOND_US && next - id.start <= SPAN_US && held.unwrap_or_default() + size <= most {
                return Ok(next);
            }
        }
        let dir = self.layout.still_camera(camera);
        fs::create_dir_all(&dir).at(&dir)?;
        loop {
            let id = SegmentId { start: at, camera };
            let path = self.layout.still(id);
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => {
                    self.syncer.mark(&Arc::new(File::open(&dir).at(&dir)?));
                    self.stills.set(id, Some(0));
                    self.stills.writing.insert(camera, Writing { id, file: Arc::new(file), last: at });
                    return Ok(at);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => at += 1,
                Err(source) => return Err(Error::Io { path, source }),
            }
        }
    }

    /// The oldest file of still frames, if it is to give way before any event: still frames take more than their share,
    /// or what would give way otherwise is younger.
    pub(crate) fn still_to_go(&self, scope: Scope) -> Option<SegmentId> {
        let id = *self.stills.files.keys().find(|id| scope.has(**id))?;
        let most = match scope {
            Scope::Camera(camera) => self.limits.cameras.get(&camera).copied().unwrap_or(self.limits.budget),
            Scope::All => self.limits.budget,
        };
        let too_many = self.stills.bytes(scope) > most / SHARE;
        (too_many || self.next_victim(scope).is_none_or(|(next, _)| id.start <= next.start)).then_some(id)
    }

    /// Gives a file of still frames up.
    pub(crate) fn drop_still(&mut self, id: SegmentId) -> Result<(), Error> {
        if self.stills.writing.get(&id.camera).is_some_and(|writing| writing.id == id) {
            self.stills.writing.remove(&id.camera);
        }
        remove(&self.layout.still(id))?;
        self.stills.set(id, None);
        Ok(())
    }

    /// Gives all still frames up, for a volume that has no room; answers the bytes freed.
    pub(crate) fn drop_stills(&mut self, scope: Scope) -> Result<u64, Error> {
        let freed = self.stills.bytes(scope);
        let ids: Vec<_> = self.stills.files.keys().filter(|id| scope.has(**id)).copied().collect();
        ids.into_iter().try_for_each(|id| self.drop_still(id))?;
        Ok(freed)
    }

    /// Deletes the still frames of a range of time.
    pub(crate) fn delete_stills(&mut self, camera: CameraId, (from, to): (i64, i64)) -> Result<(), Error> {
        for id in self.stills.touching(camera, (from, to)) {
            let bytes = read(&self.layout, id)?;
            let scan = Scan::of(&bytes);
            if scan.frames.iter().any(|found| (from..=to).contains(&found.record.info.at.0)) {
                // It takes the old one's place, so nothing may be added to that.
                self.stills.writing.retain(|_, writing| writing.id != id);
                let left = keep(&self.layout, id, &bytes, &scan, |at| !(from..=to).contains(&at))?;
                self.stills.set(id, left);
            }
        }
        Ok(())
    }
}
