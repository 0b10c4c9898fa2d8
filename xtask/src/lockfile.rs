//! Reading `Cargo.lock`.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// The one registry that dependencies may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The packages of a lock file.
pub(crate) struct Lockfile {
    packages: Vec<Package>,
}

/// One locked package.
struct Package {
    name: String,
    version: String,
    source: Option<String>,
}

impl Lockfile {
    /// Reads a lock file.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("cannot understand {}", file.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = text.parse()?;
        let entries = table.get("package").and_then(toml::Value::as_array).context("no packages")?;
        let field =
            |entry: &toml::Value, name: &str| entry.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let packages = entries
            .iter()
            .map(|entry| {
                let name = field(entry, "name").context("a package without a name")?;
                let version = field(entry, "version").with_context(|| format!("{name} has no version"))?;
                Ok(Package { name, version, source: field(entry, "source") })
            })
            .collect::<Result<_>>()?;
        Ok(Self { packages })
    }

    /// The one version of a package.
    pub(crate) fn version_of(&self, name: &str) -> Result<&str> {
        let versions: Vec<_> = self.packages.iter().filter(|package| package.name == name).collect();
        match versions[..] {
            [only] => Ok(&only.version),
            [] => bail!("Cargo.lock has no {name}"),
            _ => bail!("Cargo.lock has {} versions of {name}: keep one", versions.len()),
        }
    }

    /// Packages from anywhere but crates.io and the checkout itself, each with its source.
    pub(crate) fn foreign(&self) -> Vec<String> {
        let foreign = |package: &&Package| package.source.as_deref().is_some_and(|source| source != REGISTRY);
        let line = |package: &Package| {
            format!("{} {} from {}", package.name, package.version, package.source.as_deref().unwrap_or("?"))
        };
        self.packages.iter().filter(foreign).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 4
[[package]]
name = "one"
version = "1.2.3"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "two"
version = "1.0.0"
[[package]]
name = "two"
version = "2.0.0"
source = "git+https://example.org/two#abc"
"#;

    #[test]
    fn the_locked_version_is_found() {
        let lock = Lockfile::parse(LOCK).unwrap();
        assert_eq!(lock.version_of("one").unwrap(), "1.2.3");
        assert!(lock.version_of("two").unwrap_err().to_string().contains("2 versions"));
        assert!(lock.version_of("three").unwrap_err().to_string().contains("no three"));
    }

    #[test]
    fn foreign_sources_are_listed() {
        assert_eq!(Lockfile::parse(LOCK).unwrap().foreign(), ["two 2.0.0 from git+https://example.org/two#abc"]);
    }
}
