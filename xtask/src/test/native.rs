//! Tests that run on this machine as they are.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use super::summary::Count;
use crate::project::Project;
use crate::sh::Cmd;

/// The crates that are built by default, with nextest where it is installed.
pub(super) fn run(project: &Project, arguments: &[String]) -> Result<Count> {
    let command = if has_nextest() {
        Cmd::cargo(&["nextest", "run", "--locked", "--no-fail-fast", "--no-tests=pass"])
    } else {
        println!("      nextest is not installed: taking cargo test");
        Cmd::cargo(&["test", "--locked", "--no-fail-fast", "--tests"])
    };
    let output = command.args(arguments).dir(&project.root).tee()?;
    Ok(Count::of_run(&output.text, output.status.success()))
}

/// The server's tests of what only its feature `onnx` compiles.
pub(super) fn models(project: &Project, filters: &[&str]) -> Result<Count> {
    const WHICH: [&str; 6] = ["--locked", "--package", "rtm2", "--features", "onnx", "--lib"];
    let command = if has_nextest() {
        let only = filters.iter().map(|filter| format!(" & test({filter})")).collect::<Vec<_>>().concat();
        let run = Cmd::cargo(&["nextest", "run", "--no-fail-fast", "--no-tests=pass"]);
        run.args(WHICH).args(["--filterset", &format!("test(objects::){only}")])
    } else {
        Cmd::cargo(&["test", "--no-fail-fast"]).args(WHICH).arg("objects::")
    };
    let output = command.dir(&project.root).tee()?;
    Ok(Count::of_run(&output.text, output.status.success()))
}

/// The ignored tests whose names begin with `fault_`, and a table of what they did. One at a time: some wait for processes
/// to come up, and a machine busy with all of them would be what is tested.
pub(super) fn faults(project: &Project) -> Result<(Count, String)> {
    let command = if has_nextest() {
        Cmd::cargo(&[
            "nextest",
            "run",
            "--locked",
            "--no-fail-fast",
            "--no-tests=pass",
            "--test-threads",
            "1",
            "--success-output",
            "immediate",
            "--run-ignored",
            "only",
            "fault_",
        ])
    } else {
        Cmd::cargo(&[
            "test",
            "--locked",
            "--no-fail-fast",
            "--tests",
            "fault_",
            "--",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
    };
    let output = command.dir(&project.root).tee()?;
    let (count, rows) = (Count::of_run(&output.text, output.status.success()), fault_rows(&output.text));
    // A table that leaves something out would look like a good one.
    anyhow::ensure!(
        rows.len() as u64 >= count.passed as u64,
        "{} tests passed, but only {} said what they did",
        count.passed,
        rows.len()
    );
    Ok((count, fault_table(rows)))
}

/// The rows that the tests printed: `fault`, name, times, frames lost, with bars between them (nextest takes tabs out).
fn fault_rows(text: &str) -> Vec<[String; 3]> {
    let row = |line: &str| {
        let (_, row) = line.split_once("fault | ")?;
        let mut cells = row.split(" | ").map(|cell| cell.trim().to_owned());
        Some([cells.next()?, cells.next()?, cells.next()?])
    };
    text.lines().filter_map(row).collect()
}

fn fault_table(mut rows: Vec<[String; 3]>) -> String {
    rows.insert(0, ["fault", "times", "lost"].map(str::to_owned));
    let width = rows.iter().map(|[name, ..]| name.chars().count()).max().unwrap_or_default();
    let mut table = String::new();
    for [name, times, lost] in &rows {
        let _ = writeln!(table, "{name:width$}  {times:>6}  {lost:>5}");
    }
    table
}

/// Examples in the documentation of crates that have any: nextest leaves them out.
pub(super) fn documentation(project: &Project, filters: &[&str]) -> Result<Count> {
    let text =
        Cmd::cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]).dir(&project.root).read()?;
    let packages = with_examples(&serde_json::from_str(&text)?);
    if packages.is_empty() {
        return Ok(Count::default());
    }
    let mut command = Cmd::cargo(&["test", "--locked", "--no-fail-fast", "--doc"]);
    for package in &packages {
        command = command.args(["--package", package]);
    }
    let output = command.arg("--").args(filters).dir(&project.root).tee()?;
    Ok(Count::of_run(&output.text, output.status.success()))
}

fn has_nextest() -> bool {
    Cmd::cargo(&["nextest", "--version"]).succeeds()
}

/// Packages built by default whose library has a code block in its documentation.
fn with_examples(metadata: &serde_json::Value) -> Vec<String> {
    let default: Vec<&str> =
        metadata["workspace_default_members"].as_array().into_iter().flatten().filter_map(|id| id.as_str()).collect();
    let mut names = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let is_default = package["id"].as_str().is_some_and(|id| default.contains(&id));
        let targets = package["targets"].as_array().into_iter().flatten();
        let library = targets.filter(|target| target["doctest"] == true).find_map(|target| target["src_path"].as_str());
        if let (true, Some(library), Some(name)) = (is_default, library, package["name"].as_str())
            && Path::new(library).parent().is_some_and(has_examples)
        {
            names.push(name.to_owned());
        }
    }
    names
}

fn has_examples(folder: &Path) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return has_examples(&path);
        }
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        is_rust && std::fs::read_to_string(&path).is_ok_and(|text| has_example(&text))
    })
}

/// A code block in a comment of documentation that is Rust: other languages are named.
fn has_example(text: &str) -> bool {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        let Some(comment) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            inside = false;
            continue;
        };
        if let Some(language) = comment.trim_start().strip_prefix("```") {
            let named = language.split(',').next().unwrap_or_default().trim();
            if !inside && ["", "rust", "no_run", "should_panic", "compile_fail", "edition2024"].contains(&named) {
                return true;
            }
            inside = !inside;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_shown_as_a_table() {
        let said = "running 1 test\nfault | full disk | 2000 | 0\n    fault | bit flipped | 7 | 1\nfault of ours\n";
        let table = fault_table(fault_rows(said));
        assert_eq!(table, "fault         times   lost\nfull disk      2000      0\nbit flipped       7      1\n");
    }

    #[test]
    fn only_rust_in_documentation_is_an_example() {
        assert!(has_example("/// Text.\n/// ```\n/// f();\n/// ```\nfn f() {}"));
        assert!(has_example("//! ```no_run\n//! f();\n//! ```"));
        assert!(!has_example("/// ```text\n/// plain\n/// ```\nfn f() {}"));
        assert!(!has_example("// ```\n// a comment\nlet text = \"```\";"));
    }
}
