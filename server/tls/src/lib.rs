//! Being reached and trusted on a network: names and addresses of this host, an authority of its own, certificates that
//! are renewed while they are served, certificates from files and from an ACME authority, and a name announced by mDNS.
//!
//! Knows neither cameras nor pages. Time is an argument wherever something is decided.

mod acme;
mod announce;
mod authority;
mod error;
mod files;
mod leaf;
mod names;
mod private;
mod profile;
mod scope;
mod serving;

pub use acme::{Acme, LETS_ENCRYPT};
pub use announce::Announcement;
pub use authority::{Authority, fingerprint};
pub use error::TlsError;
pub use files::CertificateFiles;
pub use leaf::OwnCertificate;
pub use names::{Host, Names, best_address};
pub use profile::profile;
pub use serving::{ACME_ALPN, Certificates};

/// Uses ring for TLS in this process, once.
pub(crate) fn provider() -> std::sync::Arc<rustls::crypto::CryptoProvider> {
    std::sync::Arc::new(rustls::crypto::ring::default_provider())
}
