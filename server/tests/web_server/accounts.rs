//! Logging in and out, the first account, lockout.

use axum::http::{Method, StatusCode, header};
use rtm2::auth::Auth;
use rtm2::web::WebSettings;

use crate::common::{ADMIN, ORIGIN, PASSWORD, Site, VIEWER, basic, cookie_of, login, request};

#[tokio::test]
async fn b3_no_default_account() {
    let site = Site::over(Auth::in_memory().unwrap(), WebSettings::default());
    for (user, password) in [("user", "change_it"), ("admin", "admin"), ("admin", ""), ("", ""), ("root", "root")] {
        let answer = site.post("/api/v1/login", "", &login(user, password)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{user}");
    }
    assert_eq!(site.post("/api/v1/setup", "", &setup("", "anna")).await.status, StatusCode::FORBIDDEN);
    assert!(!site.auth.has_users().unwrap());
}

fn setup(token: &str, user: &str) -> String {
    serde_json::json!({ "token": token, "user": user, "password": PASSWORD }).to_string()
}

#[tokio::test]
async fn the_setup_link_makes_one_admin_and_logs_in() {
    let site = Site::over(Auth::in_memory().unwrap(), WebSettings::default());
    let token = site.auth.setup_token().unwrap().unwrap();
    assert_eq!(site.post("/api/v1/setup", "", &setup("0123", "anna")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post("/api/v1/setup", "", &setup(&token, "a b")).await.status, StatusCode::BAD_REQUEST);
    let made = site.post("/api/v1/setup", "", &setup(&token, "anna")).await;
    assert_eq!(made.json(), serde_json::json!({ "name": "anna", "admin": true }));
    assert_eq!(site.get("/api/v1/session", &cookie_of(&made)).await.status, StatusCode::OK);
    assert_eq!(site.post("/api/v1/setup", "", &setup(&token, "eve")).await.status, StatusCode::CONFLICT);
    assert_eq!(site.auth.users().unwrap().len(), 1);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    for secure in [false, true] {
        let site = Site::with(WebSettings { secure_cookies: secure, ..WebSettings::default() });
        let answer = site.post("/api/v1/login", "", &login(ADMIN, PASSWORD)).await;
        assert_eq!(answer.json(), serde_json::json!({ "name": ADMIN, "admin": true }));
        let cookie = answer.header(header::SET_COOKIE);
        for part in ["rtm2_session=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert_eq!(cookie.contains("Secure"), secure);
    }
}

#[tokio::test]
async fn logging_in_again_changes_the_session_and_logging_out_ends_it() {
    let site = Site::new();
    let first = site.log_in(ADMIN).await;
    let again = site.post("/api/v1/login", &first, &login(VIEWER, PASSWORD)).await;
    let second = cookie_of(&again);
    assert_ne!(first, second, "a session id from before must not be worth more afterwards");
    assert_eq!(site.get("/api/v1/session", &first).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/api/v1/session", &second).await.json()["name"], VIEWER);
    let out = site.post("/api/v1/logout", &second, "{}").await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header(header::SET_COOKIE).contains("Max-Age=0"), "{:?}", out.headers);
    assert_eq!(site.get("/api/v1/session", &second).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_only() {
    let site = Site::new();
    let (here, there) = (site.log_in(VIEWER).await, site.log_in(VIEWER).await);
    let change = |current: &str| format!(r#"{{"current":"{current}","new":"another horse battery"}}"#);
    let wrong = site.post("/api/fn/change_password", &here, &change("wrong horse battery")).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/api/v1/session", &there).await.status, StatusCode::OK);
    let changed = site.post("/api/fn/change_password", &here, &change(PASSWORD)).await;
    assert_eq!(changed.status, StatusCode::OK, "{:?}", changed.body);
    assert_eq!(site.get("/api/v1/session", &here).await.status, StatusCode::OK);
    assert_eq!(site.get("/api/v1/session", &there).await.status, StatusCode::UNAUTHORIZED);
    let old = site.post("/api/v1/login", "", &login(VIEWER, PASSWORD)).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_removed_account_is_out_at_once() {
    let site = Site::new();
    let cookie = site.log_in(VIEWER).await;
    let admin = site.log_in(ADMIN).await;
    let removed = site.post("/api/fn/remove_account", &admin, r#"{"name":"bert"}"#).await;
    assert_eq!(removed.status, StatusCode::OK);
    assert_eq!(site.get("/api/v1/session", &cookie).await.status, StatusCode::UNAUTHORIZED);
    let last = site.post("/api/fn/remove_account", &admin, r#"{"name":"anna"}"#).await;
    assert_eq!(last.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn guessing_is_locked_out_for_log_in_and_basic_alike() {
    let site = Site::new();
    for _ in 0..10 {
        let answer = site.post("/api/v1/login", "", &login(ADMIN, "wrong horse battery")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let locked = site.post("/api/v1/login", "", &login(ADMIN, PASSWORD)).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = locked.header(header::RETRY_AFTER).parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    let good = basic(ADMIN, PASSWORD);
    let read = site.send(request(Method::GET, "/api/v1/cameras", &[("authorization", &good)], "")).await;
    assert_eq!(read.status, StatusCode::TOO_MANY_REQUESTS);
    // The other account is not hurt.
    site.log_in(VIEWER).await;
}

#[tokio::test]
async fn the_body_of_a_log_in_is_checked() {
    let site = Site::new();
    for body in ["{}", "[]", "null", "{", r#"{"user":"anna","password":"x","more":1}"#] {
        assert_eq!(site.post("/api/v1/login", "", body).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let text = [("origin", ORIGIN), ("content-type", "text/plain")];
    let answer = site.send(request(Method::POST, "/api/v1/login", &text, "")).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(answer.is_problem());
}
