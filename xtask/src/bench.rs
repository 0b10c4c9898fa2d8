//! `cargo xtask bench`: the benchmarks of one crate or of all, for people or as JSON.
//!
//! What a benchmark must do for `--json`: called with that argument, it prints one JSON object as its last line of
//! standard output. The objects of a crate's benchmarks become one, under the crate's name without `rtm2-`.

use std::process::ExitStatus;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::project::Project;
use crate::setup::chromium;
use crate::sh::Cmd;
use crate::steps::Steps;
use crate::test::end_to_end;

/// A benchmark target.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bench {
    package: String,
    name: String,
}

impl Bench {
    /// The crate's name without what all of them have in common.
    fn short(&self) -> &str {
        match self.package.strip_prefix("rtm2-") {
            Some(short) => short,
            None if self.package == "rtm2" => "server",
            None => &self.package,
        }
    }

    fn is(&self, name: &str) -> bool {
        [&self.package, &self.name, self.short()].contains(&name)
    }

    fn command(&self, project: &Project, arguments: &[String]) -> Result<Cmd> {
        let cargo = Cmd::cargo(&["bench", "--locked", "--package", &self.package, "--bench", &self.name, "--"]);
        let cargo = cargo.args(arguments).dir(&project.root);
        if self.name == "history" { with_browser(project, cargo) } else { Ok(cargo) }
    }
}

/// `cargo xtask bench`.
pub(crate) fn bench(project: &Project, name: Option<&str>, json: bool, arguments: &[String]) -> Result<()> {
    let metadata =
        Cmd::cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]).dir(&project.root).read()?;
    let benches = benches(&serde_json::from_str(&metadata)?);
    let wanted: Vec<&Bench> = benches.iter().filter(|bench| name.is_none_or(|name| bench.is(name))).collect();
    if let (Some(name), true) = (name, wanted.is_empty()) {
        let mut known: Vec<&str> = benches.iter().flat_map(|bench| [bench.short(), &bench.name]).collect();
        known.sort_unstable();
        known.dedup();
        bail!("no benchmark is named {name}; there is {}", known.join(", "));
    }
    if json {
        return for_machines(project, &wanted, arguments);
    }
    let mut steps = Steps::new(wanted.len());
    for bench in wanted {
        steps.step(&format!("{} {}", bench.package, bench.name), || {
            ended_well(bench, bench.command(project, arguments)?.tee()?.status)?;
            Ok("done".to_owned())
        })?;
    }
    Ok(())
}

/// Runs the benchmarks with only their results on standard output; what else they say goes to standard error.
fn for_machines(project: &Project, benches: &[&Bench], arguments: &[String]) -> Result<()> {
    let mut results = Map::new();
    let arguments: Vec<String> = arguments.iter().cloned().chain(["--json".to_owned()]).collect();
    for bench in benches {
        let (status, text) = bench.command(project, &arguments)?.capture()?;
        ended_well(bench, status)?;
        merge(
            &mut results,
            bench,
            last_object(&text).with_context(|| {
                format!("benchmark {} of {} printed no JSON object as its last line", bench.name, bench.package)
            })?,
        )?;
    }
    println!("{}", Value::Object(results));
    Ok(())
}

/// With what looks at a history in a browser: page and server as they ship, Chromium, and the script that drives it.
fn with_browser(project: &Project, command: Cmd) -> Result<Cmd> {
    // As a program of its own, so that what it prints does not come between the results.
    let (status, _) = Cmd::new(std::env::current_exe()?).arg("page").dir(&project.root).capture()?;
    ensure!(status.success(), "the page could not be built: `cargo xtask page` says why");
    end_to_end::packages(&project.root.join("end2end"))?;
    let build = Cmd::cargo(&["build", "--locked", "--release", "--package", "rtm2"]).dir(&project.root);
    ensure!(build.capture()?.0.success(), "the server could not be built");
    Ok(command
        .env("RTM2_BIN", project.server("release"))
        .env("RTM2_CHROMIUM", chromium().context("Chromium is missing")?)
        .env("RTM2_BENCH_HISTORY", project.root.join("end2end/history-bench.js")))
}

fn ended_well(bench: &Bench, status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "benchmark {} of {} failed ({status})", bench.name, bench.package);
    Ok(())
}

/// The object that the last line which is not empty is.
fn last_object(text: &str) -> Option<Map<String, Value>> {
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
    serde_json::from_str(line).ok()
}

/// Adds a benchmark's results to its crate's; the same figure twice is a mistake.
fn merge(results: &mut Map<String, Value>, bench: &Bench, object: Map<String, Value>) -> Result<()> {
    let entry = results.entry(bench.short()).or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(figures) = entry else { bail!("the results of {} are no object", bench.package) };
    for (name, figure) in object {
        ensure!(!figures.contains_key(&name), "two benchmarks of {} print the figure {name}", bench.package);
        figures.insert(name, figure);
    }
    Ok(())
}

/// All benchmark targets.
fn benches(metadata: &Value) -> Vec<Bench> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        for target in package["targets"].as_array().into_iter().flatten() {
            let is_bench = target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "bench"));
            if let (true, Some(package), Some(name)) = (is_bench, package["name"].as_str(), target["name"].as_str()) {
                found.push(Bench { package: package.to_owned(), name: name.to_owned() });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bench(package: &str, name: &str) -> Bench {
        Bench { package: package.to_owned(), name: name.to_owned() }
    }

    #[test]
    fn only_benchmark_targets_are_found() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "a", "targets": [{ "name": "a", "kind": ["lib"] }, { "name": "speed", "kind": ["bench"] }] },
            { "name": "b", "targets": [{ "name": "b", "kind": ["bin"] }] },
        ]});
        assert_eq!(benches(&metadata), [bench("a", "speed")]);
    }

    #[test]
    fn a_benchmark_goes_by_its_crate_with_or_without_the_prefix_and_by_its_own_name() {
        let detect = bench("rtm2-detect", "frames");
        for name in ["rtm2-detect", "detect", "frames"] {
            assert!(detect.is(name), "{name}");
        }
        assert!(!detect.is("rtm2") && bench("rtm2", "load").is("server"));
    }

    #[test]
    fn the_last_line_is_the_result() {
        let object =
            last_object("compiling\n{\"a\": 1}\nsteady 0.1 ms\n{\"ms_per_frame\": 0.1, \"x\": null}\n\n").unwrap();
        assert_eq!(Value::Object(object), serde_json::json!({ "ms_per_frame": 0.1, "x": null }));
        for text in ["", "done\n", "{\"a\": 1}\ndone\n", "[1]\n"] {
            assert!(last_object(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_figures_of_a_crate_stand_together() {
        let mut results = Map::new();
        let object = |text: &str| last_object(text).unwrap();
        merge(&mut results, &bench("rtm2-detect", "frames"), object(r#"{"ms_per_frame":0.1}"#)).unwrap();
        merge(&mut results, &bench("rtm2-detect", "shrink"), object(r#"{"shrink_480_ms":0.05}"#)).unwrap();
        merge(&mut results, &bench("rtm2", "server"), object(r#"{"frames":9}"#)).unwrap();
        let wanted = serde_json::json!({
            "detect": { "ms_per_frame": 0.1, "shrink_480_ms": 0.05 },
            "server": { "frames": 9 },
        });
        assert_eq!(Value::Object(results.clone()), wanted);
        assert!(merge(&mut results, &bench("rtm2-detect", "again"), object(r#"{"ms_per_frame":0.2}"#)).is_err());
    }
}
