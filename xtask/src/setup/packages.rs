//! Programs and libraries of the system: checked by what they give, installed with apt where that is possible.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use super::Purpose;
use crate::sh::{Cmd, find_on_path, on_path};

/// Longest time for one call of apt-get.
const APT_LIMIT: Duration = Duration::from_mins(20);
/// Oldest node that the end-to-end tests run on.
const NODE: u32 = 20;

/// Something that the system must give.
struct Need {
    /// What it is, for people.
    what: &'static str,
    /// The first purpose that needs it.
    from: Purpose,
    /// Whether it is there.
    present: fn() -> bool,
    /// Its packages on Debian and Ubuntu, on Fedora, and in Homebrew.
    apt: &'static str,
    dnf: &'static str,
    brew: &'static str,
    /// Whether one can do without it.
    optional: Option<&'static str>,
}

const NEEDS: [Need; 15] = [
    need("C compiler", Purpose::Run, c_compiler, ["gcc libc6-dev", "gcc", "gcc"]),
    need("cmake", Purpose::Run, || answers("cmake", "--version"), ["cmake", "cmake", "cmake"]),
    need("nasm", Purpose::Run, || answers("nasm", "-v"), ["nasm", "nasm", "nasm"]),
    need("pkg-config", Purpose::Run, || answers("pkg-config", "--version"), ["pkg-config", "pkgconf", "pkgconf"]),
    need("libclang", Purpose::Run, libclang, ["libclang-dev", "clang-devel", "llvm"]),
    need("make", Purpose::Run, || answers("make", "--version"), ["make", "make", "make"]),
    need("npm", Purpose::Run, || on_path("npm") && answers("node", "--version"), ["nodejs npm", "nodejs npm", "node"]),
    Need {
        optional: Some("without it `file:` sources are folders of pictures only"),
        ..need("ffmpeg", Purpose::Run, || answers("ffmpeg", "-version"), ["ffmpeg", "ffmpeg-free", "ffmpeg"])
    },
    need("Chromium", Purpose::Test, || chromium().is_some(), ["chromium", "chromium", "chromium"]),
    need(
        "chromedriver",
        Purpose::Test,
        || chromedriver().is_some(),
        ["chromium-driver", "chromedriver", "chromedriver"],
    ),
    // With it a test's browser learns to trust an authority.
    need("certutil", Purpose::Test, || on_path("certutil"), ["libnss3-tools", "nss-tools", "nss"]),
    need(
        "a font",
        Purpose::Test,
        || has_font(Path::new("/usr/share/fonts")),
        ["fonts-dejavu-core", "dejavu-sans-fonts", "font-dejavu"],
    ),
    need(
        "qemu for x86-64",
        Purpose::Camera,
        || answers("qemu-system-x86_64", "--version"),
        ["qemu-system-x86", "qemu-system-x86-core", "qemu"],
    ),
    need(
        "busybox, linked statically",
        Purpose::Camera,
        || busybox().is_some(),
        ["busybox-static", "busybox", "busybox"],
    ),
    need("depmod and modprobe", Purpose::Camera, || on_path("depmod") && on_path("modprobe"), ["kmod", "kmod", "kmod"]),
];

const fn need(what: &'static str, from: Purpose, present: fn() -> bool, packages: [&'static str; 3]) -> Need {
    let [apt, dnf, brew] = packages;
    Need { what, from, present, apt, dnf, brew, optional: None }
}

/// Installs what is missing for a purpose.
pub(super) fn install(purpose: Purpose) -> Result<String> {
    let wanted = |need: &&Need| need.from <= purpose;
    let missing: Vec<&Need> = NEEDS.iter().filter(wanted).filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        return Ok(format!("all {} there", NEEDS.iter().filter(wanted).count()));
    }
    let names: Vec<_> = missing.iter().map(|need| need.what).collect();
    println!("      missing: {}", names.join(", "));
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.apt.split(' ')).collect();
    let installed = apt_install(&packages);
    let missing: Vec<&Need> = missing.into_iter().filter(|need| !(need.present)()).collect();
    // Tests use ffmpeg; only running can do without.
    let (optional, required): (Vec<&Need>, Vec<&Need>) =
        missing.into_iter().partition(|need| need.optional.is_some() && purpose == Purpose::Run);
    for need in optional {
        println!("      {} is missing: {}", need.what, need.optional.unwrap_or_default());
    }
    if required.is_empty() {
        return Ok("installed".to_owned());
    }
    let reason = installed.err().map(|error| format!("\n  ({error:#})")).unwrap_or_default();
    bail!("{}{reason}", what_to_type(&required));
}

fn what_to_type(missing: &[&Need]) -> String {
    let join = |field: fn(&Need) -> &'static str| missing.iter().map(|need| field(need)).collect::<Vec<_>>().join(" ");
    format!(
        "missing: {}. Type one of these, then try again:\n  sudo apt-get update && sudo apt-get install {}\n  sudo dnf install {}\n  brew install {}",
        missing.iter().map(|need| need.what).collect::<Vec<_>>().join(", "),
        join(|need| need.apt),
        join(|need| need.dnf),
        join(|need| need.brew),
    )
}

/// Installs Debian packages, as root or through a `sudo` that asks nothing.
pub(super) fn apt_install(packages: &[&str]) -> Result<()> {
    refresh_lists()?;
    let arguments = ["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];
    as_root("apt-get")?.args(arguments).args(packages).run_within(APT_LIMIT)
}

/// Fetches the lists of packages, once in the life of this program.
pub(crate) fn refresh_lists() -> Result<()> {
    static DONE: std::sync::OnceLock<Result<(), String>> = std::sync::OnceLock::new();
    let done = DONE.get_or_init(|| {
        let update = || as_root("apt-get")?.args(["update", "-o", "DPkg::Lock::Timeout=300"]).run_within(APT_LIMIT);
        update().map_err(|error| format!("{error:#}"))
    });
    done.clone().map_err(anyhow::Error::msg)
}

/// A Debian program with the rights to install.
fn as_root(program: &str) -> Result<Cmd> {
    if !on_path(program) {
        bail!("this system has no {program}");
    }
    let root = std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0);
    let command = if root {
        Cmd::new("env")
    } else if Cmd::new("sudo").args(["-n", "true"]).succeeds() {
        Cmd::new("sudo").args(["-n", "env"])
    } else {
        bail!("installing needs root, and `sudo -n` does not work here");
    };
    Ok(command.args(["DEBIAN_FRONTEND=noninteractive", program]))
}

/// Fails when node is missing or too old for the end-to-end tests.
pub(crate) fn need_node() -> Result<()> {
    let version = Cmd::new("node").arg("--version").read().unwrap_or_default();
    match major(&version) {
        Some(found) if found >= NODE => Ok(()),
        Some(_) => bail!("node {version} is too old: the end-to-end tests need node {NODE} or later"),
        None => bail!("node is missing: the end-to-end tests need node {NODE} or later"),
    }
}

fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// The browser that tests run in.
pub(crate) fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find_on_path)
}

/// The program that drives the browser in tests of wasm.
pub(crate) fn chromedriver() -> Option<PathBuf> {
    find_on_path("chromedriver")
}

/// A busybox that runs without any library.
pub(crate) fn busybox() -> Option<PathBuf> {
    let file = find_on_path("busybox")?;
    // `ldd` fails on programs that are linked statically.
    (!Cmd::new("ldd").arg(&file).succeeds()).then_some(file)
}

fn answers(program: &str, argument: &str) -> bool {
    Cmd::new(program).arg(argument).succeeds()
}

/// A compiler alone is not enough: the C library's headers come in a package of their own.
fn c_compiler() -> bool {
    Cmd::new("sh").args(["-c", "echo '#include <stdlib.h>' | cc -E - && cc -dumpversion"]).succeeds()
}

/// Browsers draw no text without any font, and some do not even start.
fn has_font(folder: &Path) -> bool {
    // Only Linux keeps them there; elsewhere the system has fonts of its own.
    let is_font = |path: &Path| {
        path.extension().is_some_and(|extension| ["ttf", "otf", "ttc"].iter().any(|font| extension == *font))
    };
    let found = |path: PathBuf| if path.is_dir() { has_font(&path) } else { is_font(&path) };
    cfg!(not(target_os = "linux"))
        || std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| found(entry.path()))
}

/// Where bindgen looks for libclang.
fn libclang() -> bool {
    if let Some(path) = std::env::var_os("LIBCLANG_PATH") {
        return has_libclang(Path::new(&path)) || Path::new(&path).is_file();
    }
    let mut folders: Vec<PathBuf> =
        ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt/homebrew/opt/llvm/lib"].map(PathBuf::from).into();
    for parent in ["/usr/lib", "/usr/lib64"] {
        for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("llvm") {
                folders.push(entry.path().join("lib"));
            } else if name.contains("-linux-gnu") {
                folders.push(entry.path());
            }
        }
    }
    folders.iter().any(|folder| has_libclang(folder))
}

fn has_libclang(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| is_libclang(&name.to_string_lossy()))
}

fn is_libclang(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("libclang") else { return false };
    // libclang-cpp is another library.
    !rest.starts_with("-cpp") && (rest.contains(".so") || rest.contains(".dylib"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libclang_is_told_from_its_neighbours() {
        assert!(is_libclang("libclang.so") && is_libclang("libclang-14.so.14") && is_libclang("libclang.dylib"));
        assert!(!is_libclang("libclang-cpp.so.14") && !is_libclang("libclangAST.a") && !is_libclang("libc.so"));
    }

    #[test]
    fn what_to_type_names_every_package() {
        let needs: Vec<&Need> = NEEDS.iter().filter(|need| need.what == "cmake" || need.what == "libclang").collect();
        let text = what_to_type(&needs);
        assert!(text.contains("apt-get install cmake libclang-dev"), "{text}");
        assert!(text.contains("dnf install cmake clang-devel"), "{text}");
    }

    #[test]
    fn node_versions_are_compared_by_number() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major(""), None);
    }
}
