//! The page: built by Trunk into `dist/`, then compressed beside the originals for the server to send as they are.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::project::{BINARYEN, Project, TRUNK};
use crate::sh::Cmd;
use crate::split::REST;
use crate::{bindgen, fingerprint, setup};

/// What the page is made from.
const SOURCES: [&str; 13] = [
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "index.html",
    "app",
    "detect",
    "docs/pictures",
    "frontend",
    "style",
    "xtask/src/bindgen.rs",
    "xtask/src/names.rs",
    "xtask/src/page.rs",
    "xtask/src/split.rs",
];
/// Where the hash of the sources is kept. Trunk empties the folder before it fills it, so no hash outlives its page.
const FINGERPRINT: &str = ".fingerprint";
/// Begins what the server fills in for each answer, such as Trunk's mark for a nonce; a file with it cannot be compressed beforehand.
const FILLED_IN: &[u8] = b"{{__";

/// Most bytes that a first visit may load: the page is for phones, and for links that a camera saturates already. The
/// bound is 300 kB; this is a little above what it has come to, so that it comes to no more.
pub(crate) const BUDGET: u64 = 270_000;
/// Most bytes of the rest of the page.
const BUDGET_AT_REST: u64 = 125_000;
/// Files that a browser fetches only when somebody installs the page: beginnings of their names.
const ON_INSTALLATION: [&str; 3] = ["icons/icon-512", "icons/maskable", "pictures/"];
/// What to do about a page that is too heavy.
const ADVICE: &str = "What weighs is the wasm. Move what the live page does without at first into the rest \
    (`frontend/src/rest.rs`). Write what few visitors need without types of its own (`http::function`), end components in \
    `into_any()`, put what repeats into a function that is not generic, read by hand what serde would read; \
    docs/performance.md says where the bytes are and how to look.";

/// When a browser loads a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// Before the live page with its chart can be used.
    AtFirst,
    /// Once that page is at rest, or when something in it is asked for.
    AtRest,
    /// When somebody installs the page.
    Installed,
}

/// One file of the page with its sizes in bytes.
pub(crate) struct Asset {
    /// Name below `dist/`.
    pub(crate) name: String,
    /// As it is.
    pub(crate) plain: u64,
    /// Compressed by gzip and by brotli, where that gains. What the server fills in, it compresses itself, by gzip.
    pub(crate) gzip: Option<u64>,
    /// See `gzip`.
    pub(crate) brotli: Option<u64>,
}

impl Asset {
    /// What a browser of today is sent.
    pub(crate) fn sent(&self) -> u64 {
        self.brotli.or(self.gzip).unwrap_or(self.plain)
    }

    /// When a browser loads it, the service worker's own copies included.
    fn when(&self) -> When {
        if ON_INSTALLATION.iter().any(|beginning| self.name.starts_with(beginning)) {
            When::Installed
        } else if self.name.starts_with(REST) {
            When::AtRest
        } else {
            When::AtFirst
        }
    }
}

/// Builds the page unless it is up to date.
pub(crate) fn build(project: &Project) -> Result<String> {
    ensure!(project.root.join("index.html").is_file(), "the checkout has no index.html to build the page from");
    let environment = setup::wasm_environment(project);
    let rustc = Cmd::new("rustc").args(["--version", "-v"]).envs(&environment).read()?;
    let print = fingerprint::of(&project.root, &SOURCES, &[TRUNK, BINARYEN, &rustc])?;
    let dist = project.dist();
    if std::fs::read_to_string(dist.join(FINGERPRINT)).is_ok_and(|found| found == print) {
        return Ok("up to date".to_owned());
    }
    // Trunk runs without the network, so that a missing tool is an error instead of a download; the crates come first.
    // Those of the host are needed too: macros run there.
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc says no host")?;
    let fetch = Cmd::cargo(&["fetch", "--locked", "--target", "wasm32-unknown-unknown", "--target", host]);
    fetch
        .envs(&environment)
        .dir(&project.root)
        .run()
        .context("cannot get the crates: is crates.io within reach, and Cargo.lock up to date?")?;
    trunk(project, &["build", "--release", "--offline", "--locked", "--features", "split"])?.run()?;
    add_rest(&bindgen::rest_folder(project), &dist)?;
    compress(&dist)?;
    std::fs::write(dist.join(FINGERPRINT), print)?;
    let total: u64 = assets(&dist)?.iter().map(Asset::sent).sum();
    Ok(format!("built, {} compressed", kilobytes(total)))
}

/// Trunk with the environment that it needs, in the checkout.
pub(crate) fn trunk(project: &Project, arguments: &[&str]) -> Result<Cmd> {
    let environment = setup::wasm_environment(project);
    let path = environment.iter().find(|(name, _)| name == "PATH").and_then(|(_, path)| path.clone());
    let path = path.or_else(|| std::env::var("PATH").ok()).unwrap_or_default();
    let programs = [project.trunk(), project.wasm_bindgen_program("wasm-bindgen")];
    let mut folders: Vec<PathBuf> =
        programs.iter().filter_map(|program| program.parent()).map(Path::to_owned).collect();
    if arguments.contains(&"--release") {
        folders.insert(0, bindgen::folder(project)?);
    }
    folders.extend(std::env::split_paths(&path));
    let path = std::env::join_paths(folders)?;
    let command = Cmd::new(project.trunk()).args(arguments).envs(&environment).dir(&project.root);
    // Trunk understands only true and false here, and fails on the usual 1.
    let command = command.without_env("NO_COLOR").without_env("RUSTFLAGS").without_env("RUST_BACKTRACE");
    Ok(command.env("PATH", path).env("CARGO_TARGET_DIR", &project.web_target))
}

/// Puts the rest of the page, which Trunk knows nothing of, beside what it made.
fn add_rest(from: &Path, dist: &Path) -> Result<()> {
    let made = files(from)?;
    let rest = made.iter().find(|file| name_of(file).starts_with(REST)).context("the rest of the page is not there")?;
    std::fs::copy(rest, dist.join(name_of(rest))).context("cannot copy the rest of the page")?;
    Ok(())
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Writes `.br` and `.gz` beside each file that becomes smaller by it.
fn compress(dist: &Path) -> Result<()> {
    for file in files(dist)? {
        let bytes = std::fs::read(&file)?;
        if is_compressed(&file) || is_filled_in(&bytes) {
            continue;
        }
        for (extension, packed) in [("br", brotli(&bytes)?), ("gz", gzip(&bytes)?)] {
            if packed.len() < bytes.len() {
                std::fs::write(sibling(&file, extension), packed)?;
            }
        }
    }
    Ok(())
}

/// Whether the server puts something into a file for each answer.
fn is_filled_in(bytes: &[u8]) -> bool {
    bytes.windows(FILLED_IN.len()).any(|window| window == FILLED_IN)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// The files of a built page, largest first.
pub(crate) fn assets(dist: &Path) -> Result<Vec<Asset>> {
    let size = |file: &Path| std::fs::metadata(file).map(|metadata| metadata.len()).ok();
    let mut assets = Vec::new();
    for file in files(dist)?.iter().filter(|file| !is_compressed(file)) {
        let bytes = std::fs::read(file)?;
        let on_the_way = if is_filled_in(&bytes) { Some(gzip(&bytes)?.len() as u64) } else { None };
        assets.push(Asset {
            name: file.strip_prefix(dist).unwrap_or(file).display().to_string(),
            plain: bytes.len() as u64,
            gzip: on_the_way.or(size(&sibling(file, "gz"))),
            brotli: size(&sibling(file, "br")),
        });
    }
    assets.sort_by(|a, b| b.plain.cmp(&a.plain).then_with(|| a.name.cmp(&b.name)));
    Ok(assets)
}

/// The sizes as a table for people.
pub(crate) fn table(assets: &[Asset]) -> String {
    let width = assets.iter().map(|asset| asset.name.len()).max().unwrap_or_default();
    let mut text = format!("{:width$}  {:>10}  {:>10}  {:>10}\n", "file", "bytes", "gzip", "brotli");
    let or_dash = |size: Option<u64>| size.map_or_else(|| "–".to_owned(), |size| size.to_string());
    for asset in assets {
        let (gzip, brotli) = (or_dash(asset.gzip), or_dash(asset.brotli));
        let _ = writeln!(text, "{:width$}  {:>10}  {gzip:>10}  {brotli:>10}", asset.name, asset.plain);
    }
    let sum = |size: fn(&Asset) -> u64| assets.iter().map(size).sum::<u64>();
    let gzip = sum(|asset| asset.gzip.unwrap_or(asset.plain));
    let _ =
        writeln!(text, "{:width$}  {:>10}  {gzip:>10}  {:>10}", "together", sum(|asset| asset.plain), sum(Asset::sent));
    for (name, when) in [("first visit", When::AtFirst), ("afterwards", When::AtRest)] {
        let _ = writeln!(text, "{name:width$}  {:>34}", loaded(assets, when));
    }
    text
}

/// Fails when a first visit loads more than the budget.
pub(crate) fn weigh(assets: &[Asset]) -> Result<String> {
    let mut words = Vec::new();
    for (visit, when, budget) in
        [("a first visit loads", When::AtFirst, BUDGET), ("afterwards it loads", When::AtRest, BUDGET_AT_REST)]
    {
        let bytes = loaded(assets, when);
        let (weight, limit) = (kilobytes(bytes), kilobytes(budget));
        ensure!(bytes <= budget, "{visit} {weight}, more than {limit}\n\n{}\n{ADVICE}", table(assets));
        words.push(format!("{visit} {weight} of {limit}"));
    }
    Ok(words.join(", "))
}

/// Bytes that a browser of today is sent at some time.
fn loaded(assets: &[Asset], when: When) -> u64 {
    assets.iter().filter(|asset| asset.when() == when).map(Asset::sent).sum()
}

/// A size for people.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else if !path.file_name().unwrap_or_default().to_string_lossy().starts_with('.') {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_compressed(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "br" || extension == "gz")
}

fn sibling(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gains_is_compressed_and_the_rest_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let dist = folder.path();
        let text = "let a = 1;\n".repeat(500);
        std::fs::write(dist.join("app.js"), &text).unwrap();
        std::fs::write(dist.join("tiny"), "x").unwrap();
        std::fs::write(dist.join("index.html"), format!("<script nonce=\"{{{{__TRUNK NONCE__}}}}\">{text}</script>"))
            .unwrap();
        compress(dist).unwrap();
        assert!(dist.join("app.js.br").exists() && dist.join("app.js.gz").exists());
        assert!(!dist.join("tiny.br").exists() && !dist.join("index.html.br").exists());
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &std::fs::read(dist.join("app.js.br")).unwrap()[..], &mut back).unwrap();
        assert_eq!(back, text.as_bytes());

        let assets = assets(dist).unwrap();
        let index = assets.iter().find(|asset| asset.name == "index.html").unwrap();
        assert!(index.brotli.is_none() && index.gzip.is_some_and(|gzip| gzip < index.plain && gzip == index.sent()));
        let app = assets.iter().find(|asset| asset.name == "app.js").unwrap();
        assert!(app.sent() < app.plain && assets.len() == 3);
        assert!(table(&assets).contains("together"));
    }

    #[test]
    fn a_heavy_first_visit_is_refused_and_the_pictures_of_the_installation_are_none() {
        let asset = |name: &str, plain, brotli| Asset { name: name.to_owned(), plain, gzip: None, brotli };
        let page = || vec![asset("a_bg.wasm", 900_000, Some(BUDGET - 100)), asset("index.html", 100, None)];
        let installed = [asset("pictures/live.png", 1, None), asset("icons/maskable.svg", 1, None)];
        let rest = |bytes| asset("rtm2-rest-0123456789abcdef.wasm", bytes, None);
        let fits: Vec<_> = page().into_iter().chain(installed).chain([rest(1_000)]).collect();
        assert_eq!(
            weigh(&fits).unwrap(),
            "a first visit loads 270.0 kB of 270.0 kB, afterwards it loads 1.0 kB of 125.0 kB"
        );
        let heavy: Vec<_> = page().into_iter().chain([asset("icons/icon.svg", 1, None)]).collect();
        let error = weigh(&heavy).unwrap_err().to_string();
        assert!(error.contains("more than 270.0 kB") && error.contains("a_bg.wasm"), "{error}");
        let heavy: Vec<_> = page().into_iter().chain([rest(BUDGET_AT_REST + 1)]).collect();
        assert!(weigh(&heavy).unwrap_err().to_string().starts_with("afterwards it loads 125.0 kB, more than 125.0 kB"));
    }
}
