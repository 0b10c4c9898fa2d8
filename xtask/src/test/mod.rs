//! `cargo xtask test`: every test there is: native, wasm in a browser, end to end, and the kernel's camera on request.

pub(crate) mod end_to_end;
mod native;
pub(crate) mod summary;
mod wasm;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::setup::{self, Purpose, setup};
use crate::steps::Steps;
use crate::{camera, page};
use summary::{Count, Summary};

/// Which tests to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// All but those that follow.
    Usual,
    /// Those that break things on purpose and take long, alone: ignored ones with `fault_` in their name.
    Faults,
    /// The real driver in a virtual machine, alone.
    Camera,
}

/// Runs tests. `arguments` go to nextest; those that are no options also choose among the other kinds.
pub(crate) fn test(project: &Project, which: Which, arguments: &[String]) -> Result<()> {
    let mut summary = Summary::default();
    match which {
        Which::Camera => kernel_camera(project, &mut summary)?,
        Which::Faults => faults(project, &mut summary)?,
        Which::Usual => usual(project, arguments, &mut summary)?,
    }
    println!("\n{}", summary.text());
    let failed = summary.total().failed;
    if failed > 0 {
        bail!("{failed} failed");
    }
    Ok(())
}

fn usual(project: &Project, arguments: &[String], summary: &mut Summary) -> Result<()> {
    let filters: Vec<&str> =
        arguments.iter().map(String::as_str).take_while(|a| *a != "--").filter(|a| !a.starts_with('-')).collect();
    let mut steps = Steps::new(setup::STEPS + 7);
    setup(project, Purpose::Test, &mut steps)?;
    steps.step("page", || page::build(project))?;
    let mut kind = |name: &str, run: &dyn Fn() -> Result<Count>| {
        steps.step(name, || {
            // One kind that cannot even start must not keep the others from being seen.
            let count = run().unwrap_or_else(|error| {
                println!("      ✗ {error:#}");
                Count { passed: 0, failed: 1 }
            });
            let outcome = format!("{} passed, {} failed", count.passed, count.failed);
            summary.add(name, count);
            Ok(outcome)
        })
    };
    kind("weight of the page", &|| {
        page::weigh(&page::assets(&project.dist())?).map(|_| Count { passed: 1, failed: 0 })
    })?;
    kind("native", &|| native::run(project, arguments))?;
    kind("object models", &|| native::models(project, &filters))?;
    kind("documentation", &|| native::documentation(project, &filters))?;
    kind("wasm in a browser", &|| wasm::run(project, &filters))?;
    kind("end to end", &|| end_to_end::run(project, &filters))
}

/// Nothing but cargo is needed for these.
fn faults(project: &Project, summary: &mut Summary) -> Result<()> {
    let (count, table) = native::faults(project)?;
    println!("\n{table}");
    summary.add("faults", count);
    Ok(())
}

fn kernel_camera(project: &Project, summary: &mut Summary) -> Result<()> {
    let mut steps = Steps::new(setup::STEPS + camera::STEPS);
    setup(project, Purpose::Camera, &mut steps)?;
    summary.add("camera of the kernel", camera::run(project, &mut steps)?);
    Ok(())
}
