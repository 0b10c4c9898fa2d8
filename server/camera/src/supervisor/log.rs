//! What the log says of a camera, without filling the disk.

use std::time::{Duration, Instant};

use tracing::{info, warn};

/// The same trouble is not told more often.
const REPEAT: Duration = Duration::from_mins(1);
/// Skipped pictures are told together.
const SKIPS: Duration = Duration::from_secs(10);

/// Tells of lost and live cameras.
#[derive(Debug)]
pub(super) struct Journal {
    name: String,
    told: Option<(String, Instant)>,
    untold: u64,
}

impl Journal {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), told: None, untold: 0 }
    }

    pub(super) fn opened(&self, what: &str) {
        info!("camera {}: open, {what}", self.name);
    }

    pub(super) fn live(&mut self) {
        self.told = None;
        info!("camera {}: live", self.name);
    }

    pub(super) fn stalled(&self, quiet: Duration) {
        warn!("camera {}: stalled, no picture for {:.1} s", self.name, quiet.as_secs_f64());
    }

    pub(super) fn ended(&self) {
        info!("camera {}: the file ended", self.name);
    }

    /// Told when the reason is new, and once a minute while it stays.
    pub(super) fn lost(&mut self, reason: &str) {
        if self.told.as_ref().is_some_and(|(told, at)| told == reason && at.elapsed() < REPEAT) {
            self.untold += 1;
            return;
        }
        let again = if self.untold > 0 { format!(" (and {} times untold)", self.untold) } else { String::new() };
        warn!("camera {}: lost, {reason}{again}; trying again", self.name);
        self.told = Some((reason.to_owned(), Instant::now()));
        self.untold = 0;
    }
}

/// Tells of skipped pictures.
#[derive(Debug)]
pub(super) struct Skips<'a> {
    name: &'a str,
    told: Option<Instant>,
    untold: u64,
}

impl<'a> Skips<'a> {
    pub(super) fn new(name: &'a str) -> Self {
        Self { name, told: None, untold: 0 }
    }

    pub(super) fn add(&mut self, reason: &str) {
        self.untold += 1;
        if self.told.is_none_or(|at| at.elapsed() >= SKIPS) {
            warn!("camera {}: skipped {} pictures, the last one because {reason}", self.name, self.untold);
            self.told = Some(Instant::now());
            self.untold = 0;
        }
    }
}
