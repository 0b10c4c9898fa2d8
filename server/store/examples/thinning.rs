//! What a store keeps of more events than fit into it: `cargo run --release -p rtm2-store --example thinning`. Fills one
//! of 64 MiB with events of 60 frames of 40 kB, every hundredth of them pinned, many times over, and prints a row
//! whenever as much again was recorded.

use std::fmt::Write as _;
use std::io::Write as _;

use rtm2_app::{CameraId, Event, Kept, Timestamp};
use rtm2_store::{EventFilter, MAX_EVENTS, Mark, NewFrame, Options, Store};

const CAMERA: CameraId = CameraId(0);
const SECOND: i64 = 1_000_000;
const BUDGET: u64 = 64 << 20;
/// Frames of an event, five a second.
const FRAMES: i64 = 60;
/// From the start of an event to that of the next.
const PAUSE: i64 = 1_800 * SECOND;
/// Bytes of a picture.
const PICTURE: usize = 40_000;
/// How many times the budget is recorded at each row.
const ROWS: [u64; 6] = [1, 2, 4, 8, 16, 32];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let dir = tempfile::tempdir()?;
    let store = Store::open(Options { budget_bytes: BUDGET, ..Options::directory(dir.path().join("frames")) })?;
    let mut table =
        "| recorded | events | whole | thinned | records | pinned, all whole | frames held | on the disk |\n\
                     |---|---|---|---|---|---|---|---|\n"
            .to_owned();
    let (mut event, mut recorded) = (0, 0);
    for times in ROWS {
        // Less than all of it the first time: before anything gives way.
        while recorded < times * BUDGET * 3 / 4 {
            record(&store, event)?;
            event += 1;
            recorded += FRAMES as u64 * PICTURE as u64;
        }
        row(&store, recorded, &mut table)?;
    }
    Ok(std::io::stdout().write_all(table.as_bytes())?)
}

/// Stores an event, and pins every hundredth.
fn record(store: &Store, event: i64) -> Outcome<()> {
    let mut jpeg = vec![0x5A; PICTURE];
    jpeg[..4].copy_from_slice(&[0xFF, 0xD8, 0xFF, 0xDA]);
    let start = event * PAUSE;
    for frame in 0..FRAMES {
        store.append(&NewFrame {
            camera: CAMERA,
            at: Timestamp(start + frame * SECOND / 5),
            seq: (event * FRAMES + frame) as u64,
            width: 640,
            height: 480,
            motion: true,
            light_shift: false,
            score: (frame * 37 % FRAMES) as u16,
            boxes: &[],
            grid: None,
            jpeg: &jpeg,
        })?;
    }
    if event % 100 == 3 {
        store.mark(CAMERA, Timestamp(start), &Mark { pinned: Some(true), ..Mark::default() })?;
    }
    Ok(())
}

/// Adds a line of what is left.
fn row(store: &Store, recorded: u64, table: &mut String) -> Outcome<()> {
    let events = all_events(store)?;
    let usage = store.usage()?;
    let count = |kept| events.iter().filter(|event| event.kept() == kept).count();
    let pinned: Vec<_> = events.iter().filter(|event| event.pinned).collect();
    let whole = pinned.iter().all(|event| event.kept() == Kept::Whole);
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    writeln!(
        table,
        "| {:.0} MiB | {} | {} | {} | {} | {}, {} | {} | {:.1} MiB |",
        mebibytes(recorded),
        events.len(),
        count(Kept::Whole),
        count(Kept::Thinned),
        count(Kept::Record),
        pinned.len(),
        if whole { "yes" } else { "no" },
        usage.frames,
        mebibytes(usage.bytes),
    )?;
    Ok(())
}

/// Every event that is told of, page by page.
fn all_events(store: &Store) -> Outcome<Vec<Event>> {
    let mut events: Vec<Event> = Vec::new();
    loop {
        let before = events.last().map(|event| (event.start, event.camera));
        let page = store.events(&EventFilter { before, ..EventFilter::default() })?;
        let full = page.len() == MAX_EVENTS;
        events.extend(page);
        if !full {
            return Ok(events);
        }
    }
}
