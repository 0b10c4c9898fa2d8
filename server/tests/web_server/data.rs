//! Stored frames, bars, the original's addresses, health.

use axum::http::{Method, StatusCode, header};
use proptest::prelude::*;
use rtm2_app::wire::Flags;
use rtm2_app::{CameraId, CameraState};
use rtm2_camera::jpeg::{Limits, inspect};
use serde_json::json;

use crate::common::{ADMIN, PASSWORD, Site, VIEWER, basic, frame, jpeg, real_jpeg, request};

#[tokio::test]
async fn a_stored_frame_is_answered_byte_for_byte_and_kept_by_browsers() {
    let site = Site::new();
    site.store(5_000_000);
    let cookie = site.log_in(VIEWER).await;
    let path = "/api/v1/cameras/0/frames/5000000.jpg";
    let answer = site.get(path, &cookie).await;
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &jpeg(5_000_000)[..]));
    assert_eq!(answer.header(header::CONTENT_TYPE), "image/jpeg");
    assert_eq!(answer.header(header::CACHE_CONTROL), "private, max-age=31536000, immutable");
    let etag = answer.header(header::ETAG).to_owned();
    let again = [("cookie", &*cookie), ("if-none-match", &*etag)];
    let known = site.send(request(Method::GET, path, &again, "")).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(known.header(header::ETAG), etag);
    let other = [("cookie", &*cookie), ("if-none-match", "\"other\"")];
    assert_eq!(site.send(request(Method::GET, path, &other, "")).await.status, StatusCode::OK);
    let head = site.send(request(Method::HEAD, path, &[("cookie", &*cookie)], "")).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn b12_a_missing_frame_is_not_found() {
    let site = Site::new();
    // More than memory holds: the first are gone.
    for second in 1..=80 {
        site.store(second * 1_000_000);
    }
    let cookie = site.log_in(VIEWER).await;
    for path in ["/api/v1/cameras/0/frames/1000000.jpg", "/frames/1000.jpg", "/api/v1/cameras/1/frames/80000000.jpg"] {
        let answer = site.get(path, &cookie).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.is_problem());
    }
    let bars = site.get("/api/v1/cameras/0/bars", &cookie).await.json();
    for bar in bars["bars"].as_array().unwrap() {
        let path = format!("/api/v1/cameras/0/frames/{}.jpg", bar[2]);
        assert_eq!(site.get(&path, &cookie).await.status, StatusCode::OK, "a bar without its frame");
    }
}

#[tokio::test]
async fn a_small_copy_of_a_frame_is_made_and_kept_by_browsers() {
    let site = Site::new();
    let picture = real_jpeg(640, 480);
    site.store_jpeg(5_000_000, &picture);
    site.store_jpeg(6_000_000, &picture[..picture.len() / 2]);
    let cookie = site.log_in(VIEWER).await;
    let path = "/api/v1/cameras/0/frames/5000000.jpg?width=160";
    let answer = site.get(path, &cookie).await;
    assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::OK, "image/jpeg"));
    assert_eq!(answer.header(header::CACHE_CONTROL), "private, max-age=31536000, immutable");
    let header = inspect(&answer.body, &Limits::default()).unwrap();
    assert_eq!((header.width, header.height), (160, 120));
    assert!(answer.body.len() < picture.len() / 2);
    let whole = site.get("/api/v1/cameras/0/frames/5000000.jpg", &cookie).await;
    assert_eq!(whole.body, picture);
    let etag = answer.header(header::ETAG).to_owned();
    assert_ne!(etag, whole.header(header::ETAG));
    let again = [("cookie", &*cookie), ("if-none-match", &*etag)];
    let known = site.send(request(Method::GET, path, &again, "")).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));

    for (path, status) in [
        ("/api/v1/cameras/0/frames/5000000.jpg?width=15", StatusCode::BAD_REQUEST),
        ("/api/v1/cameras/0/frames/5000000.jpg?width=1281", StatusCode::BAD_REQUEST),
        ("/api/v1/cameras/0/frames/5000000.jpg?width=wide", StatusCode::BAD_REQUEST),
        ("/api/v1/cameras/0/frames/5000000.jpg?height=160", StatusCode::BAD_REQUEST),
        ("/api/v1/cameras/0/frames/5000001.jpg?width=160", StatusCode::NOT_FOUND),
        ("/api/v1/cameras/0/frames/6000000.jpg?width=160", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = site.get(path, &cookie).await;
        assert_eq!(answer.status, status, "{path}: {:?}", answer.body);
        assert!(answer.is_problem(), "{path}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{path}");
    }
    let whole = site.get("/api/v1/cameras/0/frames/6000000.jpg", &cookie).await;
    assert_eq!(whole.status, StatusCode::OK, "what the camera sent is answered as it came");
}

#[tokio::test]
async fn many_small_copies_at_once_are_all_answered() {
    let site = Site::new();
    let picture = real_jpeg(640, 480);
    for second in 1..=40 {
        site.store_jpeg(second * 1_000_000, &picture);
    }
    let cookie = site.log_in(VIEWER).await;
    let paths: Vec<_> = (1..=40).map(|s| format!("/api/v1/cameras/0/frames/{s}000000.jpg?width=96")).collect();
    let answers = futures_util::future::join_all(paths.iter().map(|path| site.get(path, &cookie))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
}

#[tokio::test]
async fn b10_an_empty_history_is_an_answer() {
    let site = Site::new();
    let cookie = site.log_in(VIEWER).await;
    let empty = json!({ "camera": 0, "bucket_us": 1_000_000, "bars": [], "extent": null });
    assert_eq!(site.get("/api/v1/cameras/0/bars", &cookie).await.json(), empty);
    for path in ["/frames/undefined.jpg", "/api/v1/cameras/0/frames/undefined.jpg", "/api/v1/cameras/0/frame?seek=last"]
    {
        assert_eq!(site.get(path, &cookie).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    site.store(7_500_000);
    let one = site.get("/api/v1/cameras/0/bars?last=10", &cookie).await.json();
    assert_eq!(one["bars"], json!([[7_000_000, 1, 7_500_000]]), "one frame is a history");
    assert_eq!(one["extent"], json!([7_500_000, 7_500_000]));
}

#[tokio::test]
async fn b13_num_is_needed_and_zero_is_none() {
    let site = Site::new();
    let cookie = site.log_in(VIEWER).await;
    for at in [1_000_000, 1_200_000, 3_700_000] {
        site.store(at);
    }
    for query in
        ["q=frames_list", "q=frames_list&num=", "q=frames_list&num=x", "q=frames_list&num=-1", "q=what", "", "num=1"]
    {
        let answer = site.get(&format!("/api?{query}"), &cookie).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.is_problem());
    }
    let list = async |num: &str| site.get(&format!("/api?q=frames_list&num={num}"), &cookie).await.json();
    assert_eq!(list("0").await, json!([]));
    assert_eq!(list("1").await, json!([[3000, 1, [3700]]]));
    let all = json!([[1000, 2, [1000, 1200]], [3000, 1, [3700]]]);
    assert_eq!(list("all").await, all);
    assert_eq!(list("99999999999").await, all);
    assert_eq!(site.get("/frames/3700.jpg", &cookie).await.body, jpeg(3_700_000));
    assert_eq!(site.get("/frames/3700.jpg?camera=1", &cookie).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn bars_are_asked_by_range_and_width_or_by_number() {
    let site = Site::new();
    let cookie = site.log_in(VIEWER).await;
    for at in [1_000_000, 2_000_000, 61_000_000] {
        site.store(at);
    }
    let bars = async |query: &str| site.get(&format!("/api/v1/cameras/0/bars?{query}"), &cookie).await;
    let minute = bars("from=0&to=120000000&bucket=60000000").await.json();
    assert_eq!(minute["bars"], json!([[0, 2, 1_000_000], [60_000_000, 1, 61_000_000]]));
    assert_eq!(bars("last=1").await.json()["bars"], json!([[61_000_000, 1, 61_000_000]]));
    assert_eq!(bars("last=0").await.json()["bars"], json!([]));
    for bad in ["from=0", "to=1", "from=0&to=1&last=1", "from=0&to=9&bucket=0", "from=0&to=9&bucket=-5", "last=-1"]
        .into_iter()
        .chain(["from=0&to=9&bucket=7", "last=x", "nonsense=1", "from=99999999999999999999&to=1", "bucket=1000000"])
    {
        let answer = bars(bad).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(answer.is_problem());
    }
    assert_eq!(site.get("/api/v1/cameras/9/bars", &cookie).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/api/v1/cameras/x/bars", &cookie).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn frames_are_listed_and_stepped_through() {
    let site = Site::new();
    let cookie = site.log_in(VIEWER).await;
    for at in [1_000_000, 2_000_000, 3_000_000] {
        site.store(at);
    }
    let at = async |query: &str| {
        let answer = site.get(&format!("/api/v1/cameras/0/frame?{query}"), &cookie).await;
        (answer.status == StatusCode::OK).then(|| answer.json()["at"].as_i64().unwrap())
    };
    assert_eq!(at("seek=first").await, Some(1_000_000));
    assert_eq!(at("seek=last").await, Some(3_000_000));
    assert_eq!(at("seek=next&at=1000000").await, Some(2_000_000));
    assert_eq!(at("seek=previous&at=1000000").await, None);
    assert_eq!(at("seek=at&at=2999999").await, Some(2_000_000));
    let without_time = site.get("/api/v1/cameras/0/frame?seek=next", &cookie).await;
    assert_eq!(without_time.status, StatusCode::BAD_REQUEST);
    let list = site.get("/api/v1/cameras/0/frames?from=0&to=9000000&limit=2", &cookie).await.json();
    assert_eq!(list.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_newest_picture_is_a_snapshot() {
    let site = Site::new();
    let good = basic(VIEWER, PASSWORD);
    let get = async |path| site.send(request(Method::GET, path, &[("authorization", &good)], "")).await;
    let none = get("/snapshot.jpg").await;
    assert_eq!(none.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(none.is_problem());
    site.hub.cameras()[0].publish(frame(3, Flags::default()));
    for path in ["/snapshot.jpg", "/snapshot.jpg?camera=0", "/api/v1/cameras/0/snapshot.jpg"] {
        let answer = get(path).await;
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &jpeg(3)[..]), "{path}");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    }
    assert_eq!(get("/snapshot.jpg?camera=7").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn readiness_tells_what_is_wrong() {
    let site = Site::new();
    let cookie = site.log_in(VIEWER).await;
    assert_eq!(site.get("/healthz", "").await.body, "ok\n");
    let starting = site.get("/readyz", &cookie).await;
    assert_eq!(starting.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(starting.json()["reasons"][0], "camera Door is starting");
    for id in [0, 1] {
        site.hub.set_state(CameraId(id), CameraState::Live);
    }
    let ready = site.get("/readyz", &cookie).await;
    assert_eq!((ready.status, ready.json()), (StatusCode::OK, json!({ "ready": true, "reasons": [] })));
    let version = site.get("/version", &cookie).await.json();
    assert_eq!(version["protocol"], rtm2_app::wire::PROTOCOL);
}

#[tokio::test]
async fn metrics_are_in_prometheus_form() {
    let site = Site::new();
    site.hub.cameras()[0].publish(frame(3, Flags::default()));
    site.hub.set_state(CameraId(0), CameraState::Live);
    site.store(1_000_000);
    metrics::histogram!(rtm2::pipeline::stats::DETECT_SECONDS, "camera" => "0").record(0.0007);
    let cookie = site.log_in(VIEWER).await;
    let answer = site.get("/metrics", &cookie).await;
    assert!(answer.header(header::CONTENT_TYPE).starts_with("text/plain; version=0.0.4"));
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for line in
        ["rtm2_viewers 0", "rtm2_store_frames 1", "rtm2_camera_up{camera=\"0\"} 1", "rtm2_camera_up{camera=\"1\"} 0"]
            .into_iter()
            .chain([
                "rtm2_last_frame_age_seconds{camera=\"0\"}",
                "rtm2_detect_seconds_bucket{camera=\"0\",le=\"0.001\"} 1",
            ])
    {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
}

#[tokio::test]
async fn the_client_list_is_for_admins_and_holds_no_headers() {
    let site = Site::new();
    let (viewer, admin) = (site.log_in(VIEWER).await, site.log_in(ADMIN).await);
    assert_eq!(site.get("/api?q=clients_list", &viewer).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.get("/api?q=clients_list", &admin).await.json(), json!([]));
}

#[tokio::test]
async fn long_lists_are_compressed_for_who_takes_it() {
    let site = Site::new();
    let cookie = site.log_in(VIEWER).await;
    for second in 1..=64 {
        site.store(second * 1_000_000);
    }
    let path = "/api/v1/cameras/0/bars";
    let plain = site.get(path, &cookie).await;
    assert_eq!(plain.header(header::CONTENT_ENCODING), "");
    let gzip = [("cookie", &*cookie), ("accept-encoding", "gzip, br")];
    let packed = site.send(request(Method::GET, path, &gzip, "")).await;
    assert_eq!(packed.header(header::CONTENT_ENCODING), "gzip");
    assert_eq!(packed.header(header::VARY), "accept-encoding");
    assert!(packed.body.len() * 2 < plain.body.len());
    let mut unpacked = Vec::new();
    std::io::copy(&mut flate2::read::GzDecoder::new(&packed.body[..]), &mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let short = site.send(request(Method::GET, "/api/v1/session", &gzip, "")).await;
    assert_eq!(short.header(header::CONTENT_ENCODING), "");
}

/// Values that numbers are asked for with.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<i128>().prop_map(|n| n.to_string()),
        (-3..3i64).prop_map(|n| n.to_string()),
        Just(i64::MIN.to_string()),
        Just(i64::MAX.to_string()),
        "[a-z%0-9+.-]{0,12}",
    ]
}

fn target() -> impl Strategy<Value = String> {
    let path = prop_oneof![
        value().prop_map(|v| format!("/api/v1/cameras/{v}/bars")),
        Just("/api/v1/cameras/0/bars".to_owned()),
        Just("/api/v1/cameras/0/frames".to_owned()),
        Just("/api/v1/cameras/0/frame".to_owned()),
        value().prop_map(|v| format!("/api/v1/cameras/0/frames/{v}.jpg")),
        value().prop_map(|v| format!("/api/v1/cameras/0/frames/1000000.jpg?width={v}&x")),
        value().prop_map(|v| format!("/frames/{v}.jpg")),
        Just("/api".to_owned()),
        value().prop_map(|v| format!("/{v}")),
    ];
    let key = prop::sample::select(vec!["from", "to", "bucket", "last", "limit", "at", "num", "camera", "x"]);
    let word =
        prop::sample::select(vec!["", "&seek=at", "&seek=next", "&seek=previous", "&seek=last", "&q=frames_list"]);
    let pairs = prop::collection::vec((key, value()).prop_map(|(k, v)| format!("{k}={v}")), 0..5);
    (path, pairs, word).prop_map(|(path, pairs, word)| format!("{path}?{}{word}", pairs.join("&")))
}

#[test]
fn no_parameter_breaks_the_server() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = Site::new();
    for at in [0, 1_000_000, 253_402_300_799_999_999] {
        site.store(at);
    }
    let cookie = runtime.block_on(site.log_in(ADMIN));
    proptest!(ProptestConfig::with_cases(600), |(target in target())| {
        if target.parse::<axum::http::Uri>().is_ok() {
            let status = runtime.block_on(site.get(&target, &cookie)).status;
            prop_assert!(!status.is_server_error(), "{} for {}", status, target);
        }
    });
    // Widths and ends that only multiply or add up to nonsense together.
    for (from, to, bucket) in
        [(i64::MIN, i64::MAX, 1_000_000), (i64::MAX, i64::MIN, 1_000_000), (0, 9, i64::MAX / 1_000_000 * 1_000_000)]
    {
        let path = format!("/api/v1/cameras/0/bars?from={from}&to={to}&bucket={bucket}");
        assert_eq!(runtime.block_on(site.get(&path, &cookie)).status, StatusCode::OK, "{path}");
    }
}
