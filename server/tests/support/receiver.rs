//! Takes what is posted to it on loopback: a webhook's receiver, or a push service that does not look inside.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver as Queue, Sender, channel};
use std::thread;
use std::time::Duration;

/// Longest wait for a request; far above what it takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// A request.
#[derive(Debug)]
pub(crate) struct Posted {
    /// Its path with query.
    pub(crate) path: String,
    /// Its headers, names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    /// Its body.
    pub(crate) body: Vec<u8>,
}

/// The receiver. It answers 201 to everything.
pub(crate) struct Receiver {
    /// Where it listens.
    pub(crate) base: String,
    posted: Queue<Posted>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (sender, posted) = channel();
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                thread::spawn(move || serve(&stream, &sender));
            }
        });
        Self { base, posted }
    }

    /// The next request.
    pub(crate) fn next(&self) -> Posted {
        self.posted.recv_timeout(PATIENCE).unwrap()
    }

    /// A request that has come in already.
    pub(crate) fn waiting(&self) -> Option<Posted> {
        self.posted.try_recv().ok()
    }
}

fn serve(stream: &TcpStream, sender: &Sender<Posted>) {
    let mut reader = BufReader::new(stream);
    while let Some(posted) = read(&mut reader) {
        let mut out = stream;
        let answered = out.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
        if sender.send(posted).is_err() || answered.is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Posted> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Posted { path, headers, body })
}
