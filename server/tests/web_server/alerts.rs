//! Devices that alerts are pushed to, as the page sees them.

use std::sync::Arc;
use std::time::Instant;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rtm2::pipeline::HubEvent;
use rtm2_alert::Alert;
use rtm2_app::{CameraId, Timestamp};
use serde_json::{Value, json};

use crate::common::{ADMIN, Answer, PATIENCE, Site, VIEWER};
use crate::receiver::Receiver;

/// What a browser hands out, with the keys of RFC 8291's example.
fn subscription(endpoint: &str) -> Value {
    json!({
        "endpoint": endpoint,
        "expirationTime": null,
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    })
}

async fn call(site: &Site, cookie: &str, function: &str, body: Value) -> Answer {
    site.post(&format!("/api/fn/{function}"), cookie, &body.to_string()).await
}

async fn subscribe(site: &Site, cookie: &str, endpoint: &str) -> Answer {
    call(site, cookie, "push_subscribe", json!({ "subscription": subscription(endpoint), "name": "Phone" })).await
}

async fn devices(site: &Site, cookie: &str) -> Vec<Value> {
    let answer = call(site, cookie, "push_devices", json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    answer.json().as_array().unwrap().clone()
}

async fn change(site: &Site, cookie: &str, device: &Value, change: Value) -> Answer {
    call(site, cookie, "push_change", json!({ "device": device["id"], "change": change })).await
}

fn motion() -> Alert {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Alert::motion(CameraId(0), "Door", Timestamp(now.as_micros() as i64), 7)
}

#[tokio::test]
async fn a_viewer_has_devices_of_its_own() {
    let site = Site::new();
    let (viewer, admin) = (site.log_in(VIEWER).await, site.log_in(ADMIN).await);
    let key = call(&site, &viewer, "push_key", json!({})).await.json();
    assert_eq!(URL_SAFE_NO_PAD.decode(key.as_str().unwrap()).unwrap().len(), 65);
    let device = subscribe(&site, &viewer, "https://push.example/a").await;
    assert_eq!(device.status, StatusCode::OK, "{:?}", device.body);
    let device = device.json();
    assert_eq!(devices(&site, &viewer).await, std::slice::from_ref(&device));
    assert!(!device.to_string().contains("push.example"), "the endpoint is a secret");
    assert!(devices(&site, &admin).await.is_empty(), "not even an admin sees them");
    for what in [json!({ "do": "remove" }), json!({ "do": "test" }), json!({ "do": "snooze", "seconds": 60 })] {
        assert_eq!(change(&site, &admin, &device, what).await.status, StatusCode::NOT_FOUND);
    }
    let filters =
        json!({ "cameras": [1], "quiet": { "from": 1320, "to": 360, "zone": "Europe/Berlin" }, "cooldown_s": 9 });
    for what in [
        json!({ "do": "rename", "name": " Kitchen " }),
        json!({ "do": "snooze", "seconds": 60 }),
        json!({ "do": "filter", "filters": filters }),
    ] {
        assert_eq!(change(&site, &viewer, &device, what).await.status, StatusCode::OK);
    }
    let changed = devices(&site, &viewer).await.remove(0);
    assert_eq!((&changed["name"], &changed["filters"]), (&"Kitchen".into(), &filters));
    assert!(changed["snoozed_until"].as_i64().unwrap() > changed["since"].as_i64().unwrap());
    assert_eq!(change(&site, &viewer, &device, json!({ "do": "remove" })).await.status, StatusCode::OK);
    assert!(devices(&site, &viewer).await.is_empty());
}

#[tokio::test]
async fn what_cannot_work_is_refused_with_words() {
    let site = Site::new();
    let cookie = site.log_in(VIEWER).await;
    for endpoint in ["http://push.example/a", "ftp://push.example/a", "nonsense", "https://user@push.example/a"] {
        let answer = subscribe(&site, &cookie, endpoint).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{endpoint}");
        assert!(String::from_utf8_lossy(&answer.body).contains("endpoint"), "{:?}", answer.body);
    }
    let device = subscribe(&site, &cookie, "https://push.example/a").await.json();
    let mars = json!({ "cameras": [], "quiet": { "from": 0, "to": 9, "zone": "Mars/Base" }, "cooldown_s": 0 });
    for (what, word) in [
        (json!({ "do": "filter", "filters": mars }), "zone"),
        (json!({ "do": "snooze", "seconds": 9_999_999 }), "week"),
    ] {
        let answer = change(&site, &cookie, &device, what).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(String::from_utf8_lossy(&answer.body).contains(word), "{:?}", answer.body);
    }
    let explode = change(&site, &cookie, &device, json!({ "do": "explode" })).await;
    assert!(!explode.status.is_success());
    for i in 1..rtm2_app::push::MAX_DEVICES {
        assert_eq!(subscribe(&site, &cookie, &format!("https://push.example/{i}")).await.status, StatusCode::OK);
    }
    assert_eq!(subscribe(&site, &cookie, "https://push.example/more").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_browser_that_subscribed_anew_stays_the_same_device() {
    let (site, receiver) = (Site::new(), Receiver::start());
    let (viewer, admin) = (site.log_in(VIEWER).await, site.log_in(ADMIN).await);
    let device = subscribe(&site, &viewer, "https://push.example/old").await.json();
    let filters = json!({ "cameras": [0], "zones": [[0, "porch"]], "quiet": null, "cooldown_s": 0, "last": true });
    let kept = [json!({ "do": "rename", "name": "Kitchen" }), json!({ "do": "filter", "filters": filters })];
    for what in kept {
        assert_eq!(change(&site, &viewer, &device, what).await.status, StatusCode::OK);
    }
    let renew = |place: &str| json!({ "do": "renew", "subscription": subscription(place) });
    let new = format!("{}/new", receiver.base);
    assert_eq!(change(&site, &admin, &device, renew(&new)).await.status, StatusCode::NOT_FOUND, "not theirs");
    let nowhere = change(&site, &viewer, &device, renew("http://push.example/x")).await;
    assert_eq!(nowhere.status, StatusCode::BAD_REQUEST);
    assert_eq!(change(&site, &viewer, &device, renew(&new)).await.status, StatusCode::OK);
    let renewed = devices(&site, &viewer).await;
    assert_eq!(renewed.len(), 1);
    assert_eq!((&renewed[0]["id"], &renewed[0]["name"]), (&device["id"], &"Kitchen".into()));
    assert_eq!(renewed[0]["filters"], filters);
    let running = site.alerts.start(Arc::new(site.auth.clone())).unwrap();
    // Only what moves at the porch is for it.
    site.alerts.raise(motion().in_zones("street"));
    site.alerts.raise(motion().in_zones("street, porch"));
    assert_eq!(receiver.next().path, "/new");
    tokio::task::spawn_blocking(|| running.stop()).await.unwrap();
    assert!(receiver.waiting().is_none());
}

#[tokio::test]
async fn what_is_acknowledged_from_a_notification_falls_silent_everywhere() {
    let site = Site::new();
    let (viewer, admin) = (site.log_in(VIEWER).await, site.log_in(ADMIN).await);
    let device = subscribe(&site, &viewer, "https://push.example/a").await.json();
    let mut events = site.hub.events();
    let seen = json!({ "do": "seen", "upto": 9_007_199_254_740_991_i64 });
    assert_eq!(change(&site, &admin, &device, seen.clone()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.hub.seen(), None, "not their device");
    assert_eq!(change(&site, &viewer, &device, seen).await.status, StatusCode::OK);
    let told = site.hub.seen().unwrap();
    assert_eq!((told.upto, told.by.as_str()), (told.at, VIEWER), "nobody has seen what is still to come");
    assert_eq!(events.try_recv().unwrap(), HubEvent::Seen(told));
}

#[tokio::test]
async fn a_test_and_motion_reach_the_device_until_its_account_goes() {
    let (site, receiver) = (Site::new(), Receiver::start());
    let (viewer, admin) = (site.log_in(VIEWER).await, site.log_in(ADMIN).await);
    let device = subscribe(&site, &viewer, &format!("{}/bert", receiver.base)).await.json();
    let running = site.alerts.start(Arc::new(site.auth.clone())).unwrap();
    assert_eq!(change(&site, &viewer, &device, json!({ "do": "test" })).await.status, StatusCode::OK);
    let test = receiver.next();
    assert_eq!((test.path.as_str(), test.headers["content-encoding"].as_str()), ("/bert", "aes128gcm"));
    assert!(test.headers["authorization"].starts_with("vapid t="));
    assert!(test.body.len() <= rtm2_alert::MAX_BODY);
    let started = Instant::now();
    while devices(&site, &viewer).await[0]["last"]["delivered"] != true {
        assert!(started.elapsed() < PATIENCE, "the delivery was never noted");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    site.alerts.raise(motion());
    assert_eq!(receiver.next().headers["topic"], "rtm2-motion-0");

    subscribe(&site, &admin, &format!("{}/anna", receiver.base)).await;
    site.auth.remove_user(VIEWER).unwrap();
    site.alerts.raise(motion());
    assert_eq!(receiver.next().path, "/anna");
    tokio::task::spawn_blocking(|| running.stop()).await.unwrap();
    assert!(receiver.waiting().is_none(), "who has no account hears nothing");
}
