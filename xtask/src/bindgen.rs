//! From the wasm that the compiler wrote to what a browser loads.
//!
//! Trunk runs wasm-bindgen itself and takes what it wrote, so a script of its name stands before it on the path and runs
//! this instead: the rest is cut out ([`crate::split`]), wasm-bindgen writes script and wasm, names between both are shortened
//! ([`names`]), and all wasm is made small.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::names;
use crate::project::Project;
use crate::sh::Cmd;
use crate::split::Halves;

/// How wasm is made small: for these parts of the language, which all browsers have that can show the page.
const OPTIMISE: [&str; 11] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "-Oz",
];

/// Makes the folder with the script and gives it.
pub(crate) fn folder(project: &Project) -> Result<PathBuf> {
    let folder = project.web_target.join("bindgen");
    std::fs::create_dir_all(&folder)?;
    let script = folder.join("wasm-bindgen");
    let us = std::env::current_exe().context("cannot tell where this program is")?;
    let arguments = [us, project.wasm_bindgen_program("wasm-bindgen"), project.wasm_opt(), rest_folder(project)];
    let [us, bindgen, optimiser, rest] = arguments.map(|path| format!("'{}'", path.display()));
    let text = format!("#!/bin/sh\nexec {us} wasm-bindgen {bindgen} {optimiser} {rest} \"$@\"\n");
    std::fs::write(&script, text)?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

/// Where the rest of the page is left, for whoever puts the page's files together.
pub(crate) fn rest_folder(project: &Project) -> PathBuf {
    project.web_target.join("rest")
}

/// The programs that are run, and where the rest goes.
pub(crate) struct Tools {
    /// wasm-bindgen.
    pub(crate) bindgen: PathBuf,
    /// wasm-opt.
    pub(crate) optimiser: PathBuf,
    /// The folder that [`rest_folder`] gives.
    pub(crate) rest: PathBuf,
}

/// Does what Trunk asked wasm-bindgen for, and what is to be done before and after.
pub(crate) fn run(tools: &Tools, arguments: &[String]) -> Result<()> {
    let value = |name: &str| {
        let mut values = arguments.iter().skip_while(|argument| !argument.starts_with(name));
        let first = values.next()?;
        first.strip_prefix(name)?.strip_prefix('=').map(str::to_owned).or_else(|| values.next().cloned())
    };
    let input = arguments.iter().find(|argument| Path::new(argument).extension().is_some_and(|end| end == "wasm"));
    let (Some(folder), Some(name), Some(input)) = (value("--out-dir"), value("--out-name"), input) else {
        // It was asked for its version.
        println!("{}", Cmd::new(&tools.bindgen).args(arguments).read()?);
        return Ok(());
    };
    let halves = Halves::cut(Path::new(input), &tools.rest)?;
    let arguments = arguments.iter().map(|a| if a == input { halves.first.as_os_str() } else { a.as_ref() });
    // Through these the halves share memory and functions.
    let said = Cmd::new(&tools.bindgen).args(arguments).arg("--keep-lld-exports").read()?;
    if !said.is_empty() {
        println!("{said}");
    }
    let folder = Path::new(&folder);
    let (script, wasm) = (folder.join(format!("{name}.js")), folder.join(format!("{name}_bg.wasm")));
    std::thread::scope(|scope| {
        let rest = scope.spawn(|| optimise(tools, &halves.rest));
        finish(&halves, &script, &wasm)?;
        optimise(tools, &wasm)?;
        rest.join().unwrap_or_else(|_| anyhow::bail!("making the rest small came to a sudden end"))
    })
}

/// Teaches the script to load the rest, and shortens names.
fn finish(halves: &Halves, script: &Path, wasm: &Path) -> Result<()> {
    let text = halves.link(&std::fs::read_to_string(script)?)?;
    let (text, bytes) = names::shorten(&text, &std::fs::read(wasm)?)
        .with_context(|| format!("cannot shorten the names in {}", wasm.display()))?;
    std::fs::write(script, text)?;
    std::fs::write(wasm, bytes)?;
    Ok(())
}

/// Makes a file small, in place.
fn optimise(tools: &Tools, wasm: &Path) -> Result<()> {
    let said = Cmd::new(&tools.optimiser).args(OPTIMISE).arg(wasm).arg("-o").arg(wasm).read()?;
    if !said.is_empty() {
        println!("{said}");
    }
    Ok(())
}
