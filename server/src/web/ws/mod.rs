//! The WebSocket of `docs/protocol.md`: one task per viewer, which waits for nobody else.

pub mod flow;
pub mod outbox;
mod session;
mod subscription;

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum_tws::{Limits, WebSocketError, WebSocketUpgrade};
use rtm2_app::wire::{HEARTBEAT_MS, MAX_CLIENT_MESSAGE, SUBPROTOCOL};

use super::App;
use super::client::Client;
use super::problem::Refusal;
use crate::auth::Caller;

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
    headers: HeaderMap,
    socket: Result<WebSocketUpgrade, WebSocketError>,
) -> Result<Response, Refusal> {
    let socket = socket.map_err(not_an_upgrade)?;
    if !names_the_protocol(&headers) {
        return Err(Refusal::bad_request(format!("name the subprotocol {SUBPROTOCOL}")));
    }
    let counted = app.open.token();
    let limits = Limits::default().max_payload_len(Some(MAX_CLIENT_MESSAGE));
    let mut response = socket.limits(limits).on_upgrade(async move |socket| {
        session::run(app, caller, client, socket).await;
        drop(counted);
    });
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

/// The library's refusal of a request, with its words in the body.
fn not_an_upgrade(error: WebSocketError) -> Refusal {
    let words = error.to_string();
    Refusal::new(error.into_response().status(), words)
}

/// Whether the page speaks what is spoken here: it may offer several protocols, in one header or in many.
fn names_the_protocol(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    offers
        .filter_map(|offer| offer.to_str().ok())
        .flat_map(|offer| offer.split(','))
        .any(|name| name.trim() == SUBPROTOCOL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_is_found_among_others() {
        let offered = |offers: &[&'static str]| {
            let offers = offers.iter().map(|offer| (header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer)));
            names_the_protocol(&offers.collect())
        };
        assert!(offered(&[SUBPROTOCOL]));
        assert!(offered(&["chat, rtm2.v1"]));
        assert!(offered(&["chat", "rtm2.v1 ,other"]));
        assert!(!offered(&[]));
        assert!(!offered(&["rtm2.v10, rtm2", "RTM2.V1"]));
    }
}
