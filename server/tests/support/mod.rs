//! Starts the real server for a test, ends it by its process id, and makes small clips.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use image::{GrayImage, Luma};
use tempfile::TempDir;

/// Longest wait for anything a server should do soon; far above what it takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// The binary under test with none of this machine's settings.
pub(crate) fn rtm2() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtm2"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("RTM2_") || name == "RUST_LOG") {
        command.env_remove(name);
    }
    command.env("XDG_CONFIG_HOME", "/nonexistent").stdin(Stdio::null());
    command
}

/// A running server with a state directory of its own.
pub(crate) struct Server {
    child: Child,
    state: TempDir,
    said: Arc<Mutex<String>>,
    address: SocketAddr,
}

impl Server {
    /// Starts `rtm2 run` with these arguments on a free port and waits until it serves.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), args)
    }

    /// The same on an existing state directory.
    pub(crate) fn start_in(state: TempDir, args: &[&str]) -> Self {
        Self::start_as(rtm2(), state, args)
    }

    /// The same with an environment of its own.
    pub(crate) fn start_as(mut program: Command, state: TempDir, args: &[&str]) -> Self {
        let mut child = program
            .args(["run", "--listen", "127.0.0.1:0", "--state-dir", state.path().to_str().unwrap()])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().unwrap(), &said);
        collect(child.stderr.take().unwrap(), &said);
        let address = until("an address", &said, |text| {
            let rest = text.split_once("rtm2 is ready")?.1.split_once("http://")?.1;
            // The log and the printed link come in any order; both name the address.
            rest.split(['/', ',', '\n']).next()?.parse().ok()
        });
        Self { child, state, said, address }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it keeps its data.
    pub(crate) fn state_dir(&self) -> &Path {
        self.state.path()
    }

    /// The token of the link that it printed.
    pub(crate) fn setup_token(&self) -> String {
        until("a set-up link", &self.said, |text| {
            Some(text.split_once("/setup#token=")?.1.split_whitespace().next()?.to_owned())
        })
    }

    /// Waits until the log holds `part`.
    pub(crate) fn wait_for_log(&self, part: &str) {
        until(part, &self.said, |text| text.contains(part).then_some(()));
    }

    /// Everything that it said so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Sends it SIGTERM.
    pub(crate) fn signal(&self) {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Ends it with SIGTERM; gives its exit code, its directory and what it said.
    pub(crate) fn end(mut self) -> (Option<i32>, TempDir, String) {
        self.signal();
        let code = self.child.wait().unwrap().code();
        let said = self.said();
        (code, std::mem::replace(&mut self.state, tempfile::tempdir().unwrap()), said)
    }

    /// Ends it as a power cut would; gives its directory.
    pub(crate) fn kill(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.state, tempfile::tempdir().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(stream: impl std::io::Read + Send + 'static, said: &Arc<Mutex<String>>) {
    let said = Arc::clone(said);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut said = said.lock().unwrap();
            said.push_str(&line);
            said.push('\n');
        }
    });
}

fn until<T>(what: &str, said: &Mutex<String>, find: impl Fn(&str) -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = find(&said.lock().unwrap()) {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "no {what} in:\n{}", said.lock().unwrap());
        thread::sleep(Duration::from_millis(20));
    }
}

/// Writes a folder of `count` JPEGs of 640×480: a plain grey scene in which a bright square stands at (200, 120) from
/// picture `from` on.
pub(crate) fn write_clip(folder: &Path, count: u32, from: u32) {
    std::fs::create_dir_all(folder).unwrap();
    let still = grey(|_, _| false);
    let square = grey(|x, y| (200..300).contains(&x) && (120..220).contains(&y));
    for i in 0..count {
        let picture = if i < from { &still } else { &square };
        picture.save(folder.join(format!("{i:04}.jpg"))).unwrap();
    }
}

/// A plain scene that is bright where `lit` says so.
fn grey(lit: impl Fn(u32, u32) -> bool) -> GrayImage {
    GrayImage::from_fn(640, 480, |x, y| Luma([if lit(x, y) { 230 } else { 60 + (x / 16) as u8 }]))
}
