//! What the whole server costs: processor time per frame of one 640×480 MJPEG camera at 30 frames a second, captured,
//! detected, recorded and sent to one viewer in live mode, and what an idle viewer receives.
//!
//! The camera is a clip through `file:`: `RTM2_BENCH_CLIP`, else one made with ffmpeg of a noisy room in which a square
//! crosses now and then. ffmpeg only cuts the clip into its JPEGs, in a process of its own that is not counted. Runs on
//! Linux, which tells a process's time in `/proc`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on should stop here")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use rtm2_app::wire::{ClientMessage, Flags, FrameRef};
use rtm2_app::{CameraId, Mode};
use serde_json::json;
use support::Server;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// Until caches are warm and the file has been opened.
const WARM_UP: Duration = Duration::from_secs(3);
/// Long enough for the clock's ticks of 10 ms not to matter.
const MEASURED: Duration = Duration::from_secs(30);
/// How long an idle viewer is watched.
const IDLE: Duration = Duration::from_secs(10);
/// Ticks a second of the times in `/proc`, fixed by Linux for programs.
const TICKS: f64 = 100.0;

/// What one viewer received, and what the server spent meanwhile.
#[derive(Debug, Default)]
struct Tally {
    frames: u64,
    motion: u64,
    bytes: u64,
    seconds: f64,
    cpu_ms: f64,
}

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let clip = std::env::var_os("RTM2_BENCH_CLIP").map_or_else(|| make_clip(dir.path()), PathBuf::from);
    let busy = watch(&format!("file:{}?loop&fps=30", clip.display()), Mode::Live, MEASURED);
    let still = dir.path().join("still");
    support::write_clip(&still, 1, 1);
    let idle = watch(&format!("file:{}?loop&fps=30", still.display()), Mode::Motion, IDLE);
    let per_frame = busy.cpu_ms / busy.frames as f64;
    println!(
        "{} of {} frames moved; {per_frame:.3} ms of processor a frame, capture to stored and sent; {:.1} frames/s",
        busy.motion,
        busy.frames,
        busy.frames as f64 / busy.seconds
    );
    let idle_rate = idle.bytes as f64 / idle.seconds;
    println!("an idle viewer receives {idle_rate:.1} bytes/s; the server spends {:.2} % of a core", idle.load());
    println!(
        "{}",
        json!({ "cpu_ms_per_frame": per_frame, "idle_bytes_per_s": idle_rate, "frames": busy.frames, "motion": busy.motion })
    );
}

impl Tally {
    /// Share of one core in percent.
    fn load(&self) -> f64 {
        self.cpu_ms / self.seconds / 10.0
    }
}

/// Starts a server, watches it as one viewer, and ends it.
fn watch(source: &str, mode: Mode, during: Duration) -> Tally {
    let server = Server::start(&["--source", source]);
    let cookie = set_up(server.address(), &server.setup_token());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let tally = runtime.block_on(view(&server, &cookie, mode, during));
    server.end();
    tally
}

/// Follows the camera, giving credit back for each frame, and counts after the warm-up.
async fn view(server: &Server, cookie: &str, mode: Mode, during: Duration) -> Tally {
    let address = server.address();
    let mut request = format!("ws://{address}/ws/v1").into_client_request().unwrap();
    let origin = format!("http://{address}");
    for (name, value) in [("cookie", cookie), ("origin", &origin), ("sec-websocket-protocol", "rtm2.v1")] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let say = |message: ClientMessage| Message::Text(serde_json::to_string(&message).unwrap().into());
    socket.send(say(ClientMessage::Subscribe { camera: CameraId(0), mode, max_fps: 0 })).await.unwrap();

    let begin = Instant::now() + WARM_UP;
    let (mut tally, mut spent) = (Tally::default(), None);
    while begin.elapsed() < during {
        let Some(message) = socket.next().await else { break };
        let message = message.unwrap();
        let warm = Instant::now() >= begin;
        if warm {
            spent.get_or_insert_with(|| cpu_ms(server.id()));
            tally.bytes += message.len() as u64;
        }
        if let Message::Binary(bytes) = &message {
            let header = FrameRef::parse(bytes).unwrap().header;
            tally.frames += u64::from(warm);
            tally.motion += u64::from(warm && header.flags.has(Flags::MOTION));
            socket.send(say(ClientMessage::Ack { camera: header.camera, seq: header.seq })).await.unwrap();
        }
    }
    tally.seconds = begin.elapsed().as_secs_f64();
    tally.cpu_ms = cpu_ms(server.id()) - spent.unwrap_or_default();
    tally
}

/// Milliseconds of processor time that a process has spent so far, in user and kernel mode.
fn cpu_ms(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    // Fields 14 and 15 of proc(5), counted from the one after the name.
    let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    ticks / TICKS * 1e3
}

/// Makes the first account; gives the session's cookie.
fn set_up(address: SocketAddr, token: &str) -> String {
    let body = json!({ "token": token, "user": "bench", "password": "a password for a bench" }).to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /api/v1/setup HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let cookie = answer.split_once("set-cookie: ").unwrap_or_else(|| panic!("no session: {answer}")).1;
    cookie.split(';').next().unwrap().to_owned()
}

/// Twenty seconds of a room with sensor noise, crossed by a square for a third of the time.
fn make_clip(dir: &Path) -> PathBuf {
    let clip = dir.join("clip.avi");
    let room =
        "gradients=size=640x480:rate=30:speed=0.00001:c0=0x8090a0:c1=0x504030:duration=20,noise=alls=6:allf=t[room]";
    let square = "color=0xe0d0c0:size=90x160:rate=30:duration=20[square]";
    let crossing = "[room][square]overlay=x='if(lt(mod(t,9),3),mod(t,9)*240-90,-200)':y=200";
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-filter_complex", &format!("{room};{square};{crossing}")])
        .args(["-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"])
        .arg(&clip)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "ffmpeg is needed to make a clip; or set RTM2_BENCH_CLIP");
    clip
}
