//! `kill -9` of the real server at random moments: whatever it had said was stored is there after the next start. The
//! usual tests kill it a few times, `cargo xtask test --faults` some hundred times.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on should stop here")]

mod support;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use image::{GrayImage, Luma};
use rtm2_app::{CameraId, FrameInfo, Timestamp};
use rtm2_store::{Options, Store};
use support::{Server, rtm2};
use tempfile::TempDir;

const PASSWORD: &str = "long enough for eva";
/// Far above what an answer takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Four pictures in which a square jumps to and fro every two: all but the first few move.
fn write_restless_clip(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for i in 0..4 {
        let left = if i < 2 { 20 } else { 80 };
        let picture = GrayImage::from_fn(160, 120, |x, y| {
            Luma([if (left..left + 40).contains(&x) && (30..70).contains(&y) { 230 } else { 60 }])
        });
        picture.save(folder.join(format!("{i}.jpg"))).unwrap();
    }
}

/// Times of the frames that a server says are stored from a time on; `None` once it is gone.
fn stored(address: SocketAddr, from: i64) -> Option<Vec<i64>> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("eva:{PASSWORD}"));
    let path = format!("/api/v1/cameras/0/frames?from={from}&to={}&limit=10000", i64::MAX);
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Basic {credentials}");
    write!(stream, "{head}\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    let frames: Vec<FrameInfo> = serde_json::from_str(body).ok()?;
    Some(frames.into_iter().map(|frame| frame.at.0).collect())
}

/// Starts the server and kills it before it has come up.
fn kill_while_it_starts(state: &Path, source: &str, wait: Duration) {
    let mut child = rtm2()
        .args(["run", "--listen", "127.0.0.1:0", "--detector", "classic", "--source", source, "--state-dir"])
        .arg(state)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(wait);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Kills the server again and again; answers the frames that it had said were stored, and how many of them are lost.
fn kill_again_and_again(rounds: u64) -> (usize, usize) {
    let clip = tempfile::tempdir().unwrap();
    write_restless_clip(clip.path());
    let source = format!("file:{}?loop&fps=100", clip.path().display());
    let mut state: TempDir = tempfile::tempdir().unwrap();
    let mut user = rtm2()
        .args(["user", "add", "eva", "--admin", "--state-dir"])
        .arg(state.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(user.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(user.wait().unwrap().success());

    let (mut dice, mut said, mut lost) = (Dice(3), BTreeSet::<i64>::new(), 0);
    for round in 0..rounds {
        if round % 4 == 3 {
            kill_while_it_starts(state.path(), &source, Duration::from_millis(dice.roll(250)));
            continue;
        }
        let server = Server::start_in(state, &["--source", &source, "--detector", "classic"]);
        let address = server.address();
        // What the last rounds left is told by this one.
        let from = said.iter().rev().nth(2_000).copied().unwrap_or(0);
        let told: BTreeSet<i64> = stored(address, from).unwrap().into_iter().collect();
        lost += said.range(from..).filter(|at| !told.contains(at)).count();
        let newest = told.last().copied().unwrap_or(0);
        let listener = thread::spawn(move || {
            let mut heard = BTreeSet::new();
            let started = Instant::now();
            while let Some(times) = stored(address, newest) {
                heard.extend(times);
                assert!(started.elapsed() < PATIENCE, "the server was not killed");
            }
            heard
        });
        thread::sleep(Duration::from_millis(20 + dice.roll(200)));
        state = server.kill();
        said.extend(listener.join().unwrap());
    }
    let checked = rtm2().args(["check", "--state-dir"]).arg(state.path()).output().unwrap();
    let repaired = rtm2().args(["check", "--repair", "--state-dir"]).arg(state.path()).output().unwrap();
    assert!(repaired.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let store = Store::open(Options::directory(state.path().join("frames"))).unwrap();
    let missing = said.iter().filter(|at| store.frame(CameraId(0), Timestamp(**at)).unwrap().is_none()).count();
    (said.len(), lost.max(missing))
}

#[test]
fn a_killed_server_loses_nothing_that_it_said_was_stored() {
    let (said, lost) = kill_again_and_again(8);
    assert!(said > 0, "nothing was recorded");
    assert_eq!(lost, 0, "of {said}");
}

#[test]
#[ignore = "long: `cargo xtask test --faults` runs it"]
fn fault_server_killed() {
    let (said, lost) = kill_again_and_again(520);
    println!("fault | kill -9 of the server at random moments ({said} frames) | 520 | {lost}");
    assert_eq!(lost, 0);
}
