//! The programs that build the page, installed once into the tools folder that all checkouts share.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::project::{BINARYEN, Project, TRUNK};
use crate::sh::Cmd;

/// Trunk.
pub(super) fn trunk(project: &Project) -> Result<String> {
    cargo_install(project, "trunk", TRUNK, &project.trunk(), "about six minutes on two cores")
}

/// The program that writes the bindings between wasm and JavaScript, and the one that runs tests in a browser.
pub(super) fn wasm_bindgen(project: &Project) -> Result<String> {
    let program = project.wasm_bindgen_program("wasm-bindgen");
    cargo_install(project, "wasm-bindgen-cli", &project.wasm_bindgen, &program, "about two minutes on two cores")
}

/// Binaryen's optimiser.
pub(super) fn wasm_opt(project: &Project) -> Result<String> {
    let program = project.wasm_opt();
    let folder = project.tools.join(format!("binaryen-{BINARYEN}"));
    if program.exists() && has_binaryen(&folder) {
        return Ok("there".to_owned());
    }
    let _lock = lock(project)?;
    if program.exists() && has_binaryen(&folder) {
        return Ok("there".to_owned());
    }
    std::fs::create_dir_all(&folder)?;
    Cmd::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix"])
        .arg(&folder)
        .arg(format!("binaryen@{BINARYEN}.0.0"))
        .run()
        .with_context(|| {
            format!("wasm-opt comes with the npm package binaryen {BINARYEN}: is npm's registry within reach?")
        })?;
    anyhow::ensure!(says(&program, BINARYEN), "{} does not answer with version {BINARYEN}", program.display());
    Ok("installed".to_owned())
}

fn cargo_install(project: &Project, package: &str, version: &str, program: &Path, expect: &str) -> Result<String> {
    if says(program, version) {
        return Ok("there".to_owned());
    }
    let _lock = lock(project)?;
    if says(program, version) {
        return Ok("there".to_owned());
    }
    println!("      compiling {package} {version}: {expect}");
    let root = program.parent().and_then(Path::parent).context("a tool lives in a bin folder")?;
    let work = project.tools.join(format!(".build-{package}"));
    let built = Cmd::cargo(&["install", "--locked", package, "--force"])
        .args(["--version", &format!("={version}")])
        .arg("--root")
        .arg(root)
        .arg("--target-dir")
        .arg(&work)
        // Outside the checkout, so that its settings do not apply.
        .dir(&project.tools)
        .without_env("RUSTFLAGS")
        .run();
    // Hundreds of megabytes that nothing needs again; failing to remove them harms nobody.
    let _ = std::fs::remove_dir_all(&work);
    built.with_context(|| format!("{package} {version} comes from crates.io: is it within reach?"))?;
    anyhow::ensure!(says(program, version), "{} does not answer with version {version}", program.display());
    Ok("installed".to_owned())
}

/// Whether the package is the right one. Its program takes a second to say so itself.
fn has_binaryen(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("node_modules/binaryen/package.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    manifest["version"].as_str().is_some_and(|version| version.split('.').next() == Some(BINARYEN))
}

/// Whether a program answers with the version.
fn says(program: &Path, version: &str) -> bool {
    program.is_file() && Cmd::new(program).arg("--version").read().is_ok_and(|answer| has_word(&answer, version))
}

fn has_word(answer: &str, version: &str) -> bool {
    answer.split_whitespace().any(|word| word == version)
}

/// Only one checkout at a time installs. The lock goes with the file.
fn lock(project: &Project) -> Result<File> {
    std::fs::create_dir_all(&project.tools).with_context(|| format!("cannot make {}", project.tools.display()))?;
    let file = File::create(project.tools.join(".lock"))?;
    if file.try_lock().is_err() {
        println!("      waiting for another set-up to finish");
        file.lock()?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_words() {
        assert!(has_word("trunk 0.21.14", "0.21.14"));
        assert!(has_word("wasm-opt version 132 (version_132)", "132"));
        assert!(!has_word("trunk 0.21.140", "0.21.14"));
    }
}
