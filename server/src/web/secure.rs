//! What TLS changes: plain requests to a server that speaks TLS are sent there, cookies are for TLS alone, and where it
//! was asked for browsers are told to remember.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use rustls::ServerConfig;

use super::App;
use super::problem::Refusal;
use super::proxy::sent;
use super::trust::{self, Trust};

/// How the server speaks TLS.
#[derive(Clone, Debug)]
pub struct Https {
    /// What connections are set up with.
    pub config: Arc<ServerConfig>,
    /// The own authority that devices are asked to trust, if the certificate is of one.
    pub trust: Option<Arc<Trust>>,
    /// Whether browsers are told to come by TLS alone from now on.
    pub hsts: bool,
}

/// Half a year, for this name and no other.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=15552000");

/// Answers plain requests where there is TLS: what helps to trust it, the health check, and else the way there.
pub(super) async fn gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let secure = sent(request.extensions()).secure;
    let Some(https) = &app.settings.https else { return next.run(request).await };
    if !secure && !is_open(request.uri().path()) {
        return to_tls(https, request.method(), request.headers(), request.uri());
    }
    let mut response = next.run(request).await;
    if secure && https.hsts {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

/// What is the same with and without TLS.
fn is_open(path: &str) -> bool {
    path == "/healthz" || path == trust::PATH || path.strip_prefix(trust::PATH).is_some_and(|p| p.starts_with('/'))
}

fn to_tls(https: &Https, method: &Method, headers: &HeaderMap, uri: &Uri) -> Response {
    let host = super::origin::host(headers, uri).filter(|host| is_plain(host));
    let Some(host) = host else { return Refusal::bad_request("the request names no host").into_response() };
    // Who typed the bare address may not trust the certificate yet, and would meet the browser's warning.
    if https.trust.is_some() && uri.path() == "/" && *method == Method::GET {
        return Redirect::temporary(&format!("{}?go", trust::PATH)).into_response();
    }
    let path = uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    let location = [(header::LOCATION, format!("https://{host}{path}"))];
    // Temporary, and with the method kept: the server may speak plain HTTP again tomorrow.
    (StatusCode::TEMPORARY_REDIRECT, location).into_response()
}

/// Whether a host can be written into an address.
pub(super) fn is_plain(host: &str) -> bool {
    !host.is_empty() && host.len() <= 255 && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-[]".contains(&b))
}

/// Makes cookies for TLS alone where the request came by it.
pub(super) async fn cookies(request: Request, next: Next) -> Response {
    let secure = sent(request.extensions()).secure;
    let mut response = next.run(request).await;
    if secure {
        let given: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        response.headers_mut().remove(header::SET_COOKIE);
        for cookie in given {
            response.headers_mut().append(header::SET_COOKIE, for_tls(cookie));
        }
    }
    response
}

fn for_tls(cookie: HeaderValue) -> HeaderValue {
    let Ok(text) = cookie.to_str() else { return cookie };
    if text.split(';').any(|part| part.trim().eq_ignore_ascii_case("secure")) {
        return cookie;
    }
    HeaderValue::from_str(&format!("{text}; Secure")).unwrap_or(cookie)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_become_secure_once() {
        let made = |text: &'static str| for_tls(HeaderValue::from_static(text)).to_str().unwrap().to_owned();
        assert_eq!(made("a=b; HttpOnly"), "a=b; HttpOnly; Secure");
        assert_eq!(made("a=b; secure"), "a=b; secure");
        assert_eq!(made("secure=1"), "secure=1; Secure");
    }

    #[test]
    fn what_helps_to_trust_needs_no_trust() {
        for open in ["/healthz", "/trust", "/trust/authority.crt"] {
            assert!(is_open(open), "{open}");
        }
        for closed in ["/", "/trusted", "/healthz/x", "/api/v1/session"] {
            assert!(!is_open(closed), "{closed}");
        }
    }
}
