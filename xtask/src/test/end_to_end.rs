//! Playwright's tests in Chromium against the real server.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::summary::Count;
use crate::commands::build_server;
use crate::project::Project;
use crate::setup::{chromium, need_node};
use crate::sh::Cmd;

/// Runs them with the server as `cargo build` makes it.
pub(super) fn run(project: &Project, filters: &[&str]) -> Result<Count> {
    let folder = project.root.join("end2end");
    let mut files = tests(&folder.join("tests"));
    files.sort();
    if files.is_empty() {
        println!("      end2end/tests has no tests");
        return Ok(Count::default());
    }
    packages(&folder)?;
    build_server(project, "debug")?;
    let mut command = Cmd::new("node").args(["--test", "--test-concurrency=2", "--test-reporter=spec"]);
    for filter in filters {
        command = command.args(["--test-name-pattern", filter]);
    }
    let output = command
        .args(files)
        .env("RTM2_BIN", project.server("debug"))
        .env("RTM2_CHROMIUM", chromium().context("Chromium is missing")?)
        .dir(&folder)
        .tee()?;
    Ok(Count::of_run(&output.text, output.status.success()))
}

/// Installs the packages, unless those installed are those of the lock file.
pub(crate) fn packages(folder: &Path) -> Result<()> {
    need_node()?;
    let lock = std::fs::read(folder.join("package-lock.json")).context("cannot read end2end/package-lock.json")?;
    // npm keeps no copy of the lock file itself, so we do.
    let kept = folder.join("node_modules/.rtm2-package-lock.json");
    if std::fs::read(&kept).is_ok_and(|kept| kept == lock) {
        return Ok(());
    }
    let install = Cmd::new("npm").args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).dir(folder);
    // Not on standard output: that is for results where a benchmark needs the packages.
    let (status, said) = install.capture()?;
    ensure!(status.success(), "the packages of end2end come from npm's registry: is it within reach? {said}");
    std::fs::write(kept, lock)?;
    Ok(())
}

fn tests(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(tests(&path));
        } else if is_test(&path.to_string_lossy()) {
            files.push(path);
        }
    }
    files
}

fn is_test(name: &str) -> bool {
    [".test.js", ".test.mjs"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests_of_names {
    use super::*;

    #[test]
    fn tests_are_found_by_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        for name in ["a.test.js", "inner/b.test.mjs", "shared.js"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let mut found = tests(folder.path());
        found.sort();
        assert_eq!(found, [folder.path().join("a.test.js"), folder.path().join("inner/b.test.mjs")]);
    }
}
