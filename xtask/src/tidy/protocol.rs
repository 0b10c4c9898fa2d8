//! The wire protocol's document changes when its sources do: the document holds their hash.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::Complaint;
use crate::fingerprint::hex;
use crate::project::Project;

/// Folder of the sources, and the document.
const SOURCES: &str = "app/src/wire";
const DOCUMENT: &str = "docs/protocol.md";
/// What the hash stands behind in the document.
const MARK: &str = "pinned: sha256 ";

/// Whether the document holds the hash of the sources.
pub(super) fn pinned(project: &Project) -> Result<Vec<Complaint>> {
    let hash = hash_of_sources(project)?;
    let document = std::fs::read_to_string(project.root.join(DOCUMENT)).unwrap_or_default();
    Ok(complaint(&document, &hash).into_iter().collect())
}

fn complaint(document: &str, hash: &str) -> Option<Complaint> {
    let line = format!("<!-- {MARK}{hash} -->");
    match pin(document) {
        Some(pin) if pin == hash => None,
        Some(_) => Some(format!("{SOURCES} has changed: bring {DOCUMENT} up to date first, then put `{line}` into it")),
        None => Some(format!("{DOCUMENT} does not say which sources it describes: put `{line}` into it")),
    }
}

fn pin(document: &str) -> Option<&str> {
    let (_, rest) = document.split_once(MARK)?;
    rest.split_whitespace().next()
}

/// Of the Rust files in the folder, one after the other in the order of their names.
fn hash_of_sources(project: &Project) -> Result<String> {
    let folder = project.root.join(SOURCES);
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {SOURCES}"))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    Ok(hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_protocol_asks_for_its_document() {
        let document = "# Protocol\n<!-- pinned: sha256 abc -->\n";
        assert_eq!(complaint(document, "abc"), None);
        let text = complaint(document, "def").unwrap();
        assert!(text.contains("up to date first") && text.contains("sha256 def"), "{text}");
        assert!(complaint("", "def").unwrap().contains("does not say"));
    }
}
