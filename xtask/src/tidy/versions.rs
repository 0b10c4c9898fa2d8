//! Versions that are written down twice agree.

use anyhow::{Context as _, Result};

use super::Complaint;
use crate::project::Project;

/// Whether `Trunk.toml` names the tool that set-up installs: with another Trunk would download its own.
pub(super) fn agree(project: &Project) -> Result<Vec<Complaint>> {
    let text = std::fs::read_to_string(project.root.join("Trunk.toml")).context("cannot read Trunk.toml")?;
    let table: toml::Table = text.parse().context("cannot understand Trunk.toml")?;
    let named = table.get("tools").and_then(|tools| tools.get("wasm_bindgen")).and_then(toml::Value::as_str);
    let wanted = project.wasm_bindgen.as_str();
    let wrong = named != Some(wanted);
    Ok(wrong.then(|| format!("Trunk.toml must have `wasm_bindgen = \"{wanted}\"` under [tools]")).into_iter().collect())
}
