//! As much HTTP as the checks need: one request, one answer, connection closed.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

const LIMIT: Duration = Duration::from_secs(30);

/// A server and who talks to it.
pub(super) struct Client {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// Name and password for HTTP Basic, already in base64.
    pub(super) basic: Option<&'static str>,
}

impl Client {
    /// Gets a path and returns the body. Fails on any status but 200.
    pub(super) fn get(&self, path: &str) -> Result<String> {
        self.call("GET", path, "")
    }

    /// Posts JSON to a path and returns the body. Fails on any status that is no success.
    pub(super) fn post(&self, path: &str, json: &str) -> Result<String> {
        self.call("POST", path, json)
    }

    fn call(&self, method: &str, path: &str, body: &str) -> Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.address, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        let authorization = self.basic.map(|basic| format!("Authorization: Basic {basic}\r\n")).unwrap_or_default();
        // HTTP/1.0, so that the answer comes in one piece.
        let (address, length) = (self.address, body.len());
        let head =
            format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\n{authorization}Content-Type: application/json\r\n");
        write!(stream, "{head}Content-Length: {length}\r\n\r\n{body}")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        body_of(&String::from_utf8_lossy(&answer)).with_context(|| format!("{method} {path}"))
    }
}

fn body_of(answer: &str) -> Result<String> {
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        bail!("status {status}: {}", body.trim());
    }
    Ok(body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_success_gives_a_body() {
        assert_eq!(body_of("HTTP/1.0 200 OK\r\nA: b\r\n\r\nbody").unwrap(), "body");
        assert!(body_of("HTTP/1.0 401 Unauthorized\r\n\r\nno").unwrap_err().to_string().contains("401"));
        assert!(body_of("").is_err());
    }
}
