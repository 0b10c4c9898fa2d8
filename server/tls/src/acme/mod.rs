//! Certificates from an ACME authority (RFC 8555), such as Let's Encrypt, for a public name. The authority looks by
//! TLS-ALPN-01 (RFC 8737): it connects to port 443 of the name, so that port has to lead here.
//!
//! Account and certificates are kept in the data directory, a folder for each authority.

mod kept;
mod order;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use instant_acme::{Account, AccountBuilder, NewAccount};
use time::OffsetDateTime;

use crate::{Certificates, TlsError};
use kept::Kept;

/// Where Let's Encrypt is.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// First pause after a failure; doubled from one to the next. Authorities count failures by the hour.
const FIRST_PAUSE: Duration = Duration::from_mins(10);
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(12);
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_hours(1);

/// A name, and the authority that vouches for it.
#[derive(Clone, Debug)]
pub struct Acme {
    /// The public name.
    pub name: String,
    /// An address under which the authority may complain, such as `mailto:anna@example.net`.
    pub contact: Option<String>,
    /// The authority's directory.
    pub directory: String,
    /// Where account and certificates are kept.
    pub dir: PathBuf,
}

impl Acme {
    /// Shows the certificate that is kept, gets one when there is none, and a new one when a third of its time is left.
    /// Never ends.
    pub async fn follow(self, certificates: Certificates) {
        // More than one part of the process sets it; all set the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut due = self.show_kept(&certificates).await;
        let mut pause = FIRST_PAUSE;
        loop {
            if due.is_some_and(|due| OffsetDateTime::now_utc() < due) {
                tokio::time::sleep(LOOK).await;
                continue;
            }
            tracing::info!("asking {} for a certificate for {}", self.directory, self.name);
            let builder = Account::builder().map_err(|error| TlsError::Acme(error.to_string()));
            let got = match builder {
                Ok(builder) => self.obtain(builder, &certificates).await,
                Err(error) => Err(error),
            };
            match got {
                Ok(next) => {
                    tracing::info!("got a certificate for {}; the next one is due on {}", self.name, next.date());
                    (due, pause) = (Some(next), FIRST_PAUSE);
                }
                Err(error) => {
                    let minutes = pause.as_secs() / 60;
                    tracing::warn!(
                        "no certificate for {}: {error}; trying again in {minutes} min. Port 443 of the name must lead here",
                        self.name
                    );
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Shows what is kept; gives when the next is due.
    async fn show_kept(&self, certificates: &Certificates) -> Option<OffsetDateTime> {
        let kept = Kept::of(self);
        let loaded = tokio::task::spawn_blocking(move || kept.certificate()).await.ok()?;
        match loaded {
            Ok(Some((certificate, due))) => {
                certificates.set(certificate);
                Some(due)
            }
            Ok(None) => None,
            Err(error) => {
                tracing::warn!("the kept certificate cannot be used: {error}");
                None
            }
        }
    }

    /// Gets a certificate, keeps and shows it; gives when the next is due.
    async fn obtain(&self, builder: AccountBuilder, certificates: &Certificates) -> Result<OffsetDateTime, TlsError> {
        let account = self.account(builder).await?;
        let (chain, key) = order::order(&account, &self.name, certificates).await?;
        let kept = Kept::of(self);
        let stored = tokio::task::spawn_blocking(move || {
            kept.keep_certificate(&chain, &key)?;
            kept.certificate()
        });
        let stored = stored.await.map_err(|_| TlsError::Acme("the server is stopping".into()))??;
        let Some((certificate, due)) = stored else {
            return Err(TlsError::Acme("the certificate was removed while it was stored".into()));
        };
        certificates.set(certificate);
        Ok(due)
    }

    /// The account that is kept, or a new one.
    async fn account(&self, builder: AccountBuilder) -> Result<Account, TlsError> {
        let kept = Kept::of(self);
        if let Some(credentials) = kept.account()? {
            return builder.from_credentials(credentials).await.map_err(acme);
        }
        let contact: Vec<&str> = self.contact.iter().map(String::as_str).collect();
        let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let (account, credentials) = builder.create(&new, self.directory.clone(), None).await.map_err(acme)?;
        kept.keep_account(&credentials)?;
        Ok(account)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn acme(error: instant_acme::Error) -> TlsError {
    TlsError::Acme(error.to_string())
}
