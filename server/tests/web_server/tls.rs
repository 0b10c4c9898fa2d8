//! TLS of its own on the same port as plain HTTP, the page that tells how to trust it, and what proxies may say.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::StatusCode;
use futures_util::StreamExt as _;
use rtm2::web::{Https, Trust, WebSettings};
use rtm2_tls::{Authority, Certificates, Names, OwnCertificate};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{client_async, tungstenite};

use crate::common::{ADMIN, PASSWORD, Server, Site, VIEWER, login};

/// A server with an authority of its own.
struct Lan {
    site: Site,
    server: Server,
    authority: Authority,
    _dir: TempDir,
}

impl Lan {
    async fn start() -> Self {
        let (dir, now) = (tempfile::tempdir().unwrap(), OffsetDateTime::now_utc());
        let mut names = Names::default();
        for name in ["localhost", "127.0.0.1", "rtm2.local"] {
            names.add(name);
        }
        let authority = Arc::new(Authority::open(dir.path(), &names, now).unwrap());
        let certificates = Certificates::new();
        certificates.set(OwnCertificate::new(Arc::clone(&authority)).renew(&names, now).unwrap().unwrap());
        let trust = Some(Arc::new(Trust::new(&authority, "pi", None)));
        let https = Some(Https { config: certificates.server_config().unwrap(), trust, hsts: false });
        let site = Site::with(WebSettings { https, ..WebSettings::default() });
        let server = site.listen().await;
        let authority = Arc::try_unwrap(authority).unwrap_or_else(|_| panic!("somebody else holds the authority"));
        Self { site, server, authority, _dir: dir }
    }

    async fn tls(&self) -> TlsStream<TcpStream> {
        tls(self.server.address, Some(&self.authority)).await.unwrap()
    }

    /// Asks over TLS.
    async fn ask(&self, request: &str) -> String {
        ask(self.tls().await, request).await
    }

    /// Asks without.
    async fn ask_plainly(&self, request: &str) -> String {
        ask(TcpStream::connect(self.server.address).await.unwrap(), request).await
    }
}

async fn tls(address: SocketAddr, trusted: Option<&Authority>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    if let Some(authority) = trusted {
        roots.add(CertificateDer::from(authority.der().to_vec())).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("rtm2.local").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(address).await?).await
}

/// Sends a request that begins with its line, and reads the whole answer.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    let (line, rest) = request.split_once('\n').unwrap_or((request, "\n"));
    let head = format!("{line} HTTP/1.1\r\nHost: rtm2.local:5000\r\nConnection: close\r\n");
    stream.write_all(format!("{head}{}", rest.replace('\n', "\r\n")).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn post_login(origin: &str, user: &str, further: &str) -> String {
    let body = login(user, PASSWORD);
    let length = body.len();
    format!(
        "POST /api/v1/login\nOrigin: {origin}\nContent-Type: application/json\nContent-Length: {length}\n{further}\n{body}"
    )
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let head = answer.split("\r\n\r\n").next().unwrap();
    let line = head.lines().find_map(|line| line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)));
    line.map_or("", |(_, value)| value)
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn who_trusts_the_authority_is_served_and_who_does_not_is_not() {
    let lan = Lan::start().await;
    assert_eq!(status(&lan.ask("GET /healthz").await), 200);
    assert!(tls(lan.server.address, None).await.is_err());
    // Plain or broken connections do no harm to the next.
    drop(TcpStream::connect(lan.server.address).await.unwrap());
    let mut broken = TcpStream::connect(lan.server.address).await.unwrap();
    broken.write_all(&[22, 3, 1, 0, 0]).await.unwrap();
    drop(broken);
    assert_eq!(status(&lan.ask("GET /healthz").await), 200);
}

#[tokio::test]
async fn plain_requests_are_sent_to_tls_and_get_nothing_else() {
    let lan = Lan::start().await;
    let root = lan.ask_plainly("GET /").await;
    assert_eq!((status(&root), header(&root, "location")), (307, "/trust?go"));
    for (request, location) in [
        ("GET /history?a=b", "https://rtm2.local:5000/history?a=b"),
        ("GET /api/v1/cameras", "https://rtm2.local:5000/api/v1/cameras"),
        ("GET /snapshot.jpg", "https://rtm2.local:5000/snapshot.jpg"),
        ("POST /", "https://rtm2.local:5000/"),
    ] {
        let answer = lan.ask_plainly(request).await;
        assert_eq!((status(&answer), header(&answer, "location")), (307, location), "{request}");
        assert!(answer.ends_with("\r\n\r\n"), "{request}: {answer}");
    }
    let log_in = lan.ask_plainly(&post_login("http://rtm2.local:5000", ADMIN, "")).await;
    assert_eq!((status(&log_in), header(&log_in, "set-cookie")), (307, ""));
    assert_eq!(status(&lan.ask_plainly("GET /healthz").await), 200);
    // A client cannot say that its plain connection was an encrypted one.
    let lie = lan.ask_plainly("GET /api/v1/openapi.json\nX-Forwarded-Proto: https\n\n").await;
    assert_eq!(status(&lie), 307);
}

#[tokio::test]
async fn the_page_of_trust_is_for_everybody_and_knows_whether_it_came_by_tls() {
    let lan = Lan::start().await;
    let fingerprint = rtm2_tls::fingerprint(lan.authority.der());
    for page in [lan.ask_plainly("GET /trust").await, lan.ask("GET /trust").await] {
        assert_eq!(status(&page), 200);
        assert!(page.contains(&fingerprint) && page.contains("Certificate Trust Settings"));
        let policy = header(&page, "content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("connect-src 'self' https://rtm2.local:5000;")
        );
        assert!(!policy.contains("unsafe"));
        let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(page.contains(&format!("<script nonce=\"{nonce}\">")));
    }
    let iphone = lan.ask_plainly("GET /trust\nUser-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_5)\n\n").await;
    assert!(iphone.contains("<details id=\"own\" open><summary><h2>iPhone and iPad</h2></summary>"));
    assert_eq!(status(&lan.ask_plainly("GET /trust/check").await), 426);
    let check = lan.ask("GET /trust/check").await;
    assert_eq!((status(&check), header(&check, "cross-origin-resource-policy")), (204, "cross-origin"));
    assert_eq!(header(&lan.ask("GET /trust/worker.js").await, "content-type"), "text/javascript; charset=utf-8");
}

#[tokio::test]
async fn the_certificate_comes_in_every_form_and_the_key_in_none() {
    let lan = Lan::start().await;
    let crt = lan.ask_plainly("GET /trust/rtm2-authority.crt").await;
    assert_eq!(header(&crt, "content-type"), "application/x-x509-ca-cert");
    assert_eq!(header(&crt, "content-length"), lan.authority.der().len().to_string());
    let pem = lan.ask_plainly("GET /trust/rtm2-authority.pem").await;
    assert!(pem.ends_with(lan.authority.pem()));
    let profile = lan.ask_plainly("GET /trust/rtm2.mobileconfig").await;
    assert_eq!(header(&profile, "content-type"), "application/x-apple-aspen-config");
    let first_line: String = lan.authority.pem().lines().nth(1).unwrap().into();
    assert!(profile.contains(&first_line) && profile.contains("rtm2 (pi)"));
    for answer in [crt, pem, profile] {
        assert!(!answer.contains("PRIVATE KEY"));
    }
    // Without an authority of its own there is nothing to hand out.
    let site = Site::new();
    for path in ["/trust/rtm2-authority.crt", "/trust/rtm2-authority.pem", "/trust/rtm2.mobileconfig"] {
        assert_eq!(site.get(path, "").await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let page = site.get("/trust", "").await;
    assert!(String::from_utf8_lossy(&page.body).contains("rtm2 --lan"));
}

#[tokio::test]
async fn cookies_and_origins_are_those_of_tls() {
    let lan = Lan::start().await;
    let answer = lan.ask(&post_login("https://rtm2.local:5000", ADMIN, "")).await;
    assert_eq!(status(&answer), 200, "{answer}");
    let cookie = header(&answer, "set-cookie");
    for part in ["; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(header(&answer, "strict-transport-security"), "");
    // The plain page at the same port may be anybody's.
    for origin in ["http://rtm2.local:5000", "https://rtm2.local", "https://evil.example"] {
        assert_eq!(status(&lan.ask(&post_login(origin, VIEWER, "")).await), 403, "{origin}");
    }
}

#[tokio::test]
async fn sockets_open_over_tls() {
    let lan = Lan::start().await;
    let answer = lan.ask(&post_login("https://rtm2.local:5000", VIEWER, "")).await;
    let cookie = header(&answer, "set-cookie").split(';').next().unwrap().to_owned();
    let open = |origin: &'static str| {
        let mut request = "wss://rtm2.local:5000/ws/v1".into_client_request().unwrap();
        for (name, value) in [("cookie", &*cookie), ("origin", origin), ("sec-websocket-protocol", "rtm2.v1")] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let tls = lan.tls();
        async move { client_async(request, tls.await).await.map(|(socket, _)| socket) }
    };
    let mut socket = open("https://rtm2.local:5000").await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().is_text());
    assert_eq!(lan.site.app.viewers.list().len(), 1);
    let refused = open("http://rtm2.local:5000").await.unwrap_err();
    assert!(matches!(refused, tungstenite::Error::Http(answer) if answer.status() == StatusCode::FORBIDDEN));
}

#[tokio::test]
async fn hsts_is_said_over_tls_where_it_was_asked_for() {
    let lan = Lan::start().await;
    let mut https = lan.site.app.settings.https.clone().unwrap();
    (https.hsts, https.trust) = (true, None);
    let site = Site::with(WebSettings { https: Some(https), ..WebSettings::default() });
    let server = site.listen().await;
    let answer = ask(tls(server.address, Some(&lan.authority)).await.unwrap(), "GET /healthz").await;
    assert_eq!(header(&answer, "strict-transport-security"), "max-age=15552000");
    let plain = ask(TcpStream::connect(server.address).await.unwrap(), "GET /").await;
    assert_eq!((status(&plain), header(&plain, "location")), (307, "https://rtm2.local:5000/"));
    assert_eq!(header(&plain, "strict-transport-security"), "");
}

#[tokio::test]
async fn only_a_configured_proxy_says_who_and_how() {
    let forwarded = "X-Forwarded-Proto: https\nX-Forwarded-Host: cams.example.net\nX-Forwarded-For: 203.0.113.9\n";
    let trusting = WebSettings { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..WebSettings::default() };
    for (settings, trusted) in [(trusting, true), (WebSettings::default(), false)] {
        let site = Site::with(settings);
        let server = site.listen().await;
        let connect = || async { TcpStream::connect(server.address).await.unwrap() };
        let public = ask(connect().await, &post_login("https://cams.example.net", ADMIN, forwarded)).await;
        assert_eq!(status(&public), if trusted { 200 } else { 403 }, "{public}");
        assert_eq!(header(&public, "set-cookie").contains("Secure"), trusted);
        // To the host that the connection itself names, the other way round.
        let direct = ask(connect().await, &post_login("http://rtm2.local:5000", ADMIN, forwarded)).await;
        assert_eq!(status(&direct), if trusted { 403 } else { 200 }, "{direct}");
        assert!(!header(&direct, "set-cookie").contains("Secure"));
    }
}

#[tokio::test]
async fn guesses_are_counted_for_the_client_behind_a_proxy() {
    let trusting = WebSettings { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()], ..WebSettings::default() };
    let site = Site::with(trusting);
    let server = site.listen().await;
    let attempt = |from: &'static str| {
        let body = login(ADMIN, "wrong password");
        let length = body.len();
        let request = format!(
            "POST /api/v1/login\nX-Forwarded-For: 9.9.9.9, {from}\nContent-Type: application/json\nContent-Length: {length}\n\n{body}"
        );
        async move { status(&ask(TcpStream::connect(server.address).await.unwrap(), &request).await) }
    };
    let mut tries = 0;
    while attempt("203.0.113.9").await != 429 {
        tries += 1;
        assert!(tries < 100, "an address is never limited");
    }
    assert_eq!(attempt("203.0.113.10").await, 401);
}
