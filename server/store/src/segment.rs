//! Segments: files of plain concatenated JPEGs, each with its record inside.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rtm2_app::CameraId;

use crate::Error;
use crate::error::At as _;
use crate::layout::Layout;
use crate::record::Record;

/// Longest stretch of time that a segment covers, in µs. Frames of a segment lie in `start ..= start + SPAN`, so its
/// rows in the index are found by time.
pub(crate) const SPAN_US: i64 = 600_000_000;

/// Names a segment. Sorts by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SegmentId {
    /// Time of the frame that it was begun with, in µs; also its file's name.
    pub(crate) start: i64,
    /// The camera.
    pub(crate) camera: CameraId,
}

impl SegmentId {
    /// Whether a frame of this time may be in the segment.
    pub(crate) fn covers(self, at: i64) -> bool {
        (self.start..=self.end()).contains(&at)
    }

    /// Latest time that a frame in the segment may have.
    pub(crate) fn end(self) -> i64 {
        self.start.saturating_add(SPAN_US)
    }
}

/// A segment being written. Dropping it closes the file as it is.
#[derive(Debug)]
pub(crate) struct Writing {
    /// Which segment it is.
    pub(crate) id: SegmentId,
    /// Its file, shared with the thread that brings it to the disk.
    pub(crate) file: Arc<File>,
    path: PathBuf,
    len: u64,
}

impl Writing {
    /// Begins a segment; `None` if a file of that name exists.
    pub(crate) fn create(layout: &Layout, id: SegmentId) -> Result<Option<Self>, Error> {
        let dir = layout.camera(id.camera);
        fs::create_dir_all(&dir).at(&dir)?;
        let path = layout.segment(id);
        match OpenOptions::new().append(true).create_new(true).open(&path) {
            Ok(file) => Ok(Some(Self { id, file: Arc::new(file), path, len: 0 })),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(source) => Err(Error::Io { path, source }),
        }
    }

    /// Bytes of whole frames in it.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Adds a frame and says where it begins. After an error the segment is as before, or says that it is not.
    pub(crate) fn append(&mut self, parts: [&[u8]; 2]) -> Result<u64, WriteError> {
        let start = self.len;
        if let Err(source) = write_parts(&self.file, parts) {
            let error = Error::Io { path: self.path.clone(), source };
            return Err(WriteError { error, torn: self.take_back(start).is_err() });
        }
        self.len += parts.iter().map(|p| p.len() as u64).sum::<u64>();
        Ok(start)
    }

    /// Forgets what was added behind `len`.
    pub(crate) fn take_back(&mut self, len: u64) -> Result<(), Error> {
        self.file.set_len(len).at(&self.path)?;
        self.len = len;
        Ok(())
    }

    /// Brings all of it to the disk.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        self.file.sync_data().at(&self.path)
    }
}

/// Writes parts one behind the other, in one turn where the system takes all.
fn write_parts(mut file: &File, parts: [&[u8]; 2]) -> io::Result<()> {
    let mut slices = parts.map(IoSlice::new);
    let mut left = &mut slices[..];
    // Takes out what is empty, for nothing can be written of that.
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match file.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut left, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A write that failed.
#[derive(Debug)]
pub(crate) struct WriteError {
    /// Why.
    pub(crate) error: Error,
    /// Whether part of the frame stayed in the file, so that nothing may be added behind it.
    pub(crate) torn: bool,
}

/// Reads `len` bytes at `offset`; `None` if the file is shorter.
pub(crate) fn read_at(path: &Path, offset: u64, len: usize) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() < offset.saturating_add(len as u64) {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; len];
    file.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// What a segment holds, from its bytes alone.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Intact frames, in the file's order.
    pub(crate) frames: Vec<Found>,
    /// Bytes that belong to no intact frame.
    pub(crate) damaged: Vec<Range<usize>>,
}

/// An intact frame in a segment.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where it begins.
    pub(crate) offset: usize,
    /// What is known of it.
    pub(crate) record: Record,
}

impl Found {
    /// Its bytes' place in the segment.
    pub(crate) fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.record.stored_len()
    }
}

impl Scan {
    /// Finds the intact frames: each at the end of the one before, or, where bytes are damaged, at the next place
    /// where a record with the right checksum stands.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut scan = Self::default();
        let mut at = 0;
        while at < bytes.len() {
            if let Some(record) = Record::parse(&bytes[at..]).filter(|record| record.is_intact(&bytes[at..])) {
                let found = Found { offset: at, record };
                at = found.range().end;
                scan.frames.push(found);
            } else {
                let next = next_record(bytes, at + 1);
                scan.damaged.push(at..next);
                at = next;
            }
        }
        scan
    }

    /// Where the last intact frame ends.
    pub(crate) fn end(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.range().end)
    }

    /// Whether some intact frame lies behind these bytes: then they are damage, not a torn end.
    pub(crate) fn is_inside(&self, damage: &Range<usize>) -> bool {
        damage.start < self.end()
    }
}

/// Where the next intact record begins, from `from` on, or the end.
fn next_record(bytes: &[u8], from: usize) -> usize {
    let starts = |at: &usize| bytes[*at] == 0xFF && Record::parse(&bytes[*at..]).is_some();
    (from..bytes.len()).find(starts).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NewFrame;
    use crate::record::encode;
    use rtm2_app::Timestamp;

    fn stored(at: i64, len: usize) -> Vec<u8> {
        let jpeg: Vec<u8> = [0xFF, 0xD8, 0xFF, 0xE0].into_iter().chain((0..len).map(|i| i as u8)).collect();
        let at = Timestamp(at);
        let camera = CameraId(0);
        let frame = NewFrame {
            camera,
            at,
            seq: 0,
            width: 1,
            height: 1,
            motion: true,
            light_shift: false,
            score: 0,
            boxes: &[],
            grid: None,
            jpeg: &jpeg,
        };
        let mut bytes = encode(&frame, "", at);
        bytes.extend(&jpeg[2..]);
        bytes
    }

    fn times(scan: &Scan) -> Vec<i64> {
        scan.frames.iter().map(|f| f.record.info.at.0).collect()
    }

    #[test]
    fn damage_costs_only_the_frames_it_touches() {
        let parts = [stored(1, 300), stored(2, 40), stored(3, 500)];
        let whole = parts.concat();
        let scan = Scan::of(&whole);
        assert_eq!(times(&scan), [1, 2, 3]);
        assert!(scan.damaged.is_empty());
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x10;
            let scan = Scan::of(&flipped);
            let hit = if at < parts[0].len() {
                1
            } else if at < parts[0].len() + parts[1].len() {
                2
            } else {
                3
            };
            assert_eq!(times(&scan), [1, 2, 3].into_iter().filter(|t| *t != hit).collect::<Vec<_>>(), "byte {at}");
            assert_eq!(scan.damaged.iter().map(Range::len).sum::<usize>(), parts[hit as usize - 1].len());
        }
    }

    #[test]
    fn bytes_lost_or_slipped_in_cost_only_the_frames_they_touch() {
        let (a, b) = (stored(1, 100), stored(2, 100));
        assert_eq!(times(&Scan::of(&[&a[..90], &b[..]].concat())), [2]);
        assert_eq!(times(&Scan::of(&[&a[..], b"\xFF\xD8\xFFjunk", &b[..]].concat())), [1, 2]);
    }
}
