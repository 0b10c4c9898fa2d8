//! What the wire costs: bytes to a viewer while nothing moves and while something does, processor time per frame and per
//! further viewer, and how fast pictures reach a crowd; the same where viewers are sent whole pictures.
//!
//! `RTM2_BENCH_CLIPS` names clips of motion JPEG for the bytes, separated by commas; without it one is made with ffmpeg.
//! The crowd is a second process, this program again. Everything goes over loopback, on Linux, which tells what a process
//! uses in `/proc`. The last line is one object of JSON.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on should stop here")]

#[path = "../common/mod.rs"]
mod common;
mod crowd;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use common::clip::{crossings, jpeg_bytes, room, to_and_fro};
use common::costs::{cpu_ms, rss_kib};
use common::viewer::set_up;
use crowd::{Crowd, Seen};
use rtm2_app::Mode;
use serde_json::{Map, Value, json};
use support::Server;

/// The camera's frames a second, but for the crowd.
const FPS: u32 = 30;
/// Viewers whose cost is measured.
const FURTHER: u32 = 100;
/// The crowd of the last measurement, and the camera's frames a second.
const CROWD: u32 = 500;
const CROWD_FPS: u32 = 15;

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    if crowd::was_called() {
        return crowd::work();
    }
    let dir = tempfile::tempdir().unwrap();
    let clips = Clips { still: room(dir.path()), moving: to_and_fro(dir.path()), mixed: crossings(dir.path()) };
    let mut report = Map::new();
    report.extend(idle(dir.path()));
    report.extend(bytes(&clips.mixed));
    report.extend(processor(&clips));
    report.extend(many(&clips.mixed));
    report.extend(whole_pictures(&clips));
    println!("{}", Value::Object(report));
}

/// What is measured on.
struct Clips {
    /// Nothing moves.
    still: PathBuf,
    /// Something moves in every picture.
    moving: PathBuf,
    /// Something moves in one of three pictures, so that the others come soon after motion: they are recorded.
    mixed: PathBuf,
}

/// What a viewer who waits for motion receives while there is none.
fn idle(dir: &Path) -> Map<String, Value> {
    let still = dir.join("still");
    support::write_clip(&still, 1, 1);
    let seen = watch(&still, FPS, &Crowd::alone(Mode::Motion)).seen;
    let rate = seen.bytes as f64 / crowd::MEASURED.as_secs_f64();
    println!("while nothing moves a viewer receives {rate:.1} bytes/s");
    object(&json!({ "idle_bytes_per_s": rate }))
}

/// Bytes to a viewer of every picture, as a share of the camera's JPEGs.
fn bytes(moving: &Path) -> Map<String, Value> {
    let clips = match std::env::var("RTM2_BENCH_CLIPS") {
        Ok(clips) => clips.split(',').map(PathBuf::from).collect(),
        Err(_) => vec![moving.to_owned()],
    };
    let ratios: Map<String, Value> = clips.iter().map(|clip| ratio(clip)).collect();
    object(&json!({ "motion_bytes_ratio": ratios }))
}

fn ratio(clip: &Path) -> (String, Value) {
    let seen = watch(clip, FPS, &Crowd::alone(Mode::Live)).seen;
    let (per_frame, whole) = (seen.bytes as f64 / seen.frames as f64, jpeg_bytes(clip));
    let name = clip.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    println!("{name}: {per_frame:.0} bytes a frame, of JPEGs of {whole:.0} bytes: {:.1} %", per_frame / whole * 100.0);
    (name, json!(per_frame / whole))
}

/// Processor time of the server per still frame, per frame with motion and per still one soon after, in the mode that a page
/// begins with and in live mode, and of one more viewer.
fn processor(clips: &Clips) -> Map<String, Value> {
    let default = per_frame(&Crowd::alone(Mode::default()), clips);
    let live = per_frame(&Crowd::alone(Mode::Live), clips);
    let viewer_us = further_us(&live.mixed, &clips.mixed, true);
    object(&json!({
        "cpu_ms_still": default.still_ms, "cpu_ms_motion": default.motion_ms, "cpu_ms_after": default.after_ms,
        "cpu_ms_still_live": live.still_ms, "cpu_ms_motion_live": live.motion_ms, "cpu_ms_after_live": live.after_ms,
        "viewer_us": viewer_us,
    }))
}

/// What all that would cost if viewers were sent whole pictures, as those are that ask for no parts.
fn whole_pictures(clips: &Clips) -> Map<String, Value> {
    println!("the same with whole pictures:");
    let whole = |mode: Mode| Crowd { tiles: false, ..Crowd::alone(mode) };
    let default = per_frame(&whole(Mode::default()), clips);
    let live = per_frame(&whole(Mode::Live), clips);
    let viewer_us = further_us(&live.mixed, &clips.mixed, false);
    let (one, all) = crowd(&clips.mixed, &whole(Mode::Live));
    let Seen { p50_ms, p99_ms, .. } = all.seen;
    object(&json!({
        "whole_cpu_ms_still": default.still_ms, "whole_cpu_ms_motion": default.motion_ms,
        "whole_cpu_ms_after": default.after_ms, "whole_cpu_ms_still_live": live.still_ms,
        "whole_cpu_ms_motion_live": live.motion_ms, "whole_cpu_ms_after_live": live.after_ms,
        "whole_viewer_us": viewer_us, "whole_p50_ms_500": p50_ms, "whole_p99_ms_500": p99_ms,
        "whole_kib_per_viewer": kib_each(&one, &all),
    }))
}

/// Microseconds of processor for a frame to one more viewer in live mode, beside a run with one.
fn further_us(one: &Run, clip: &Path, tiles: bool) -> f64 {
    let all = watch(clip, FPS, &Crowd { viewers: FURTHER + 1, tiles, ..Crowd::alone(Mode::Live) });
    let viewer_us = (all.cpu_ms - one.cpu_ms) / frames() / f64::from(FURTHER) * 1e3;
    println!("one more viewer costs {viewer_us:.1} µs a frame");
    viewer_us
}

/// Frames that the camera sends while it is measured.
fn frames() -> f64 {
    crowd::MEASURED.as_secs_f64() * f64::from(FPS)
}

struct PerFrame {
    still_ms: f64,
    motion_ms: f64,
    /// Of a still frame soon after motion.
    after_ms: f64,
    mixed: Run,
}

fn per_frame(alone: &Crowd, clips: &Clips) -> PerFrame {
    let still_ms = watch(&clips.still, FPS, alone).cpu_ms / frames();
    let moving = watch(&clips.moving, FPS, alone);
    let share = moving.seen.motion as f64 / frames();
    assert!(share > 0.98, "something moves in every picture, but only {share:.2} of them had motion");
    let motion_ms = moving.cpu_ms / frames();
    let mixed = watch(&clips.mixed, FPS, alone);
    let motion = mixed.seen.motion as f64;
    let after_ms = (mixed.cpu_ms - motion_ms * motion) / (frames() - motion);
    let mode = alone.mode;
    println!(
        "{mode:?} mode: a still frame costs {still_ms:.3} ms of processor, one with motion {motion_ms:.3} ms, a still one soon \
         after {after_ms:.3} ms"
    );
    PerFrame { still_ms, motion_ms, after_ms, mixed }
}

/// How old pictures are when a crowd has them, what memory it takes, and whether it notices one that does not read.
fn many(moving: &Path) -> Map<String, Value> {
    let (one, all) = crowd(moving, &Crowd::alone(Mode::Live));
    let beside = watch(moving, CROWD_FPS, &Crowd { viewers: CROWD, stalled: true, ..Crowd::alone(Mode::Live) });
    println!(
        "beside one that does not read: p50 {:.1} ms, p99 {:.1} ms, {} to {} frames each; it was closed after {} s",
        beside.seen.p50_ms,
        beside.seen.p99_ms,
        beside.seen.fewest,
        beside.seen.most,
        beside.seen.stalled_s.map_or_else(|| "more".to_owned(), |seconds| format!("{seconds:.0}")),
    );
    let Seen { p50_ms, p99_ms, fewest, most, .. } = all.seen;
    object(&json!({
        "p50_ms_500": p50_ms, "p99_ms_500": p99_ms, "p99_ms_500_beside_stalled": beside.seen.p99_ms,
        "stalled_closed_s": beside.seen.stalled_s,
        "kib_per_viewer": kib_each(&one, &all), "fewest_frames": fewest, "most_frames": most,
    }))
}

/// One viewer of this kind by itself, and a crowd of them.
fn crowd(moving: &Path, alone: &Crowd) -> (Run, Run) {
    let one = watch(moving, CROWD_FPS, alone);
    let all = watch(moving, CROWD_FPS, &Crowd { viewers: CROWD, ..*alone });
    let (Seen { p50_ms, p99_ms, fewest, most, .. }, kib) = (&all.seen, kib_each(&one, &all));
    println!(
        "{CROWD} viewers at {CROWD_FPS} frames/s: p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms from capture to viewer, {fewest} to \
         {most} frames each, {kib:.0} KiB a viewer"
    );
    (one, all)
}

/// Memory of each of a crowd in KiB. What one viewer's server grows by is not the viewers': pictures from before motion, the
/// detector.
fn kib_each(one: &Run, all: &Run) -> f64 {
    all.grown_kib.saturating_sub(one.grown_kib) as f64 / f64::from(CROWD - 1)
}

/// What a crowd saw and what the server used meanwhile.
struct Run {
    seen: Seen,
    cpu_ms: f64,
    grown_kib: u64,
}

/// Starts a server on a clip, lets a crowd watch it, and ends it.
fn watch(clip: &Path, fps: u32, crowd: &Crowd) -> Run {
    let room = tempfile::tempdir().unwrap();
    let config = room.path().join("config.toml");
    std::fs::write(&config, "[web]\nmax-viewers = 600\nmax-viewers-per-user = 600\n").unwrap();
    let source = format!("file:{}?loop&fps={fps}", std::path::absolute(clip).unwrap().display());
    let server = Server::start(&["--config", config.to_str().unwrap(), "--source", &source]);
    let cookie = set_up(server.address(), &server.setup_token());
    let before = rss_kib(server.id());
    let mut child = crowd.start(server.address(), &cookie);
    child.wait_until_warm();
    let spent = cpu_ms(server.id());
    let seen = child.seen();
    let run = Run { seen, cpu_ms: cpu_ms(server.id()) - spent, grown_kib: rss_kib(server.id()).saturating_sub(before) };
    server.end();
    run
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
