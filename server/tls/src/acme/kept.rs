//! What is kept of an authority: the account, the certificate with its chain, its key.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use instant_acme::AccountCredentials;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;

use super::Acme;
use crate::{CertificateFiles, TlsError, private};

/// A folder of its own for each authority: what a test authority gave is no use at the real one.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    dir: PathBuf,
    name: String,
}

impl Kept {
    pub(super) fn of(acme: &Acme) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '_' };
        let address = acme.directory.split_once("://").map_or(acme.directory.as_str(), |(_, rest)| rest);
        let folder: String = address.trim_matches(['/', '.']).chars().map(plain).collect();
        Self { dir: acme.dir.join(folder), name: acme.name.clone() }
    }

    fn path(&self, end: &str) -> PathBuf {
        self.dir.join(format!("{}.{end}", self.name))
    }

    pub(super) fn account(&self) -> Result<Option<AccountCredentials>, TlsError> {
        let path = self.dir.join("account.json");
        if !path.exists() {
            return Ok(None);
        }
        private::guard(&path)?;
        let text = fs::read_to_string(&path).map_err(TlsError::io(&path))?;
        let message = |e| format!("is no ACME account: {e}; remove it for a new one");
        serde_json::from_str(&text).map(Some).map_err(|error| TlsError::file(&path, message(error)))
    }

    pub(super) fn keep_account(&self, credentials: &AccountCredentials) -> Result<(), TlsError> {
        private::make_dir(&self.dir)?;
        let text = serde_json::to_string(credentials).map_err(|error| TlsError::Acme(error.to_string()))?;
        private::write(&self.dir.join("account.json"), text.as_bytes())
    }

    /// The certificate and when the next is due, if one is kept.
    pub(super) fn certificate(&self) -> Result<Option<(Arc<CertifiedKey>, OffsetDateTime)>, TlsError> {
        let (chain, key) = (self.path("crt"), self.path("key"));
        if !chain.exists() || !key.exists() {
            return Ok(None);
        }
        private::guard(&key)?;
        let certified = CertificateFiles::new(&chain, &key).load(OffsetDateTime::now_utc())?;
        let first = CertificateDer::from_pem_file(&chain)
            .map_err(|error| TlsError::file(&chain, format!("is no certificate: {error}")))?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&first)
            .map_err(|error| TlsError::file(&chain, format!("is no certificate: {error}")))?;
        let [from, until] = [parsed.validity().not_before, parsed.validity().not_after].map(|time| time.to_datetime());
        Ok(Some((certified, due(from, until))))
    }

    /// The key goes first: a power cut between the two leaves a pair that does not fit, and so a new order.
    pub(super) fn keep_certificate(&self, chain: &str, key: &str) -> Result<(), TlsError> {
        private::make_dir(&self.dir)?;
        private::write(&self.path("key"), key.as_bytes())?;
        private::write(&self.path("crt"), chain.as_bytes())
    }
}

/// When a third of a certificate's time is left.
fn due(from: OffsetDateTime, until: OffsetDateTime) -> OffsetDateTime {
    until - (until - from) / 3
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_third_of_the_time_is_left_for_trouble() {
        let (from, until) = (datetime!(2026-01-01 0:00 UTC), datetime!(2026-04-01 0:00 UTC));
        assert_eq!(due(from, until), datetime!(2026-03-02 0:00 UTC));
    }

    #[test]
    fn each_authority_has_a_folder() {
        let kept = |directory: &str| {
            let acme = Acme { name: "a.b".into(), contact: None, directory: directory.into(), dir: "d".into() };
            Kept::of(&acme).dir.display().to_string()
        };
        assert_eq!(kept("https://acme.example/../directory"), "d/acme.example_.._directory");
        assert_ne!(kept(super::super::LETS_ENCRYPT), kept("https://acme-staging-v02.api.letsencrypt.org/directory"));
    }
}
