//! A viewer's way in: the first account, the session, the socket.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use rtm2_app::wire::{ClientMessage, FrameHeader, FrameRef, SUBPROTOCOL, TilesRef};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A socket that speaks the protocol.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Makes the first account; gives the session's cookie.
pub(crate) fn set_up(address: SocketAddr, token: &str) -> String {
    let body = json!({ "token": token, "user": "bench", "password": "a password for a bench" });
    enter(address, "/api/v1/setup", &body)
}

/// Logs in; gives the session's cookie.
pub(crate) fn log_in(address: SocketAddr, user: &str, password: &str) -> String {
    enter(address, "/api/v1/login", &json!({ "user": user, "password": password }))
}

fn enter(address: SocketAddr, path: &str, body: &Value) -> String {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let cookie = answer.split_once("set-cookie: ").unwrap_or_else(|| panic!("no session: {answer}")).1;
    cookie.split(';').next().unwrap().to_owned()
}

/// Opens a socket with a session.
pub(crate) async fn connect(address: SocketAddr, cookie: &str) -> Socket {
    let mut request = format!("ws://{address}/ws/v1").into_client_request().unwrap();
    let origin = format!("http://{address}");
    for (name, value) in [("cookie", cookie), ("origin", &origin), ("sec-websocket-protocol", SUBPROTOCOL)] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    connect_async(request).await.unwrap().0
}

/// A control message as it goes over the socket.
pub(crate) fn say(message: &ClientMessage) -> Message {
    Message::Text(serde_json::to_string(message).unwrap().into())
}

/// The header of a whole picture or of what changed of one.
pub(crate) fn header(message: &[u8]) -> FrameHeader {
    FrameRef::parse(message).map_or_else(|_| TilesRef::parse(message).unwrap().header, |frame| frame.header)
}
