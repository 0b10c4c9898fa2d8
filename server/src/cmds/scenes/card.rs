//! The scorecard, for people and for machines.

use std::fmt::Write as _;

use rtm2_scenes::{Score, Share};
use serde_json::{Value, json};

use super::trial::Trial;

/// All results.
pub(super) struct Card {
    /// What the scenes were drawn with.
    pub(super) seed: u64,
    /// Size of their pictures.
    pub(super) size: (u16, u16),
    /// The detectors, in the order of each trial's results.
    pub(super) detectors: Vec<&'static str>,
    /// A trial per scene.
    pub(super) trials: Vec<Trial>,
}

const HEADER: &str = "scene            seconds  found  false  nuisance  empty alarmed  moving seen   latency     ms";

impl Card {
    /// A table for each detector.
    pub(super) fn tables(&self) -> String {
        let mut text = String::new();
        for (place, detector) in self.detectors.iter().enumerate() {
            let gap = if place > 0 { "\n" } else { "" };
            let _ = writeln!(text, "{gap}{detector}\n{HEADER}");
            for trial in &self.trials {
                let outcome = &trial.results[place];
                text += &line(trial.scene.name(), trial.seconds(), &outcome.score, outcome.ms_per_frame);
            }
            let (total, ms) = self.total(place);
            let seconds = self.trials.iter().map(Trial::seconds).sum();
            text += &line("all", seconds, &total, ms);
            if let Some(f) = total.event_f_permille() {
                let _ = writeln!(text, "event F {:.3}", f64::from(f) / 1e3);
            }
        }
        text
    }

    /// Everything as one object.
    pub(super) fn json(&self) -> Value {
        let scenes: Vec<Value> = self.trials.iter().map(|trial| self.scene(trial)).collect();
        let totals: serde_json::Map<String, Value> = self
            .detectors
            .iter()
            .enumerate()
            .map(|(place, detector)| {
                let (score, ms) = self.total(place);
                ((*detector).to_owned(), result(&score, ms))
            })
            .collect();
        json!({ "seed": self.seed, "width": self.size.0, "height": self.size.1, "scenes": scenes, "total": totals })
    }

    fn scene(&self, trial: &Trial) -> Value {
        let results: serde_json::Map<String, Value> = self
            .detectors
            .iter()
            .zip(&trial.results)
            .map(|(detector, outcome)| ((*detector).to_owned(), result(&outcome.score, outcome.ms_per_frame)))
            .collect();
        json!({
            "name": trial.scene.name(),
            "shows": trial.scene.describe(),
            "frames": trial.scene.frames(),
            "frames_per_second": trial.scene.frames_per_second(),
            "detectors": results,
        })
    }

    /// A detector's score over all scenes, and its mean time of one decision.
    fn total(&self, place: usize) -> (Score, f64) {
        let mut total = Score::default();
        let (mut ms, mut frames) = (0.0, 0);
        for trial in &self.trials {
            let outcome = &trial.results[place];
            total.add(&outcome.score);
            ms += outcome.ms_per_frame * trial.scene.frames() as f64;
            frames += trial.scene.frames();
        }
        (total, ms / frames.max(1) as f64)
    }
}

fn line(name: &str, seconds: u64, score: &Score, ms: f64) -> String {
    let percent = |share: Share| {
        if share.total_ms == 0 { "-".to_owned() } else { format!("{:.1} %", 100.0 * part(share)) }
    };
    let latency = score.latency_ms().map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
    let found = format!("{}/{}", score.found, score.events);
    format!(
        "{name:16} {seconds:7} {found:>6} {:6} {:9} {:>14} {:>12} {latency:>9} {ms:6.3}\n",
        score.false_clips,
        score.nuisance_clips,
        percent(score.empty),
        percent(score.moving),
    )
}

fn part(share: Share) -> f64 {
    share.fired_ms as f64 / share.total_ms as f64
}

/// `null` where there was no time or no event to speak of.
fn result(score: &Score, ms: f64) -> Value {
    let share = |share: Share| (share.total_ms > 0).then(|| part(share));
    json!({
        "events": score.events,
        "found": score.found,
        "false_clips": score.false_clips,
        "nuisance_clips": score.nuisance_clips,
        "event_f": score.event_f_permille().map(|f| f64::from(f) / 1e3),
        "empty_s": score.empty.total_ms as f64 / 1e3,
        "empty_alarmed": share(score.empty),
        "moving_s": score.moving.total_ms as f64 / 1e3,
        "moving_seen": share(score.moving),
        "latency_ms_median": score.latency_ms(),
        "latency_ms_p90": score.latency_at(90),
        "latencies_ms": score.latencies_ms,
        "ms_per_frame": ms,
    })
}
