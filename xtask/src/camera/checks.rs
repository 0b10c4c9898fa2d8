//! What is checked inside the virtual machine, and how it is told over the serial line, where the kernel talks too.

use std::fmt::Write as _;

use crate::test::summary::Count;

/// Begins a line that tells a result.
const MARK: &str = "@rtm2-check";
/// Says that the guest is through.
pub(super) const END: &str = "@rtm2-end";

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Driver,
    Probe,
    Health,
    Live,
    Frames,
    Detector,
    Lost,
    Back,
    FramesAgain,
    End,
}

impl Check {
    /// All, in the order in which they are made.
    pub(super) const ALL: [Self; 10] = [
        Self::Driver,
        Self::Probe,
        Self::Health,
        Self::Live,
        Self::Frames,
        Self::Detector,
        Self::Lost,
        Self::Back,
        Self::FramesAgain,
        Self::End,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Driver => "the kernel's driver gives /dev/video0",
            Self::Probe => "probe lists it",
            Self::Health => "the server is healthy",
            Self::Live => "the camera goes live",
            Self::Frames => "frames flow",
            Self::Detector => "the detector runs",
            Self::Lost => "disconnected, it is reported as lost",
            Self::Back => "connected again, it is live",
            Self::FramesAgain => "frames flow again",
            Self::End => "the server ends in order",
        }
    }

    fn word(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// The line that tells a result.
    pub(super) fn line(self, result: &Result<String, String>) -> String {
        let (outcome, detail) = match result {
            Ok(detail) => ("ok", detail),
            Err(detail) => ("failed", detail),
        };
        format!("{MARK} {} {outcome} {}", self.word(), detail.replace(['\r', '\n'], " "))
    }
}

/// What the guest told.
#[derive(Debug, Default)]
pub(super) struct Report {
    results: Vec<(Check, Result<String, String>)>,
}

impl Report {
    /// Takes in a line of the serial console; others than results are left alone.
    pub(super) fn hear(&mut self, line: &str) {
        // A message of the kernel may stand before it on the same line.
        let Some((_, told)) = line.split_once(MARK) else { return };
        let mut words = told.trim().splitn(3, ' ');
        let (word, outcome) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let detail = words.next().unwrap_or_default().to_owned();
        let Some(check) = Check::ALL.into_iter().find(|check| check.word() == word) else { return };
        match outcome {
            "ok" => self.results.push((check, Ok(detail))),
            "failed" => self.results.push((check, Err(detail))),
            _ => {}
        }
    }

    /// A check's result; one that was never told has failed.
    fn result(&self, check: Check) -> Result<&str, &str> {
        let told = self.results.iter().find(|(found, _)| *found == check);
        told.map_or(Err("not reached"), |(_, result)| result.as_deref().map_err(String::as_str))
    }

    /// How many passed and failed.
    pub(super) fn count(&self) -> Count {
        let (passed, failed): (Vec<Check>, Vec<Check>) =
            Check::ALL.into_iter().partition(|check| self.result(*check).is_ok());
        let number = |checks: &[Check]| u32::try_from(checks.len()).unwrap_or(u32::MAX);
        Count { passed: number(&passed), failed: number(&failed) }
    }

    /// A row per check.
    pub(super) fn table(&self) -> String {
        let width = Check::ALL.iter().map(|check| check.name().chars().count()).max().unwrap_or_default();
        let mut text = String::new();
        for check in Check::ALL {
            let (mark, detail) = match self.result(check) {
                Ok(detail) => ("✓", detail),
                Err(detail) => ("✗", detail),
            };
            let _ = writeln!(text, "  {mark} {:width$}  {detail}", check.name());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_survive_the_serial_line() {
        let mut report = Report::default();
        report.hear(&format!("[    4.5] usb 1-1: noise {}\r", Check::Driver.line(&Ok("vivid\nis there".to_owned()))));
        report.hear(&Check::Probe.line(&Err("no driver".to_owned())));
        report.hear("server| camera 0 (camera:0) live");
        report.hear("@rtm2-check unknown ok x");
        assert_eq!(report.result(Check::Driver), Ok("vivid is there"));
        assert_eq!(report.result(Check::Probe), Err("no driver"));
        assert_eq!(report.result(Check::Live), Err("not reached"));
        assert_eq!(report.count(), Count { passed: 1, failed: 9 });
        assert_eq!(report.table().lines().count(), Check::ALL.len());
    }
}
