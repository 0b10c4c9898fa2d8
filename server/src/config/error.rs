//! What can be wrong with the settings.

use std::path::PathBuf;

/// A setting that cannot be used; the message names it and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML or a value has the wrong type.
    #[error("{path}: {message}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        message: String,
    },
    /// There is no such key.
    #[error("{origin}: there is no setting `{key}`{suggestion}")]
    UnknownKey {
        /// Where it was given.
        origin: String,
        /// The key.
        key: String,
        /// `; did you mean …?` or nothing.
        suggestion: String,
    },
    /// The value cannot be used.
    #[error("{key}: {message}")]
    Value {
        /// The key.
        key: String,
        /// Why, and what to write instead.
        message: String,
    },
    /// No home directory to put things in.
    #[error("no home directory is known; give --state-dir DIR")]
    NoHome,
}

impl ConfigError {
    /// A wrong value of a key.
    pub fn value(key: &str, message: String) -> Self {
        Self::Value { key: key.into(), message }
    }
}
