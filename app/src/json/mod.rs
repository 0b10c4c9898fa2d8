//! JSON for the page, through the same `serde` derives that the server uses.
//!
//! `serde_json` says for each text what is wrong with it and where. To the page a text from the server is either what
//! it expects or it is not; the words, the number formatting behind them and its tables would weigh 20 kB, a fifteenth
//! of all that a first visit loads. So this reads and writes what the API is made of: objects, arrays, strings,
//! numbers, enums by their names. It is held to `serde_json` by its tests, and the server never uses it.

mod read;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

/// The text is not JSON, or not of the type that was asked for; or the value cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the expected JSON")
    }
}

impl std::error::Error for Unfit {}

/// Reads a whole text as a `T`. Numbers with a fraction or an exponent may differ from the nearest `f64` in the last
/// places.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unfit> {
    let mut reader = read::Reader::new(text);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Writes a value without spaces. Floating point numbers, bytes and enums whose variants hold something under their
/// own name are not written: no body of the API has them.
pub fn write<T: Serialize>(value: &T) -> Result<String, Unfit> {
    let mut text = String::new();
    value.serialize(write::Writer::new(&mut text))?;
    Ok(text)
}
