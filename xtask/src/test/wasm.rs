//! Tests of wasm in a real browser, for every crate that has them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::summary::Count;
use crate::project::Project;
use crate::setup::{chromedriver, wasm_environment};
use crate::sh::Cmd;

/// Time for the browser to finish the tests of one crate, in seconds.
const LIMIT: &str = "600";

/// Runs them.
pub(super) fn run(project: &Project, filters: &[&str]) -> Result<Count> {
    let text =
        Cmd::cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]).dir(&project.root).read()?;
    let mut passed_and_failed = Count::default();
    for tested in packages(&serde_json::from_str(&text)?) {
        let output = command(project, &tested)?.args(filters).tee()?;
        let count = Count::of_run(&output.text, output.status.success());
        passed_and_failed.passed += count.passed;
        passed_and_failed.failed += count.failed;
    }
    Ok(passed_and_failed)
}

fn command(project: &Project, tested: &Tested) -> Result<Cmd> {
    let driver = chromedriver().context("chromedriver is missing")?;
    // The browser's flags: the crate's own, else the page's.
    let flags = [tested.folder.join("webdriver.json"), project.root.join("frontend/webdriver.json")];
    let flags = flags.iter().find(|file| file.is_file()).context("frontend/webdriver.json is missing")?;
    let text = |path: &Path| path.display().to_string();
    let command = Cmd::cargo(&[
        "test",
        "--locked",
        "--no-fail-fast",
        "--package",
        &tested.package,
        "--target",
        "wasm32-unknown-unknown",
    ]);
    Ok(command
        .args(&tested.targets)
        .envs(&wasm_environment(project))
        .env("CARGO_TARGET_DIR", &project.web_target)
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            text(&project.wasm_bindgen_program("wasm-bindgen-test-runner")),
        )
        .env("CHROMEDRIVER", text(&driver))
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", text(flags))
        .env("WASM_BINDGEN_TEST_TIMEOUT", LIMIT)
        // Also tests that do not say where they run: the runner would skip them, or take node.
        .env("WASM_BINDGEN_USE_BROWSER", "1")
        .dir(&project.root)
        .arg("--"))
}

/// A package with tests for the browser.
#[derive(Debug, PartialEq, Eq)]
struct Tested {
    package: String,
    folder: PathBuf,
    /// Cargo's arguments that choose what to test; the rest of the package may not even compile for wasm.
    targets: Vec<String>,
}

/// Packages of the workspace that are tested with `wasm-bindgen-test`.
fn packages(metadata: &serde_json::Value) -> Vec<Tested> {
    metadata["packages"].as_array().into_iter().flatten().filter_map(tested).collect()
}

fn tested(package: &serde_json::Value) -> Option<Tested> {
    let mut dependencies = package["dependencies"].as_array()?.iter();
    let depends =
        dependencies.any(|dependency| dependency["name"] == "wasm-bindgen-test" && dependency["kind"] == "dev");
    let targets: Vec<String> = package["targets"].as_array()?.iter().filter_map(arguments).flatten().collect();
    let folder = Path::new(package["manifest_path"].as_str()?).parent()?.to_owned();
    let package = package["name"].as_str()?.to_owned();
    (depends && !targets.is_empty()).then_some(Tested { package, folder, targets })
}

/// The arguments that choose a library or a test program, if it has tests for the browser.
fn arguments(target: &serde_json::Value) -> Option<Vec<String>> {
    let source = Path::new(target["src_path"].as_str()?);
    let is = |kind: &str| target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|found| found == kind));
    // A program in one file has it to itself; a library, or a program in a folder, is all that is there.
    let alone = is("test") && !source.ends_with("main.rs");
    let has_tests = if alone { mentions(source) } else { mentions(source.parent()?) };
    match (has_tests, is("test")) {
        (false, _) => None,
        (true, true) => Some(vec!["--test".to_owned(), target["name"].as_str()?.to_owned()]),
        (true, false) => (is("lib") || is("rlib")).then(|| vec!["--lib".to_owned()]),
    }
}

/// Whether a source file, or one in a folder, has a test for the browser.
fn mentions(path: &Path) -> bool {
    if path.is_dir() {
        return std::fs::read_dir(path).into_iter().flatten().flatten().any(|entry| mentions(&entry.path()));
    }
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    is_rust && std::fs::read_to_string(path).is_ok_and(|text| text.contains("wasm_bindgen_test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_tests_for_the_browser_is_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let test = "#[wasm_bindgen_test] fn t() {}";
        let package = |dependency: &str| {
            serde_json::json!({
                "name": "page",
                "manifest_path": file("Cargo.toml", ""),
                "dependencies": [{ "name": dependency, "kind": "dev" }],
                "targets": [
                    { "name": "page", "kind": ["cdylib", "rlib"], "src_path": file("src/lib.rs", "mod a;") },
                    { "name": "native", "kind": ["test"], "src_path": file("tests/native.rs", "#[test] fn t() {}") },
                    { "name": "alone", "kind": ["test"], "src_path": file("tests/alone.rs", test) },
                    { "name": "browser", "kind": ["test"], "src_path": file("tests/browser/main.rs", "mod a;") },
                ],
            })
        };
        file("tests/browser/a.rs", test);
        let metadata = |dependency: &str| serde_json::json!({ "packages": [package(dependency)] });
        let found = packages(&metadata("wasm-bindgen-test"));
        assert_eq!(found[0].targets, ["--test", "alone", "--test", "browser"]);
        assert_eq!(packages(&metadata("proptest")), []);
        file("src/a.rs", test);
        assert_eq!(packages(&metadata("wasm-bindgen-test"))[0].targets[0], "--lib");
    }
}
