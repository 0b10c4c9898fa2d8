//! Fills a folder with a year of motion up to now, for looking at long histories:
//! `cargo run -p rtm2-store --example year -- STATE_DIR/frames FRAMES [PICTURE.jpg]`. People come and go by day, few at
//! night, more on weekdays; now and then a cat crosses a corner. The same numbers give the same year.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use rtm2_app::{CameraId, Region, Timestamp};
use rtm2_store::{NewFrame, Options, Store};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
const DAYS: i64 = 365;
/// Frames a second while something moves.
const FPS: i64 = 10;
const WIDTH: u16 = 640;
const HEIGHT: u16 = 480;

/// How busy each hour of a day is.
const HOURS: [u64; 24] = [1, 1, 0, 0, 0, 1, 3, 8, 9, 5, 4, 4, 6, 5, 4, 4, 6, 9, 8, 6, 4, 3, 2, 1];

/// Knuth's MMIX numbers: a sequence that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().map(PathBuf::from).ok_or("name the folder to fill: STATE_DIR/frames")?;
    let frames: i64 = arguments.next().ok_or("say how many frames")?.parse()?;
    let jpeg = match arguments.next() {
        Some(file) => std::fs::read(file)?,
        None => vec![0xFF, 0xD8, 0xFF, 0xD9],
    };
    let store = Store::open(Options { segment_bytes: 64 << 20, ..Options::directory(dir) })?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros() as i64;
    let mut dice = Dice(6);
    let mut stored = 0;
    // A visit has some 120 frames; the last of the year begins a minute ago.
    let visits = (frames / 120).max(1);
    for visit in 0..visits {
        let from = now - DAYS * DAY + DAYS * DAY / visits * visit;
        let hour = from.rem_euclid(DAY) / (DAY / 24);
        let weekend = (from.div_euclid(DAY) + 3).rem_euclid(7) >= 5;
        let busy = HOURS[hour as usize % 24] * if weekend { 1 } else { 2 };
        // Every visit falls somewhere into its share of the year, longer where it is busy.
        let at = from + dice.below((DAYS * DAY / visits - 60 * SECOND).max(1) as u64) as i64 * 9 / 10;
        let length = (4 + dice.below(3 + 3 * busy) as i64).min(40) * FPS;
        let size = if dice.below(4) == 0 { 30 + dice.below(30) } else { 90 + dice.below(150) };
        stored += cross(&store, &mut dice, (at, length), size as u16, &jpeg)?;
    }
    store.seal()?;
    let mut out = std::io::stdout();
    std::io::Write::write_all(&mut out, format!("{stored} frames\n").as_bytes())?;
    Ok(())
}

/// Something of a size crosses the picture.
fn cross(
    store: &Store,
    dice: &mut Dice,
    (at, length): (i64, i64),
    size: u16,
    jpeg: &[u8],
) -> Result<i64, rtm2_store::Error> {
    let top = dice.below(u64::from(HEIGHT - size)) as u16;
    let leftwards = dice.below(2) == 0;
    for i in 0..length {
        let way = (i64::from(WIDTH - size) * i / length) as u16;
        let x = if leftwards { WIDTH - size - way } else { way };
        let boxes = [Region { x, y: top, w: size / 2 + 1, h: size, strength: 900 }];
        store.append(&NewFrame {
            camera: CameraId(0),
            at: Timestamp(at + i * SECOND / FPS),
            seq: i as u64,
            width: WIDTH,
            height: HEIGHT,
            motion: true,
            light_shift: dice.below(200) == 0,
            score: size,
            boxes: &boxes,
            grid: None,
            jpeg,
        })?;
    }
    Ok(length)
}
