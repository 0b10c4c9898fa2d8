//! The image that the virtual machine boots: busybox, the driver's modules, the server, and this program for the checks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::archive::Archive;
use super::kernel::Kernel;
use crate::project::Project;
use crate::setup::busybox;
use crate::sh::{Cmd, on_path};

/// The first program of the machine. `vivid` gets one device that captures, as a webcam does.
const INIT: &str = "#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev
$b mount -t tmpfs tmpfs /tmp
$b ip link set lo up
for module in /modules/*; do
  case $module in
    *-vivid.ko) $b insmod $module n_devs=1 node_types=0x1 num_inputs=1 input_types=0 ;;
    *) $b insmod $module ;;
  esac
done
export PATH=/bin HOME=/tmp RUST_BACKTRACE=1
/bin/xtask camera-guest /bin/rtm2
$b poweroff -f
";

/// Writes the image and says how large it is.
pub(super) fn make(project: &Project, kernel: &Kernel, image: &Path) -> Result<String> {
    let mut archive = Archive::new();
    for folder in ["/dev", "/proc", "/sys", "/tmp"] {
        archive.folder(folder);
    }
    archive.file("/init", INIT.as_bytes());
    archive.file("/bin/busybox", &read(&busybox().context("a busybox without libraries is missing")?)?);
    for module in &kernel.modules {
        let name = module.file_name().unwrap_or_default().to_string_lossy();
        archive.file(&format!("/modules/{name}"), &read(module)?);
    }
    let programs = [("rtm2", project.server("debug")), ("xtask", std::env::current_exe()?)];
    let mut libraries = BTreeSet::new();
    for (name, program) in programs {
        let listing = Cmd::new("ldd").arg(&program).read()?;
        libraries.extend(of_listing(&listing)?);
        archive.file(&format!("/bin/{name}"), &stripped(&program, &image.with_extension(name))?);
    }
    for library in libraries {
        archive.file(&library.to_string_lossy(), &read(&library)?);
    }
    let bytes = archive.finish();
    std::fs::write(image, &bytes).with_context(|| format!("cannot write {}", image.display()))?;
    Ok(format!("{} MB", bytes.len() / 1_000_000))
}

/// A program without its debug information, which is most of it.
fn stripped(program: &Path, work: &Path) -> Result<Vec<u8>> {
    if !on_path("strip") {
        return read(program);
    }
    Cmd::new("strip").arg("-o").args([work, program]).run()?;
    let bytes = read(work);
    std::fs::remove_file(work)?;
    bytes
}

/// The libraries of `ldd`'s listing, the loader among them.
fn of_listing(listing: &str) -> Result<Vec<PathBuf>> {
    let mut libraries = Vec::new();
    for line in listing.lines() {
        if line.contains("not found") {
            anyhow::bail!("a library is missing: {}", line.trim());
        }
        // `libc.so.6 => /lib/libc.so.6 (0x…)`, `/lib64/ld-linux-x86-64.so.2 (0x…)`, or the kernel's own without a path.
        let path = line.split_once("=>").map_or(line, |(_, path)| path).trim();
        if path.starts_with('/') {
            libraries.push(path.split(" (").next().unwrap_or(path).into());
        }
    }
    Ok(libraries)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_and_loader_are_found() {
        let listing = "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n";
        let libraries = of_listing(listing).unwrap();
        assert_eq!(libraries, [Path::new("/lib/x86_64-linux-gnu/libc.so.6"), Path::new("/lib64/ld-linux-x86-64.so.2")]);
        assert_eq!(of_listing("\tstatically linked").unwrap(), Vec::<PathBuf>::new());
        assert!(of_listing("\tlibx.so => not found").is_err());
    }
}
