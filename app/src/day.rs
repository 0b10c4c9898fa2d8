//! The day index: every second of a UTC day in which frames of motion are stored, as columns of fixed width. A page keeps
//! it and needs nothing else to draw the day's bars and to sift them. The format is in `docs/day-index.md`.

use crate::time::MICROS_PER_SECOND;
use crate::{Bar, CameraId, Feature, Timestamp, feature};

/// Seconds of a day.
pub const DAY_S: i64 = 86_400;
/// Microseconds of a day.
pub const DAY_US: i64 = DAY_S * MICROS_PER_SECOND;
/// The version that is written, and the only one that is read.
pub const VERSION: u16 = 1;
/// Bytes before the columns.
pub const HEADER: usize = 32;
/// Bytes of a second in all columns together.
pub const WIDTH: usize = 4 + 2 + 3 + 2 + 2 + 1 + 6;
/// Longest index: a day that never stood still.
pub const LONGEST: usize = HEADER + DAY_S as usize * WIDTH;

const MAGIC: &[u8; 4] = b"rtmd";
/// Flags of a second.
const LIGHT: u8 = 1;
const UNKNOWN: u8 = 2;

/// Seconds with motion by time, each field in a column of its own: a million of them are sifted without touching what is
/// not asked for. Where no record is known of a second, its area and its biggest region are the largest and its cells are
/// all set, so that nothing is hidden for want of knowledge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seconds {
    /// UTC seconds since the epoch, ascending.
    pub at: Vec<u32>,
    /// Stored frames of motion.
    pub count: Vec<u16>,
    /// Microseconds from the second's start to the first of them.
    pub first: Vec<u32>,
    /// Share of the picture that changed, of 65535.
    pub area: Vec<u16>,
    /// Share of the picture that the biggest region covers, of 65535.
    pub biggest: Vec<u16>,
    /// Whether the light shifted, and whether nothing is known.
    flags: Vec<u8>,
    /// The cells in which anything changed: bit `row × 8 + column`.
    pub cells: Vec<u64>,
}

/// One second of [`Seconds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Second {
    /// Its bar.
    pub bar: Bar,
    /// Share of the picture that changed, of 65535.
    pub area: u16,
    /// Share of the picture that the biggest region covers, of 65535.
    pub biggest: u16,
    /// Whether the light shifted as a whole.
    pub light: bool,
    /// Whether a record of it was kept; without one the shares and cells are the largest there are.
    pub is_known: bool,
    /// The cells in which anything changed.
    pub cells: u64,
}

/// Every cell of the map.
pub const ALL_CELLS: u64 = (1 << (feature::COLUMNS * feature::ROWS)) - 1;

impl Second {
    /// What a bar and its record, if there is one, come to.
    fn of(bar: Bar, feature: Option<&Feature>) -> Self {
        let Some(f) = feature else {
            return Self { bar, area: u16::MAX, biggest: u16::MAX, light: false, is_known: false, cells: ALL_CELLS };
        };
        let cells = (0..feature::COLUMNS * feature::ROWS)
            .filter(|i| f.cell(i % feature::COLUMNS, i / feature::COLUMNS) > 0)
            .fold(0, |cells, i| cells | 1 << i);
        Self { bar, area: f.area, biggest: f.biggest, light: f.light, is_known: true, cells }
    }
}

impl Seconds {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// One of them.
    pub fn get(&self, i: usize) -> Option<Second> {
        let start = Timestamp(i64::from(*self.at.get(i)?) * MICROS_PER_SECOND);
        let first = Timestamp(start.0 + i64::from(*self.first.get(i)?));
        let flags = *self.flags.get(i)?;
        Some(Second {
            bar: Bar { start, count: u32::from(*self.count.get(i)?), first },
            area: *self.area.get(i)?,
            biggest: *self.biggest.get(i)?,
            light: flags & LIGHT != 0,
            is_known: flags & UNKNOWN == 0,
            cells: *self.cells.get(i)?,
        })
    }

    /// Puts one behind the others. One that is not later than they are, lies before 1970 or holds no frame is left out.
    pub fn push(&mut self, second: Second) {
        let bar = second.bar;
        let Ok(at) = u32::try_from(bar.start.0.div_euclid(MICROS_PER_SECOND)) else { return };
        if bar.count == 0 || self.at.last().is_some_and(|last| *last >= at) {
            return;
        }
        self.at.push(at);
        self.count.push(u16::try_from(bar.count).unwrap_or(u16::MAX));
        self.first.push((bar.first.0 - bar.start.0).clamp(0, MICROS_PER_SECOND - 1) as u32);
        self.area.push(second.area);
        self.biggest.push(second.biggest);
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        self.flags.push(flag(second.light, LIGHT) | flag(!second.is_known, UNKNOWN));
        self.cells.push(second.cells & ALL_CELLS);
    }

    /// The bars, by time.
    pub fn bars(&self) -> impl Iterator<Item = Bar> {
        (0..self.len()).filter_map(|i| self.get(i)).map(|second| second.bar)
    }

    /// Replaces what lies in a range of UTC seconds, its end not included, by others that lie in it.
    pub fn splice(&mut self, (from, to): (u32, u32), by: &Self) {
        let range = self.at.partition_point(|at| *at < from)..self.at.partition_point(|at| *at < to);
        self.at.splice(range.clone(), by.at.iter().copied());
        self.count.splice(range.clone(), by.count.iter().copied());
        self.first.splice(range.clone(), by.first.iter().copied());
        self.area.splice(range.clone(), by.area.iter().copied());
        self.biggest.splice(range.clone(), by.biggest.iter().copied());
        self.flags.splice(range.clone(), by.flags.iter().copied());
        self.cells.splice(range, by.cells.iter().copied());
    }
}

/// One camera's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The camera.
    pub camera: CameraId,
    /// Days since 1970-01-01, UTC.
    pub number: u32,
    /// Its seconds with motion.
    pub seconds: Seconds,
}

/// Why bytes are no day index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// They do not begin as one.
    #[error("this is no day index")]
    Foreign,
    /// Another version wrote them.
    #[error("the day index is of version {0}, this program reads version 1; reload the page")]
    Version(u16),
    /// Some are missing or there are too many.
    #[error("the day index has {has} bytes where it says {says}; fetch it again")]
    Length {
        /// Bytes that there are.
        has: usize,
        /// Bytes that there should be.
        says: usize,
    },
    /// The checksum or a value is wrong.
    #[error("the day index is damaged; fetch it again")]
    Damaged,
}

impl Day {
    /// The day of bars of a second and of records, both by time. Seconds of other days and records without a bar are left out.
    pub fn new(camera: CameraId, number: u32, bars: &[Bar], features: &[Feature]) -> Self {
        let start = i64::from(number) * DAY_US;
        let mut seconds = Seconds::default();
        let mut features = features.iter().peekable();
        for bar in bars.iter().filter(|bar| (start..start + DAY_US).contains(&bar.start.0)) {
            while features.next_if(|f| f.second < bar.start).is_some() {}
            seconds.push(Second::of(*bar, features.next_if(|f| f.second == bar.start)));
        }
        Self { camera, number, seconds }
    }

    /// The UTC seconds that it covers, its end not included.
    pub fn range(&self) -> (u32, u32) {
        let start = self.number.saturating_mul(DAY_S as u32);
        (start, start.saturating_add(DAY_S as u32))
    }

    /// Writes it.
    pub fn encode(&self) -> Vec<u8> {
        let s = &self.seconds;
        let mut out = Vec::with_capacity(HEADER + s.len() * WIDTH);
        out.extend(MAGIC);
        for value in [VERSION, HEADER as u16, self.camera.0, feature::COLUMNS as u16 | (feature::ROWS as u16) << 8] {
            out.extend(value.to_le_bytes());
        }
        out.extend(self.number.to_le_bytes());
        out.extend((s.len() as u32).to_le_bytes());
        out.extend([0; HEADER - 20]);
        let mut before = self.range().0;
        for at in &s.at {
            // Gaps, not times: the same few numbers over and over shrink to nothing when they are compressed.
            out.extend((at - before).to_le_bytes());
            before = *at;
        }
        out.extend(s.count.iter().flat_map(|v| v.to_le_bytes()));
        out.extend(s.first.iter().flat_map(|v| v.to_le_bytes().into_iter().take(3)));
        out.extend(s.area.iter().chain(&s.biggest).flat_map(|v| v.to_le_bytes()));
        out.extend(&s.flags);
        out.extend(s.cells.iter().flat_map(|v| v.to_le_bytes().into_iter().take(6)));
        let check = checksum(&out);
        out[HEADER - 8..HEADER].copy_from_slice(&check.to_le_bytes());
        out
    }

    /// Reads it.
    ///
    /// # Errors
    /// Says what is wrong with bytes that [`Self::encode`] did not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, DayError> {
        let header = bytes.first_chunk::<HEADER>().filter(|h| h.starts_with(MAGIC)).ok_or(DayError::Foreign)?;
        let short = |i: usize| u16::from_le_bytes([header[i], header[i + 1]]);
        let long = |i: usize| u32::from_le_bytes([header[i], header[i + 1], header[i + 2], header[i + 3]]);
        if short(4) != VERSION {
            return Err(DayError::Version(short(4)));
        }
        let (number, count) = (long(12), long(16) as usize);
        let shape = (usize::from(short(6)), usize::from(header[10]), usize::from(header[11]));
        if shape != (HEADER, feature::COLUMNS, feature::ROWS) || count > DAY_S as usize {
            return Err(DayError::Damaged);
        }
        let says = HEADER + count * WIDTH;
        if bytes.len() != says {
            return Err(DayError::Length { has: bytes.len(), says });
        }
        let check = u64::from(long(24)) | u64::from(long(28)) << 32;
        if checksum(bytes) != check || i64::from(number) * DAY_S >= i64::from(u32::MAX) - DAY_S {
            return Err(DayError::Damaged);
        }
        let mut day = Self { camera: CameraId(short(8)), number, seconds: Seconds::default() };
        day.seconds = columns(&bytes[HEADER..], count, day.range()).ok_or(DayError::Damaged)?;
        Ok(day)
    }
}

/// Reads the columns; `None` if a time or a count is none.
fn columns(mut rest: &[u8], count: usize, (start, end): (u32, u32)) -> Option<Seconds> {
    let mut take = |width: usize| {
        let (column, behind) = rest.split_at_checked(count * width)?;
        rest = behind;
        Some(column.chunks_exact(width).map(|bytes| bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))))
    };
    let mut last = start;
    let mut at = Vec::with_capacity(count);
    for (i, gap) in take(4)?.enumerate() {
        last = u32::try_from(gap).ok().filter(|gap| *gap > 0 || i == 0).and_then(|gap| last.checked_add(gap))?;
        at.push(last);
    }
    let seconds = Seconds {
        at,
        count: take(2)?.map(|v| v as u16).collect(),
        first: take(3)?.map(|v| v as u32).collect(),
        area: take(2)?.map(|v| v as u16).collect(),
        biggest: take(2)?.map(|v| v as u16).collect(),
        flags: take(1)?.map(|v| v as u8).collect(),
        cells: take(6)?.collect(),
    };
    let is_right = last < end
        && !seconds.count.contains(&0)
        && seconds.first.iter().all(|first| i64::from(*first) < MICROS_PER_SECOND)
        && seconds.cells.iter().all(|cells| *cells <= ALL_CELLS);
    is_right.then_some(seconds)
}

/// FNV-1a of 64 bits over everything but the eight bytes that hold it.
fn checksum(bytes: &[u8]) -> u64 {
    let parts = [&bytes[..HEADER - 8], &bytes[HEADER..]];
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    parts.into_iter().flatten().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests;
