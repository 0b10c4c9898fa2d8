//! How far a command is: numbered steps with the time each took.

use std::time::{Duration, Instant};

use anyhow::Result;

/// The steps of one command.
pub(crate) struct Steps {
    total: usize,
    done: usize,
    started: Instant,
}

impl Steps {
    /// Steps to come: as many as will be [`Steps::step`]ped through.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, done: 0, started: Instant::now() }
    }

    /// Announces a step, does it, and says what came of it and how long it took.
    ///
    /// What `work` returns is shown: "already there", "built", a path.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<String>) -> Result<()> {
        self.announce(name);
        let begin = Instant::now();
        let outcome = work()?;
        println!("      {name}: {outcome}, {}", seconds(begin.elapsed()));
        Ok(())
    }

    /// Announces a step that does not return (another program takes over).
    pub(crate) fn announce(&mut self, name: &str) {
        self.done += 1;
        // Never a number above the total, whatever the caller counted.
        self.total = self.total.max(self.done);
        println!("[{}/{}] {name} … (after {})", self.done, self.total, seconds(self.started.elapsed()));
    }
}

/// A length of time for people.
pub(crate) fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 { format!("{:.1} s", time.as_secs_f64()) } else { format!("{} min {:02} s", whole / 60, whole % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_to_read() {
        assert_eq!(seconds(Duration::from_millis(1240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 05 s");
    }

    #[test]
    fn a_failed_step_is_an_error() {
        let mut steps = Steps::new(1);
        assert!(steps.step("fails", || anyhow::bail!("no")).is_err());
        assert_eq!(steps.done, 1);
    }
}
