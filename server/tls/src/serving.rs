//! Which certificate a connection is shown. It can be exchanged at any time: connections that are open keep theirs, new
//! ones get the new one.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::TlsError;

/// The protocol by which an ACME authority looks whether a name is ours (RFC 8737).
pub const ACME_ALPN: &[u8] = b"acme-tls/1";
/// All else. Sockets are upgraded from it.
const HTTP_ALPN: &[u8] = b"http/1.1";

/// The certificate in force, and answers to an ACME authority. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Certificates(Arc<Served>);

#[derive(Debug, Default)]
struct Served {
    current: RwLock<Option<Arc<CertifiedKey>>>,
    challenges: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    /// None yet: connections are refused until [`Certificates::set`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows this certificate from now on.
    pub fn set(&self, certificate: Arc<CertifiedKey>) {
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Some(certificate);
    }

    /// Whether there is one.
    pub fn is_ready(&self) -> bool {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Answers an ACME authority that looks for `name`, until `None` is given.
    pub(crate) fn challenge(&self, name: &str, answer: Option<Arc<CertifiedKey>>) {
        let mut challenges = self.0.challenges.write().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Some(answer) => challenges.insert(name.to_owned(), answer),
            None => challenges.remove(name),
        };
    }

    /// What listeners are set up with.
    pub fn server_config(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let mut config = ServerConfig::builder_with_provider(crate::provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.0) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![HTTP_ALPN.to_vec(), ACME_ALPN.to_vec()];
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_acme = hello.alpn().is_some_and(|mut offered| offered.all(|protocol| protocol == ACME_ALPN));
        if is_acme {
            let challenges = self.challenges.read().unwrap_or_else(PoisonError::into_inner);
            return challenges.get(hello.server_name()?).cloned();
        }
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
