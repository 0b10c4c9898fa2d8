//! What is known of who sent a request, beside who they are.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};

/// Most characters of a browser's description of itself that are kept.
const USER_AGENT: usize = 200;

/// Address and program of a client; no other header is ever kept (B2).
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) address: IpAddr,
    pub(super) user_agent: String,
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let user_agent = parts.headers.get(header::USER_AGENT).map(|v| String::from_utf8_lossy(v.as_bytes()));
        let visible = user_agent.iter().flat_map(|text| text.chars()).filter(|c| !c.is_control());
        Ok(Self { address: address(&parts.extensions), user_agent: visible.take(USER_AGENT).collect() })
    }
}

/// The address of the client: of the connection, or what a trusted proxy says.
pub(super) fn address(extensions: &Extensions) -> IpAddr {
    super::proxy::sent(extensions).from
}

/// Whether a browser sent this: it would open a box of its own for HTTP Basic.
pub(super) fn is_browser(headers: &HeaderMap) -> bool {
    let mozilla = |v: &axum::http::HeaderValue| v.as_bytes().starts_with(b"Mozilla/");
    headers.contains_key("sec-fetch-mode") || headers.get(header::USER_AGENT).is_some_and(mozilla)
}
