//! Certificates that somebody else keeps in files: read again when they change. A new pair that cannot be used changes
//! nothing but the log.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;

use crate::{Certificates, TlsError};

/// A certificate with its chain, and its key, as PEM files.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    certificate: PathBuf,
    key: PathBuf,
}

/// What tells that a file was written anew, also one that a link was turned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    fn of(path: &Path) -> Self {
        Self(fs::metadata(path).ok().and_then(|meta| Some((meta.modified().ok()?, meta.len()))))
    }
}

impl CertificateFiles {
    /// The files' paths.
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { certificate: certificate.into(), key: key.into() }
    }

    /// Reads both and makes sure that they belong together. Blocks.
    pub fn load(&self, now: OffsetDateTime) -> Result<Arc<CertifiedKey>, TlsError> {
        let wrong = |path: &Path, error: rustls::pki_types::pem::Error| match error {
            rustls::pki_types::pem::Error::Io(source) => TlsError::Io { path: path.to_owned(), source },
            other => TlsError::file(path, format!("is no PEM file of the right kind: {other:?}")),
        };
        let chain: Vec<_> = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(|error| wrong(&self.certificate, error))?;
        let Some(first) = chain.first() else {
            return Err(TlsError::file(&self.certificate, "holds no certificate: give a PEM file"));
        };
        self.tell_end(first, now)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| wrong(&self.key, error))?;
        let certified = CertifiedKey::from_der(chain, key, &crate::provider()).map_err(|error| {
            TlsError::file(&self.key, format!("does not fit {}: {error}", self.certificate.display()))
        })?;
        Ok(Arc::new(certified))
    }

    /// Says when a certificate ends, louder if it has.
    fn tell_end(&self, certificate: &CertificateDer<'_>, now: OffsetDateTime) -> Result<(), TlsError> {
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate)
            .map_err(|error| TlsError::file(&self.certificate, format!("is no certificate: {error}")))?;
        let (file, end) = (self.certificate.display(), parsed.validity().not_after.to_datetime());
        if end < now {
            tracing::warn!("the certificate in {file} ended on {}: browsers will refuse it", end.date());
        } else {
            tracing::info!("the certificate in {file} lasts until {}", end.date());
        }
        Ok(())
    }

    fn stamps(&self) -> [Stamp; 2] {
        [Stamp::of(&self.certificate), Stamp::of(&self.key)]
    }

    /// Looks every `pace` whether the files changed, and shows the new certificate if it can be used. Never ends.
    pub async fn follow(self, certificates: Certificates, pace: Duration) {
        let mut known = self.stamps();
        loop {
            tokio::time::sleep(pace).await;
            let files = self.clone();
            let looked = tokio::task::spawn_blocking(move || {
                let stamps = files.stamps();
                (stamps, (stamps != known).then(|| files.load(OffsetDateTime::now_utc())))
            });
            let Ok((stamps, loaded)) = looked.await else { return };
            known = stamps;
            match loaded {
                None => {}
                Some(Ok(certificate)) => {
                    certificates.set(certificate);
                    tracing::info!("serving the new certificate of {}", self.certificate.display());
                }
                Some(Err(error)) => tracing::warn!("keeping the old certificate: {error}"),
            }
        }
    }
}
