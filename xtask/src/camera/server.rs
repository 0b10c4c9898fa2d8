//! The server inside the virtual machine, and everything it says.

use std::io::{BufRead as _, BufReader, PipeReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// A running server.
pub(super) struct Server {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts it. What it prints and logs is shown, and kept for [`Server::wait_for`].
    pub(super) fn start(program: &Path, arguments: &[&str]) -> Result<Self> {
        let (reader, writer) = std::io::pipe()?;
        let mut command = Command::new(program);
        command.args(arguments).stderr(writer.try_clone()?).stdout(writer);
        let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        drop(command);
        let lines = Arc::default();
        let kept = Arc::clone(&lines);
        std::thread::spawn(move || listen(reader, &kept));
        Ok(Self { child, lines })
    }

    /// How many lines it has said so far.
    pub(super) fn said(&self) -> usize {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Waits for a line, after the first `after` ones, in which `find` finds something.
    pub(super) fn wait_for<T>(&mut self, after: usize, limit: Duration, find: impl Fn(&str) -> Option<T>) -> Result<T> {
        let end = Instant::now() + limit;
        loop {
            let found = {
                let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.iter().skip(after).find_map(|line| find(line))
            };
            if let Some(found) = found {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended ({status})");
            }
            if Instant::now() > end {
                bail!("nothing of the kind in the log within {} s", limit.as_secs());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Asks it to end, and says how it did.
    pub(super) fn end(&mut self, limit: Duration) -> Result<String> {
        let id = self.child.id().to_string();
        Command::new("/bin/busybox").args(["kill", "-TERM", &id]).status()?;
        let begin = Instant::now();
        while begin.elapsed() < limit {
            if let Some(status) = self.child.try_wait()? {
                anyhow::ensure!(status.success(), "it ended with {status}");
                return Ok(format!("after {:.1} s", begin.elapsed().as_secs_f64()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("it runs on {} s after SIGTERM", limit.as_secs());
    }
}

fn listen(output: PipeReader, lines: &Mutex<Vec<String>>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        println!("server| {line}");
        lines.lock().unwrap_or_else(PoisonError::into_inner).push(crate::sh::without_colours(&line));
    }
}

/// What the server prints when it is ready: where it listens, and the token that makes the first account.
pub(super) fn setup_link(line: &str) -> Option<(SocketAddr, String)> {
    let (_, rest) = line.split_once("http://")?;
    let (address, token) = rest.split_once("/setup#token=")?;
    Some((address.parse().ok()?, token.split_whitespace().next()?.to_owned()))
}

/// Whether a line of the log says that a camera is in a state.
pub(super) fn says_state(line: &str, state: &str) -> bool {
    let mut words = line.split(|character: char| !character.is_ascii_alphanumeric());
    line.contains("camera") && words.any(|word| word == state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_taken_apart() {
        let (address, token) = setup_link("  http://127.0.0.1:5000/setup#token=abc-1 ").unwrap();
        assert_eq!((address.port(), token.as_str()), (5000, "abc-1"));
        assert!(setup_link("rtm2 is ready: http://127.0.0.1:5000/").is_none());
    }

    #[test]
    fn states_are_words() {
        assert!(says_state("INFO camera 0 (camera:0) is live: 640x360", "live"));
        assert!(!says_state("INFO camera 0 delivers", "live") && !says_state("live", "live"));
    }
}
