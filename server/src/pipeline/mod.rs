//! From a camera's picture to what viewers and the recorder get: detection, fan-out, recording.

mod bar_news;
mod beat;
pub mod cameras;
pub mod detecting;
pub mod frame_jpeg;
pub mod help;
pub mod hub;
pub mod live_frame;
pub mod mailbox;
mod raw_tiles;
pub mod recorder;
mod rest;
pub mod ring;
pub mod stats;
mod stride;
pub mod tiling;
pub mod watchdog;

pub use frame_jpeg::FrameJpeg;
pub use help::Ringing;
pub use hub::{CameraFeed, Hub, HubEvent, Seen};
pub use live_frame::LiveFrame;
pub use ring::Capture;
