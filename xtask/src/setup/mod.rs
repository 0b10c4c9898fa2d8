//! Makes a bare machine ready: system packages, the standard library for wasm, and the tools that build the page.
//!
//! Everything is checked by what it can do and left alone when it works, so a second run takes well under a second.

mod debian_std;
mod packages;
mod tools;
mod wasm_std;

use anyhow::Result;

pub(crate) use packages::{busybox, chromedriver, chromium, need_node, refresh_lists};
pub(crate) use wasm_std::{NO_CLIPPY, clippy_for_wasm, environment as wasm_environment};

use crate::project::{BINARYEN, Project, TRUNK};
use crate::steps::Steps;

/// What the machine is made ready for. Each includes what is before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// Building and running.
    Run,
    /// Tests, with a browser.
    Test,
    /// The test with the kernel's camera driver, in a virtual machine.
    Camera,
}

/// How many steps [`setup`] takes.
pub(crate) const STEPS: usize = 5;

/// Makes the machine ready, installing what is missing where that is possible.
///
/// Fails with the commands to type where it is not.
pub(crate) fn setup(project: &Project, purpose: Purpose, steps: &mut Steps) -> Result<()> {
    steps.step("system packages", || packages::install(purpose))?;
    steps.step("wasm32 standard library", || wasm_std::install(project))?;
    steps.step(&format!("wasm-bindgen {}", project.wasm_bindgen), || tools::wasm_bindgen(project))?;
    steps.step(&format!("trunk {TRUNK}"), || tools::trunk(project))?;
    steps.step(&format!("wasm-opt {BINARYEN}"), || tools::wasm_opt(project))
}
