//! `rtm2 scenes`: runs the detectors over the generated scenes and prints what they are worth.

mod card;
mod trial;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use clap::builder::PossibleValuesParser;
use rtm2_scenes::{by_name, yardsticks};

use super::{Failure, Global, print};
use card::Card;
use trial::Trial;

/// Arguments of `rtm2 scenes`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = COLUMNS)]
pub(super) struct Args {
    /// Only this scene; repeat it for several [default: all]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(yardsticks()), hide_possible_values = true)]
    scene: Vec<String>,
    /// Only this detector; repeat it for several [default: all]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(rtm2_detect::NAMES))]
    detector: Vec<String>,
    /// Name the scenes, say what they show, and do nothing else
    #[arg(long)]
    list: bool,
    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
    /// What differs from one showing to the next: noise, gusts, gaits [default: 1]
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    seed: u64,
    /// Size of the pictures [default: 320x240]
    #[arg(long, value_name = "WxH", default_value = "320x240", hide_default_value = true, value_parser = size)]
    size: (u16, u16),
    /// Scenes shown at a time; the times per frame are best with 1 [default: the processor's cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
}

const COLUMNS: &str = "\
Columns:
  found          events that were decided on, of all; an event is a stretch in which somebody moves
  false          clips that a recorder would have written for nothing, 5 s each
  nuisance       the same of what nobody wants to hear of: rain, leaves, a spider, a television
  empty alarmed  share of the time in which nothing happened that fired, right after events included
  moving seen    share of the time in which somebody moved that fired
  latency        from the start of an event to the decision, median
  ms             time of one decision from brightness at the size analysed, mean

The first two seconds of a scene are not counted, and clips in the three after an event are its own.";

/// Shows the scenes and prints the scorecard.
pub(super) fn run(_: &Global, args: &Args) -> Result<(), Failure> {
    let chosen = chosen(yardsticks(), &args.scene);
    if args.list {
        return print(&list(&chosen)?);
    }
    let detectors = chosen_detectors(&args.detector);
    let trials = show(&chosen, &detectors, args)?;
    let card = Card { seed: args.seed, size: args.size, detectors, trials };
    if args.json { print(&format!("{}\n", card.json())) } else { print(&card.tables()) }
}

fn chosen(all: &[&'static str], wanted: &[String]) -> Vec<&'static str> {
    all.iter().copied().filter(|name| wanted.is_empty() || wanted.iter().any(|w| w == name)).collect()
}

fn chosen_detectors(wanted: &[String]) -> Vec<&'static str> {
    chosen(rtm2_detect::NAMES, wanted)
}

/// A line per scene.
fn list(names: &[&'static str]) -> Result<String, Failure> {
    let line = |name: &&'static str| {
        let scene = by_name(name, 1, 16, 16).map_err(anyhow::Error::from)?;
        Ok(format!("{name:16} {:5} s  {}\n", scene.frames() / scene.frames_per_second(), scene.describe()))
    };
    names.iter().map(line).collect()
}

/// Shows the scenes to all detectors, some at a time, and says on standard error how far it is.
fn show(names: &[&'static str], detectors: &[&'static str], args: &Args) -> Result<Vec<Trial>, Failure> {
    let jobs = args.jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
    // The longest first, so that no core waits for it at the end.
    let mut order: Vec<(usize, &'static str)> = names.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, name)| *name != "empty-hour");
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Mutex::new(Vec::new());
    let work = || {
        while let Some(&(place, name)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let started = Instant::now();
            let trial = Trial::run(name, detectors, args.seed, args.size);
            let count = done.fetch_add(1, Ordering::Relaxed) + 1;
            eprintln!("[{count}/{}] {name}, {:.1} s", order.len(), started.elapsed().as_secs_f64());
            results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((place, trial));
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs.min(order.len()) {
            scope.spawn(work);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(place, _)| *place);
    Ok(results.into_iter().map(|(_, trial)| trial).collect::<anyhow::Result<_>>()?)
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let side = |text: &str| text.parse().ok().filter(|side| (16..=4096).contains(side));
    let parsed = text.split_once('x').and_then(|(width, height)| Some((side(width)?, side(height)?)));
    parsed.ok_or_else(|| "write width x height from 16x16 to 4096x4096, such as 320x240".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_is_listed_with_its_length_and_what_it_shows() {
        let text = list(&chosen(yardsticks(), &[])).unwrap();
        assert_eq!(text.lines().count(), yardsticks().len());
        assert!(text.contains("empty-hour        3600 s  an hour of an empty room"), "{text}");
    }

    #[test]
    fn sizes_are_checked() {
        assert_eq!(size("640x480"), Ok((640, 480)));
        for wrong in ["640", "0x0", "9999x9", "axb"] {
            assert!(size(wrong).unwrap_err().contains("320x240"), "{wrong}");
        }
    }
}
