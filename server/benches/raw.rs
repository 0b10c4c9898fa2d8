//! What a camera costs that sends pixels: processor time per frame of one 640×480 YUYV camera at 30 frames a second, taken
//! apart, detected, recorded when something moves, and sent to one viewer in live mode.
//!
//! The server is a second process, this program again, without a camera's device: a thread hands over pictures of a noisy
//! room that were painted before, in which nothing moves or a square crosses all the time. Runs on Linux, which tells the
//! time of each thread in `/proc`. The last line is one object of JSON.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on should stop here")]

#[path = "common/mod.rs"]
mod common;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::costs::threads_ms;
use common::viewer::{connect, header, log_in, say};
use futures_util::{SinkExt as _, StreamExt as _};
use rtm2::auth::{Auth, Role};
use rtm2::pipeline::detecting::{self, Eye, Outlet, ZoneNumbers};
use rtm2::pipeline::mailbox::{Mailbox, Policy};
use rtm2::pipeline::tiling::Tiler;
use rtm2::pipeline::{CameraFeed, Capture, Hub, recorder};
use rtm2::web::{App, WebSettings, serve};
use rtm2_alert::{Alerts, Settings as AlertSettings, SystemClock};
use rtm2_app::wire::{ClientMessage, Credit, Flags};
use rtm2_app::{CameraId, Mode, Timestamp};
use rtm2_camera::jpeg::{Encoder, Layout, Range, Raw};
use rtm2_camera::{Picture, RawImage};
use rtm2_detect::Settings;
use rtm2_store::{Options, Store};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

const CAMERA: CameraId = CameraId(0);
const WIDTH: usize = 640;
const HEIGHT: usize = 480;
const FPS: u32 = 30;
/// What a camera's pictures are coded with unless told otherwise.
const QUALITY: u8 = 85;
/// Pictures that are painted before: a crossing of the square.
const PAINTED: usize = 90;
/// Until the detector knows the room.
const WARM_UP: Duration = Duration::from_secs(6);
const MEASURED: Duration = Duration::from_secs(15);
/// Says in the second process what its camera sees.
const SCENE: &str = "RTM2_BENCH_RAW_SCENE";
const USER: &str = "bench";
const PASSWORD: &str = "a password for a bench";

/// What one viewer received, and what the server spent meanwhile.
#[derive(Debug, Default)]
struct Tally {
    frames: u64,
    motion: u64,
    bytes: u64,
    cpu_ms: f64,
}

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    if let Ok(scene) = std::env::var(SCENE) {
        return work(scene == "moving");
    }
    let [still, moving] = ["still", "moving"].map(|scene| {
        let tally = watch(scene);
        let (cost, bytes) = (tally.cpu_ms / tally.frames as f64, tally.bytes / tally.frames.max(1));
        println!(
            "{scene}: {cost:.3} ms of processor a frame, {bytes} bytes a frame, {} of {} frames moved",
            tally.motion, tally.frames
        );
        cost
    });
    println!("{}", json!({ "raw_cpu_ms_still": still, "raw_cpu_ms_motion": moving }));
}

/// Starts the server, watches it as one viewer, and ends it.
fn watch(scene: &str) -> Tally {
    let program = std::env::current_exe().unwrap();
    let mut server = Command::new(program).env(SCENE, scene).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let tally = runtime.block_on(view(address, &server));
    server.kill().unwrap();
    server.wait().unwrap();
    tally
}

/// Follows the camera, giving credit back for each frame, and counts after the warm-up.
async fn view(address: SocketAddr, server: &Child) -> Tally {
    let cookie = log_in(address, USER, PASSWORD);
    let mut socket = connect(address, &cookie).await;
    let mode = Mode::Live;
    let subscribe = ClientMessage::Subscribe { camera: CAMERA, mode, max_fps: 0, tiles: true, pictures: true };
    socket.send(say(&subscribe)).await.unwrap();
    let begin = Instant::now() + WARM_UP;
    let (mut tally, mut spent, mut credit) = (Tally::default(), None, Credit::default());
    while begin.elapsed() < MEASURED {
        let Some(message) = socket.next().await else { break };
        let message = message.unwrap();
        let warm = Instant::now() >= begin;
        if warm {
            spent.get_or_insert_with(|| threads_ms(server.id()));
            tally.bytes += message.len() as u64;
        }
        if let Message::Binary(bytes) = &message {
            let header = header(bytes);
            tally.frames += u64::from(warm);
            tally.motion += u64::from(warm && header.flags.has(Flags::MOTION));
            if let Some(seq) = credit.done(header.camera, header.seq) {
                socket.send(say(&ClientMessage::Ack { camera: header.camera, seq })).await.unwrap();
            }
        }
    }
    tally.cpu_ms = threads_ms(server.id()) - spent.unwrap_or_default();
    tally
}

/// The second process: a server with a camera that sends YUYV, until it is ended.
fn work(moving: bool) {
    let hub = Arc::new(Hub::new(vec![CameraFeed::new(CAMERA, "Door".into(), "camera:0".into(), false)]));
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(Options::directory(folder.path())).unwrap());
    // As by default.
    let around = Duration::from_secs(3);
    let capture = Capture { before: around, after: around, bytes: 16 << 20, stills: Duration::ZERO };
    let (recorder, _recording) = recorder::start_capturing(Arc::clone(&store), Arc::clone(&hub), capture).unwrap();
    let outlet = Outlet {
        camera: CAMERA,
        hub: Arc::clone(&hub),
        recorder: recorder.camera(),
        policy: Policy::LatestWins,
        tiler: Tiler::default(),
        zones: ZoneNumbers::default(),
        #[cfg(feature = "onnx")]
        filter: None,
    };
    let mailbox = Arc::new(Mailbox::new(Policy::LatestWins));
    let eye = Eye::new("steady", Settings::default()).unwrap();
    let pictures = Arc::clone(&mailbox);
    thread::spawn(move || detecting::run(&mailbox, eye, outlet));
    thread::spawn(move || take(&pictures, moving));

    let auth = Auth::in_memory().unwrap();
    auth.add_user(&USER.parse().unwrap(), PASSWORD, Role::Viewer).unwrap();
    let alerts = Alerts::in_memory(AlertSettings::default(), Arc::new(SystemClock)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let app = App::new(hub, store, auth, alerts, WebSettings::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        serve(listener, app, CancellationToken::new()).await.unwrap();
    });
}

/// The camera: hands over what it sees, as often as it should.
fn take(mailbox: &Mailbox<Picture>, moving: bool) {
    let painted: Vec<Vec<u8>> = (0..PAINTED).map(|n| paint(n, moving)).collect();
    let encoder = Arc::new(Mutex::new(Encoder::new(QUALITY).unwrap()));
    let (start, epoch) = (Instant::now(), 1_700_000_000_000_000);
    for (n, data) in (0u32..).zip(painted.iter().cycle()) {
        let due = Duration::from_secs(1) * n / FPS;
        thread::sleep(due.saturating_sub(start.elapsed()));
        let (width, height) = (WIDTH as u16, HEIGHT as u16);
        let raw = Raw { data, width, height, stride: 0, layout: Layout::Yuyv, range: Range::Video };
        let image = RawImage::new(raw.own().unwrap(), Arc::clone(&encoder)).into();
        mailbox.put(Picture { image, at: Timestamp(epoch + due.as_micros() as i64), width, height });
    }
}

/// A textured room with sensor noise, and a square that crosses it.
fn paint(n: usize, moving: bool) -> Vec<u8> {
    let mut seed = n as u32 * 7919 + 1;
    let mut noise = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 24) / 256.0 * 6.0 - 3.0
    };
    let left = n * 8;
    let mut data = Vec::with_capacity(WIDTH * HEIGHT * 2);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let lit = moving && (200..360).contains(&y) && (left..left + 90).contains(&(x + 90));
            let wave = 40.0 * (x as f64 / 23.0).sin() * (y as f64 / 17.0).cos();
            let room = 96.0 + wave + 8.0 * ((x + y) % 7) as f64;
            data.extend([(if lit { 210.0 } else { room } + noise()) as u8, if lit { 118 } else { 128 }]);
        }
    }
    data
}
