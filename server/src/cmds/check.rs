//! `rtm2 check`: are the recordings whole.

use std::fmt::Write as _;

use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_store::{Mode, Report};

use super::{Failure, Global, print};

/// Arguments of `rtm2 check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Mend what can be mended: cut torn ends, set damaged frames aside, rebuild the index
    #[arg(long)]
    repair: bool,
}

/// Checks the recordings of the state directory. The server must not be running. The configuration says when events end.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let dir = super::run::frames_dir(&global.state_dir()?);
    let mode = if args.repair { Mode::Repair } else { Mode::Report };
    let gap = i64::from(global.load(Vec::new())?.config.store.event_gap) * MICROS_PER_SECOND;
    let report = rtm2_store::check_with_gap(&dir, mode, gap).map_err(super::run::store_failure)?;
    print(&words(&report))?;
    if report.is_sound() { Ok(()) } else { Err(Failure::Found) }
}

/// A line per finding, then the sum.
fn words(report: &Report) -> String {
    let kinds = [("wrong", &report.problems), ("mended", &report.mended), ("note", &report.notes)];
    let mut text = String::new();
    for (kind, sentences) in kinds {
        for sentence in sentences {
            let _ = writeln!(text, "{kind}: {sentence}");
        }
    }
    let Report { frames, segments, stills, bytes, .. } = report;
    let beside = if *stills > 0 { format!(" and {stills} still frames") } else { String::new() };
    let _ = writeln!(text, "{frames} intact frames in {segments} segments{beside}, {bytes} bytes");
    let advice = match (report.problems.len(), report.mended.is_empty()) {
        (0, _) => "all is well".to_owned(),
        (n, true) => format!("{n} problems; `rtm2 check --repair` mends what can be mended"),
        (n, false) => format!("{n} problems remain"),
    };
    let _ = writeln!(text, "{advice}");
    text
}
