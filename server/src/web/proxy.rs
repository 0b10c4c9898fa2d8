//! Who is at the other end, and whether the way is encrypted: from the connection itself, and from the headers of
//! proxies that the configuration trusts. Headers of anybody else are taken out before anything reads them.
//!
//! Only `X-Forwarded-For`, `-Proto` and `-Host` are read. A proxy that sets them passes on a `Forwarded` (RFC 7239) of
//! its client unread, so believing both would let clients write their own.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use super::App;
use super::listener::Connection;

/// What proxies say, and what is taken out when nobody trusted said it.
const FORWARDED: [HeaderName; 5] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("x-real-ip"),
];

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// The client's address.
    pub(super) from: IpAddr,
    /// Whether the client's way here is encrypted.
    pub(super) secure: bool,
}

/// What is known of a request's way. Without a connection, as in tests of routes alone, nothing is.
pub(super) fn sent(extensions: &Extensions) -> Sent {
    extensions.get().copied().unwrap_or(Sent { from: IpAddr::V4(Ipv4Addr::UNSPECIFIED), secure: false })
}

/// Settles [`Sent`] and the host of a request, before anything else reads it.
pub(super) async fn settle(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let connection = request.extensions().get::<ConnectInfo<Connection>>().map(|info| info.0);
    if let Some(connection) = connection {
        let (sent, host) = judge(&app.settings.trusted_proxies, connection, request.headers());
        if let Some(host) = host {
            request.headers_mut().insert(header::HOST, host);
        }
        request.extensions_mut().insert(sent);
    }
    for name in &FORWARDED {
        request.headers_mut().remove(name);
    }
    next.run(request).await
}

/// Who sent it, and to which host if a trusted proxy names another one.
fn judge(trusted: &[IpNet], connection: Connection, headers: &HeaderMap) -> (Sent, Option<HeaderValue>) {
    let peer = connection.address.ip().to_canonical();
    let direct = Sent { from: peer, secure: connection.tls };
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        return (direct, None);
    }
    let [forwarded_for, proto, host] = [&FORWARDED[0], &FORWARDED[1], &FORWARDED[2]].map(|name| all(headers, name));
    // From the nearest on: the first that is no proxy of ours is the client. Whatever stands before it, it wrote itself.
    let mut from = peer;
    for address in forwarded_for.iter().rev() {
        let Some(address) = parse(address) else { break };
        from = address;
        if !is_trusted(&address) {
            break;
        }
    }
    let secure = match proto.last() {
        Some(proto) => proto.eq_ignore_ascii_case("https") || proto.eq_ignore_ascii_case("wss"),
        None => connection.tls,
    };
    let plain = |host: &&String| !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic());
    let host = host.last().filter(plain).and_then(|host| HeaderValue::from_str(host).ok());
    (Sent { from, secure }, host)
}

/// The items of a list that may be spread over several headers, in order.
fn all(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|item| item.trim().to_owned()).collect()
}

/// An address, also with a port or in the brackets that some proxies write.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().or_else(|_| text.parse::<std::net::SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(peer: &str, tls: bool, headers: &[(&'static str, &str)]) -> (String, bool, Option<String>) {
        let trusted: Vec<IpNet> = ["127.0.0.1/32", "10.0.0.0/8"].map(|n| n.parse().unwrap()).to_vec();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let connection = Connection { address: format!("{peer}:999").parse().unwrap(), tls };
        let (sent, host) = judge(&trusted, connection, &map);
        (sent.from.to_string(), sent.secure, host.map(|h| h.to_str().unwrap().to_owned()))
    }

    const ALL: [(&str, &str); 3] =
        [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "cams.example.net")];

    #[test]
    fn strangers_are_not_believed() {
        assert_eq!(judged("192.168.1.9", false, &ALL), ("192.168.1.9".into(), false, None));
        assert_eq!(judged("[::ffff:192.168.1.9]", true, &ALL), ("192.168.1.9".into(), true, None));
    }

    #[test]
    fn a_trusted_proxy_says_who_where_and_how() {
        let said = ("1.2.3.4".into(), true, Some("cams.example.net".into()));
        assert_eq!(judged("127.0.0.1", false, &ALL), said);
        assert_eq!(judged("127.0.0.1", false, &[]), ("127.0.0.1".into(), false, None));
        assert!(!judged("10.9.9.9", true, &[("x-forwarded-proto", "http")]).1);
    }

    #[test]
    fn the_nearest_stranger_is_the_client() {
        let from = |value: &str| judged("127.0.0.1", false, &[("x-forwarded-for", value)]).0;
        // The client wrote the first itself, hoping to be 9.9.9.9.
        assert_eq!(from("9.9.9.9, 1.2.3.4, 10.0.0.3"), "1.2.3.4");
        assert_eq!(from("10.0.0.3"), "10.0.0.3");
        assert_eq!(from("1.2.3.4, nonsense, 10.0.0.3"), "10.0.0.3");
        assert_eq!(from("[2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(from("1.2.3.4:80"), "1.2.3.4");
        assert_eq!(from(""), "127.0.0.1");
        let two = [("x-forwarded-for", "9.9.9.9"), ("x-forwarded-for", "1.2.3.4")];
        assert_eq!(judged("127.0.0.1", false, &two).0, "1.2.3.4");
    }
}
