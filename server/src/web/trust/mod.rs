//! `/trust`: how a device comes to trust the own authority, the authority's certificate in every form that platforms
//! take, and a look whether it took. Open to everybody, and answered without TLS: who comes here has no trust yet.

mod page;
mod platform;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rtm2_tls::{Announcement, Authority};

use super::App;
use super::proxy::sent;

/// Where the page is; the rest is below it.
pub(super) const PATH: &str = "/trust";
/// The certificate as DER, which phones and Windows open by its name.
pub(super) const CRT: &str = "/trust/rtm2-authority.crt";
/// The certificate as PEM.
pub(super) const PEM: &str = "/trust/rtm2-authority.pem";
/// A profile for iPhones, iPads and Macs.
pub(super) const PROFILE: &str = "/trust/rtm2.mobileconfig";
/// Answers nothing, to whom TLS lets through.
pub(super) const CHECK: &str = "/trust/check";
/// A service worker that does nothing: browsers let none run where they merely put up with the certificate.
pub(super) const WORKER: &str = "/trust/worker.js";

/// What devices are asked to trust.
#[derive(Debug)]
pub struct Trust {
    der: Vec<u8>,
    pem: String,
    profile: String,
    fingerprint: String,
    announced: Option<Arc<Announcement>>,
}

impl Trust {
    /// The certificate of this authority, for a server on `host`, and a name of it that stays when addresses change.
    pub fn new(authority: &Authority, host: &str, announced: Option<Arc<Announcement>>) -> Self {
        let host = if host.is_empty() { "this server" } else { host };
        Self {
            der: authority.der().to_vec(),
            pem: authority.pem().to_owned(),
            profile: rtm2_tls::profile(authority.der(), host),
            fingerprint: rtm2_tls::fingerprint(authority.der()),
            announced,
        }
    }

    /// What people compare.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The name that is announced.
    fn stable_name(&self) -> Option<String> {
        self.announced.as_ref()?.names().pop()
    }
}

/// `GET /trust`.
pub(super) async fn page(State(app): State<App>, request: Request) -> Response {
    page::page(app.settings.https.as_ref(), &request)
}

/// What a browser loads as a file: never shown inside something, never kept.
fn file(kind: &'static str, name: &'static str, body: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

fn trust(app: &App) -> Result<&Trust, super::problem::Refusal> {
    let trust = app.settings.https.as_ref().and_then(|https| https.trust.as_deref());
    trust.ok_or_else(|| super::problem::Refusal::not_found("this server has no authority of its own; see /trust"))
}

/// `GET /trust/rtm2-authority.crt`.
pub(super) async fn crt(State(app): State<App>) -> Response {
    match trust(&app) {
        Ok(trust) => file("application/x-x509-ca-cert", "rtm2-authority.crt", trust.der.clone()),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET /trust/rtm2-authority.pem`.
pub(super) async fn pem(State(app): State<App>) -> Response {
    match trust(&app) {
        Ok(trust) => file("application/x-pem-file", "rtm2-authority.pem", trust.pem.clone().into_bytes()),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET /trust/rtm2.mobileconfig`. Not as an attachment: iPhones would store it as a file instead of offering it.
pub(super) async fn profile(State(app): State<App>) -> Response {
    match trust(&app) {
        Ok(trust) => {
            ([(header::CONTENT_TYPE, "application/x-apple-aspen-config")], trust.profile.clone()).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET /trust/check`: 204 over TLS, also to the page that came without it and is of another origin for that.
pub(super) async fn check(request: Request) -> Response {
    let status = if sent(request.extensions()).secure { StatusCode::NO_CONTENT } else { StatusCode::UPGRADE_REQUIRED };
    let readable = [
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (status, readable).into_response()
}

/// `GET /trust/worker.js`.
pub(super) async fn worker() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], "// Its registration is what counts.\n")
}
