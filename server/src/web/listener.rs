//! Accepting connections: plain ones, and on the same port those that speak TLS. The first byte tells them apart: a TLS
//! handshake begins with 22 (RFC 8446, 5.1), and no HTTP request does.
//!
//! One port for both lets a phone that does not trust the certificate yet be told how, at the address that it knows.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rtm2_tls::ACME_ALPN;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

/// First byte of a TLS handshake.
const HANDSHAKE: u8 = 22;
/// Longest time from connecting to the end of the handshake.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that shake hands at the same time; more wait to be accepted.
const HANDSHAKES: usize = 512;
/// Pause after a failure to accept that is not the connection's, such as too many open files.
const PAUSE: Duration = Duration::from_secs(1);

/// How a request came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Connection {
    /// The other end.
    pub(super) address: SocketAddr,
    /// Whether it is encrypted.
    pub(super) tls: bool,
}

/// A stream of either kind.
pub(super) type Stream = Either<TcpStream, TlsStream<TcpStream>>;

/// Accepts plain connections, and TLS where it is set up.
pub(super) struct Entrance {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    handshakes: JoinSet<Option<(Stream, Connection)>>,
}

impl Entrance {
    pub(super) fn new(listener: TcpListener, tls: Option<Arc<ServerConfig>>) -> Self {
        Self { listener, tls: tls.map(TlsAcceptor::from), handshakes: JoinSet::new() }
    }

    /// Takes in the next connection, or the next one that has shaken hands.
    async fn step(&mut self) -> Option<(Stream, Connection)> {
        tokio::select! {
            Some(ready) = self.handshakes.join_next() => ready.ok().flatten(),
            accepted = self.listener.accept(), if self.handshakes.len() < HANDSHAKES => {
                let (stream, address) = match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        pause_after(&error).await;
                        return None;
                    }
                };
                // A frame is written at once: waiting for more to fill a packet only delays it.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection keeps its delay");
                }
                let Some(tls) = self.tls.clone() else {
                    return Some((Either::Left(stream), Connection { address, tls: false }));
                };
                self.handshakes.spawn(async move {
                    tokio::time::timeout(PATIENCE, greet(stream, address, tls)).await.ok().flatten()
                });
                None
            }
        }
    }
}

impl Listener for Entrance {
    type Io = Stream;
    type Addr = Connection;

    async fn accept(&mut self) -> (Stream, Connection) {
        loop {
            if let Some(ready) = self.step().await {
                return ready;
            }
        }
    }

    fn local_addr(&self) -> io::Result<Connection> {
        Ok(Connection { address: self.listener.local_addr()?, tls: self.tls.is_some() })
    }
}

impl Connected<IncomingStream<'_, Entrance>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Entrance>) -> Self {
        *stream.remote_addr()
    }
}

/// Looks how a connection begins, and shakes hands if it speaks TLS.
async fn greet(stream: TcpStream, address: SocketAddr, tls: TlsAcceptor) -> Option<(Stream, Connection)> {
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1) if first[0] == HANDSHAKE => {}
        Ok(1) => return Some((Either::Left(stream), Connection { address, tls: false })),
        _ => return None,
    }
    match tls.accept(stream).await {
        // It only looked whether the name is ours.
        Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(ACME_ALPN) => None,
        Ok(stream) => Some((Either::Right(stream), Connection { address, tls: true })),
        Err(error) => {
            // Phones that do not trust the certificate yet end here, again and again.
            tracing::debug!(%address, %error, "no TLS");
            None
        }
    }
}

/// Waits after a failure that the next attempt would meet again.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "cannot accept a connection");
        tokio::time::sleep(PAUSE).await;
    }
}
