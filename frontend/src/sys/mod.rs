//! What browsers offer, and may lack: clock, timers, storage, full screen, and what an alarm
//! is noticed by. Every call works without it too.

pub mod clock;
pub mod crash;
pub mod days;
pub mod device;
pub mod first;
pub mod js;
pub mod listen;
pub mod marks;
pub mod notify;
pub mod page;
pub mod push;
pub mod save;
pub mod screen;
pub mod share;
pub mod sound;
pub mod storage;
pub mod timer;
pub mod wake;
