//! Headers that every answer carries, and the comparison of entity tags.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// A number used once, which a page's own scripts carry and injected ones do not know.
#[derive(Clone, Debug)]
pub(super) struct Nonce(String);

impl Nonce {
    pub(super) fn new() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The same for every answer.
const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: it turns the origin of posted forms into `null`.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds what is missing: fixed headers, the content security policy, and `no-store` where nothing else was said.
pub(super) async fn add(request: Request, next: Next) -> Response {
    let host = super::origin::host(request.headers(), request.uri()).map(str::to_owned);
    let mut response = next.run(request).await;
    let policy = policy(response.extensions().get(), host.as_deref());
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // A page with a stricter policy of its own keeps it.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    response
}

/// What the page may load. Everything is its own; wasm needs leave to be compiled.
fn policy(nonce: Option<&Nonce>, host: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" 'nonce-{}'", nonce.as_str())).unwrap_or_default();
    // Safari before 15.4 does not count a socket as 'self'.
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".:-[]".contains(&b);
    let host = host.filter(|host| host.len() <= 255 && host.bytes().all(plain));
    let sockets = host.map(|host| format!(" ws://{host} wss://{host}")).unwrap_or_default();
    format!(
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
         script-src 'self' 'wasm-unsafe-eval'{nonce}; style-src 'self'{nonce}; connect-src 'self'{sockets}; \
         worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

/// Whether the client has this very thing already.
pub(super) fn matches_etag(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let (Ok(etag), values) = (etag.to_str(), headers.get_all(header::IF_NONE_MATCH)) else { return false };
    let known = values.iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    known.map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cannot_write_into_the_policy() {
        let nonce = Nonce("abc".into());
        let policy_of = |host| policy(Some(&nonce), host);
        assert!(policy_of(Some("cam.lan:5000")).contains("connect-src 'self' ws://cam.lan:5000 wss://cam.lan:5000;"));
        assert!(policy_of(Some("a; script-src *")).contains("connect-src 'self';"));
        assert!(policy_of(None).contains("script-src 'self' 'wasm-unsafe-eval' 'nonce-abc';"));
        assert!(!policy(None, None).contains("unsafe-inline"));
    }

    #[test]
    fn etags_are_compared_weakly() {
        let etag = HeaderValue::from_static("\"a\"");
        let with = |value: &str| HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_str(value).unwrap())]);
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(matches_etag(&with(known), &etag), "{known}");
        }
        assert!(!matches_etag(&with("\"b\""), &etag));
        assert!(!matches_etag(&HeaderMap::new(), &etag));
    }
}
