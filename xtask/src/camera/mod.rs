//! `cargo xtask test --camera`: the server against a real V4L2 driver, without hardware.
//!
//! Debian's kernel carries `vivid`, a virtual camera. An emulated machine boots that kernel with an image made here: busybox, the
//! driver, the server, and this very program, which runs the checks inside (`guest`) and reports over the serial line.

mod archive;
mod checks;
mod guest;
mod http;
mod image;
mod kernel;
mod machine;
mod server;

use anyhow::Result;

pub(crate) use guest::run as guest;

use crate::commands::build_server;
use crate::project::Project;
use crate::steps::Steps;
use crate::test::summary::Count;

/// How many steps [`run`] takes.
pub(crate) const STEPS: usize = 4;

/// Builds the image, boots it and counts its checks.
pub(crate) fn run(project: &Project, steps: &mut Steps) -> Result<Count> {
    steps.step("server", || build_server(project, "debug"))?;
    let mut kernel = None;
    steps.step("kernel with vivid", || {
        let found = kernel::get(project)?;
        let version = found.version.clone();
        kernel = Some(found);
        Ok(version)
    })?;
    let kernel = kernel.unwrap_or_default();
    let image = project.target.join("camera-test.cpio");
    steps.step("image", || image::make(project, &kernel, &image))?;
    let mut count = Count::default();
    steps.step("virtual machine", || {
        let report = machine::boot(&kernel.image, &image)?;
        println!("\n{}", report.table());
        count = report.count();
        Ok(format!("{} passed, {} failed", count.passed, count.failed))
    })?;
    Ok(count)
}
