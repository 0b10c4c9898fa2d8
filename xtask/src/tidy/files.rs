//! Sources stay small, and nothing that is kept names one machine or one network.

use std::path::Path;

use anyhow::Result;

use super::Complaint;
use crate::project::Project;
use crate::sh::Cmd;

/// Most lines of a Rust file: longer ones are where readers get lost.
const MOST_LINES: usize = 600;
/// Hosts of package registries: they belong into lock files or nowhere, and there only in their usual form.
const REGISTRIES: [&str; 6] =
    ["registry.npmjs", "registry.yarnpkg", "static.crates", "index.crates", "artifactory", "proxy.golang"];

/// Rust files that are too long.
pub(super) fn sizes(project: &Project) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for (name, text) in texts(project)? {
        let lines = text.lines().count();
        if has_extension(&name, "rs") && lines > MOST_LINES {
            complaints.push(format!("{name} has {lines} lines, {MOST_LINES} at most: split it"));
        }
    }
    Ok(complaints)
}

/// Paths of one machine, and registries' addresses.
pub(super) fn places(project: &Project) -> Result<Vec<Complaint>> {
    let mut complaints = Vec::new();
    for (name, text) in texts(project)? {
        for (number, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", number + 1);
            if let Some(path) = machine_path(line) {
                complaints.push(format!("{place} names a path of one machine: {path}"));
            }
            if let Some(host) = registry(&name, line) {
                complaints.push(format!("{place} names a package registry: {host}"));
            }
        }
        if name.ends_with("package-lock.json") && text.contains("\"resolved\"") {
            complaints.push(format!("{name} names registries: run npm with omit-lockfile-registry-resolved=true"));
        }
    }
    Ok(complaints)
}

/// The files of the project that are text: what git tracks, and what it would track.
fn texts(project: &Project) -> Result<Vec<(String, String)>> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let mut names = match Cmd::new("git").args(arguments).dir(&project.root).read() {
        Ok(list) => list.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        // No git, or a checkout that belongs to somebody else.
        Err(_) => walk(&project.root, "")?,
    };
    names.sort_unstable();
    names.dedup();
    let text = |name: String| {
        // Deleted but still tracked, a link, or not text: nothing to read.
        let text = std::fs::read_to_string(project.root.join(&name)).ok()?;
        Some((name, text))
    };
    Ok(names.into_iter().filter_map(text).collect())
}

/// Files below a folder but for what is built, fetched, or git's own.
fn walk(root: &Path, folder: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if !entry.file_type()?.is_dir() {
            names.push(path);
        } else if ![".git", "target", "target-web", "dist", "node_modules"].contains(&name.as_str()) {
            names.extend(walk(root, &path)?);
        }
    }
    Ok(names)
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

/// The absolute path of somebody's machine in a line, if there is one.
fn machine_path(line: &str) -> Option<&str> {
    ["work", "root", "home"].into_iter().find_map(|top| {
        let start = format!("/{top}/");
        line.match_indices(&start).find_map(|(at, _)| {
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || "_-./~*}$%".contains(c)) {
                return None;
            }
            let path: &str = &line[at..];
            let end = path.find(|c: char| !c.is_alphanumeric() && !"_-./".contains(c)).unwrap_or(path.len());
            (end > start.len()).then(|| &path[..end])
        })
    })
}

fn registry(name: &str, line: &str) -> Option<&'static str> {
    let lock = name.ends_with("package-lock.json") || name == "Cargo.lock";
    // This list itself is no address.
    let list = name == "xtask/src/tidy/files.rs";
    if lock || list { None } else { REGISTRIES.into_iter().find(|host| line.contains(host)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_one_machine_are_found() {
        let bad = ["/home", "/ann/rtm2"].concat();
        assert_eq!(machine_path(&format!("see `{bad}`")), Some(bad.as_str()));
        let bad = ["/wo", "rk/main"].concat();
        assert_eq!(machine_path(&format!("\"{bad}\"")), Some(bad.as_str()));
        for good in ["target/work/x", "https://example.org/root/x", "~/home/x", "/home/<user>/", "a /work day"] {
            assert_eq!(machine_path(good), None, "{good}");
        }
    }

    #[test]
    fn without_git_what_is_built_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for inner in ["a/b", "target/debug", ".git"] {
            std::fs::create_dir_all(folder.path().join(inner)).unwrap();
            std::fs::write(folder.path().join(inner).join("x.rs"), "").unwrap();
        }
        std::fs::write(folder.path().join(".gitignore"), "").unwrap();
        let mut names = walk(folder.path(), "").unwrap();
        names.sort();
        assert_eq!(names, [".gitignore", "a/b/x.rs"]);
    }

    #[test]
    fn registries_are_found_outside_lock_files() {
        let line = ["https://registry.", "npmjs.org/x"].concat();
        assert!(registry("README.md", &line).is_some());
        assert!(registry("end2end/package-lock.json", &line).is_none());
        assert!(registry("README.md", "https://crates.io/crates/trunk").is_none());
    }
}
