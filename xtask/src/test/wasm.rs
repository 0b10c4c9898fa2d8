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
    for (package, folder) in packages(&serde_json::from_str(&text)?) {
        let output = command(project, &package, &folder)?.args(filters).tee()?;
        let count = Count::of_run(&output.text, output.status.success());
        passed_and_failed.passed += count.passed;
        passed_and_failed.failed += count.failed;
    }
    Ok(passed_and_failed)
}

fn command(project: &Project, package: &str, folder: &Path) -> Result<Cmd> {
    let driver = chromedriver().context("chromedriver is missing")?;
    // The browser's flags: the crate's own, else the page's.
    let flags = [folder.join("webdriver.json"), project.root.join("frontend/webdriver.json")];
    let flags = flags.iter().find(|file| file.is_file()).context("frontend/webdriver.json is missing")?;
    let text = |path: &Path| path.display().to_string();
    let command =
        Cmd::cargo(&["test", "--locked", "--no-fail-fast", "--package", package, "--target", "wasm32-unknown-unknown"]);
    Ok(command
        .arg("--tests")
        .envs(&wasm_environment(project))
        .env("CARGO_TARGET_DIR", &project.web_target)
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            text(&project.wasm_bindgen_program("wasm-bindgen-test-runner")),
        )
        .env("CHROMEDRIVER", text(&driver))
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", text(flags))
        .env("WASM_BINDGEN_TEST_TIMEOUT", LIMIT)
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        .dir(&project.root)
        .arg("--"))
}

/// Packages of the workspace that are tested with `wasm-bindgen-test`, each with its folder.
fn packages(metadata: &serde_json::Value) -> Vec<(String, PathBuf)> {
    let tested = |package: &&serde_json::Value| {
        let mut dependencies = package["dependencies"].as_array().into_iter().flatten();
        dependencies.any(|dependency| dependency["name"] == "wasm-bindgen-test" && dependency["kind"] == "dev")
    };
    let found = |package: &serde_json::Value| {
        let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
        Some((package["name"].as_str()?.to_owned(), folder.to_owned()))
    };
    metadata["packages"].as_array().into_iter().flatten().filter(tested).filter_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_by_their_dev_dependency() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "page", "manifest_path": "x/page/Cargo.toml", "dependencies": [{ "name": "wasm-bindgen-test", "kind": "dev" }] },
            { "name": "server", "dependencies": [{ "name": "wasm-bindgen", "kind": null }] },
        ]});
        assert_eq!(packages(&metadata), [("page".to_owned(), PathBuf::from("x/page"))]);
    }
}
