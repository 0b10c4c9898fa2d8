//! Prints a detector's verdicts over the golden sequence, `classic` when none is named:
//! `cargo run -p rtm2-detect --example golden > detect/testdata/golden-classic.txt` after a change that is meant,
//! and likewise with `-- steady` for the other.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "classic".into());
    std::io::stdout().write_all(rtm2_detect::golden::golden(&name)?.as_bytes())?;
    Ok(())
}
