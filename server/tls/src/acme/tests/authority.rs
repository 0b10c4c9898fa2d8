//! An ACME authority inside the test (RFC 8555): it looks for names over loopback by TLS-ALPN-01 as a real one does over
//! the internet, and signs what it is asked to. It does not verify the account's signatures.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rcgen::{BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::verify_tls13_signature_with_raw_key;
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::ACME_ALPN;

/// Where it is.
pub(super) const DIRECTORY: &str = "https://acme.test/directory";
/// What the name must prove to know, with the account's key.
const TOKEN: &str = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";
/// The arc of the extension that proves it (RFC 8737).
const ACME_IDENTIFIER: &str = "1.3.6.1.5.5.7.1.31";

/// The authority. Clones are the same one.
#[derive(Clone)]
pub(super) struct MockAuthority(Arc<State>);

struct State {
    /// Where every name leads.
    port: u16,
    issuer: CertifiedIssuer<'static, KeyPair>,
    changing: Mutex<Changing>,
}

#[derive(Default)]
struct Changing {
    accounts: usize,
    thumbprint: String,
    name: String,
    status: &'static str,
    error: Option<String>,
    certificate: String,
}

impl MockAuthority {
    /// An authority that finds every name at this port of loopback.
    pub(super) fn new(port: u16) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self(Arc::new(State { port, issuer, changing: Mutex::default() }))
    }

    /// How many accounts were made.
    pub(super) fn accounts(&self) -> usize {
        self.lock().accounts
    }

    fn lock(&self) -> MutexGuard<'_, Changing> {
        self.0.changing.lock().unwrap()
    }

    async fn answer(&self, request: Request<BodyWrapper<Bytes>>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let path = parts.uri.path();
        let part = |name: &str| {
            let outer: Value = serde_json::from_slice(&body).unwrap();
            let decoded = URL_SAFE_NO_PAD.decode(outer[name].as_str().unwrap()).unwrap();
            serde_json::from_slice::<Value>(&decoded).unwrap_or_default()
        };
        let (status, content) = match path {
            "/directory" => (200, self.directory()),
            "/nonce" if parts.method == Method::HEAD => (200, String::new()),
            "/account" => (201, self.account(&part("protected")["jwk"])),
            "/order" => (201, self.new_order(&part("payload"))),
            "/orders/1" => (200, self.order()),
            "/authorization" => (200, self.authorization()),
            "/challenge" => (200, self.look().await),
            "/finalize" => (200, self.sign(&part("payload"))),
            "/certificate" => (200, self.lock().certificate.clone()),
            other => panic!("{} {other}", parts.method),
        };
        let location = if path == "/account" { "https://acme.test/accounts/1" } else { "https://acme.test/orders/1" };
        let response = Response::builder().status(status).header("replay-nonce", "nonce").header("location", location);
        response.body(Full::from(content)).unwrap()
    }

    fn directory(&self) -> String {
        let [nonce, account, order] = ["nonce", "account", "order"].map(|path| format!("https://acme.test/{path}"));
        assert!(self.0.port > 0);
        json!({ "newNonce": nonce, "newAccount": account, "newOrder": order }).to_string()
    }

    fn account(&self, jwk: &Value) -> String {
        // RFC 7638: members of the key in this order, without spaces.
        let key = format!(r#"{{"crv":{},"kty":{},"x":{},"y":{}}}"#, jwk["crv"], jwk["kty"], jwk["x"], jwk["y"]);
        let mut changing = self.lock();
        changing.accounts += 1;
        changing.thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(key));
        json!({ "status": "valid" }).to_string()
    }

    fn new_order(&self, order: &Value) -> String {
        let mut changing = self.lock();
        changing.name = order["identifiers"][0]["value"].as_str().unwrap().to_owned();
        (changing.status, changing.error) = ("pending", None);
        drop(changing);
        self.order()
    }

    fn order(&self) -> String {
        let changing = self.lock();
        let certificate = (changing.status == "valid").then_some("https://acme.test/certificate");
        json!({
            "status": changing.status,
            "authorizations": ["https://acme.test/authorization"],
            "finalize": "https://acme.test/finalize",
            "certificate": certificate,
        })
        .to_string()
    }

    fn authorization(&self) -> String {
        let changing = self.lock();
        let status = if changing.error.is_some() { "invalid" } else { "pending" };
        let error =
            changing.error.as_ref().map(|detail| json!({ "type": "urn:ietf:params:acme:error:tls", "detail": detail }));
        json!({
            "identifier": { "type": "dns", "value": changing.name },
            "status": status,
            "challenges": [{
                "type": "tls-alpn-01",
                "url": "https://acme.test/challenge",
                "token": TOKEN,
                "status": status,
                "error": error,
            }],
        })
        .to_string()
    }

    /// Connects to the name and looks for the proof.
    async fn look(&self) -> String {
        let (name, thumbprint) = {
            let changing = self.lock();
            (changing.name.clone(), changing.thumbprint.clone())
        };
        let proven = shown(self.0.port, &name).await.and_then(|der| {
            let expected = Sha256::digest(format!("{TOKEN}.{thumbprint}"));
            (proof(&der) == Some(expected.to_vec())).then_some(()).ok_or("the name shows another certificate".into())
        });
        let mut changing = self.lock();
        match proven {
            Ok(()) => changing.status = "ready",
            Err(error) => (changing.status, changing.error) = ("invalid", Some(error)),
        }
        json!({
            "type": "tls-alpn-01",
            "url": "https://acme.test/challenge",
            "token": TOKEN,
            "status": "processing",
        })
        .to_string()
    }

    fn sign(&self, finalize: &Value) -> String {
        assert_eq!(self.lock().status, "ready", "nothing was proven");
        let request = URL_SAFE_NO_PAD.decode(finalize["csr"].as_str().unwrap()).unwrap();
        let mut request = CertificateSigningRequestParams::from_der(&request.into()).unwrap();
        request.params.not_before = time::OffsetDateTime::now_utc();
        request.params.not_after = request.params.not_before + time::Duration::days(90);
        let certificate = request.signed_by(&self.0.issuer).unwrap();
        let mut changing = self.lock();
        changing.certificate = format!("{}{}", certificate.pem(), self.0.issuer.pem());
        changing.status = "valid";
        drop(changing);
        self.order()
    }
}

impl HttpClient for MockAuthority {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let authority = self.clone();
        Box::pin(async move { Ok(BytesResponse::from(authority.answer(request).await)) })
    }
}

/// The certificate that a name shows to an ACME authority.
async fn shown(port: u16, name: &str) -> Result<Vec<u8>, String> {
    let mut config = ClientConfig::builder_with_provider(crate::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything))
        .with_no_client_auth();
    config.alpn_protocols = vec![ACME_ALPN.to_vec()];
    let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let stream = stream.map_err(|error| format!("no TLS: {error}"))?;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(ACME_ALPN));
    Ok(stream.get_ref().1.peer_certificates().unwrap()[0].to_vec())
}

/// The digest in the extension of a certificate.
fn proof(der: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = x509_parser::parse_x509_certificate(der).unwrap();
    let extension = parsed.extensions().iter().find(|extension| extension.oid.to_id_string() == ACME_IDENTIFIER)?;
    assert!(extension.critical);
    // An OCTET STRING of 32 bytes.
    extension.value.strip_prefix(&[4, 32]).map(<[u8]>::to_vec)
}

/// An ACME authority looks at certificates that nobody vouches for yet.
#[derive(Debug)]
struct Anything;

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 was not offered".into()))
    }

    /// By the key alone: what reads the whole certificate refuses the critical extension.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate).unwrap();
        let key = SubjectPublicKeyInfoDer::from(parsed.public_key().raw);
        let provider = crate::provider();
        verify_tls13_signature_with_raw_key(message, &key, signature, &provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        crate::provider().signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for MockAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MockAuthority")
    }
}
