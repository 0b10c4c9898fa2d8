//! What both sides of rtm2 agree on, and pure logic: the wire protocol, domain types, the shapes of the HTTP API,
//! server-function signatures, chart maths and the alarm's policy.
//!
//! Nothing here does I/O, asks the clock, or knows about browsers or async runtimes. `leptos` is compiled in only by
//! the features `csr` (page) and `ssr` (server), and only for [`api`].

pub mod alarm;
#[cfg(any(feature = "csr", feature = "ssr"))]
pub mod api;
pub mod bars;
pub mod camera;
pub mod chart;
pub mod day;
pub mod event;
pub mod feature;
pub mod http;
pub mod json;
pub mod link;
pub mod picture;
pub mod playback;
pub mod push;
pub mod room;
pub mod time;
pub mod wire;
pub mod zone;

pub use bars::Bar;
pub use camera::{CameraId, CameraInfo, CameraState, Mode};
pub use event::{Event, Kept};
pub use feature::Feature;
pub use picture::{FrameInfo, Region};
pub use time::Timestamp;
pub use zone::ZoneSet;
