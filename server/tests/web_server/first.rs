//! The document of the history: with its first chart for who is logged in, and the empty shell for everybody else.

use axum::http::{StatusCode, header};
use rtm2_app::time::MICROS_PER_SECOND;

use crate::common::{ADMIN, Answer, Site, VIEWER};

/// A camera's history of three seconds.
fn recorded() -> Site {
    let site = Site::new();
    for second in [0, 5, 90] {
        site.store((1_780_000_000 + second) * MICROS_PER_SECOND);
    }
    site
}

fn html(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

fn has_chart(answer: &Answer) -> bool {
    html(answer).contains("id=\"first\"")
}

/// Whether the page was built: without it there is nothing to put a chart into.
async fn is_built(site: &Site) -> bool {
    site.get("/", "").await.status == StatusCode::OK
}

#[tokio::test]
async fn only_who_is_logged_in_gets_a_chart_and_no_cache_keeps_it() {
    let site = recorded();
    let built = is_built(&site).await;
    for user in [ADMIN, VIEWER] {
        let answer = site.get("/history", &site.log_in(user).await).await;
        assert_eq!(has_chart(&answer), built);
        if built {
            assert_eq!((answer.status, answer.header(header::CACHE_CONTROL)), (StatusCode::OK, "no-store, private"));
            assert_eq!(answer.header(header::ETAG), "");
        }
    }
    for cookie in ["", "id=AAAA", "rtm2-look=0_0"] {
        let answer = site.get("/history", cookie).await;
        assert!(!has_chart(&answer), "{cookie}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-cache");
    }
    let cookie = site.log_in(VIEWER).await;
    for other in ["/", "/alarm", "/login", "/history/x"] {
        assert!(!has_chart(&site.get(other, &cookie).await), "{other}");
    }
}

#[tokio::test]
async fn without_motion_or_camera_the_shell_is_plain() {
    let site = recorded();
    let cookie = site.log_in(VIEWER).await;
    for query in ["?camera=1", "?camera=7", "?camera=7&at=1780000000000000"] {
        let answer = site.get(&format!("/history{query}"), &cookie).await;
        assert!(!has_chart(&answer), "{query}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-cache");
    }
    let built = is_built(&site).await;
    for query in ["?camera=0", "?t=1780000005000", "?at=%3Cscript%3E", "?camera=%3Cb%3E"] {
        assert_eq!(has_chart(&site.get(&format!("/history{query}"), &cookie).await), built, "{query}");
    }
}

#[tokio::test]
async fn the_policy_is_that_of_every_document_and_the_chart_keeps_to_it() {
    let site = recorded();
    if !is_built(&site).await {
        return;
    }
    let answer = site.get("/history", &site.log_in(ADMIN).await).await;
    let policy = |answer: &Answer| {
        let policy = answer.header(header::CONTENT_SECURITY_POLICY).to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap().to_owned();
        (policy.replace(&nonce, "N"), nonce)
    };
    let (ours, nonce) = policy(&answer);
    assert_eq!(ours, policy(&site.get("/", "").await).0);
    let html = html(&answer);
    assert!(html.contains(&format!("<style nonce=\"{nonce}\">")));
    assert!(!html.contains("rel=stylesheet") && !html.contains("rel=\"stylesheet\""), "styles are inside");
    let chart = html.split("id=\"first\"").nth(1).unwrap().split("id=splash").next().unwrap();
    for forbidden in ["<script", "<style", " style=", " onload=", " onclick=", "javascript:", "href"] {
        assert!(!chart.contains(forbidden), "{forbidden}");
    }
}
