//! The options after the question mark of an address.

use super::SourceUrlError;

/// Splits an address from its options: what stands after the last `?`, if it looks like options at all. A file whose name
/// ends like options is written with one more `?` behind.
pub(super) fn split_options(rest: &str) -> (&str, &str) {
    match rest.rsplit_once('?') {
        Some((address, options)) if options.split('&').all(looks_like_option) => (address, options),
        _ => (rest, ""),
    }
}

fn looks_like_option(item: &str) -> bool {
    let name = item.split('=').next().unwrap_or_default();
    name.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'))
        && !item.contains('/')
        && (item.is_empty() || !name.is_empty())
}

/// Options that were given, each to be taken once.
#[derive(Debug)]
pub(super) struct Options<'a> {
    scheme: &'static str,
    given: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Options<'a> {
    /// Reads `name=value` and `name`, joined by `&`; names not in `known` and names given twice are errors.
    pub(super) fn parse(scheme: &'static str, text: &'a str, known: &[&str]) -> Result<Self, SourceUrlError> {
        let mut given: Vec<(&str, Option<&str>)> = Vec::new();
        for item in text.split('&').filter(|item| !item.is_empty()) {
            let (name, value) = item.split_once('=').map_or((item, None), |(name, value)| (name, Some(value)));
            let refuse = |hint| SourceUrlError::Option { scheme, option: name.to_owned(), hint };
            if !known.contains(&name) {
                let hint = suggest(name, known)
                    .map_or_else(|| format!("it has {}", known.join(", ")), |near| format!("did you mean {near}?"));
                return Err(refuse(hint));
            }
            if given.iter().any(|(other, _)| *other == name) {
                return Err(refuse("it is given twice".to_owned()));
            }
            given.push((name, value));
        }
        Ok(Self { scheme, given })
    }

    /// The value of an option, read by `read`; `hint` says what it should be.
    pub(super) fn take_with<T>(
        &mut self,
        name: &str,
        hint: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, SourceUrlError> {
        let Some(i) = self.given.iter().position(|(given, _)| *given == name) else { return Ok(None) };
        let value = self.given.swap_remove(i).1.unwrap_or_default();
        let (option, value_text) = (name.to_owned(), value.to_owned());
        let refused = SourceUrlError::Value { scheme: self.scheme, option, value: value_text, hint };
        read(value).map(Some).ok_or(refused)
    }

    /// Pictures a second.
    pub(super) fn fps(&mut self) -> Result<Option<u16>, SourceUrlError> {
        let read = |value: &str| value.parse().ok().filter(|fps| (1..=1000).contains(fps));
        self.take_with("fps", "write a whole number of pictures a second from 1 to 1000", read)
    }

    /// Width and height.
    pub(super) fn size(&mut self) -> Result<Option<(u16, u16)>, SourceUrlError> {
        self.take_with("size", "write width x height from 16x16 to 8192x8192, such as 640x480", |value| {
            let (width, height) = value.split_once(['x', 'X', '×'])?;
            let side = |text: &str| text.parse().ok().filter(|side| (16..=8192).contains(side));
            Some((side(width)?, side(height)?))
        })
    }

    /// Yes or no; the bare name means yes.
    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, SourceUrlError> {
        self.take_with(name, "write 1 or 0", |value| match value {
            "" | "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" => Some(false),
            _ => None,
        })
    }
}

/// The known word that `word` is most likely a slip of.
pub(super) fn suggest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let distance = |other: &str| edits(word.as_bytes(), other.as_bytes());
    known.iter().copied().filter(|other| distance(other) <= 1 + other.len() / 3).min_by_key(|other| distance(other))
}

/// Number of letters to insert, remove or replace to make one word the other (Levenshtein distance).
fn edits(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
