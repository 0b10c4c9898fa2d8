//! Where things are: the checkout, the tools that several checkouts share, and the folders that builds write to.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::lockfile::Lockfile;
use crate::sh::Cmd;

/// Trunk, which builds the page. Newer releases need a newer compiler.
pub(crate) const TRUNK: &str = "0.21.14";
/// Binaryen from npm, which carries `wasm-opt`. Distributions' releases are too old: their output fails in browsers.
pub(crate) const BINARYEN: &str = "132";

/// The checkout and its folders.
pub(crate) struct Project {
    /// Top of the checkout.
    pub(crate) root: PathBuf,
    /// Tools that are built or fetched once, shared by all checkouts.
    pub(crate) tools: PathBuf,
    /// Version of `wasm-bindgen` in the lock file; the program of that name must be the same.
    pub(crate) wasm_bindgen: String,
    /// Where native builds go.
    pub(crate) target: PathBuf,
    /// Where wasm builds go: never shared with native ones, so that neither makes the other start over.
    pub(crate) web_target: PathBuf,
}

impl Project {
    /// Finds the checkout around the current folder.
    pub(crate) fn find() -> Result<Self> {
        let here = std::env::current_dir().context("cannot tell the current folder")?;
        let root = here
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").is_file() && folder.join("xtask/Cargo.toml").is_file())
            .with_context(|| format!("{} is not inside a checkout of rtm2", here.display()))?
            .to_owned();
        let lockfile = Lockfile::read(&root.join("Cargo.lock"))?;
        Ok(Self {
            tools: tools_folder()?,
            wasm_bindgen: lockfile.version_of("wasm-bindgen")?.to_owned(),
            target: target_folder(&root)?,
            web_target: root.join("target-web"),
            root,
        })
    }

    /// The built page.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Trunk's program.
    pub(crate) fn trunk(&self) -> PathBuf {
        self.tools.join(format!("trunk-{TRUNK}/bin/trunk"))
    }

    /// A program of `wasm-bindgen-cli`.
    pub(crate) fn wasm_bindgen_program(&self, name: &str) -> PathBuf {
        self.tools.join(format!("wasm-bindgen-{}/bin/{name}", self.wasm_bindgen))
    }

    /// Binaryen's optimiser.
    pub(crate) fn wasm_opt(&self) -> PathBuf {
        self.tools.join(format!("binaryen-{BINARYEN}/node_modules/.bin/wasm-opt"))
    }

    /// The server's program, as `cargo build` leaves it. `profile` is the folder: `debug` or `release`.
    pub(crate) fn server(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join("rtm2")
    }

    /// A path for people: from the top of the checkout where it is inside.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

fn tools_folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("RTM2_TOOLS") {
        return Ok(std::path::absolute(folder)?);
    }
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let Some(cache) = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache"))) else {
        bail!("neither HOME nor XDG_CACHE_HOME is set: name a folder for build tools with RTM2_TOOLS");
    };
    Ok(cache.join("rtm2-dev/tools"))
}

/// Cargo's own answer, since configuration files count as well as the environment.
fn target_folder(root: &Path) -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("CARGO_TARGET_DIR") {
        return Ok(std::path::absolute(root.join(folder))?);
    }
    let text = Cmd::cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]).dir(root).read()?;
    let metadata: serde_json::Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    Ok(folder.into())
}
