//! `cargo xtask tidy`: what no compiler checks. Quick, and without building anything.

mod files;
mod licences;
mod protocol;
mod spdx;
mod versions;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::steps::Steps;

/// One thing that is wrong, in words that say what to do.
type Complaint = String;

/// Looks for one kind of wrong.
type Check = fn(&Project) -> Result<Vec<Complaint>>;

/// Runs all checks, shows everything that is wrong, and fails when anything is.
pub(crate) fn tidy(project: &Project) -> Result<()> {
    let checks: [(&str, Check); 5] = [
        ("file sizes", files::sizes),
        ("machine paths and registries", files::places),
        ("protocol document", protocol::pinned),
        ("licences", licences::allowed),
        ("versions", versions::agree),
    ];
    let mut steps = Steps::new(checks.len());
    let mut total = 0;
    for (name, check) in checks {
        steps.step(name, || {
            let complaints = check(project)?;
            for complaint in &complaints {
                println!("      ✗ {complaint}");
            }
            total += complaints.len();
            Ok(if complaints.is_empty() { "tidy".to_owned() } else { format!("{} to mend", complaints.len()) })
        })?;
    }
    if total > 0 {
        bail!("not tidy: {total} to mend, listed above");
    }
    Ok(())
}
