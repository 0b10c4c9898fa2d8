//! The web server from outside: every door, every answer, every way a connection ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod alerts;
mod clips;
mod common;
mod data;
mod days;
mod documents;
mod doors;
mod events;
mod first;
#[path = "../support/receiver.rs"]
mod receiver;
mod secrets;
mod sockets;
mod streams;
mod tiles;
mod tls;
