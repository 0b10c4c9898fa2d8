//! Debian's kernel and the modules of `vivid`, fetched once and kept in the tools folder. Nothing is installed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::project::Project;
use crate::setup::refresh_lists;
use crate::sh::{Cmd, find_on_path};

/// The package that always depends on the newest kernel. The `cloud` one has no cameras.
const PACKAGE: &str = "linux-image-amd64";
/// Longest time for fetching 70 MB.
const LIMIT: Duration = Duration::from_mins(15);

/// A kernel to boot.
#[derive(Default)]
pub(super) struct Kernel {
    /// Its version, as its folder of modules is named.
    pub(super) version: String,
    /// The image to boot.
    pub(super) image: PathBuf,
    /// The modules, in the order in which they must be loaded.
    pub(super) modules: Vec<PathBuf>,
}

/// The kernel that is kept, else a fresh one.
pub(super) fn get(project: &Project) -> Result<Kernel> {
    let folder = project.tools.join("kernels");
    std::fs::create_dir_all(&folder)?;
    if let Some(kernel) = kept(&folder)? {
        return Ok(kernel);
    }
    let work = folder.join(format!(".fetch-{}", std::process::id()));
    std::fs::create_dir_all(&work)?;
    let fetched = fetch(&work, &folder);
    // Several hundred megabytes of modules that are not needed.
    let _ = std::fs::remove_dir_all(&work);
    fetched?;
    kept(&folder)?.context("the kernel that was just fetched is not there")
}

fn kept(folder: &Path) -> Result<Option<Kernel>> {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    versions.retain(|version| version.join("vmlinuz").is_file());
    versions.sort();
    let Some(newest) = versions.pop() else { return Ok(None) };
    let entries = std::fs::read_dir(newest.join("modules"))?;
    let mut modules: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    modules.sort();
    let version = newest.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Some(Kernel { version, image: newest.join("vmlinuz"), modules }))
}

/// Fetches the package and keeps of it what is needed.
fn fetch(work: &Path, folder: &Path) -> Result<()> {
    let package = package()?;
    let fetched = Cmd::new("apt-get").args(["download", &package]).dir(work).run_within(LIMIT);
    fetched.with_context(|| format!("the kernel comes from Debian's archive: apt-get download {package}"))?;
    let archive = only(work, "deb")?;
    let tree = work.join("tree");
    Cmd::new("dpkg-deb").arg("-x").args([&archive, &tree]).run()?;
    let version = package.trim_start_matches("linux-image-").to_owned();
    let modules = modules(&tree, &version)?;
    let fresh = work.join(&version);
    std::fs::create_dir_all(fresh.join("modules"))?;
    for (number, module) in modules.iter().enumerate() {
        unpack(module, &fresh.join("modules"), number)?;
    }
    std::fs::copy(tree.join("boot").join(format!("vmlinuz-{version}")), fresh.join("vmlinuz"))?;
    // At once, so that half a kernel is never taken for a whole one.
    std::fs::rename(&fresh, folder.join(&version))
        .with_context(|| format!("cannot keep the kernel in {}", folder.display()))
}

/// The package of the newest kernel.
fn package() -> Result<String> {
    let ask = || Cmd::new("apt-cache").args(["depends", "--important", PACKAGE]).read();
    if let Some(found) = ask().ok().and_then(|text| dependency(&text)) {
        return Ok(found);
    }
    refresh_lists()?;
    let text = ask().context("the camera test takes its kernel from Debian, with apt-cache and apt-get")?;
    dependency(&text).with_context(|| format!("{PACKAGE} depends on no kernel: the camera test needs Debian's archive"))
}

fn dependency(text: &str) -> Option<String> {
    let names = text.lines().filter_map(|line| line.trim().strip_prefix("Depends:")).map(str::trim);
    names.into_iter().find(|name| name.starts_with("linux-image-")).map(str::to_owned)
}

fn only(folder: &Path, extension: &str) -> Result<PathBuf> {
    let entries = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let found = entries.filter_map(Result::ok).find(|path| path.extension().is_some_and(|found| found == extension));
    found.with_context(|| format!("apt-get left no .{extension} file"))
}

/// The modules that `vivid` needs, with itself at the end.
fn modules(tree: &Path, version: &str) -> Result<Vec<PathBuf>> {
    // Newer kernels have their modules below /usr, where the tools do not look.
    let base = if tree.join("lib/modules").is_dir() { tree.to_owned() } else { tree.join("usr") };
    let program = |name: &str| find_on_path(name).with_context(|| format!("{name} is missing"));
    Cmd::new(program("depmod")?).arg("-b").arg(&base).arg(version).run()?;
    let text = Cmd::new(program("modprobe")?)
        .arg("--show-depends")
        .arg("-d")
        .arg(&base)
        .args(["-S", version, "vivid"])
        .read()
        .with_context(|| format!("kernel {version} has no vivid"))?;
    let modules = in_order(&text);
    ensure!(!modules.is_empty(), "modprobe names no modules for vivid");
    Ok(modules)
}

fn in_order(text: &str) -> Vec<PathBuf> {
    text.lines().filter_map(|line| line.strip_prefix("insmod ")).map(|path| PathBuf::from(path.trim())).collect()
}

/// Copies a module, unpacked, with a number before its name that keeps the order.
fn unpack(module: &Path, to: &Path, number: usize) -> Result<()> {
    let name = module.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (plain, program) = match name.rsplit_once('.') {
        Some((plain, "xz")) => (plain, Some("xz")),
        Some((plain, "zst")) => (plain, Some("zstd")),
        Some((_, "ko")) => (name.as_str(), None),
        _ => bail!("{name} is no kernel module"),
    };
    let target = to.join(format!("{number:02}-{plain}"));
    match program {
        None => drop(std::fs::copy(module, target)?),
        Some(program) => {
            // Decompresses beside the original, which is about to go anyway.
            Cmd::new(program).args(["-d", "-q", "-f"]).arg(module).run()?;
            std::fs::copy(module.with_file_name(plain), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_what_the_package_depends_on() {
        let text = "linux-image-amd64\n  Depends: linux-image-6.1.0-56-amd64\n";
        assert_eq!(dependency(text).unwrap(), "linux-image-6.1.0-56-amd64");
        assert_eq!(dependency("linux-image-amd64\n"), None);
    }

    #[test]
    fn modules_keep_their_order() {
        let modules = in_order("insmod /k/mc.ko \ninsmod /k/vivid.ko n_devs=1\nbuiltin x\n");
        assert_eq!(modules[0], Path::new("/k/mc.ko"));
        assert_eq!(modules.len(), 2);
    }

    #[test]
    fn half_a_kernel_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("6.1.0-1-amd64/modules")).unwrap();
        assert!(kept(folder.path()).unwrap().is_none());
        std::fs::write(folder.path().join("6.1.0-1-amd64/vmlinuz"), "").unwrap();
        std::fs::write(folder.path().join("6.1.0-1-amd64/modules/01-b.ko"), "").unwrap();
        std::fs::write(folder.path().join("6.1.0-1-amd64/modules/00-a.ko"), "").unwrap();
        let kernel = kept(folder.path()).unwrap().unwrap();
        assert_eq!(kernel.version, "6.1.0-1-amd64");
        assert!(kernel.modules[0].ends_with("00-a.ko"));
    }
}
