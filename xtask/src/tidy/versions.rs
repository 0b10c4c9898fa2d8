//! Versions that are written down twice agree.

use anyhow::{Context as _, Result};

use super::Complaint;
use crate::project::{BINARYEN, Project};

/// Whether `Trunk.toml` names the tools that set-up installs: with others Trunk would download its own.
pub(super) fn agree(project: &Project) -> Result<Vec<Complaint>> {
    let text = std::fs::read_to_string(project.root.join("Trunk.toml")).context("cannot read Trunk.toml")?;
    let table: toml::Table = text.parse().context("cannot understand Trunk.toml")?;
    let named = |tool: &str| table.get("tools").and_then(|tools| tools.get(tool)).and_then(toml::Value::as_str);
    let wanted = [("wasm_bindgen", project.wasm_bindgen.clone()), ("wasm_opt", format!("version_{BINARYEN}"))];
    Ok(wanted
        .into_iter()
        .filter(|(tool, version)| named(tool) != Some(version))
        .map(|(tool, version)| format!("Trunk.toml must have `{tool} = \"{version}\"` under [tools]"))
        .collect())
}
