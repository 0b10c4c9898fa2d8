//! What each test runner says at its end, and the sum of it all.

use std::fmt::Write as _;

/// Tests of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// How many passed.
    pub(crate) passed: u32,
    /// How many failed. A runner that fails without naming a test counts as one.
    pub(crate) failed: u32,
}

impl Count {
    /// From what a runner printed and whether it ended well.
    pub(crate) fn of_run(text: &str, well: bool) -> Self {
        // Under nextest each failed test shows its own harness's summary too, which would count it twice.
        let lines = || text.lines().map(str::trim);
        let nextest = lines().any(|line| line.starts_with(NEXTEST));
        let mut count = Self::default();
        for line in lines().filter(|line| !nextest || line.starts_with(NEXTEST)) {
            count.add(&of_line(line).unwrap_or_default());
        }
        // It did not compile, or broke down between tests.
        if !well && count.failed == 0 {
            count.failed = 1;
        }
        count
    }

    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// How nextest's summary begins.
const NEXTEST: &str = "Summary [";

/// Counts in a summary line of nextest, of Rust's own harness (and wasm-bindgen's, which looks the same) or of node.
fn of_line(line: &str) -> Option<Count> {
    if line.starts_with(NEXTEST) {
        let number = |word: &str| number_before(line, word).unwrap_or_default();
        return Some(Count {
            passed: number(" passed"),
            failed: number(" failed") + number(" timed out") + number(" exec failed"),
        });
    }
    if line.starts_with("test result: ") {
        return Some(Count { passed: number_before(line, " passed")?, failed: number_before(line, " failed")? });
    }
    // `ℹ pass 3` or `# pass 3`, depending on the reporter.
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["ℹ" | "#", "pass", number] => Some(Count { passed: number.parse().ok()?, failed: 0 }),
        ["ℹ" | "#", "fail" | "cancelled", number] => Some(Count { passed: 0, failed: number.parse().ok()? }),
        _ => None,
    }
}

fn number_before(line: &str, word: &str) -> Option<u32> {
    let (before, _) = line.split_once(word)?;
    before.rsplit(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// The counts of all kinds, in the order in which they ran.
#[derive(Default)]
pub(crate) struct Summary {
    rows: Vec<(String, Count)>,
}

impl Summary {
    /// Adds a kind.
    pub(crate) fn add(&mut self, name: &str, count: Count) {
        self.rows.push((name.to_owned(), count));
    }

    /// All together.
    pub(crate) fn total(&self) -> Count {
        let mut total = Count::default();
        for (_, count) in &self.rows {
            total.add(count);
        }
        total
    }

    /// A table, and below it the sum in one line.
    pub(crate) fn text(&self) -> String {
        let width = self.rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        let mut text = String::new();
        for (name, count) in &self.rows {
            let mark = if count.failed == 0 { "✓" } else { "✗" };
            let _ = writeln!(text, "  {mark} {name:width$}  {:>5} passed  {:>5} failed", count.passed, count.failed);
        }
        let total = self.total();
        let _ = write!(text, "\n{} passed, {} failed", total.passed, total.failed);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> (u32, u32) {
        let count = Count::of_run(text, true);
        (count.passed, count.failed)
    }

    #[test]
    fn every_runner_is_understood() {
        assert_eq!(counts("     Summary [   1.043s] 31 tests run: 30 passed (1 slow), 1 failed, 2 skipped"), (30, 1));
        assert_eq!(counts("     Summary [   1.043s] 4/31 tests run: 3 passed, 1 timed out, 2 skipped"), (3, 1));
        let harness = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\ntest result: FAILED. 1 passed; 2 failed; 0 ignored";
        assert_eq!(counts(harness), (4, 2));
        assert_eq!(counts("ℹ tests 5\nℹ pass 4\nℹ fail 1\nℹ cancelled 0"), (4, 1));
        assert_eq!(counts("# pass 4\n# fail 0"), (4, 0));
        assert_eq!(counts("nothing of the kind: 7 passed"), (0, 0));
    }

    #[test]
    fn a_runner_that_breaks_down_is_a_failure() {
        let failing = "test result: FAILED. 0 passed; 1 failed; 0 ignored\nSummary [ 1.0s] 3 tests run: 2 passed, 1 failed, 0 skipped";
        assert_eq!(Count::of_run(failing, false), Count { passed: 2, failed: 1 });
        assert_eq!(Count::of_run("error: could not compile", false), Count { passed: 0, failed: 1 });
        assert_eq!(Count::of_run("# pass 1\n# fail 2", false).failed, 2);
    }

    #[test]
    fn the_sum_stands_alone_on_its_line() {
        let mut summary = Summary::default();
        summary.add("native", Count { passed: 30, failed: 1 });
        summary.add("end to end", Count { passed: 4, failed: 0 });
        assert!(summary.text().lines().any(|line| line == "34 passed, 1 failed"), "{}", summary.text());
    }
}
