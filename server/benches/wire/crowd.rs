//! Viewers in a process of their own, so that what they cost is not counted with the server.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt as _, StreamExt as _};
use rtm2_app::wire::{ClientMessage, Credit, Flags, FrameHeader};
use rtm2_app::{CameraId, Mode};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::Message;

use crate::common::viewer::{Socket, connect, header, say};

/// How the program knows that it is the crowd.
const CALL: &str = "RTM2_BENCH_CROWD";
/// From the last viewer's arrival until it counts: a detector younger than ten seconds learns from every picture.
const WARM_UP: Duration = Duration::from_secs(12);
/// Between two acknowledgements of the viewer that does not read: more often than frames come.
const CREDIT_EVERY: Duration = Duration::from_millis(50);

/// Long enough for the clock's ticks of 10 ms not to matter.
pub(crate) const MEASURED: Duration = Duration::from_secs(20);

/// So many viewers, watching for so long after the warm-up.
pub(crate) struct Crowd {
    pub(crate) viewers: u32,
    pub(crate) mode: Mode,
    /// Whether they take parts of pictures, as the page does, or want each one whole.
    pub(crate) tiles: bool,
    pub(crate) during: Duration,
    /// Whether one more is there that asks for whole pictures and never reads one.
    pub(crate) stalled: bool,
}

/// What they saw, all together.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) frames: u64,
    pub(crate) motion: u64,
    /// All bytes of the WebSocket, frame headers included.
    pub(crate) bytes: u64,
    /// Age of the pictures when they were read, from capture.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Frames of the viewer who got fewest, and most.
    pub(crate) fewest: u64,
    pub(crate) most: u64,
    /// Seconds after which the one that does not read was closed, if it was.
    pub(crate) stalled_s: Option<f64>,
}

#[derive(Serialize, Deserialize)]
struct Job {
    address: SocketAddr,
    cookie: String,
    viewers: u32,
    mode: Mode,
    tiles: bool,
    seconds: f64,
    stalled: bool,
}

/// The other process.
pub(crate) struct Running {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Crowd {
    /// One viewer, for as long as everything is measured.
    pub(crate) const fn alone(mode: Mode) -> Self {
        Self { viewers: 1, mode, tiles: true, during: MEASURED, stalled: false }
    }

    /// Starts it.
    pub(crate) fn start(&self, address: SocketAddr, cookie: &str) -> Running {
        let &Self { viewers, mode, tiles, during, stalled } = self;
        let (cookie, seconds) = (cookie.to_owned(), during.as_secs_f64());
        let job = Job { address, cookie, viewers, mode, tiles, seconds, stalled };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(CALL, serde_json::to_string(&job).unwrap())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Running { child, output }
    }
}

impl Running {
    /// Waits for the word that counting begins.
    pub(crate) fn wait_until_warm(&mut self) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "warm", "the viewers did not get in");
    }

    /// Waits until it has seen enough. The viewers are still there when this returns.
    pub(crate) fn seen(&mut self) -> Seen {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether this process is the crowd.
pub(crate) fn was_called() -> bool {
    std::env::var_os(CALL).is_some()
}

/// Watches, and prints what was seen.
pub(crate) fn work() {
    let job: Job = serde_json::from_str(&std::env::var(CALL).unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = runtime.block_on(all(job));
    println!("{}", serde_json::to_string(&seen).unwrap());
    // The sockets stay open until the other side has looked at its memory and ends us.
    std::thread::sleep(Duration::from_mins(1));
}

/// One viewer's account of it.
#[derive(Default)]
struct Tally {
    frames: u64,
    motion: u64,
    bytes: u64,
    ages_us: Vec<u32>,
}

async fn all(job: Job) -> Seen {
    let mut sockets = Vec::new();
    for _ in 0..job.viewers {
        sockets.push(connect(job.address, &job.cookie).await);
    }
    let stalled =
        if job.stalled { Some(tokio::spawn(stall(connect(job.address, &job.cookie).await, job.mode))) } else { None };
    let begin = Instant::now() + WARM_UP;
    let during = Duration::from_secs_f64(job.seconds);
    let viewers: Vec<_> =
        sockets.into_iter().map(|socket| tokio::spawn(view(socket, (job.mode, job.tiles), begin, during))).collect();
    tokio::time::sleep_until(begin.into()).await;
    println!("warm");
    let mut seen = Seen { fewest: u64::MAX, ..Seen::default() };
    let mut ages = Vec::new();
    for viewer in viewers {
        let tally = viewer.await.unwrap();
        seen.frames += tally.frames;
        seen.motion += tally.motion;
        seen.bytes += tally.bytes;
        seen.fewest = seen.fewest.min(tally.frames);
        seen.most = seen.most.max(tally.frames);
        ages.extend(tally.ages_us);
    }
    ages.sort_unstable();
    let at = |share: f64| ages.get((ages.len() as f64 * share) as usize).map_or(0.0, |&us| f64::from(us) / 1e3);
    (seen.p50_ms, seen.p99_ms) = (at(0.5), at(0.99));
    if let Some(stalled) = stalled
        && let Ok(seconds) = tokio::time::timeout(STALLED_MOST, stalled).await
    {
        seen.stalled_s = Some(seconds.unwrap());
    }
    seen
}

/// How long the end of a viewer that does not read is waited for.
const STALLED_MOST: Duration = Duration::from_mins(1);

/// A viewer that asks for every whole picture and gives credit for each, but reads none: its connection fills up. Gives
/// the seconds after which the server closed it.
async fn stall(mut socket: Socket, mode: Mode) -> f64 {
    let wish = ClientMessage::Subscribe { camera: CameraId(0), mode, max_fps: 0, tiles: false, pictures: true };
    let credit = ClientMessage::Ack { camera: CameraId(0), seq: u64::MAX };
    let begin = Instant::now();
    socket.send(say(&wish)).await.unwrap();
    let mut ticks = tokio::time::interval(CREDIT_EVERY);
    while socket.send(say(&credit)).await.is_ok() {
        ticks.tick().await;
    }
    begin.elapsed().as_secs_f64()
}

/// Follows the camera, giving credit back for each frame, and counts from `begin` on. The socket is kept open: its memory
/// is measured afterwards.
async fn view(mut socket: Socket, (mode, tiles): (Mode, bool), begin: Instant, during: Duration) -> Tally {
    let wish = ClientMessage::Subscribe { camera: CameraId(0), mode, max_fps: 0, tiles, pictures: true };
    socket.send(say(&wish)).await.unwrap();
    let (mut tally, mut credit) = (Tally::default(), Credit::default());
    while let Ok(message) = tokio::time::timeout_at((begin + during).into(), socket.next()).await {
        let message = message.unwrap().unwrap();
        let warm = Instant::now() >= begin;
        tally.bytes += u64::from(warm) * wire_bytes(message.len());
        if let Message::Binary(bytes) = &message {
            let header = header(bytes);
            if warm {
                tally.count(&header);
            }
            if let Some(seq) = credit.done(header.camera, header.seq) {
                socket.send(say(&ClientMessage::Ack { camera: header.camera, seq })).await.unwrap();
            }
        }
    }
    std::mem::forget(socket);
    tally
}

impl Tally {
    fn count(&mut self, header: &FrameHeader) {
        self.frames += 1;
        self.motion += u64::from(header.flags.has(Flags::MOTION));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64;
        self.ages_us.push((now - header.at.0).max(0) as u32);
    }
}

/// A message with the header of its frame: RFC 6455, 5.2, without a mask.
fn wire_bytes(payload: usize) -> u64 {
    let header = match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    };
    (payload + header) as u64
}
