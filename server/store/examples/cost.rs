//! What the store costs on this disk: `cargo run --release -p rtm2-store --example cost -- DIR`. Stores frames of
//! 45 kB in DIR (which must not exist yet), then as many tiny ones as a second argument says (a million without it),
//! spread over a year, and asks for bars over them.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rtm2_app::{CameraId, Region, Timestamp};
use rtm2_store::{MAX_ROWS, NewFrame, Options, Seek, Store};

const CAMERA: CameraId = CameraId(0);
const SECOND: i64 = 1_000_000;
const START: i64 = 1_750_000_000 * SECOND;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let dir = std::env::args().nth(1).map(PathBuf::from).ok_or("name a folder that does not exist yet")?;
    if dir.exists() {
        return Err(format!("{} exists; name a folder that does not", dir.display()).into());
    }
    let frames = std::env::args().nth(2).map_or(Ok(1_000_000), |text| text.parse())?;
    let done = appends(&dir.join("frames")).and_then(|()| queries(&dir.join("year"), frames));
    std::fs::remove_dir_all(&dir)?;
    done
}

fn say(name: &str, value: impl std::fmt::Display) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{name:<44} {value}")
}

/// The given share of the times lie below it.
fn share(sorted: &[Duration], of_1000: usize) -> String {
    format!("{:.3} ms", sorted[(sorted.len() - 1) * of_1000 / 1000].as_secs_f64() * 1e3)
}

/// A frame of `jpeg` at `at`.
fn append(store: &Store, at: i64, seq: u64, jpeg: &[u8]) -> Outcome<()> {
    let boxes = [Region { x: 10, y: 20, w: 100, h: 200, strength: 900 }; 3];
    let at = Timestamp(at);
    let grid = Some(&[3; 192][..]);
    store.append(&NewFrame {
        camera: CAMERA,
        at,
        seq,
        width: 640,
        height: 480,
        motion: true,
        light_shift: false,
        score: 9,
        boxes: &boxes,
        grid,
        jpeg,
    })?;
    Ok(())
}

/// Costs of storing and fetching.
fn appends(dir: &std::path::Path) -> Outcome<()> {
    let store = Store::open(Options::directory(dir))?;
    let mut jpeg = vec![0x5A; 45_000];
    jpeg[..4].copy_from_slice(&[0xFF, 0xD8, 0xFF, 0xDA]);
    let mut times = Vec::new();
    for i in 0..5_000 {
        let start = Instant::now();
        append(&store, START + i * 66_667, i as u64, &jpeg)?;
        times.push(start.elapsed());
    }
    let mean = times.iter().sum::<Duration>().as_secs_f64() * 1e3 / times.len() as f64;
    times.sort_unstable();
    say("append 45 kB, mean", format!("{mean:.3} ms"))?;
    say("append 45 kB, median", share(&times, 500))?;
    say("append 45 kB, 99 %", share(&times, 990))?;
    say("append 45 kB, worst", share(&times, 1000))?;
    let start = Instant::now();
    for i in 0..1_000 {
        store.frame(CAMERA, Timestamp(START + i * 4 * 66_667))?.ok_or("frame is gone")?;
    }
    say("frame, verified", format!("{:.3} ms", start.elapsed().as_secs_f64()))?;
    Ok(())
}

/// Costs of asking over a year with a hundred frames in ten seconds now and then.
fn queries(dir: &std::path::Path, frames: i64) -> Outcome<()> {
    let options = Options { segment_bytes: 64 << 20, ..Options::directory(dir) };
    let store = Store::open(options.clone())?;
    let jpeg = [0xFF, 0xD8, 0xFF, 0xD9];
    let start = Instant::now();
    let pause = 31_500_000 * SECOND / (frames / 100).max(1);
    for i in 0..frames {
        append(&store, START + i / 100 * pause + i % 100 * 100_000, i as u64, &jpeg)?;
    }
    say(&format!("{frames} small appends"), format!("{:.1} s", start.elapsed().as_secs_f64()))?;
    let usage = store.usage()?;
    say("segments and index of these", format!("{} MiB", usage.bytes >> 20))?;
    drop(store);
    let start = Instant::now();
    let store = Store::open(options)?;
    say("open", format!("{:.1} ms", start.elapsed().as_secs_f64() * 1e3))?;
    let all = (Timestamp(0), Timestamp(i64::MAX));
    for (name, bucket) in [("1 s", SECOND), ("1 min", 60 * SECOND), ("1 h", 3_600 * SECOND), ("1 day", 86_400 * SECOND)]
    {
        let start = Instant::now();
        let bars = store.bars(CAMERA, all.0, all.1, bucket, MAX_ROWS)?;
        let ms = start.elapsed().as_secs_f64() * 1e3;
        say(&format!("bars of {name} over the year ({})", bars.len()), format!("{ms:.1} ms"))?;
    }
    let start = Instant::now();
    for i in 0..1_000 {
        store.seek(CAMERA, Seek::At(Timestamp(START + i * 31_500 * SECOND)))?;
    }
    say("seek", format!("{:.4} ms", start.elapsed().as_secs_f64()))?;
    let start = Instant::now();
    store.last_bars(CAMERA, 1_000)?;
    say("last 1000 bars", format!("{:.2} ms", start.elapsed().as_secs_f64() * 1e3))?;
    Ok(())
}
