//! The day index over HTTP: listed, fetched, kept for good where it is over, asked for again where it is not.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{Method, StatusCode, header};
use rtm2_app::day::{DAY_US, Day, HEADER};
use rtm2_app::{CameraId, Timestamp};
use rtm2_store::{Options, Store};
use serde_json::{Value, json};

use crate::common::{ADMIN, ORIGIN, Site, VIEWER, request};

const DAYS: &str = "/api/v1/cameras/0/days";

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64
}

/// Two days of camera 0 long ago, with three frames in two seconds and one frame, on disk.
fn recorded() -> (tempfile::TempDir, Site) {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::on(Store::open(Options::directory(dir.path())).unwrap());
    for at in [60_000_000, 60_200_000, 61_000_007, 3 * DAY_US] {
        site.store(at);
    }
    (dir, site)
}

fn address(listed: &Value) -> String {
    format!("{DAYS}/{}.bin?mark={}", listed[0], listed[2].as_str().unwrap())
}

#[tokio::test]
async fn days_are_listed_and_hold_the_bars() {
    let (_dir, site) = recorded();
    let cookie = site.log_in(VIEWER).await;
    let list = site.get(DAYS, &cookie).await.json();
    assert_eq!((&list["camera"], list["today"].as_i64()), (&json!(0), Some(now() / DAY_US)));
    let counts: Vec<_> = list["days"].as_array().unwrap().iter().map(|d| (d[0].clone(), d[1].clone())).collect();
    assert_eq!(counts, [(json!(0), json!(3)), (json!(3), json!(1))]);
    let day = Day::decode(&site.get(&address(&list["days"][0]), &cookie).await.body).unwrap();
    assert_eq!((day.camera, day.number), (CameraId(0), 0));
    assert_eq!(day.seconds.bars().collect::<Vec<_>>(), site.store.last_bars(CameraId(0), 3).unwrap()[..2]);
    assert!(day.seconds.get(0).unwrap().is_known);
    let none = site.get(&format!("{DAYS}/2.bin"), &cookie).await;
    assert_eq!(none.body.len(), HEADER);
    assert_eq!(Day::decode(&none.body).unwrap().seconds.len(), 0);
    assert_eq!(site.get("/api/v1/cameras/1/days", &cookie).await.json()["days"], json!([]));
}

#[tokio::test]
async fn a_day_that_is_over_is_kept_by_its_mark_and_any_other_by_its_tag() {
    let (_dir, site) = recorded();
    let cookie = site.log_in(ADMIN).await;
    let list = site.get(DAYS, &cookie).await.json();
    let kept = async |path: &str| {
        let answer = site.get(path, &cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.header(header::CACHE_CONTROL).to_owned()
    };
    let address = address(&list["days"][0]);
    assert_eq!(kept(&address).await, "private, max-age=31536000, immutable");
    assert_eq!(kept(&format!("{DAYS}/0.bin")).await, "private, no-cache");
    assert_eq!(kept(&format!("{DAYS}/0.bin?mark=old")).await, "private, no-cache");
    assert_eq!(kept(&format!("{DAYS}/2.bin")).await, "private, no-cache");

    let tag = site.get(&address, &cookie).await.header(header::ETAG).to_owned();
    let again = async || {
        let headers = [("cookie", &*cookie), ("if-none-match", &*tag)];
        site.send(request(Method::GET, &format!("{DAYS}/0.bin"), &headers, "")).await
    };
    let known = again().await;
    assert_eq!((known.status, known.body.len(), known.header(header::ETAG)), (StatusCode::NOT_MODIFIED, 0, &*tag));
    // What goes from the day changes its mark and its tag.
    let headers = [("cookie", &*cookie), ("origin", ORIGIN)];
    let event = request(Method::DELETE, "/api/v1/cameras/0/events/60000000", &headers, "");
    assert_eq!(site.send(event).await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.get(DAYS, &cookie).await.json()["days"].as_array().unwrap().len(), 1);
    assert_eq!(again().await.status, StatusCode::OK);
    assert_eq!(kept(&address).await, "private, no-cache");
}

#[tokio::test]
async fn today_is_asked_for_again() {
    let (_dir, site) = recorded();
    let cookie = site.log_in(VIEWER).await;
    // The second that the server's clock shows now, and the day after, should midnight pass meanwhile.
    site.store(now());
    site.store(now() + DAY_US);
    let list = site.get(DAYS, &cookie).await.json();
    for listed in list["days"].as_array().unwrap().iter().rev().take(2) {
        let answer = site.get(&address(listed), &cookie).await;
        if listed[0].as_i64() >= list["today"].as_i64() {
            assert_eq!(answer.header(header::CACHE_CONTROL), "private, no-cache");
        }
        assert_eq!(Day::decode(&answer.body).unwrap().seconds.len(), 1);
    }
}

#[tokio::test]
async fn a_long_day_is_compressed_and_what_is_no_day_is_refused() {
    let (_dir, site) = recorded();
    let cookie = site.log_in(VIEWER).await;
    for second in 0..400 {
        site.store(2 * DAY_US + second * 1_000_000);
    }
    let path = format!("{DAYS}/2.bin");
    let plain = site.get(&path, &cookie).await;
    assert_eq!(Day::decode(&plain.body).unwrap().seconds.at.len(), 400);
    let headers = [("cookie", &*cookie), ("accept-encoding", "gzip")];
    let packed = site.send(request(Method::GET, &path, &headers, "")).await;
    assert_eq!(packed.header(header::CONTENT_ENCODING), "gzip");
    assert!(packed.body.len() * 5 < plain.body.len(), "{} of {}", packed.body.len(), plain.body.len());
    for wrong in ["x.bin", "2", "-1.bin", "49710.bin", "99999999999.bin", "2.bin.bin"] {
        let answer = site.get(&format!("{DAYS}/{wrong}"), &cookie).await;
        assert!(answer.status == StatusCode::NOT_FOUND && answer.is_problem(), "{wrong}");
    }
    for missing in ["/api/v1/cameras/7/days", "/api/v1/cameras/7/days/2.bin"] {
        assert_eq!(site.get(missing, &cookie).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(site.get(&format!("{path}?marc=x"), &cookie).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.store.extent(CameraId(0)).unwrap().unwrap().0, Timestamp(60_000_000));
}
