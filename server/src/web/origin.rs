//! Which pages may talk to this server. Browsers name the page's origin on every socket upgrade and every call that
//! changes something; cookies alone do not tell our page from another.

use axum::http::{HeaderMap, Uri, header};

use super::proxy::Sent;

/// The configured origins, beside the server's own.
#[derive(Clone, Debug, Default)]
pub struct Origins(Vec<String>);

/// What the `Origin` header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// Our own page or a configured one.
    Ours,
    /// There is no header: a program, not a browser.
    Unnamed,
    /// Another site's page.
    Foreign,
}

impl Origins {
    /// Origins beside the server's own, such as `https://cams.example.net`.
    pub fn new(further: &[String]) -> Self {
        Self(further.iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect())
    }

    /// Judges a request. The server's own origin is whatever host and port the request was sent to, with TLS if it came
    /// by TLS: a page that came without it may be anybody's. The other way round the scheme is not compared, because a
    /// proxy that speaks TLS and is not configured is not seen from here.
    pub(super) fn judge(&self, headers: &HeaderMap, uri: &Uri, sent: Sent) -> Sender {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else { return Sender::Unnamed };
        let (Ok(origin), None) = (origin.to_str(), origins.next()) else { return Sender::Foreign };
        let origin = origin.to_ascii_lowercase();
        let own = host(headers, uri).map(str::to_ascii_lowercase);
        let plain = origin.strip_prefix("http://").filter(|_| !sent.secure);
        let authority = plain.or_else(|| origin.strip_prefix("https://"));
        let same = authority.is_some() && authority == own.as_deref();
        if same || self.0.contains(&origin) { Sender::Ours } else { Sender::Foreign }
    }
}

/// The host and port that a request was sent to.
pub(super) fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let header = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    header.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(host: &str, origin: Option<&str>) -> Sender {
        judge_sent(host, origin, false)
    }

    fn judge_sent(host: &str, origin: Option<&str>, secure: bool) -> Sender {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        Origins::new(&["https://Cams.example.net/".into()]).judge(&headers, &Uri::from_static("/"), sent(secure))
    }

    fn sent(secure: bool) -> Sent {
        Sent { from: [127, 0, 0, 1].into(), secure }
    }

    #[test]
    fn the_own_origin_is_exact() {
        for origin in ["http://cam.lan:5000", "https://cam.lan:5000", "http://CAM.lan:5000"] {
            assert_eq!(judge("cam.lan:5000", Some(origin)), Sender::Ours, "{origin}");
        }
        let foreign =
            ["null", "", "http://cam.lan", "http://cam.lan:5001", "http://cam.lan:50000", "ftp://cam.lan:5000"];
        for origin in foreign.into_iter().chain(["cam.lan:5000", "http://evil.example", "http://x.cam.lan:5000"]) {
            assert_eq!(judge("cam.lan:5000", Some(origin)), Sender::Foreign, "{origin}");
        }
        assert_eq!(judge("cam.lan:5000", None), Sender::Unnamed);
    }

    #[test]
    fn over_tls_a_page_that_came_without_it_is_not_ours() {
        assert_eq!(judge_sent("cam.lan:5000", Some("https://cam.lan:5000"), true), Sender::Ours);
        assert_eq!(judge_sent("cam.lan:5000", Some("http://cam.lan:5000"), true), Sender::Foreign);
    }

    #[test]
    fn configured_origins_are_exact_with_their_scheme() {
        assert_eq!(judge("inside:5000", Some("https://cams.example.net")), Sender::Ours);
        assert_eq!(judge("inside:5000", Some("http://cams.example.net")), Sender::Foreign);
    }

    #[test]
    fn two_origins_are_foreign() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "a".parse().unwrap());
        headers.append(header::ORIGIN, "http://a".parse().unwrap());
        headers.append(header::ORIGIN, "http://b".parse().unwrap());
        assert_eq!(Origins::default().judge(&headers, &Uri::from_static("/"), sent(false)), Sender::Foreign);
    }
}
