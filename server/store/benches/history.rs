//! What a long history costs: a store of a year with 100 000, 1 000 000 and 5 000 000 frames of motion is made from its
//! segments, opened, asked, and looked at in a browser: `cargo xtask bench history` says with what (`BROWSER`). Other numbers of frames can be given: `cargo xtask bench history -- 300000`. A line for each,
//! and all of them as one JSON object in the last line. Five millions take some minutes and 4 GB on the disk.
#![allow(clippy::print_stdout, reason = "a measurement is printed")]

#[path = "history/bulk.rs"]
mod bulk;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use rtm2_app::{CameraId, Region, Timestamp};
use rtm2_store::{EventFilter, MAX_ROWS, NewFrame, Options, Seek, Store};

const CAMERA: CameraId = CameraId(0);
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
const START: i64 = 1_750_000_000 * SECOND;
/// Frames that are stored one by one at the end.
const APPENDED: i64 = 2_000;
/// Times that a question is asked; the median counts.
const ASKED: usize = 9;
/// The environment's word for what looks at a history in a browser: `node`, and `end2end/history-bench.js`. Without it the
/// browser's figures are `null`.
const BROWSER: &str = "RTM2_BENCH_HISTORY";
/// Says that a process is to open and ask a store only.
const MEASURE: &str = "measure";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [word, dir, frames] = &arguments[..]
        && word == MEASURE
    {
        return measure(Path::new(dir), frames.parse()?);
    }
    let mut scales = arguments.iter().map(|text| text.parse()).collect::<Result<Vec<i64>, _>>()?;
    if scales.is_empty() {
        scales = vec![100_000, 1_000_000, 5_000_000];
    }
    let mut results = Vec::new();
    for frames in scales {
        let dir = tempfile::tempdir()?;
        bulk::fill(&dir.path().join("frames"), frames, (START, 365 * DAY))?;
        let started = Instant::now();
        drop(Store::open(options(dir.path()))?);
        let rebuild_s = started.elapsed().as_secs_f64();
        // A process of its own: what filling took must not count as memory of asking.
        let program = std::env::current_exe()?;
        let output = Command::new(program).arg(MEASURE).arg(dir.path()).arg(frames.to_string()).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        let measured = String::from_utf8(output.stdout)?;
        let seen = in_browser(dir.path(), frames)?;
        let result = format!("{{\"frames\":{frames},\"rebuild_s\":{rebuild_s:.1},{},{seen}}}", measured.trim());
        println!("{result}");
        results.push(result);
    }
    println!("{{\"scales\":[{}]}}", results.join(","));
    Ok(())
}

/// What it costs to look at a history in a browser. As many seconds are sifted as there are frames: more than such a history has.
fn in_browser(dir: &Path, frames: i64) -> Outcome<String> {
    let Some(script) = std::env::var_os(BROWSER) else {
        return Ok("\"first_chart_ms\":null,\"refilter_ms\":null".to_owned());
    };
    let output = Command::new("node").arg(script).arg(dir).args([&frames.to_string(), "still"]).output()?;
    let said = String::from_utf8(output.stdout)?;
    let last = said.lines().last().filter(|_| output.status.success());
    let last = last.ok_or_else(|| format!("{said}{}", String::from_utf8_lossy(&output.stderr)))?;
    let first = figure(last, "\"first_chart_ms\":{\"cold\":").ok_or("no first chart")?;
    let installed = figure(last, "\"installed\":").ok_or("no first chart of the installed page")?;
    let refilter = figure(last, "\"refilter_ms\":").ok_or("nothing was sifted")?;
    Ok(format!("\"first_chart_ms\":{first},\"first_chart_installed_ms\":{installed},\"refilter_ms\":{refilter}"))
}

/// The number behind some text.
fn figure(text: &str, before: &str) -> Option<f64> {
    let (_, rest) = text.split_once(before)?;
    rest.split([',', '}']).next()?.parse().ok()
}

fn options(dir: &Path) -> Options {
    Options { segment_bytes: 64 << 20, ..Options::directory(dir.join("frames")) }
}

/// Stores more frames, of pictures as small as they can be; answers what one takes in µs.
fn append(store: &Store) -> Outcome<f64> {
    let boxes = [Region { x: 10, y: 20, w: 100, h: 200, strength: 900 }; 3];
    let started = Instant::now();
    for i in 0..APPENDED {
        store.append(&NewFrame {
            camera: CAMERA,
            at: Timestamp(START + 366 * DAY + i * SECOND / 10),
            seq: i as u64,
            width: 640,
            height: 480,
            motion: true,
            light_shift: false,
            score: (i % 900) as u16,
            boxes: &boxes,
            grid: Some(&[3; 192]),
            jpeg: &[0xFF, 0xD8, 0xFF, 0xD9],
        })?;
    }
    Ok(started.elapsed().as_secs_f64() * 1e6 / APPENDED as f64)
}

/// Opens and asks, and prints what it took.
fn measure(dir: &Path, frames: i64) -> Outcome<()> {
    let started = Instant::now();
    let store = Store::open(options(dir))?;
    let open = started.elapsed().as_secs_f64() * 1e3;
    let year = (Timestamp(START), Timestamp(START + 365 * DAY));
    let minute = (Timestamp(START), Timestamp(START + 60 * SECOND));
    let bars = |range: (Timestamp, Timestamp), bucket| -> Outcome<usize> {
        Ok(store.bars(CAMERA, range.0, range.1, bucket, MAX_ROWS)?.len())
    };
    let year_ms = median(|| bars(year, 12 * 3_600 * SECOND))?;
    let days_ms = median(|| bars(year, DAY))?;
    let minute_ms = median(|| bars(minute, SECOND))?;
    let events_ms = median(|| Ok(store.events(&EventFilter { limit: 100, ..EventFilter::default() })?.len()))?;
    let features_ms = median(|| Ok(store.features(CAMERA, year.0, year.1, MAX_ROWS)?.len()))?;
    let middle = Timestamp(START + 182 * DAY);
    let seek_ms = median(|| Ok(usize::from(store.seek(CAMERA, Seek::At(middle))?.is_some())))?;
    if store.usage()?.frames != frames as u64 {
        return Err("frames are missing".into());
    }
    let rss = resident_mib()?;
    let append_us = append(&store)?;
    println!(
        "\"open_ms\":{open:.1},\"query_ms\":{year_ms:.2},\"days_ms\":{days_ms:.2},\"minute_ms\":{minute_ms:.3},\
         \"events_ms\":{events_ms:.2},\"features_ms\":{features_ms:.1},\"seek_ms\":{seek_ms:.3},\"rss_mib\":{rss},\
         \"append_us\":{append_us:.1}"
    );
    Ok(())
}

/// The median time of a question in ms. It must have an answer.
fn median(ask: impl Fn() -> Outcome<usize>) -> Outcome<f64> {
    let mut times = Vec::new();
    for _ in 0..ASKED {
        let started = Instant::now();
        if ask()? == 0 {
            return Err("a question had no answer".into());
        }
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[ASKED / 2])
}

/// Most memory that this process had in use, as Linux tells it.
fn resident_mib() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}
