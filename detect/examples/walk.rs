//! Shows a detector one frame of a person walking, again and again, for counting instructions:
//!
//! ```text
//! cargo build --release -p rtm2-detect --example walk
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/walk steady 240
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/walk steady 480
//! ```
//!
//! The difference of the two totals, divided by 240, is the number of instructions per frame.

use rtm2_detect::{Geometry, Settings, create, walk};
use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(count)) = (arguments.next(), arguments.next()) else {
        return Err("give a detector's name and a number of frames".into());
    };
    let (geometry, _) = Geometry::for_source(640, 480);
    let frames = walk::frames(geometry);
    let mut detector = create(&name, geometry, &Settings::default())?;
    let room: Vec<_> = (0..60).map(|n| walk::empty(geometry, n)).collect();
    let shown = room.iter().chain(frames.iter().cycle().take(count.parse()?)).enumerate();
    let motion = shown.filter(|(n, luma)| detector.update(luma, *n as i64 * 1_000_000 / walk::FPS).motion).count();
    writeln!(std::io::stdout(), "motion in {motion} frames")?;
    Ok(())
}
