//! Every dependency's licence is one that `deny.toml` allows, and comes from where dependencies may come from.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};

use super::Complaint;
use super::spdx::Expression;
use crate::lockfile::Lockfile;
use crate::project::Project;
use crate::sh::Cmd;

/// The targets that we build for.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"];

/// What `deny.toml` allows: licences for everybody, and more for single packages.
struct Allowed {
    always: BTreeSet<String>,
    exceptions: BTreeMap<String, BTreeSet<String>>,
}

/// Dependencies whose licence is not allowed, or unknown.
pub(super) fn allowed(project: &Project) -> Result<Vec<Complaint>> {
    let text = std::fs::read_to_string(project.root.join("deny.toml")).context("cannot read deny.toml")?;
    let allowed = Allowed::parse(&text).context("cannot understand deny.toml")?;
    let mut complaints = BTreeSet::new();
    for target in TARGETS {
        let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", target];
        let metadata: serde_json::Value = serde_json::from_str(&Cmd::cargo(&arguments).dir(&project.root).read()?)?;
        for package in metadata["packages"].as_array().into_iter().flatten() {
            complaints.extend(allowed.complaint(package));
        }
    }
    let foreign = Lockfile::read(&project.root.join("Cargo.lock"))?.foreign();
    complaints.extend(foreign.into_iter().map(|package| format!("{package}: dependencies come from crates.io")));
    Ok(complaints.into_iter().collect())
}

impl Allowed {
    fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = text.parse()?;
        let licences = table.get("licenses").and_then(toml::Value::as_table).context("no [licenses]")?;
        let mut exceptions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for exception in licences.get("exceptions").and_then(toml::Value::as_array).into_iter().flatten() {
            let package = ["crate", "name"].into_iter().find_map(|key| exception.get(key)?.as_str());
            let package = package.context("an exception without a crate")?;
            exceptions.entry(package.to_owned()).or_default().extend(strings(exception.get("allow")));
        }
        Ok(Self { always: strings(licences.get("allow")), exceptions })
    }

    fn complaint(&self, package: &serde_json::Value) -> Option<Complaint> {
        let name = package["name"].as_str().unwrap_or("?");
        let what = format!("{name} {}", package["version"].as_str().unwrap_or("?"));
        let Some(licence) = package["license"].as_str() else {
            return Some(format!("{what} names no licence: read what it comes with"));
        };
        let exceptions = self.exceptions.get(name);
        let is_allowed = |id: &str| self.always.contains(id) || exceptions.is_some_and(|ids| ids.contains(id));
        match Expression::parse(licence) {
            Ok(expression) if expression.holds(&is_allowed) => None,
            Ok(_) => Some(format!("{what} is under {licence}: not allowed by deny.toml")),
            Err(error) => Some(format!("{what}: {error}")),
        }
    }
}

fn strings(value: Option<&toml::Value>) -> BTreeSet<String> {
    let values = value.and_then(toml::Value::as_array).into_iter().flatten();
    values.filter_map(|value| value.as_str()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_hold_for_their_crate_only() {
        let allowed = Allowed::parse(
            "[licenses]\nallow = [\"MIT\"]\nexceptions = [{ crate = \"odd\", allow = [\"MPL-2.0\"] }]\n",
        )
        .unwrap();
        let complaint = |name: &str, licence: Option<&str>| {
            allowed.complaint(&serde_json::json!({ "name": name, "version": "1.0.0", "license": licence }))
        };
        assert_eq!(complaint("any", Some("MIT OR GPL-3.0")), None);
        assert_eq!(complaint("odd", Some("MPL-2.0")), None);
        assert!(complaint("any", Some("MPL-2.0")).unwrap().contains("not allowed"));
        assert!(complaint("any", None).unwrap().contains("names no licence"));
    }
}
