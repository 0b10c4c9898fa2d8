//! rtm2's recorder: pictures of motion in segments of plain JPEGs, an `SQLite` index beside them, retention within a
//! budget of bytes, recovery after a crash, check and repair.
//!
//! `docs/store.md` describes the files to the byte. The calls are synchronous and may wait for the disk: run them on a
//! thread of their own, never on an async runtime's. Nothing here knows about cameras, detectors or HTTP, and nothing
//! asks the clock: all times are the frames' own.

mod batch;
pub mod check;
mod disk;
mod error;
mod index;
mod jpeg;
mod layout;
mod lock;
mod marks;
mod memory;
mod record;
mod recordings;
mod recover;
mod retain;
mod segment;
mod stills;
mod store;
mod sync;
#[cfg(test)]
mod tests;
mod thin;
mod types;
mod writer;

pub use check::{Mode, Report, check, check_with_gap};
pub use error::Error;
pub use recordings::Recordings;
pub use store::Store;
pub use types::{
    Among, Appended, CameraUsage, EventFilter, Forecast, Mark, NewFrame, Options, Place, Seek, StoredFrame, Usage,
};

/// Most rows that one query answers; more are asked for page by page.
pub const MAX_ROWS: usize = 100_000;
/// Most events that one query answers.
pub const MAX_EVENTS: usize = 1_000;
/// Most bytes of the names of the zones that something moves in, in one frame.
pub const MAX_ZONES: usize = 1_000;
/// Most still frames that one query answers.
pub const MAX_STILLS: usize = 1_000;
/// Longest label and longest name of a zone, in bytes.
pub const MAX_TEXT: usize = 200;
/// Smallest budget in bytes that a store on disk takes: below it the index alone would use most of it.
pub const MIN_BUDGET: u64 = 8 << 20;
/// Longest detector grid that is kept with a frame, in bytes.
pub const MAX_GRID: usize = 16 << 10;
/// Latest time that a frame is stored under: the end of the year 9999. Earlier than 1970 counts as 1970.
pub const MAX_TIME: rtm2_app::Timestamp = rtm2_app::Timestamp(253_402_300_799_999_999);
