//! The standard library for wasm32 built from Debian's packages of a recent compiler, for networks that rustup cannot leave.
//!
//! Makes a small toolchain folder beside the other tools: the system's compiler behind a one-line script that names this folder
//! as its sysroot, the system's native library by link, and the wasm library built here. Neither the system's own
//! folders nor rustup's toolchains are touched; wasm builds find the folder through `PATH` and `RUSTC`.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::packages::apt_install;
use super::wasm_std::{TARGET, has_std};
use crate::project::Project;
use crate::sh::Cmd;

/// The compiler, cargo, and the library's source.
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
/// Where Debian puts the compiler.
const RUSTC: &str = "/usr/bin/rustc";
/// Oldest compiler that can build the page.
const OLDEST: (u32, u32) = (1, 95);

/// What `rustc --version -v` says that matters here.
#[derive(Debug, PartialEq, Eq)]
struct Compiler {
    release: String,
    llvm: u32,
    host: String,
}

/// Whether the toolchain is built for the compiler that is installed.
pub(super) fn ready(project: &Project) -> bool {
    compiler().is_ok_and(|compiler| has_std(&folder(project, &compiler)))
}

/// Installs the packages and builds the library, unless both are done.
pub(super) fn install(project: &Project) -> Result<String> {
    if !source_is_there() {
        apt_install(&PACKAGES)?;
    }
    let compiler = compiler()?;
    if version(&compiler.release).is_none_or(|found| found < OLDEST) {
        bail!("Debian's rustc is {}, the page needs {}.{} or later", compiler.release, OLDEST.0, OLDEST.1);
    }
    let folder = folder(project, &compiler);
    if has_std(&folder) {
        return Ok(format!("there, for Debian's rustc {}", compiler.release));
    }
    let linker = linker(&compiler)?;
    lay_out(&folder, &compiler, &linker)?;
    build(project, &folder)?;
    // What was built with another library does not fit any more.
    if project.web_target.exists() {
        std::fs::remove_dir_all(&project.web_target)?;
    }
    Ok(format!("built for Debian's rustc {}", compiler.release))
}

/// Environment that makes cargo build with this toolchain.
pub(super) fn environment(project: &Project) -> Vec<(String, Option<String>)> {
    let Ok(compiler) = compiler() else { return Vec::new() };
    let bin = folder(project, &compiler).join("bin");
    let path = std::env::var("PATH").unwrap_or_default();
    vec![
        ("PATH".to_owned(), Some(format!("{}:{path}", bin.display()))),
        ("RUSTC".to_owned(), Some(bin.join("rustc").display().to_string())),
        // rustup would put its own compiler in place of ours.
        ("RUSTUP_TOOLCHAIN".to_owned(), None),
    ]
}

fn folder(project: &Project, compiler: &Compiler) -> PathBuf {
    project.tools.join(format!("rustc-{}-debian", compiler.release))
}

fn source_is_there() -> bool {
    Path::new(RUSTC).is_file()
        && Path::new("/usr/bin/cargo").is_file()
        && Path::new("/usr/lib/rustlib/src/rust/library").is_dir()
}

fn compiler() -> Result<Compiler> {
    parse(&Cmd::new(RUSTC).args(["--version", "-v"]).without_env("RUSTUP_TOOLCHAIN").read()?)
}

fn parse(text: &str) -> Result<Compiler> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let llvm = field("LLVM version:").and_then(|version| version.split('.').next()?.parse().ok());
    Ok(Compiler {
        release: field("release:").context("rustc says no release")?.to_owned(),
        llvm: llvm.context("rustc says no LLVM version")?,
        host: field("host:").context("rustc says no host")?.to_owned(),
    })
}

fn version(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split('.').map_while(|part| part.parse().ok());
    Some((parts.next()?, parts.next()?))
}

/// LLVM's linker of the compiler's own LLVM.
fn linker(compiler: &Compiler) -> Result<PathBuf> {
    let name = format!("lld-{}", compiler.llvm);
    let file = Path::new("/usr/bin").join(&name);
    if !file.exists() {
        apt_install(&[&name])?;
    }
    if !file.exists() {
        bail!("the package {name} gives no {}", file.display());
    }
    Ok(file)
}

fn lay_out(folder: &Path, compiler: &Compiler, linker: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(folder);
    let rustlib = folder.join("lib/rustlib");
    let host = rustlib.join(&compiler.host);
    std::fs::create_dir_all(folder.join("bin"))?;
    std::fs::create_dir_all(host.join("bin"))?;
    let system = Path::new("/usr/lib/rustlib");
    symlink(system.join("src"), rustlib.join("src"))?;
    symlink(system.join(&compiler.host).join("lib"), host.join("lib"))?;
    symlink(linker, host.join("bin/rust-lld"))?;
    symlink("/usr/bin/cargo", folder.join("bin/cargo"))?;
    for optional in ["cargo-clippy", "clippy-driver"] {
        if Path::new("/usr/bin").join(optional).exists() {
            wrap(&folder.join("bin").join(optional), &format!("/usr/bin/{optional}"), "")?;
        }
    }
    wrap(&folder.join("bin/rustc"), RUSTC, &format!("--sysroot '{}'", folder.display()))
}

/// A script that runs a program with arguments before those given.
fn wrap(script: &Path, program: &str, arguments: &str) -> Result<()> {
    std::fs::write(script, format!("#!/bin/sh\nexec {program} {arguments} \"$@\"\n"))?;
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Builds the library from an empty crate and copies it into place.
fn build(project: &Project, folder: &Path) -> Result<()> {
    let work = project.tools.join(".wasm-std");
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(work.join("src"))?;
    std::fs::write(work.join("src/lib.rs"), "")?;
    std::fs::write(
        work.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n",
    )?;
    let target = work.join("target");
    Cmd::new(folder.join("bin/cargo"))
        .args(["build", "--release", "--target", TARGET, "-Z", "build-std=std,panic_abort,panic_unwind,test"])
        .envs(&environment(project))
        .env("RUSTC_BOOTSTRAP", "1")
        // Without the bitcode the page cannot be optimised as a whole.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", &target)
        .dir(&work)
        .run()
        .context("building the library needs the crates that it uses from crates.io: is there a network?")?;
    copy_library(&target.join(TARGET).join("release/deps"), &folder.join("lib/rustlib").join(TARGET).join("lib"))?;
    std::fs::remove_dir_all(&work)?;
    Ok(())
}

/// Copies the `.rlib`s; `libstd` last, since its presence says that all are there.
fn copy_library(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(from)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    let name = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.retain(|file| {
        file.extension().is_some_and(|extension| extension == "rlib") && !name(file).starts_with("libempty-")
    });
    files.sort_by_key(|file| name(file).starts_with("libstd-"));
    for file in &files {
        std::fs::copy(file, to.join(name(file)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_names_its_llvm() {
        let text = "rustc 1.96.0 (abc 2026-05-25)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8\n";
        let compiler = parse(text).unwrap();
        assert_eq!((compiler.llvm, compiler.host.as_str()), (22, "x86_64-unknown-linux-gnu"));
        assert_eq!(version(&compiler.release), Some((1, 96)));
        assert!(version("1.85.0") < Some(OLDEST));
    }

    #[test]
    fn the_library_is_copied_without_the_empty_crate() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["libstd-1.rlib", "libcore-2.rlib", "libcore-2.rmeta", "libempty-3.rlib"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let to = folder.path().join("to");
        copy_library(folder.path(), &to).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(to).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["libcore-2.rlib", "libstd-1.rlib"]);
    }
}
