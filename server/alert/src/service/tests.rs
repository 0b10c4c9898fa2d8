use std::time::Instant;

use rtm2_app::CameraId;
use rtm2_app::push::Filters;

use super::*;
use crate::clock::SystemClock;
use crate::testing::{Browser, Got, Service};

/// Every account exists.
struct All;

impl Accounts for All {
    fn is_gone(&self, _: i64) -> bool {
        false
    }
}

/// Longest wait for what should happen at once; far above what it takes.
const PATIENCE: Duration = Duration::from_mins(1);

fn settings() -> Settings {
    Settings { push_reach: Reach::Private, ..Settings::default() }
}

/// A clock that goes so much before the machine's.
struct Ahead(i64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0 * 1_000_000)
    }
}

fn open(dir: &Path, ahead_s: i64) -> Alerts {
    Alerts::open(dir, settings(), Arc::new(Ahead(ahead_s))).unwrap()
}

fn motion(alerts: &Alerts, camera: u16) -> Alert {
    Alert::motion(CameraId(camera), "Door", alerts.0.clock.now(), 5)
}

async fn arrived(service: &Service, count: usize) -> Vec<Got> {
    let (mut got, started) = (Vec::new(), Instant::now());
    while got.len() < count {
        assert!(started.elapsed() < PATIENCE, "{} of {count} arrived", got.len());
        sleep(Duration::from_millis(10)).await;
        got.extend(service.got());
    }
    got
}

async fn stop(running: Running) {
    tokio::task::spawn_blocking(|| running.stop()).await.unwrap();
}

#[tokio::test]
async fn what_is_raised_and_tested_arrives() {
    let service = Service::start().await;
    let alerts = Alerts::in_memory(settings(), Arc::new(SystemClock)).unwrap();
    let subscription = Browser::of_rfc_8291().subscription(format!("{}/a", service.base));
    let id = alerts.subscribe(1, &subscription, "Phone").unwrap().id;
    let running = alerts.start(Arc::new(All)).unwrap();
    alerts.raise(motion(&alerts, 0));
    arrived(&service, 1).await;
    let only_yard = Filters { cameras: vec![CameraId(1)], ..Filters::default() };
    alerts.change(1, id, &Change::Filter { filters: only_yard }).unwrap();
    alerts.raise(motion(&alerts, 0));
    alerts.change(1, id, &Change::Test).unwrap();
    let got = arrived(&service, 1).await;
    let payload = Browser::of_rfc_8291().decrypt(&got[0].body).unwrap();
    assert!(String::from_utf8(payload).unwrap().contains("\"kind\":\"test\""));
    assert!(matches!(alerts.change(2, id, &Change::Test), Err(AlertError::Unknown)), "another account");
    stop(running).await;
    assert!(service.got().is_empty());
}

#[tokio::test]
async fn what_waits_is_delivered_after_a_restart() {
    let (service, dir) = (Service::start().await, tempfile::tempdir().unwrap());
    let alerts = open(dir.path(), 0);
    let subscription = Browser::of_rfc_8291().subscription(format!("{}/a", service.base));
    alerts.subscribe(1, &subscription, "Phone").unwrap();
    service.answer(503, &[("retry-after", "1")]);
    let running = alerts.start(Arc::new(All)).unwrap();
    alerts.raise(motion(&alerts, 0));
    arrived(&service, 1).await;
    stop(running).await;
    let key = alerts.public_key();
    drop(alerts);

    let alerts = open(dir.path(), 60);
    assert_eq!(alerts.public_key(), key);
    let running = alerts.start(Arc::new(All)).unwrap();
    arrived(&service, 1).await;
    stop(running).await;
    assert_eq!(alerts.0.db.waiting(), 0);
}

#[tokio::test]
async fn raising_never_waits_and_is_bounded() {
    let alerts = Alerts::in_memory(settings(), Arc::new(SystemClock)).unwrap();
    for camera in 0..2_000 {
        alerts.raise(motion(&alerts, camera));
    }
    let mut left = Vec::new();
    while let Some(alert) = alerts.0.inbox.take() {
        left.push(alert.camera.0);
    }
    assert_eq!(left, (2_000 - WAITING as u16..2_000).collect::<Vec<_>>(), "the oldest went");
}

#[tokio::test]
async fn commands_run_for_alerts() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("said");
    let command = Command {
        program: "touch".into(),
        args: vec![crate::Template::parse(&format!("{}-{{kind}}-{{zone}}", file.display())).unwrap()],
        timeout: PATIENCE,
        only: crate::Selection { zones: vec![(CameraId(0), "porch".into())], ..Default::default() },
    };
    let settings = Settings { commands: vec![command], ..settings() };
    let alerts = Alerts::in_memory(settings, Arc::new(SystemClock)).unwrap();
    let running = alerts.start(Arc::new(All)).unwrap();
    for zone in ["street", "porch"] {
        alerts.raise(motion(&alerts, 0).in_zones(zone));
    }
    let (made, started) = (dir.path().join("said-motion-porch"), Instant::now());
    while !made.exists() {
        assert!(started.elapsed() < PATIENCE, "the command did not run");
        sleep(Duration::from_millis(10)).await;
    }
    assert!(!dir.path().join("said-motion-street").exists(), "commands run in order, and not for this zone");
    stop(running).await;
}
