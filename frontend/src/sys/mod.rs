//! What browsers offer, and may lack: clock, timers, storage, full screen. Every call works without it too.

pub mod clock;
pub mod crash;
pub mod listen;
pub mod page;
pub mod push;
pub mod save;
pub mod screen;
pub mod storage;
pub mod timer;
