//! The short commands: `setup`, `run`, `page`, `lint`, `dist`.

use anyhow::{Context as _, Result};

use crate::page;
use crate::project::Project;
use crate::setup::{self, Purpose, setup};
use crate::sh::{Cmd, on_path};
use crate::steps::Steps;

/// `cargo xtask setup`: everything that building, testing and the camera test need.
pub(crate) fn setup_all(project: &Project) -> Result<()> {
    setup(project, Purpose::Camera, &mut Steps::new(setup::STEPS))?;
    println!("ready: `cargo xtask run` or `cargo xtask test`");
    Ok(())
}

/// `cargo xtask run`: set up, build, and become the server.
pub(crate) fn run(project: &Project, arguments: &[String]) -> Result<()> {
    let mut steps = Steps::new(setup::STEPS + 3);
    setup(project, Purpose::Run, &mut steps)?;
    steps.step("page", || page::build(project))?;
    steps.step("server", || build_server(project, "release"))?;
    steps.announce("start");
    Err(Cmd::new(project.server("release")).args(arguments).become_it())
}

/// `cargo xtask page`: set up and build the page alone.
pub(crate) fn page(project: &Project) -> Result<()> {
    let mut steps = Steps::new(setup::STEPS + 2);
    setup(project, Purpose::Run, &mut steps)?;
    steps.step("page", || page::build(project))?;
    let assets = page::assets(&project.dist())?;
    steps.step("weight", || page::weigh(&assets))?;
    println!("\n{}", page::table(&assets));
    Ok(())
}

/// Builds the server into the folder of a profile: `debug`, `release` or `dist`.
pub(crate) fn build_server(project: &Project, profile: &str) -> Result<String> {
    // The profile of the folder `debug` has another name.
    let name = if profile == "debug" { "dev" } else { profile };
    let command = Cmd::cargo(&["build", "--locked", "--package", "rtm2", "--profile", name]);
    command.dir(&project.root).run()?;
    Ok(project.shown(&project.server(profile)).to_string())
}

/// `cargo xtask lint`: formatting, clippy for both targets, and cargo-deny where it is installed.
pub(crate) fn lint(project: &Project) -> Result<()> {
    let mut steps = Steps::new(setup::STEPS + 5);
    setup(project, Purpose::Run, &mut steps)?;
    steps.step("format", || {
        component("rustfmt", "fmt")?;
        Cmd::cargo(&["fmt", "--all", "--check"]).dir(&project.root).run()?;
        Ok("as it should be".to_owned())
    })?;
    steps.step("clippy", || {
        component("clippy", "clippy")?;
        Cmd::cargo(&["clippy", "--locked", "--all-targets", "--", "-D", "warnings"]).dir(&project.root).run()?;
        Ok("clean".to_owned())
    })?;
    steps.step("clippy with object models", || {
        let check = Cmd::cargo(&["clippy", "--locked", "--package", "rtm2", "--features", "onnx", "--all-targets"]);
        check.args(["--", "-D", "warnings"]).dir(&project.root).run()?;
        Ok("clean".to_owned())
    })?;
    steps.step("clippy for the page", || clippy_page(project))?;
    steps.step("cargo-deny", || {
        if !on_path("cargo-deny") {
            return Ok("not installed, left out (cargo install cargo-deny)".to_owned());
        }
        // Advisories need a download; licences, bans and sources do not.
        Cmd::cargo(&["deny", "--offline", "check", "bans", "licenses", "sources"]).dir(&project.root).run()?;
        Ok("clean".to_owned())
    })
}

fn clippy_page(project: &Project) -> Result<String> {
    let environment = setup::wasm_environment(project);
    let check = |arguments: &[&str]| {
        let command = Cmd::cargo(arguments).args([
            "--locked",
            "--package",
            "rtm2-frontend",
            "--target",
            "wasm32-unknown-unknown",
            "--all-targets",
        ]);
        command.envs(&environment).env("CARGO_TARGET_DIR", &project.web_target).dir(&project.root)
    };
    if !setup::clippy_for_wasm(project) {
        check(&["check"]).run()?;
        return Ok(format!("checked only: {}", setup::NO_CLIPPY));
    }
    check(&["clippy"]).args(["--", "-D", "warnings"]).run()?;
    Ok("clean".to_owned())
}

/// A part of the toolchain, fetched by rustup where it is missing.
fn component(name: &str, command: &str) -> Result<()> {
    if Cmd::cargo(&[command, "--version"]).succeeds() {
        return Ok(());
    }
    let add = Cmd::new("rustup").args(["component", "add", name]).run_within(std::time::Duration::from_mins(2));
    add.with_context(|| format!("cargo {command} is missing: rustup component add {name}"))
}

/// `cargo xtask dist`: one release program with the page inside.
pub(crate) fn dist(project: &Project) -> Result<()> {
    let mut steps = Steps::new(setup::STEPS + 2);
    setup(project, Purpose::Run, &mut steps)?;
    steps.step("page", || page::build(project))?;
    steps.step("server", || build_server(project, "dist"))?;
    let program = project.server("dist");
    let size = std::fs::metadata(&program).context("the program is gone")?.len();
    println!("\n{}", page::table(&page::assets(&project.dist())?));
    println!("program  {size} bytes ({:.1} MB)  {}", size as f64 / 1e6, project.shown(&program));
    Ok(())
}
