//! What the whole server costs: processor time per frame of one 640×480 MJPEG camera at 30 frames a second, captured,
//! detected, recorded and sent to one viewer in live mode, and what an idle viewer receives.
//!
//! The camera is a clip through `file:`: `RTM2_BENCH_CLIP`, else one made with ffmpeg of a noisy room in which a square
//! crosses now and then. ffmpeg only cuts the clip into its JPEGs, in a process of its own that is not counted. Runs on
//! Linux, which tells a process's time in `/proc`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on should stop here")]

#[path = "common/mod.rs"]
mod common;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use common::clip::crossings;
use common::costs::cpu_ms;
use common::viewer::{connect, header, say, set_up};
use futures_util::{SinkExt as _, StreamExt as _};
use rtm2_app::wire::{ClientMessage, Credit, Flags};
use rtm2_app::{CameraId, Mode};
use serde_json::json;
use support::Server;
use tokio::time::timeout_at;
use tokio_tungstenite::tungstenite::Message;

/// Until caches are warm, the file has been opened, and the detector is ten seconds old: until then it learns from every
/// picture.
const WARM_UP: Duration = Duration::from_secs(12);
/// The camera's frames a second.
const FPS: u32 = 30;
/// Long enough for the clock's ticks of 10 ms not to matter.
const MEASURED: Duration = Duration::from_secs(30);
/// How long an idle viewer is watched.
const IDLE: Duration = Duration::from_secs(10);

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
    let clip = std::env::var_os("RTM2_BENCH_CLIP").map_or_else(|| crossings(dir.path()), PathBuf::from);
    let source = format!("file:{}?loop&fps={FPS}", clip.display());
    let (busy, default) = (watch(&source, Mode::Live, MEASURED), watch(&source, Mode::default(), MEASURED));
    let still = dir.path().join("still");
    support::write_clip(&still, 1, 1);
    let idle = watch(&format!("file:{}?loop&fps=30", still.display()), Mode::Motion, IDLE);
    let (per_frame, by_default) = (busy.per_frame(), default.per_frame());
    println!(
        "{} of {} frames moved; capture to stored and sent {per_frame:.3} ms of processor a frame in live mode, {by_default:.3} \
         ms in the mode that a page begins with; {:.1} frames/s",
        busy.motion,
        busy.frames,
        busy.frames as f64 / busy.seconds
    );
    let idle_rate = idle.bytes as f64 / idle.seconds;
    println!("an idle viewer receives {idle_rate:.1} bytes/s; the server spends {:.2} % of a core", idle.load());
    println!(
        "{}",
        json!({ "cpu_ms_per_frame": per_frame, "cpu_ms_per_frame_default": by_default, "idle_bytes_per_s": idle_rate, "frames": busy.frames, "motion": busy.motion })
    );
}

impl Tally {
    /// Milliseconds for each frame that the camera sent, whether the viewer got it or not.
    fn per_frame(&self) -> f64 {
        self.cpu_ms / (self.seconds * f64::from(FPS))
    }

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
    let mut socket = connect(server.address(), cookie).await;
    socket
        .send(say(&ClientMessage::Subscribe { camera: CameraId(0), mode, max_fps: 0, tiles: true, pictures: true }))
        .await
        .unwrap();

    let begin = Instant::now() + WARM_UP;
    let (mut tally, mut spent, mut credit) = (Tally::default(), None, Credit::default());
    // Nothing may come for seconds, so the clock is looked at in between.
    while begin.elapsed() < during {
        let warm = Instant::now() >= begin;
        if warm {
            spent.get_or_insert_with(|| cpu_ms(server.id()));
        }
        let until = if warm { begin + during } else { begin };
        let Ok(message) = timeout_at(until.into(), socket.next()).await else { continue };
        let Some(message) = message else { break };
        let message = message.unwrap();
        tally.bytes += if warm { message.len() as u64 } else { 0 };
        if let Message::Binary(bytes) = &message {
            let header = header(bytes);
            tally.frames += u64::from(warm);
            tally.motion += u64::from(warm && header.flags.has(Flags::MOTION));
            if let Some(seq) = credit.done(header.camera, header.seq) {
                socket.send(say(&ClientMessage::Ack { camera: header.camera, seq })).await.unwrap();
            }
        }
    }
    tally.seconds = begin.elapsed().as_secs_f64();
    tally.cpu_ms = cpu_ms(server.id()) - spent.unwrap_or_default();
    tally
}
