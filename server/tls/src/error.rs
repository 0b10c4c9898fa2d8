//! What can go wrong, in words that say what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no certificate, or no new one.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file holds something else than it should.
    #[error("{}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and the fix.
        message: String,
    },
    /// A certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// A certificate cannot be served.
    #[error("cannot use the certificate: {0}")]
    Use(#[from] rustls::Error),
    /// The ACME authority does not give a certificate.
    #[error("the ACME authority gives no certificate: {0}")]
    Acme(String),
    /// The name cannot be announced.
    #[error("cannot announce the name on the network: {0}")]
    Announce(#[from] mdns_sd::Error),
}

impl TlsError {
    /// An error of the system about a file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// A file that holds something wrong.
    pub(crate) fn file(path: &Path, message: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), message: message.into() }
    }
}
