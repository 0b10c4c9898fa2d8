//! One order: prove that the name is ours, get a certificate for it.

use std::sync::Arc;
use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use super::acme;
use crate::{Certificates, TlsError};

/// How long an authority may take to look, and to sign.
const PATIENCE: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(500)).timeout(Duration::from_mins(2));

/// Orders a certificate for `name`; gives chain and key as PEM.
pub(super) async fn order(
    account: &Account,
    name: &str,
    certificates: &Certificates,
) -> Result<(String, String), TlsError> {
    let proven = prove(account, name, certificates).await;
    certificates.challenge(name, None);
    let mut order = proven?;
    let key = KeyPair::generate()?;
    let request = CertificateParams::new([name.to_owned()])?.serialize_request(&key)?;
    order.finalize_csr(request.der()).await.map_err(acme)?;
    let chain = order.poll_certificate(&PATIENCE).await.map_err(acme)?;
    Ok((chain, key.serialize_pem()))
}

/// Answers what the authority asks, until it is content.
async fn prove(account: &Account, name: &str, certificates: &Certificates) -> Result<Order, TlsError> {
    let identifiers = [Identifier::Dns(name.to_owned())];
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await.map_err(acme)?;
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(acme)?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(TlsError::Acme("it does not offer TLS-ALPN-01".into()));
        };
        let digest = challenge.key_authorization();
        certificates.challenge(name, Some(answer(name, digest.digest().as_ref())?));
        challenge.set_ready().await.map_err(acme)?;
    }
    match order.poll_ready(&PATIENCE).await.map_err(acme)? {
        OrderStatus::Ready | OrderStatus::Valid => Ok(order),
        _ => Err(TlsError::Acme(why(&mut order).await)),
    }
}

/// What the authority says of a name that it did not find here.
async fn why(order: &mut Order) -> String {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else { continue };
        if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
            return problem.to_string();
        }
    }
    "it refused the order without a reason".into()
}

/// The certificate that proves it: signed by itself, with the digest that only this account knows (RFC 8737, 3).
fn answer(name: &str, digest: &[u8]) -> Result<Arc<CertifiedKey>, TlsError> {
    if digest.len() != 32 {
        return Err(TlsError::Acme("its challenge has no SHA-256 digest".into()));
    }
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    // Not `from_der`, which reads the certificate and refuses the extension because it is critical.
    let key = crate::provider().key_provider.load_private_key(key)?;
    Ok(Arc::new(CertifiedKey::new(vec![certificate.into()], key)))
}
