//! Nothing secret is ever logged.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode, header};
use tracing_subscriber::fmt::MakeWriter;

use crate::common::{ADMIN, ORIGIN, PASSWORD, Site, VIEWER, basic, login, request};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A handshake as a browser sends it; returns the status line.
fn handshake(address: std::net::SocketAddr, cookie: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /ws/v1 HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: rtm2.v1\r\nCookie: {cookie}\r\n\r\n"
    )
    .unwrap();
    let mut answer = [0; 200];
    let n = stream.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..n]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn b2_no_secret_is_logged() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();

    let site = Site::new();
    let server = site.listen().await;
    let cookie = site.log_in(ADMIN).await;
    let wrong = "wrong horse battery";
    assert_eq!(site.post("/api/v1/login", "", &login(VIEWER, wrong)).await.status, StatusCode::UNAUTHORIZED);
    // A password in the place of the name.
    site.post("/api/v1/login", "", &login("misplaced-password", "x")).await;
    site.post("/api/v1/login", "", r#"{"user":"anna","password":"malformed-password""#).await;
    site.post("/api/v1/setup", "", r#"{"token":"secret-token","user":"x","password":"setup horse battery"}"#).await;
    let (good, bad) = (basic(VIEWER, PASSWORD), basic(VIEWER, wrong));
    for authorization in [&good, &bad] {
        let headers = [("authorization", authorization.as_str()), ("x-secret", "header-secret")];
        site.send(request(Method::GET, "/snapshot.jpg?camera=x&password=query-secret", &headers, "")).await;
        site.send(request(Method::GET, "/nothing?password=query-secret", &headers, "")).await;
    }
    let change = format!(r#"{{"current":"{PASSWORD}","new":"fresh horse battery"}}"#);
    assert_eq!(site.post("/api/fn/change_password", &cookie, &change).await.status, StatusCode::OK);
    let add = r#"{"user":{"name":"carl","admin":false},"password":"carls horse battery"}"#;
    assert_eq!(site.post("/api/fn/add_account", &cookie, add).await.status, StatusCode::OK);
    let keys = r#"{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}"#;
    let subscription = format!(r#"{{"endpoint":"https://push.example/endpoint-secret","keys":{keys}}}"#);
    let subscribe = format!(r#"{{"subscription":{subscription},"name":"Phone"}}"#);
    assert_eq!(site.post("/api/fn/push_subscribe", &cookie, &subscribe).await.status, StatusCode::OK);
    let address = server.address;
    let second = cookie.clone();
    let (accepted, refused) = tokio::task::spawn_blocking(move || {
        (handshake(address, &second), handshake(address, "rtm2_session=stolen-cookie-value"))
    })
    .await
    .unwrap();
    assert!(accepted.contains("101"), "{accepted}");
    assert!(refused.contains("401"), "{refused}");
    site.send(request(Method::POST, "/api/v1/logout", &[("cookie", &cookie), ("origin", "http://evil.example")], ""))
        .await;
    site.send(request(Method::POST, "/api/v1/logout", &[("cookie", &cookie), ("origin", ORIGIN)], "")).await;
    server.shutdown.cancel();
    server.task.await.unwrap().unwrap();

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("logged in"), "nothing was captured");
    let session = cookie.split_once('=').unwrap().1;
    let encoded = |authorization: &str| authorization.trim_start_matches("Basic ").to_owned();
    let secrets = [PASSWORD, wrong, "misplaced-password", "malformed-password", "secret-token", "setup horse battery"];
    let more = ["header-secret", "query-secret", "fresh horse battery", "carls horse battery", "stolen-cookie-value"];
    let push = ["endpoint-secret", "BTBZMqHH6r4Tts7J_aSIgg"];
    for secret in secrets.into_iter().chain(more).chain(push).chain([session, &encoded(&good), &encoded(&bad)]) {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} was logged ({})", header::AUTHORIZATION);
    }
}
