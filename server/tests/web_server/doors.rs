//! Who gets in: every route without a session, with a stale one, with nonsense, from another origin.

use axum::http::{Method, StatusCode, header};
use rtm2::web::routes::{Access, Credentials, Endpoint, Route};
use rtm2::web::{ROUTES, SERVER_FUNCTIONS};

use crate::common::{ADMIN, Answer, ORIGIN, PASSWORD, Site, VIEWER, basic, jpeg, login, request};

/// Paths that stand for a route.
fn paths(route: &Route) -> Vec<String> {
    if route.endpoint == Endpoint::Function {
        return SERVER_FUNCTIONS.iter().map(|&path| path.to_owned()).collect();
    }
    vec![route.path.replace("{camera}", "0").replace("{file}", "1000.jpg").replace("{start}", "1000000")]
}

fn guarded() -> impl Iterator<Item = (&'static Route, String)> {
    let routes = ROUTES.iter().filter(|route| route.access != Access::Public);
    routes.flat_map(|route| paths(route).into_iter().map(move |path| (route, path)))
}

fn assert_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
    assert!(answer.is_problem() && answer.body.len() < 100, "{what}: {:?}", answer.body);
    assert!(!answer.body.windows(2).any(|pair| pair == &jpeg(0)[..2]), "{what}: a picture");
}

#[test]
fn the_table_is_what_it_should_be() {
    let public: Vec<_> = ROUTES.iter().filter(|r| r.access == Access::Public).map(|r| r.path).collect();
    let pages = ["/", "/login", "/setup", "/history", "/settings", "/alarm", "/readiness"];
    // Who does not trust the certificate yet must learn how.
    let trust = ["", "/rtm2-authority.crt", "/rtm2-authority.pem", "/rtm2.mobileconfig", "/check", "/worker.js"];
    let trust = trust.map(|path| format!("/trust{path}"));
    let trust: Vec<_> = trust.iter().map(String::as_str).collect();
    let expected = [&pages[..], &trust, &["/healthz", "/api/v1/login", "/api/v1/setup"]].concat();
    assert_eq!(public, expected, "whatever else is public needs a reason");
    for route in ROUTES.iter().filter(|r| r.credentials == Credentials::SessionOrBasic) {
        assert_eq!(route.method, Method::GET, "{}: HTTP Basic is for reading only", route.path);
    }
    assert!(guarded().count() > 20);
}

#[tokio::test]
async fn b1_every_route_and_message_needs_a_session() {
    let site = Site::new();
    site.store(1_000_000);
    let stale = site.log_in(ADMIN).await;
    assert_eq!(site.post("/api/v1/logout", &stale, "{}").await.status, StatusCode::NO_CONTENT);
    let garbage = "rtm2_session=AAAAAAAAAAAAAAAAAAAAAA";
    let cookies = ["", &stale, garbage, "rtm2_session=", "rtm2_session=%00;x", "id=1; rtm2_session=zzz"];
    for (route, path) in guarded() {
        for cookie in cookies {
            let headers = [("cookie", cookie), ("origin", ORIGIN)];
            let answer = site.send(request(route.method.clone(), &path, &headers, "")).await;
            assert_refused(&answer, &format!("{path} with cookie {cookie:?}"));
        }
        for authorization in ["Basic", "Basic !!", "Bearer x", &basic("user", "change_it")] {
            let headers = [("authorization", authorization), ("origin", ORIGIN)];
            let answer = site.send(request(route.method.clone(), &path, &headers, "")).await;
            let limited = answer.status == StatusCode::TOO_MANY_REQUESTS;
            assert!(limited || answer.status == StatusCode::UNAUTHORIZED, "{path} with {authorization}");
        }
    }
}

#[tokio::test]
async fn with_a_session_every_door_opens() {
    let site = Site::new();
    let cookie = site.log_in(ADMIN).await;
    for (route, path) in guarded().filter(|(r, _)| !matches!(r.endpoint, Endpoint::Stream | Endpoint::OldStream)) {
        // Last, because it ends the session.
        if route.endpoint != Endpoint::Logout {
            let headers = [("cookie", &*cookie), ("origin", ORIGIN)];
            let status = site.send(request(route.method.clone(), &path, &headers, "")).await.status;
            assert!(!matches!(status.as_u16(), 401 | 403), "{path}: {status}");
        }
    }
    assert_eq!(site.post("/api/v1/logout", &cookie, "{}").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn b1_foreign_origin_is_refused() {
    let site = Site::new();
    let cookie = site.log_in(ADMIN).await;
    let changing = ROUTES.iter().filter(|r| r.method != Method::GET || r.endpoint == Endpoint::Socket);
    let changing: Vec<_> = changing.flat_map(|r| paths(r).into_iter().map(move |path| (r, path))).collect();
    assert!(changing.len() >= 4 + SERVER_FUNCTIONS.len());
    for (route, path) in &changing {
        for origin in ["http://evil.example", "null", "http://cam.lan:5001", "http://cam.lan", ""] {
            let headers = [("cookie", &*cookie), ("origin", origin)];
            let answer = site.send(request(route.method.clone(), path, &headers, "{}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} from {origin:?}");
            assert!(answer.is_problem());
        }
    }
    // Nothing of it had an effect.
    assert_eq!(site.get("/api/v1/session", &cookie).await.status, StatusCode::OK);
    let foreign = [("origin", "http://evil.example")];
    let answer = site.send(request(Method::POST, "/api/v1/login", &foreign, &login(ADMIN, PASSWORD))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn basic_is_for_reading_data_only() {
    let site = Site::new();
    let good = basic(VIEWER, PASSWORD);
    for (route, path) in guarded().filter(|(r, _)| !matches!(r.endpoint, Endpoint::Stream | Endpoint::OldStream)) {
        let answer = site.send(request(route.method.clone(), &path, &[("authorization", &good)], "")).await;
        let refused = answer.status == StatusCode::UNAUTHORIZED;
        assert_eq!(refused, route.credentials != Credentials::SessionOrBasic, "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn only_programs_are_asked_for_basic_credentials() {
    let site = Site::new();
    let curl = site.send(request(Method::GET, "/snapshot.jpg", &[("user-agent", "curl/8")], "")).await;
    assert!(curl.header(header::WWW_AUTHENTICATE).starts_with("Basic "));
    let browser = site.send(request(Method::GET, "/snapshot.jpg", &[("user-agent", "Mozilla/5.0")], "")).await;
    assert_eq!(browser.header(header::WWW_AUTHENTICATE), "");
}

#[tokio::test]
async fn server_functions_are_registered_and_check_rights() {
    let site = Site::new();
    let mut registered: Vec<_> = server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    registered.sort_unstable();
    registered.dedup();
    assert_eq!(registered, SERVER_FUNCTIONS);
    assert!(server_fn::axum::server_fn_paths().all(|(_, method)| method == Method::POST));

    let viewer = site.log_in(VIEWER).await;
    let add = r#"{"user":{"name":"carl","admin":true},"password":"correct horse battery"}"#;
    let calls = [("viewers", "{}"), ("accounts", "{}"), ("add_account", add), ("remove_account", r#"{"name":"anna"}"#)];
    for (function, body) in calls {
        let answer = site.post(&format!("/api/fn/{function}"), &viewer, body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{function}: {:?}", answer.body);
    }
    assert_eq!(site.auth.users().unwrap().len(), 2);
    let who = site.post("/api/fn/whoami", &viewer, "{}").await;
    assert_eq!(who.json(), serde_json::json!({ "name": VIEWER, "admin": false }));
    let admin = site.log_in(ADMIN).await;
    let added = site.post("/api/fn/add_account", &admin, add).await;
    assert_eq!(added.status, StatusCode::OK, "{:?}", added.body);
    assert_eq!(site.auth.users().unwrap().len(), 3);
    assert_eq!(site.post("/api/fn/add_account", &admin, add).await.status, StatusCode::CONFLICT);
    assert_eq!(site.post("/api/fn/nothing", &admin, "{}").await.status, StatusCode::NOT_FOUND);
    let form = [("cookie", &*admin), ("origin", ORIGIN), ("content-type", "application/x-www-form-urlencoded")];
    let answer = site.send(request(Method::POST, "/api/fn/remove_account", &form, "")).await;
    assert!(answer.status.is_client_error() || answer.status.is_server_error());
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = Site::new();
    let cookie = site.log_in(ADMIN).await;
    for path in ["/", "/login", "/nothing", "/api/v1/session", "/healthz", "/api/nothing"] {
        let answer = site.get(path, &cookie).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        for part in ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "'wasm-unsafe-eval'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert!(["no-store", "no-cache"].contains(&answer.header(header::CACHE_CONTROL)), "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_are_not_found_and_a_typed_address_is_the_page() {
    let site = Site::new();
    assert_eq!(site.get("/api/v2/anything", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/../server/Cargo.toml", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/%2e%2e/Cargo.toml", "").await.status, StatusCode::NOT_FOUND);
    let typed = request(Method::GET, "/somewhere", &[("accept", "text/html,*/*")], "");
    assert!(site.send(typed).await.header(header::CONTENT_TYPE).starts_with("text/html"));
    let long = "x".repeat(100_000);
    let answer = site.send(request(Method::POST, "/api/v1/login", &[], &login(&long, "x"))).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
