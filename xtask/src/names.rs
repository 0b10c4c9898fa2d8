//! Short names between the page's wasm and its script.
//!
//! wasm-bindgen calls each function of the browser that the wasm imports by what it does and a hash
//! (`__wbg_body_40ec34e0a2931fe8`), in both files. Hashes do not compress: 290 names are 7 kB of a first visit.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};

/// The number of wasm's section of imports.
const IMPORTS: u8 = 2;
/// What all short names begin with.
const PREFIX: &str = "_i";

/// The script and the wasm with short names.
pub(crate) fn shorten(script: &str, wasm: &[u8]) -> Result<(String, Vec<u8>)> {
    let taken = script.split(|c| !is_part(c)).find(|word| is_short(word));
    ensure!(taken.is_none(), "the script has a name like the short ones already: {}", taken.unwrap_or_default());
    let mut short = BTreeMap::new();
    let mut out = wasm.get(..8).context("too short for wasm")?.to_vec();
    let mut rest = Reader(&wasm[8..]);
    while !rest.0.is_empty() {
        let kind = rest.take(1)?[0];
        let length = rest.number()?;
        let section = rest.take(length)?;
        let section = if kind == IMPORTS { imports(section, &mut short)? } else { section.to_vec() };
        out.push(kind);
        write_number(&mut out, section.len());
        out.extend(section);
    }
    Ok((replace_words(script, &short), out))
}

/// The section of imports with short names, which are noted.
fn imports(section: &[u8], short: &mut BTreeMap<String, String>) -> Result<Vec<u8>> {
    let mut rest = Reader(section);
    let mut out = Vec::with_capacity(section.len());
    let count = rest.number()?;
    write_number(&mut out, count);
    for _ in 0..count {
        let module = rest.text()?;
        let name = rest.text()?;
        let next = short.len();
        let name = short.entry(name.to_owned()).or_insert_with(|| format!("{PREFIX}{next:x}"));
        for text in [module, name] {
            write_number(&mut out, text.len());
            out.extend_from_slice(text.as_bytes());
        }
        let before = rest.0;
        ensure!(rest.take(1)?[0] == 0, "something other than a function is imported");
        rest.number()?;
        out.extend_from_slice(&before[..before.len() - rest.0.len()]);
    }
    Ok(out)
}

/// Whether a character belongs to a name.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// Whether a name looks like those that are given here.
fn is_short(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Replaces whole names in a script.
fn replace_words(script: &str, short: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
        out.push_str(before);
        out.push_str(short.get(word).map_or(word, String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What of some wasm is not read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).context("the wasm ends early")?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number of 32 bits in LEB128.
    fn number(&mut self) -> Result<usize> {
        let mut value = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(usize::try_from(value)?);
            }
        }
        anyhow::bail!("a number of the wasm is too long")
    }

    fn text(&mut self) -> Result<&'a str> {
        let length = self.number()?;
        Ok(std::str::from_utf8(self.take(length)?)?)
    }
}

/// Writes a number in LEB128.
fn write_number(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports functions of type 0 by these names, with a section after it.
    fn module(names: &[&str]) -> Vec<u8> {
        let mut section = vec![names.len() as u8];
        for name in names {
            section.extend_from_slice(b"\x01m");
            section.push(name.len() as u8);
            section.extend_from_slice(name.as_bytes());
            section.extend_from_slice(&[0, 0]);
        }
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        wasm.push(IMPORTS);
        write_number(&mut wasm, section.len());
        wasm.extend(section);
        wasm.extend_from_slice(&[7, 1, 0]);
        wasm
    }

    #[test]
    fn names_become_short_in_both() {
        let long: Vec<String> = (0..20).map(|i| format!("__wbg_name_{i}_40ec34e0a2931fe8")).collect();
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        let script = format!("{{ {}: f, \"{}x\": {} }}", long[0], long[0], long[17]);
        let (script, wasm) = shorten(&script, &module(&long)).unwrap();
        assert_eq!(script, "{ _i0: f, \"__wbg_name_0_40ec34e0a2931fe8x\": _i11 }");
        let short: Vec<String> = (0..20).map(|i| format!("_i{i:x}")).collect();
        assert_eq!(wasm, module(&short.iter().map(String::as_str).collect::<Vec<_>>()));
    }

    #[test]
    fn what_it_does_not_understand_is_an_error() {
        assert!(shorten("let _i0;", &module(&["a"])).is_err());
        assert!(shorten("let __wbg_init, _i, _is;", &module(&["a"])).is_ok());
        let wasm = module(&["a"]);
        assert!(shorten("", &wasm[..wasm.len() - 1]).is_err());
        assert!(shorten("", b"\0asm").is_err());
        let mut memory = module(&["a"]);
        memory[15] = 2;
        assert!(shorten("", &memory).is_err());
    }
}
