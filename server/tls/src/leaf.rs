//! The server's own certificate, from the authority: made anew before it ends and when the host is called otherwise.

use std::sync::Arc;

use rustls::sign::CertifiedKey;
use time::{Duration, OffsetDateTime};

use crate::{Authority, Names, TlsError};

/// How long before its end a certificate is replaced: a device that is off for a while should not find an old one.
const RENEWED: Duration = Duration::days(30);

/// A certificate that follows the host's names. Call [`OwnCertificate::renew`] from time to time.
#[derive(Debug)]
pub struct OwnCertificate {
    authority: Arc<Authority>,
    current: Option<Current>,
    refused: Names,
}

#[derive(Debug)]
struct Current {
    names: Names,
    from: OffsetDateTime,
    until: OffsetDateTime,
}

impl OwnCertificate {
    /// None yet.
    pub fn new(authority: Arc<Authority>) -> Self {
        Self { authority, current: None, refused: Names::default() }
    }

    /// A new certificate if one is due: at first, before the old one ends, when `names` differ, or when the clock was
    /// set back behind the old one. What the authority may not vouch for is left out, and said once.
    pub fn renew(&mut self, names: &Names, now: OffsetDateTime) -> Result<Option<Arc<CertifiedKey>>, TlsError> {
        let (within, beyond) = self.authority.split(names);
        if beyond != self.refused {
            // Public addresses come and go by themselves; names were asked for.
            if !beyond.dns.is_empty() {
                tracing::warn!(
                    "the authority may not vouch for {}: remove the folder tls of the data directory for a new one that \
                     may, which every device must trust anew",
                    beyond.list()
                );
            }
            self.refused = beyond;
        }
        let holds = |c: &Current| c.names == within && now >= c.from && now < c.until - RENEWED;
        if self.current.as_ref().is_some_and(holds) {
            return Ok(None);
        }
        let (certificate, until) = self.authority.issue(&within, now)?;
        tracing::info!("a certificate until {} for {}", until.date(), within.list());
        self.current = Some(Current { names: within, from: now, until });
        Ok(Some(Arc::new(certificate)))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::authority::LEAF_LIFETIME;

    const NOW: OffsetDateTime = datetime!(2026-05-01 12:00 UTC);

    #[test]
    fn it_is_renewed_before_it_ends_and_when_names_change() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Arc::new(Authority::open(dir.path(), &Names::default(), NOW).unwrap());
        let mut own = OwnCertificate::new(authority);
        let mut names = Names::default();
        names.add("rtm2.local");
        let mut due = |names: &Names, now| own.renew(names, now).unwrap().is_some();
        assert!(due(&names, NOW));
        assert!(!due(&names, NOW + LEAF_LIFETIME - RENEWED - Duration::SECOND));
        let renewed = NOW + LEAF_LIFETIME - RENEWED;
        assert!(due(&names, renewed) && !due(&names, renewed));
        names.add("192.168.1.9");
        assert!(due(&names, renewed) && !due(&names, renewed));
        // Not permitted, so not a reason either.
        names.add("8.8.8.8");
        assert!(!due(&names, renewed));
        // The clock was wrong at first.
        assert!(due(&names, NOW) && !due(&names, NOW));
    }

    #[test]
    fn it_says_what_it_is_for_and_ends_in_time_for_ios() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Arc::new(Authority::open(dir.path(), &Names::default(), NOW).unwrap());
        let mut names = Names::default();
        names.add("rtm2.local");
        names.add("192.168.1.9");
        let made = OwnCertificate::new(authority).renew(&names, NOW).unwrap().unwrap();
        let (_, parsed) = x509_parser::parse_x509_certificate(&made.cert[0]).unwrap();
        let alternatives = parsed.subject_alternative_name().unwrap().unwrap().value.general_names.len();
        assert_eq!(alternatives, 2);
        assert!(parsed.extended_key_usage().unwrap().unwrap().value.server_auth);
        assert!(!parsed.is_ca());
        let validity = parsed.validity();
        assert!((validity.not_after.timestamp() - validity.not_before.timestamp()) / 86_400 <= 825);
        assert!(validity.not_before.timestamp() < NOW.unix_timestamp());
    }
}
