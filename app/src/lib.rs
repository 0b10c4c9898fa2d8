//! What both sides of rtm2 agree on, and pure logic: the wire protocol, domain types, the shapes of the HTTP API,
//! server-function signatures and chart maths.
//!
//! Nothing here does I/O, asks the clock, or knows about browsers or async runtimes. `leptos` is compiled in only by
//! the features `csr` (page) and `ssr` (server), and only for [`api`].

#[cfg(any(feature = "csr", feature = "ssr"))]
pub mod api;
pub mod bars;
pub mod camera;
pub mod chart;
pub mod http;
pub mod link;
pub mod picture;
pub mod push;
pub mod time;
pub mod wire;

pub use bars::Bar;
pub use camera::{CameraId, CameraInfo, CameraState, Mode};
pub use picture::{FrameInfo, Region};
pub use time::Timestamp;
