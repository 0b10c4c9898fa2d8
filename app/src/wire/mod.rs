//! The wire protocol: one WebSocket, JSON text for control, binary for pictures. `docs/protocol.md` describes it.

pub mod control;
mod credit;
pub mod frame;
pub mod tiles;

pub use control::{ClientMessage, ServerMessage, UserInfo};
pub use credit::Credit;
pub use frame::{Flags, FrameHeader, FrameRef, WireError};
pub use tiles::TilesRef;

/// Version of the protocol. A page that speaks another one is told to reload.
pub const PROTOCOL: u16 = 1;

/// The WebSocket subprotocol that both sides must name.
pub const SUBPROTOCOL: &str = "rtm2.v1";

/// The WebSocket's path.
pub const PATH: &str = "/ws/v1";

/// Frames that a viewer may have unacknowledged: enough to fill a link with 100 ms of delay at 30 frames a second,
/// few enough that a slow link lags by a fraction of a second only.
pub const WINDOW: u16 = 4;

/// Longest text message that a client may send, in bytes.
pub const MAX_CLIENT_MESSAGE: usize = 1024;

/// Time between two heartbeats, in milliseconds. A page that hears nothing for three of them is cut off.
pub const HEARTBEAT_MS: u64 = 1_000;
