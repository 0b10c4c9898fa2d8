//! A push service on loopback that looks into what it gets, as a browser would: it verifies tokens (RFC 8292) and
//! decrypts bodies (RFC 8291) with code of its own.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use rtm2_app::Timestamp;
use rtm2_app::push::{Keys, Subscription};
use tokio::task::JoinHandle;

use crate::clock::Clock;

/// What the service got.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

type Script = Arc<Mutex<(Vec<Got>, Vec<(u16, Vec<(&'static str, String)>)>)>>;

/// The service. It answers 201 unless told otherwise.
pub(crate) struct Service {
    pub(crate) base: String,
    script: Script,
    task: JoinHandle<()>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let script = Script::default();
        let router = Router::new().fallback(take).with_state(Arc::clone(&script));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, script, task }
    }

    /// Answers the next request with this status and header.
    pub(crate) fn answer(&self, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.script.lock().unwrap().1.push((status, headers));
    }

    /// What came in since the last call.
    pub(crate) fn got(&self) -> Vec<Got> {
        std::mem::take(&mut self.script.lock().unwrap().0)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State(script): State<Script>, uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let mut script = script.lock().unwrap();
    script.0.push(Got { uri, headers, body });
    let (status, headers) = if script.1.is_empty() { (201, Vec::new()) } else { script.1.remove(0) };
    let mut answer = StatusCode::from_u16(status).unwrap().into_response();
    for (name, value) in headers {
        answer.headers_mut().insert(name, value.parse().unwrap());
    }
    answer
}

/// A browser: the half of a subscription that never leaves it.
pub(crate) struct Browser {
    secret: SecretKey,
    auth: [u8; 16],
}

impl Browser {
    pub(crate) fn new(secret: &str, auth: &str) -> Self {
        let decode = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
        Self { secret: SecretKey::from_slice(&decode(secret)).unwrap(), auth: decode(auth).try_into().unwrap() }
    }

    /// One with the keys of RFC 8291's example.
    pub(crate) fn of_rfc_8291() -> Self {
        Self::new("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "BTBZMqHH6r4Tts7J_aSIgg")
    }

    pub(crate) fn keys(&self) -> Keys {
        let public = self.secret.public_key().to_encoded_point(false);
        Keys { p256dh: URL_SAFE_NO_PAD.encode(public), auth: URL_SAFE_NO_PAD.encode(self.auth) }
    }

    pub(crate) fn subscription(&self, endpoint: String) -> Subscription {
        Subscription { endpoint, keys: self.keys() }
    }

    /// Decrypts a body of one record (RFC 8188, RFC 8291, 3 and 4).
    pub(crate) fn decrypt(&self, body: &[u8]) -> Option<Vec<u8>> {
        let (salt, rest) = body.split_at_checked(16)?;
        let (size, rest) = rest.split_at_checked(4)?;
        let (length, rest) = rest.split_first()?;
        let (sender, record) = rest.split_at_checked(usize::from(*length))?;
        let size = u32::from_be_bytes(size.try_into().ok()?) as usize;
        if record.len() > size || record.len() < 17 {
            return None;
        }
        let sender_key = PublicKey::from_sec1_bytes(sender).ok()?;
        let shared = p256::ecdh::diffie_hellman(self.secret.to_nonzero_scalar(), sender_key.as_affine());
        let own = self.secret.public_key().to_encoded_point(false);
        let info: [&[u8]; 3] = [b"WebPush: info\0", own.as_bytes(), sender];
        let prk = Salt::new(HKDF_SHA256, &self.auth).extract(shared.raw_secret_bytes());
        let ikm: [u8; 32] = expand(&prk, &info);
        let prk = Salt::new(HKDF_SHA256, salt).extract(&ikm);
        let key: [u8; 16] = expand(&prk, &[b"Content-Encoding: aes128gcm\0"]);
        let nonce: [u8; 12] = expand(&prk, &[b"Content-Encoding: nonce\0"]);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
        let mut record = record.to_vec();
        let plain = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).ok()?;
        let end = plain.iter().rposition(|byte| *byte != 0)?;
        // The delimiter of the last record.
        (plain[end] == 2).then(|| plain[..end].to_vec())
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(prk: &Prk, info: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    prk.expand(info, Length(N)).unwrap().fill(&mut out).unwrap();
    out
}

/// The claims of an `Authorization` header and the key that signed them, if its signature holds (RFC 8292, 3).
pub(crate) fn verified(authorization: &str) -> Option<(serde_json::Value, String)> {
    let (token, key) = authorization.strip_prefix("vapid t=")?.split_once(", k=")?;
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key)?);
    public.verify(signed.as_bytes(), &decode(signature)?).ok()?;
    let header: serde_json::Value = serde_json::from_slice(&decode(header)?).ok()?;
    if header != serde_json::json!({ "typ": "JWT", "alg": "ES256" }) {
        return None;
    }
    Some((serde_json::from_slice(&decode(claims)?).ok()?, key.to_owned()))
}

/// A clock that stands where it is put.
pub(crate) struct Standing(pub(crate) Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// RFC 8291, 5 and appendix A: what decrypts our bodies decrypts the RFC's.
#[test]
fn rfc_8291_example_decrypts() {
    let body = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PB\
                ru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    let mut body = URL_SAFE_NO_PAD.decode(body).unwrap();
    let browser = Browser::of_rfc_8291();
    assert_eq!(
        browser.keys().p256dh,
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    );
    assert_eq!(browser.decrypt(&body).unwrap(), b"When I grow up, I want to be a watermelon");
    let last = body.len() - 1;
    body[last] ^= 1;
    assert_eq!(browser.decrypt(&body), None, "a changed one does not");
}

/// Ours decrypt with it too, and only for whom they are.
#[test]
fn our_bodies_decrypt() {
    let browser = Browser::of_rfc_8291();
    let keys = crate::message::DeviceKeys::parse(&browser.keys()).unwrap();
    let other = Browser { auth: [7; 16], ..Browser::of_rfc_8291() };
    for payload in ["", "x", &"long ".repeat(790)] {
        let body = keys.encrypt(payload).unwrap();
        assert_eq!(browser.decrypt(&body).unwrap(), payload.as_bytes());
        assert_eq!(other.decrypt(&body), None);
        assert_ne!(keys.encrypt(payload).unwrap(), body, "a fresh salt and key for each");
    }
}
