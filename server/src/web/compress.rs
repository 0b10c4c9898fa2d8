//! Compression of answers that are text (R27) or columns of numbers: a year of bars shrinks to a fifth. Pictures are compressed already, and so
//! were the page's files when it was built, but for those that the server fills in.

use std::io::Write as _;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::problem::Refusal;

/// Bodies shorter than a packet gain nothing.
const SHORTEST: usize = 1400;
/// Bodies up to here are compressed as well as can be: it takes no time.
const SHORT: usize = 64 << 10;
/// Longest body that is held in memory for it; no list is longer.
const LONGEST: usize = 64 << 20;

/// What is compressed.
const TEXTS: [&str; 4] = ["application/json", "text/html", "text/javascript", "application/octet-stream"];

/// Compresses text for clients that take gzip.
pub(super) async fn text(request: Request, next: Next) -> Response {
    let takes_gzip = accepts(request.headers(), "gzip");
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_text = kind.is_some_and(|kind| TEXTS.iter().any(|text| kind.starts_with(text)));
    if !is_text || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    let Ok(plain) = to_bytes(body, LONGEST).await else { return Refusal::stopping().into_response() };
    if !takes_gzip || plain.len() < SHORTEST {
        return Response::from_parts(parts, Body::from(plain));
    }
    let kept = plain.clone();
    match tokio::task::spawn_blocking(move || gzip(&kept)).await {
        Ok(Ok(packed)) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Response::from_parts(parts, Body::from(packed))
        }
        _ => Response::from_parts(parts, Body::from(plain)),
    }
}

fn gzip(plain: &Bytes) -> std::io::Result<Vec<u8>> {
    let level = if plain.len() <= SHORT { Compression::best() } else { Compression::fast() };
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), level);
    encoder.write_all(plain)?;
    encoder.finish()
}

/// Whether the client takes an encoding; `q=0` says no.
pub(super) fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|v| v.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)));
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_taken_unless_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, "gzip;q=0, deflate, BR;q=0.5".parse().unwrap());
        assert!(accepts(&headers, "br"));
        assert!(!accepts(&headers, "gzip"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}
