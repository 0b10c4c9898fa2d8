//! What a long history costs in the browser: from opening the page to the first bars, and sifting a million records, in
//! Chromium (`end2end/history-bench.js`), against this server on a store of a year with 100 000, 1 000 000 and 5 000 000
//! frames of motion. What the store alone takes is measured by its own benchmark of this name.
//!
//! Needs the page in the server (`cargo xtask page`), node, Chromium and what `cargo xtask setup` installs for the tests;
//! without them it says so and measures nothing.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement that cannot go on should stop here"
)]

#[path = "../store/benches/history/bulk.rs"]
mod bulk;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use rtm2_store::{Options, Store};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const YEAR: i64 = 365 * 86_400 * 1_000_000;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if std::env::args().any(|argument| argument == "--list") {
        return Ok(());
    }
    let mut scales = arguments.iter().map(|text| text.parse()).collect::<Result<Vec<i64>, _>>()?;
    if scales.is_empty() {
        scales = vec![100_000, 1_000_000, 5_000_000];
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Some(missing) = missing(&root) {
        eprintln!("nothing is measured in the browser: {missing}");
        println!("{}", json!({}));
        return Ok(());
    }
    let results = scales.into_iter().map(|frames| measure(&root, frames)).collect::<Outcome<Vec<_>>>()?;
    println!("{}", json!({ "history": results }));
    Ok(())
}

/// What this machine lacks.
fn missing(root: &Path) -> Option<&'static str> {
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    if !node.is_ok_and(|status| status.success()) {
        return Some("node is not installed");
    }
    if !root.join("end2end/node_modules").is_dir() {
        return Some("the browser's driver is missing: cargo xtask test end_to_end, or npm ci in end2end");
    }
    (!root.join("dist/index.html").is_file()).then_some("the page is not built: cargo xtask page")
}

/// Makes a year of so many frames and looks at it.
fn measure(root: &Path, frames: i64) -> Outcome<Value> {
    let state = tempfile::tempdir()?;
    let dir: PathBuf = state.path().join("frames");
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?;
    // The last event is over before the server starts.
    bulk::fill(&dir, frames, (now - YEAR, YEAR - 600_000_000))?;
    drop(Store::open(Options::directory(&dir))?);
    let looked = Command::new("node")
        .arg(root.join("end2end/history-bench.js"))
        .arg(state.path())
        .env("RTM2_BIN", env!("CARGO_BIN_EXE_rtm2"))
        .stderr(Stdio::inherit())
        .output()?;
    if !looked.status.success() {
        return Err(format!("end2end/history-bench.js failed ({})", looked.status).into());
    }
    let text = String::from_utf8(looked.stdout)?;
    let mut result: Value = serde_json::from_str(text.lines().last().unwrap_or_default())?;
    result["frames"] = frames.into();
    println!("{result}");
    Ok(result)
}
