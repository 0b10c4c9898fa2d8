//! The standard library for wasm32: rustup's where it can be had, else built from Debian's source of the compiler.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::debian_std;
use crate::project::Project;
use crate::sh::Cmd;

/// The page's target.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";
/// Set to `debian` to take the second way even where the first works.
const CHOICE: &str = "RTM2_WASM_STD";
/// Longest time for rustup: in closed networks it may wait for ever.
const RUSTUP_LIMIT: Duration = Duration::from_mins(2);
/// Why there may be no clippy for the page.
pub(crate) const NO_CLIPPY: &str =
    "the toolchain that builds the page has no clippy (on Debian: apt-get install rust-web-clippy)";

/// Makes the library available.
pub(super) fn install(project: &Project) -> Result<String> {
    if wants_debian() {
        return debian_std::install(project);
    }
    if has_std(&sysroot()?) {
        return Ok("there".to_owned());
    }
    if debian_std::ready(project) {
        return Ok("there, built from Debian's source".to_owned());
    }
    let rustup = Cmd::new("rustup").args(["target", "add", TARGET]).run_within(RUSTUP_LIMIT);
    match rustup {
        Ok(()) if has_std(&sysroot()?) => return Ok("installed by rustup".to_owned()),
        Ok(()) => println!("      rustup installed it, but not for the compiler in use"),
        Err(error) => println!("      {error:#}"),
    }
    debian_std::install(project).with_context(|| {
        format!("no standard library for {TARGET}: `rustup target add {TARGET}` did not work, nor did building it from Debian's packages")
    })
}

/// What a cargo that builds for wasm must find in its environment.
pub(crate) fn environment(project: &Project) -> Vec<(String, Option<String>)> {
    let stable = !wants_debian() && sysroot().is_ok_and(|sysroot| has_std(&sysroot));
    if stable { Vec::new() } else { debian_std::environment(project) }
}

/// Whether clippy can check code for wasm.
pub(crate) fn clippy_for_wasm(project: &Project) -> bool {
    Cmd::cargo(&["clippy", "--version"]).envs(&environment(project)).succeeds()
}

/// Whether a sysroot carries the library.
pub(super) fn has_std(sysroot: &Path) -> bool {
    let folder = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    files
        .map(|name| name.to_string_lossy().into_owned())
        .any(|name| name.starts_with("libstd-") && name.contains(".rlib"))
}

fn sysroot() -> Result<std::path::PathBuf> {
    Ok(Cmd::new("rustc").args(["--print", "sysroot"]).read()?.into())
}

fn wants_debian() -> bool {
    std::env::var_os(CHOICE).is_some_and(|choice| choice == "debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_rlib_counts() {
        let folder = tempfile::tempdir().unwrap();
        let lib = folder.path().join("lib/rustlib").join(TARGET).join("lib");
        std::fs::create_dir_all(&lib).unwrap();
        std::fs::write(lib.join("libstd-1.rmeta"), "").unwrap();
        assert!(!has_std(folder.path()));
        std::fs::write(lib.join("libstd-1.rlib"), "").unwrap();
        assert!(has_std(folder.path()));
    }
}
