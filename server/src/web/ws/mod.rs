//! The WebSocket of `docs/protocol.md`: one task per viewer, which waits for nobody else.

pub mod flow;
pub mod outbox;
mod session;
mod subscription;

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use rtm2_app::wire::{HEARTBEAT_MS, MAX_CLIENT_MESSAGE, SUBPROTOCOL};

use super::App;
use super::client::Client;
use super::problem::Refusal;
use crate::auth::Caller;

/// Most bytes that wait for a socket: one message is written at a time, and no picture is larger.
const WRITE_BUFFER: usize = 64 << 20;

/// What is read from a socket at a time. Viewers say little, and the library would set aside 128 KiB for each of them.
const READ_BUFFER: usize = 2 * MAX_CLIENT_MESSAGE;

/// Times that sockets and streams keep.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Longest silence of the server.
    pub heartbeat: Duration,
    /// Between two pings.
    pub ping: Duration,
    /// Silence after which a viewer counts as gone.
    pub dead: Duration,
    /// Longest time that one message may take to be written.
    pub send: Duration,
    /// Between two looks at whether the viewer may still watch; changes made by this process are noticed at once.
    pub check: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_millis(HEARTBEAT_MS),
            ping: Duration::from_secs(15),
            dead: Duration::from_secs(30),
            send: Duration::from_secs(30),
            check: Duration::from_secs(3),
        }
    }
}

/// Why a socket was closed, as a close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The server stops.
    Shutdown,
    /// A binary message came.
    Binary,
    /// Messages came faster than any page sends them.
    Flood,
    /// A message was too long.
    TooLong,
    /// There is no room.
    Full,
    /// The login ended.
    SessionEnded,
    /// The viewer reads too slowly or is gone.
    Unresponsive,
}

impl Closing {
    /// The code of the close frame.
    pub const fn code(self) -> u16 {
        match self {
            Self::Shutdown => 1001,
            Self::Binary => 1003,
            Self::Flood => 1008,
            Self::TooLong => 1009,
            Self::Full => 1013,
            Self::SessionEnded => 4401,
            Self::Unresponsive => 4408,
        }
    }

    /// The reason in the close frame.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Shutdown => "the server is stopping",
            Self::Binary => "binary messages are not understood",
            Self::Flood => "too many messages",
            Self::TooLong => "message too long",
            Self::Full => "too many viewers",
            Self::SessionEnded => "session ended",
            Self::Unresponsive => "no answer in time",
        }
    }
}

/// `GET /ws/v1`.
pub(super) async fn upgrade(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    client: Client,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let socket = socket.map_err(|error| Refusal::new(error.status(), error.body_text()))?;
    let socket = socket
        .protocols([SUBPROTOCOL])
        .max_message_size(MAX_CLIENT_MESSAGE)
        .max_frame_size(MAX_CLIENT_MESSAGE)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER);
    if socket.selected_protocol().is_none() {
        return Err(Refusal::bad_request(format!("name the subprotocol {SUBPROTOCOL}")));
    }
    let counted = app.open.token();
    Ok(socket.on_upgrade(async move |socket| {
        session::run(app, caller, client, socket).await;
        drop(counted);
    }))
}
