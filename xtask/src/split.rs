//! Cuts the rest of the page (`frontend/src/rest.rs`) out of its wasm.
//!
//! What only the function there uses becomes a file of its own; what both halves use stays in the first, which gives the
//! rest its memory and its table of functions. The linker's notes of what uses what tell the two apart
//! (`frontend/build.rs`).

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use sha2::{Digest as _, Sha256};

use crate::fingerprint::hex;

/// What the name of the file with the rest begins with.
pub(crate) const REST: &str = "rtm2-rest-";
/// The script that the first half asks for the rest, as it is called there.
const LINK: &str = "./__wasm_split.js";

/// The halves of the page's wasm, and what loads one into the other.
pub(crate) struct Halves {
    /// What is loaded first: for wasm-bindgen.
    pub(crate) first: PathBuf,
    /// The rest, named by its content.
    pub(crate) rest: PathBuf,
    /// The script with the function that loads the rest.
    loader: String,
}

impl Halves {
    /// Cuts what the compiler wrote into halves, in a folder that is emptied before.
    pub(crate) fn cut(whole: &Path, folder: &Path) -> Result<Self> {
        let wasm = std::fs::read(whole).with_context(|| format!("cannot read {}", whole.display()))?;
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        let first = folder.join("first.wasm");
        let mut options = wasm_split_cli_support::Options::new(&wasm);
        options.output_dir = folder;
        options.main_out_path = &first;
        options.link_name = LINK;
        let made = wasm_split_cli_support::transform(options)
            .map_err(|error| anyhow!("cannot cut {} into halves: {error:#}", whole.display()))?;
        let [cut] = made.split_modules.as_slice() else {
            anyhow::bail!("the page's wasm fell into {} parts beside the first, not one", made.split_modules.len());
        };
        let hash = hex(&Sha256::digest(std::fs::read(cut)?)[..8]);
        let rest = folder.join(format!("{REST}{hash}.wasm"));
        std::fs::rename(cut, &rest)?;
        let cut = cut.file_name().unwrap_or_default().to_string_lossy();
        let loader = loader(&std::fs::read_to_string(folder.join(LINK))?, &cut, &format!("{REST}{hash}.wasm"))?;
        Ok(Self { first, rest, loader })
    }

    /// wasm-bindgen's script, with what loads the rest inside instead of in a file that would be one more to wait for.
    pub(crate) fn link(&self, script: &str) -> Result<String> {
        let import = script.lines().find(|line| line.starts_with("import ") && line.contains(LINK));
        let import = import.context("the script does not ask for the rest of the page")?;
        let name = import.strip_prefix("import * as ").and_then(|rest| rest.split_whitespace().next());
        let name = name.with_context(|| format!("the script asks for the rest in another way: {import}"))?;
        let functions = self.loader.lines().filter_map(|line| line.strip_prefix("const __wasm_split_load_"));
        let functions: Vec<_> = functions.filter_map(|line| line.split_whitespace().next()).collect();
        ensure!(functions.len() == 1, "the script would load {} parts, not one", functions.len());
        let link = format!("{}const {name} = {{ __wasm_split_load_{} }};", self.loader, functions[0]);
        Ok(script.replacen(import, &link, 1))
    }
}

/// The script that loads the rest, to be part of wasm-bindgen's: without comments, and asking for the file by its new name.
fn loader(script: &str, cut: &str, rest: &str) -> Result<String> {
    let file = format!("\"./{cut}\"");
    ensure!(script.matches(&file).count() == 1, "the script that loads the rest does not ask for {file} once");
    let (mut text, mut imports) = (String::new(), 0);
    for line in script.replace(&file, &format!("\"./{rest}\"")).lines().map(str::trim) {
        if line.starts_with("import ") {
            // Of a function that is in the same script now.
            ensure!(line.starts_with("import { initSync } from "), "the script that loads the rest needs more: {line}");
            imports += 1;
        } else if !line.is_empty() && !line.starts_with("//") && !line.starts_with("/*") {
            text.push_str(line.strip_prefix("export ").unwrap_or(line));
            text.push('\n');
        }
    }
    ensure!(imports == 1, "the script that loads the rest takes nothing from the first half");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "import { initSync } from \"./main.js\";\n\n// About it.\nfunction load(f) {\n    return f;\n}\n\
        export const __wasm_split_load_rest = load(() => fetch(new URL(\"./split_rest.wasm\", import.meta.url)));\n";

    fn halves() -> Halves {
        let loader = loader(SCRIPT, "split_rest.wasm", "rtm2-rest-0123.wasm").unwrap();
        Halves { first: PathBuf::new(), rest: PathBuf::new(), loader }
    }

    #[test]
    fn the_script_loads_the_rest_by_its_name() {
        let script =
            "import * as import1 from \"./__wasm_split.js\"\nlet wasm;\nuse({ \"./__wasm_split.js\": import1 });\n";
        let linked = halves().link(script).unwrap();
        assert_eq!(
            linked,
            "function load(f) {\nreturn f;\n}\n\
             const __wasm_split_load_rest = load(() => fetch(new URL(\"./rtm2-rest-0123.wasm\", import.meta.url)));\n\
             const import1 = { __wasm_split_load_rest };\nlet wasm;\nuse({ \"./__wasm_split.js\": import1 });\n"
        );
    }

    #[test]
    fn what_it_does_not_understand_is_an_error() {
        assert!(halves().link("let wasm;").is_err(), "nothing asks for the rest");
        assert!(halves().link("import { a } from \"./__wasm_split.js\";").is_err());
        assert!(loader(SCRIPT, "chunk_2.wasm", "a.wasm").is_err(), "another file");
        assert!(loader(&SCRIPT.replace("initSync", "initSync, more"), "split_rest.wasm", "a.wasm").is_err());
        assert!(loader(SCRIPT.split_once('\n').unwrap().1, "split_rest.wasm", "a.wasm").is_err());
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("whole.wasm");
        std::fs::write(&whole, b"\0asm\x01\0\0\0").unwrap();
        assert!(Halves::cut(&whole, &folder.path().join("rest")).is_err(), "no notes of the linker");
    }
}
