//! One hash over everything that a result is made from, to know whether it must be made again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// Hashes files and folders (with all that is in them) below `root`, and words that matter too, such as versions.
///
/// What does not exist counts as absent, so that its appearance changes the hash. Build folders and hidden files are left out.
pub(crate) fn of(root: &Path, names: &[&str], words: &[&str]) -> Result<String> {
    let mut files = Vec::new();
    for name in names {
        collect(&root.join(name), &mut files).with_context(|| format!("cannot read {name}"))?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy();
        part(&mut hash, name.as_bytes());
        part(&mut hash, &bytes);
    }
    for word in words {
        part(&mut hash, word.as_bytes());
    }
    Ok(hex(&hash.finalize()))
}

/// With its length before it, so that moving bytes from one part to the next changes the hash.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if !name.starts_with('.') && name != "target" && name != "node_modules" {
                collect(&entry.path(), files)?;
            }
        }
    }
    Ok(())
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_counts_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("a/target")).unwrap();
        std::fs::write(root.join("a/one.rs"), "1").unwrap();
        let hash = |words: &[&str]| of(root, &["a", "b.toml"], words).unwrap();
        let first = hash(&["v1"]);
        assert_eq!(first, hash(&["v1"]));
        assert_ne!(first, hash(&["v2"]), "a version");
        std::fs::write(root.join("a/target/x"), "built").unwrap();
        std::fs::write(root.join("a/.one.rs.swp"), "editing").unwrap();
        assert_eq!(first, hash(&["v1"]), "build folders and hidden files");
        std::fs::write(root.join("b.toml"), "").unwrap();
        let second = hash(&["v1"]);
        assert_ne!(first, second, "a new file");
        std::fs::rename(root.join("a/one.rs"), root.join("a/two.rs")).unwrap();
        assert_ne!(second, hash(&["v1"]), "another name");
    }
}
