//! Events over HTTP: lists, marks, deletion, download, what is kept beside them.

use axum::http::{Method, StatusCode, header};
use rtm2_app::feature::RECORD;
use rtm2_app::{CameraId, Feature, Timestamp};
use rtm2_store::{NewFrame, Options, Store};
use serde_json::{Value, json};

use crate::common::{ADMIN, ORIGIN, Site, VIEWER, jpeg, request};

const EVENT: &str = "/api/v1/cameras/0/events/60000000";

/// Ten events of camera 0, a minute apart, of two frames each, on disk.
fn recorded() -> (tempfile::TempDir, Site) {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::on(Store::open(Options::directory(dir.path())).unwrap());
    for minute in 1..=10 {
        site.store(minute * 60_000_000);
        site.store(minute * 60_000_000 + 1_500_000);
    }
    (dir, site)
}

async fn change(site: &Site, method: Method, path: &str, cookie: &str, body: &str) -> (StatusCode, Value) {
    let answer = site.send(request(method, path, &[("cookie", cookie), ("origin", ORIGIN)], body)).await;
    let body = if answer.body.is_empty() { Value::Null } else { answer.json() };
    (answer.status, body)
}

#[tokio::test]
async fn events_are_listed_newest_first_page_by_page() {
    let (_dir, site) = recorded();
    let cookie = site.log_in(VIEWER).await;
    let list = async |query: &str| site.get(&format!("/api/v1/events?{query}"), &cookie).await.json();
    let first = list("limit=4").await;
    let starts = |list: &Value| {
        list["events"].as_array().unwrap().iter().map(|e| e["start"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(starts(&first), [600_000_000, 540_000_000, 480_000_000, 420_000_000]);
    let mut all = starts(&first);
    let mut next = first["next"].clone();
    while let Some(before) = next.as_str() {
        let page = list(&format!("limit=4&before={before}")).await;
        all.extend(starts(&page));
        next = page["next"].clone();
    }
    assert_eq!(all, (1..=10).rev().map(|minute| minute * 60_000_000).collect::<Vec<_>>());
    let one = list("camera=0&from=60000000&to=60000000&min_score=9&pinned=false&kept=whole").await;
    assert_eq!((starts(&one), &one["events"][0]["frames"]), (vec![60_000_000], &json!(2)));
    for none in ["camera=1", "min_score=10", "pinned=true", "label=cat", "zone=door", "kept=record", "to=5"] {
        assert_eq!(starts(&list(none).await), [0; 0], "{none}");
    }
    for bad in ["before=x", "before=1", "kept=all", "pinned=maybe", "min_score=-1", "nonsense=1", "limit=-1"] {
        let answer = site.get(&format!("/api/v1/events?{bad}"), &cookie).await;
        assert!(answer.status == StatusCode::BAD_REQUEST && answer.is_problem(), "{bad}");
    }
    assert_eq!(site.get("/api/v1/events?camera=7", &cookie).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get(EVENT, &cookie).await.json(), one["events"][0]);
    for missing in ["/api/v1/cameras/0/events/1", "/api/v1/cameras/7/events/1", "/api/v1/cameras/0/events/x"] {
        assert_eq!(site.get(missing, &cookie).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn admins_pin_label_and_delete_and_nobody_else() {
    let (_dir, site) = recorded();
    let (viewer, admin) = (site.log_in(VIEWER).await, site.log_in(ADMIN).await);
    for (method, body) in [(Method::PATCH, r#"{"pinned":true}"#), (Method::DELETE, "")] {
        assert_eq!(change(&site, method, EVENT, &viewer, body).await.0, StatusCode::FORBIDDEN);
    }
    let (status, event) = change(&site, Method::PATCH, EVENT, &admin, r#"{"pinned":true,"label":"cat"}"#).await;
    assert_eq!((status, &event["pinned"], &event["label"]), (StatusCode::OK, &json!(true), &json!("cat")));
    let found = site.get("/api/v1/events?label=cat&pinned=true", &viewer).await.json();
    assert_eq!(found["events"], json!([event]));
    let (status, problem) = change(&site, Method::DELETE, EVENT, &admin, "").await;
    assert_eq!((status, problem["error"].as_str().unwrap().contains("unpin")), (StatusCode::CONFLICT, true));
    for bad in [r#"{"pinned":1}"#, r#"{"pined":true}"#, r#"{"label":"a\nb"}"#, "7"] {
        assert_eq!(change(&site, Method::PATCH, EVENT, &admin, bad).await.0, StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_eq!(change(&site, Method::PATCH, EVENT, &admin, r#"{"pinned":false}"#).await.0, StatusCode::OK);
    assert_eq!(change(&site, Method::DELETE, EVENT, &admin, "").await.0, StatusCode::NO_CONTENT);
    assert_eq!(change(&site, Method::DELETE, EVENT, &admin, "").await.0, StatusCode::NOT_FOUND);
    let picture = "/api/v1/cameras/0/frames/60000000.jpg";
    assert_eq!(site.get(picture, &viewer).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/api/v1/cameras/0/frames/120000000.jpg", &viewer).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_event_is_downloaded_whole() {
    let (_dir, site) = recorded();
    let cookie = site.log_in(VIEWER).await;
    let answer = site.get(&format!("{EVENT}/frames.mjpeg"), &cookie).await;
    assert_eq!(answer.body, [jpeg(60_000_000), jpeg(61_500_000)].concat());
    assert_eq!(answer.header(header::CONTENT_DISPOSITION), "attachment; filename=\"camera-0-60000000.mjpeg\"");
    let missing = site.get("/api/v1/cameras/0/events/1/frames.mjpeg", &cookie).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn seconds_and_storage_are_told() {
    let (_dir, site) = recorded();
    let cookie = site.log_in(VIEWER).await;
    let answer = site.get("/api/v1/cameras/0/features?from=0&to=121000000", &cookie).await;
    let seconds: Vec<_> = answer.body.chunks(RECORD).map(|r| Feature::decode(r).unwrap().second.0).collect();
    assert_eq!(seconds, [60_000_000, 61_000_000, 120_000_000, 121_000_000]);
    let storage = site.get("/api/v1/storage", &cookie).await.json();
    assert_eq!(storage["frames"], 20);
    assert!(storage["bytes_left"].as_u64().unwrap() > 0 && storage["bytes"].as_u64().unwrap() > 0);
    assert!(storage["days_left"].is_null(), "nothing was recorded this week: {storage}");
    let prometheus = String::from_utf8(site.get("/metrics", &cookie).await.body.to_vec()).unwrap();
    assert!(prometheus.contains("rtm2_store_days_left NaN"), "{prometheus}");
    // In memory nothing fills up and nothing can be marked.
    let site = Site::new();
    site.store(60_000_000);
    let admin = site.log_in(ADMIN).await;
    assert!(site.get("/api/v1/storage", &admin).await.json()["bytes_left"].is_null());
    assert_eq!(site.get("/api/v1/events", &admin).await.json()["events"].as_array().unwrap().len(), 1);
    assert_eq!(change(&site, Method::PATCH, EVENT, &admin, r#"{"pinned":true}"#).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn still_frames_are_listed_page_by_page_and_answered_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(Options::directory(dir.path())).unwrap();
    for minute in 1..=5 {
        let at = minute * 60_000_000;
        let frame = NewFrame {
            camera: CameraId(0),
            at: Timestamp(at),
            seq: 1,
            width: 4,
            height: 2,
            motion: false,
            light_shift: false,
            score: 0,
            boxes: &[],
            grid: None,
            jpeg: &jpeg(at),
        };
        store.append_still(&frame).unwrap();
    }
    let site = Site::on(store);
    let cookie = site.log_in(VIEWER).await;
    let list = async |query: &str| {
        let answer = site.get(&format!("/api/v1/cameras/0/stills?{query}"), &cookie).await;
        let times = answer.json().as_array().map(|all| all.iter().map(|one| one["at"].as_i64().unwrap()).collect());
        (answer.status, times.unwrap_or_else(Vec::new))
    };
    let minutes = |minutes: std::ops::RangeInclusive<i64>| minutes.map(|m| m * 60_000_000).collect::<Vec<_>>();
    assert_eq!(list("from=0&to=240000000").await, (StatusCode::OK, minutes(1..=4)));
    assert_eq!(list("from=60000001&to=900000000&limit=2").await, (StatusCode::OK, minutes(2..=3)));
    assert_eq!(list("from=60000001&to=5").await, (StatusCode::OK, Vec::new()));
    assert_eq!(list("from=0").await.0, StatusCode::BAD_REQUEST);
    let picture = site.get("/api/v1/cameras/0/stills/60000000.jpg", &cookie).await;
    assert_eq!((picture.status, &picture.body[..]), (StatusCode::OK, &jpeg(60_000_000)[..]));
    assert_eq!(picture.header(header::CACHE_CONTROL), "private, max-age=31536000, immutable");
    for missing in ["0/stills/60000001.jpg", "0/stills/x", "7/stills/60000000.jpg", "0/frames/60000000.jpg"] {
        let answer = site.get(&format!("/api/v1/cameras/{missing}"), &cookie).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{missing}");
    }
}
