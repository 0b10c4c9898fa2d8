use rtm2_app::CameraId;
use rtm2_app::push::Device;

use super::*;
use crate::testing::{Browser, Got, Service, Standing, verified};
use crate::{Alert, Secret, Selection, Template};

const NOW: Timestamp = Timestamp(1_764_000_000_000_000);

fn after(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000_000)
}

fn motion() -> Alert {
    Alert::motion(CameraId(1), "Door", NOW, 300)
}

/// Every account but number 9 exists.
struct AllButNine;

impl Accounts for AllButNine {
    fn is_gone(&self, account: i64) -> bool {
        account == 9
    }
}

struct Desk {
    courier: Courier,
    db: Arc<Db>,
    key: Arc<PushKey>,
}

impl Desk {
    fn new(settings: Settings) -> Self {
        let (db, key) = (Arc::new(Db::in_memory().unwrap()), Arc::new(PushKey::in_memory().unwrap()));
        let settings = Arc::new(settings);
        let courier = Courier::new(Arc::clone(&db), Arc::clone(&key), settings, Arc::new(AllButNine)).unwrap();
        Self { courier, db, key }
    }

    fn private() -> Self {
        Self::new(Settings { push_reach: Reach::Private, ..Settings::default() })
    }

    fn subscribe(&self, account: i64, service: &Service, place: &str) -> i64 {
        let subscription = Browser::of_rfc_8291().subscription(format!("{}/{place}", service.base));
        self.db.subscribe(account, &subscription, place, Reach::Private, NOW).unwrap().id
    }

    fn device(&self) -> Device {
        self.db.devices(1).unwrap().remove(0)
    }

    /// Does all that is due at a time; gives when the next is.
    async fn work(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.courier.start_due(now).unwrap();
        while self.courier.is_busy() {
            self.courier.settle_next(&Standing(now)).await.unwrap();
        }
        self.db.next_due(now).unwrap()
    }
}

fn hook(url: &str) -> Webhook {
    Webhook {
        name: "home".into(),
        url: url.parse().unwrap(),
        body: None,
        content_type: "application/json".into(),
        secret: None,
        reach: Reach::Private,
        only: Selection::default(),
    }
}

fn with_hook(hook: Webhook) -> Desk {
    Desk::new(Settings { base: "https://cam.example".into(), webhooks: vec![hook], ..Settings::default() })
}

fn payload(got: &Got) -> serde_json::Value {
    serde_json::from_slice(&Browser::of_rfc_8291().decrypt(&got.body).unwrap()).unwrap()
}

#[tokio::test]
async fn a_push_can_be_read_by_its_device_and_is_signed_by_the_server() {
    let (service, mut desk) = (Service::start().await, Desk::private());
    let id = desk.subscribe(1, &service, "a");
    desk.courier.queue(&motion().in_zones("porch"), NOW).unwrap();
    assert_eq!(desk.work(after(5)).await, None);
    let got = service.got();
    assert_eq!(got.len(), 1);
    assert_eq!(
        payload(&got[0]),
        serde_json::json!({
            "title": "Door: motion in porch", "body": "Something moves (score 300).", "at": NOW, "camera": 1,
            "url": "/history?camera=1&at=1764000000000000", "tag": "rtm2-motion-1", "kind": "motion", "score": 300,
            "zone": "porch", "image": "/api/v1/cameras/1/frames/1764000000000000.jpg?width=480", "device": id,
        })
    );
    let (claims, key) = verified(got[0].header("authorization")).unwrap();
    assert_eq!(key, desk.key.public());
    assert_eq!(
        claims,
        serde_json::json!({ "aud": service.base, "exp": 1_764_000_005 + 12 * 3_600, "sub": "https://example.com" })
    );
    let headers = ["ttl", "urgency", "topic", "content-encoding"].map(|name| got[0].header(name));
    assert_eq!(headers, ["3595", "high", "rtm2-motion-1", "aes128gcm"]);
    assert!(got[0].body.len() <= message::MAX_BODY);
    let last = desk.device().last.unwrap();
    assert_eq!((last.at, last.delivered, last.words.as_str()), (after(5), true, "delivered"));
}

#[tokio::test]
async fn each_device_gets_one_push_per_event() {
    let (service, mut desk) = (Service::start().await, Desk::private());
    for place in ["a", "b", "c"] {
        desk.subscribe(1, &service, place);
    }
    for _ in 0..5 {
        desk.courier.queue(&motion(), NOW).unwrap();
    }
    desk.work(NOW).await;
    let mut places: Vec<_> = service.got().iter().map(|got| got.uri.path().to_owned()).collect();
    places.sort();
    assert_eq!(places, ["/a", "/b", "/c"]);
    assert_eq!(desk.work(after(60)).await, None);
    assert!(service.got().is_empty());
}

#[tokio::test]
async fn a_busy_service_is_asked_again_when_it_says() {
    let (service, mut desk) = (Service::start().await, Desk::private());
    desk.subscribe(1, &service, "a");
    service.answer(503, &[]);
    service.answer(429, &[("retry-after", "120")]);
    desk.courier.queue(&motion(), NOW).unwrap();
    assert_eq!(desk.work(NOW).await, Some(after(5)));
    assert_eq!(desk.device().last.unwrap().words, "answered 503, trying again");
    assert_eq!(desk.work(after(5)).await, Some(after(125)), "as Retry-After says");
    assert_eq!(desk.work(after(124)).await, Some(after(125)));
    assert_eq!(service.got().len(), 2, "not a moment before");
    assert_eq!(desk.work(after(125)).await, None);
    assert_eq!(service.got().len(), 1);
    assert!(desk.device().last.unwrap().delivered);
}

#[tokio::test]
async fn a_device_that_is_gone_is_forgotten() {
    for status in [404, 410] {
        let (service, mut desk) = (Service::start().await, Desk::private());
        desk.subscribe(1, &service, "a");
        service.answer(status, &[]);
        desk.courier.queue(&motion(), NOW).unwrap();
        assert_eq!(desk.work(NOW).await, None);
        assert!(desk.db.devices(1).unwrap().is_empty(), "{status}");
        assert_eq!(desk.db.waiting(), 0);
    }
}

#[tokio::test]
async fn a_refusal_is_told_and_not_repeated() {
    let (service, mut desk) = (Service::start().await, Desk::private());
    desk.subscribe(1, &service, "a");
    service.answer(403, &[]);
    desk.courier.queue(&motion(), NOW).unwrap();
    assert_eq!(desk.work(NOW).await, None);
    let last = desk.device().last.unwrap();
    assert!(!last.delivered && last.words.contains("subscribe again"), "{}", last.words);
    // Redirects of a push service are not followed.
    service.answer(307, &[("location", "/elsewhere")]);
    desk.courier.queue(&Alert::motion(CameraId(1), "Door", after(60), 1), after(60)).unwrap();
    assert_eq!(desk.work(after(60)).await, None);
    assert_eq!(service.got().len(), 2);
}

#[tokio::test]
async fn stale_alerts_are_given_up() {
    let (service, mut desk) = (Service::start().await, Desk::private());
    desk.subscribe(1, &service, "a");
    desk.courier.queue(&motion(), NOW).unwrap();
    assert_eq!(desk.work(after(3_600)).await, None);
    assert!(service.got().is_empty());
    assert_eq!(desk.device().last.unwrap().words, "it was too late");
    assert_eq!(desk.db.waiting(), 0);
}

#[tokio::test]
async fn a_database_that_fails_makes_no_storm() {
    let (service, mut desk) = (Service::start().await, Desk::private());
    desk.subscribe(1, &service, "a");
    desk.courier.queue(&motion(), NOW).unwrap();
    let full = "CREATE TRIGGER full BEFORE DELETE ON deliveries BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    desk.db.lock().execute_batch(full).unwrap();
    desk.courier.start_due(NOW).unwrap();
    assert!(desk.courier.settle_next(&Standing(NOW)).await.is_err());
    for second in 1..5 {
        assert!(desk.courier.start_due(after(second)).is_err());
        assert!(!desk.courier.is_busy());
    }
    desk.db.lock().execute_batch("DROP TRIGGER full").unwrap();
    assert_eq!(desk.work(after(5)).await, None);
    assert_eq!((service.got().len(), desk.db.waiting()), (1, 0));
}

#[tokio::test]
async fn a_device_with_broken_keys_holds_up_nobody() {
    let (service, mut desk) = (Service::start().await, Desk::private());
    let broken = desk.subscribe(1, &service, "a");
    desk.subscribe(1, &service, "b");
    desk.db.lock().execute("UPDATE devices SET p256dh = 'x' WHERE id = ?1", [broken]).unwrap();
    desk.courier.queue(&motion(), NOW).unwrap();
    assert_eq!(desk.work(NOW).await, None);
    let places: Vec<_> = service.got().iter().map(|got| got.uri.path().to_owned()).collect();
    assert_eq!(places, ["/b"]);
    assert!(!desk.device().last.unwrap().delivered);
}

#[tokio::test]
async fn devices_of_a_removed_account_hear_nothing() {
    let (service, mut desk) = (Service::start().await, Desk::private());
    desk.subscribe(9, &service, "a");
    desk.subscribe(1, &service, "b");
    desk.courier.queue(&motion(), NOW).unwrap();
    assert_eq!(desk.work(NOW).await, None);
    let places: Vec<_> = service.got().iter().map(|got| got.uri.path().to_owned()).collect();
    assert_eq!(places, ["/b"]);
    assert!(desk.db.devices(9).unwrap().is_empty());
}

#[tokio::test]
async fn endpoints_at_private_addresses_are_not_asked() {
    let (service, mut desk) = (Service::start().await, Desk::new(Settings::default()));
    // Taken in while it was allowed.
    desk.subscribe(1, &service, "a");
    desk.courier.queue(&motion(), NOW).unwrap();
    assert_eq!(desk.work(NOW).await, None);
    assert!(service.got().is_empty());
    assert!(desk.device().last.unwrap().words.contains("private address"));
}

#[tokio::test]
async fn a_webhook_gets_signed_json() {
    let service = Service::start().await;
    let secret = Some(Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
    let mut desk = with_hook(Webhook { secret, ..hook(&format!("{}/in?key=1", service.base)) });
    service.answer(500, &[]);
    desk.courier.queue(&motion(), NOW).unwrap();
    assert_eq!(desk.work(NOW).await, Some(after(5)));
    assert_eq!(desk.work(after(5)).await, None);
    let got = service.got();
    assert_eq!((got.len(), got[1].uri.to_string().as_str()), (2, "/in?key=1"));
    let body: serde_json::Value = serde_json::from_slice(&got[1].body).unwrap();
    assert_eq!(body["url"], "https://cam.example/history?camera=1&at=1764000000000000");
    assert_eq!((&body["kind"], &body["name"], &body["score"]), (&"motion".into(), &"Door".into(), &300.into()));
    let ids: Vec<_> = got.iter().map(|got| got.header("webhook-id")).collect();
    assert_eq!(ids, [motion().event(), motion().event()], "a retry has the id of the first attempt");
    let text = std::str::from_utf8(&got[1].body).unwrap();
    let again = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    assert_eq!(got[1].header("webhook-signature"), again.sign(ids[1], 1_764_000_005, text));
    assert_eq!(got[1].header("webhook-timestamp"), "1764000005");
}

#[tokio::test]
async fn a_webhook_may_have_a_template_and_choose() {
    let service = Service::start().await;
    let body = Some(Template::parse(r#"{"text": "{title} at {time}"}"#).unwrap());
    let (kinds, cameras) = (vec![crate::Kind::CameraLost], vec![CameraId(1)]);
    let only = Selection { kinds, cameras, ..Selection::default() };
    let mut desk = with_hook(Webhook { body, only, ..hook(&service.base) });
    let lost = |camera| Alert::camera_lost(CameraId(camera), "The \"Door\"", NOW, "unplugged");
    for alert in [motion(), lost(0), lost(1)] {
        desk.courier.queue(&alert, NOW).unwrap();
    }
    desk.work(NOW).await;
    let got = service.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].body, r#"{"text": "The \"Door\": camera lost at 2025-11-24T16:00:00.000Z"}"#);
    assert_eq!((got[0].header("content-type"), got[0].header("webhook-signature")), ("application/json", ""));
}

#[tokio::test]
async fn a_webhook_of_a_zone_hears_of_motion_there_and_when_it_comes_there() {
    let service = Service::start().await;
    let only = Selection { zones: vec![(CameraId(1), "porch".into())], ..Selection::default() };
    let mut desk = with_hook(Webhook { only, ..hook(&service.base) });
    let motion = |second, zone: &str| Alert::motion(CameraId(1), "Door", after(second), 300).in_zones(zone);
    let begins = [motion(0, "street"), motion(1, ""), motion(2, "porch")];
    let comes = [motion(3, "gate"), motion(4, "porch")].map(Alert::told_before);
    for alert in begins.into_iter().chain(comes) {
        desk.courier.queue(&alert, NOW).unwrap();
    }
    desk.work(NOW).await;
    let zones = service.got().into_iter().map(|got| {
        let body: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
        (body["zone"].clone(), body["at"].as_i64().unwrap())
    });
    assert_eq!(zones.collect::<Vec<_>>(), [("porch".into(), after(2).0), ("porch".into(), after(4).0)]);
}

#[tokio::test]
async fn a_webhook_reaches_no_private_address_unless_it_may() {
    let service = Service::start().await;
    let port = service.base.rsplit_once(':').unwrap().1;
    let addresses =
        [service.base.clone(), format!("http://localhost:{port}"), format!("http://[::ffff:127.0.0.1]:{port}")];
    for url in addresses {
        let mut desk = with_hook(Webhook { reach: Reach::Public, ..hook(&url) });
        desk.courier.queue(&motion(), NOW).unwrap();
        assert_eq!(desk.work(NOW).await, None, "given up");
    }
    assert!(service.got().is_empty());
}

/// What a name resolves to is judged, not the name.
#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_refused() {
    let service = Service::start().await;
    let port = service.base.rsplit_once(':').unwrap().1;
    let url = format!("http://localhost:{port}/");
    let public = client::client(Reach::Public, Redirects::Within).unwrap();
    let answer = client::answer(public.post(&url).send().await, NOW);
    assert!(matches!(&answer, Answer::Forbidden(why) if why.contains("localhost")), "{answer:?}");
    assert!(service.got().is_empty());
    let private = client::client(Reach::Private, Redirects::Within).unwrap();
    assert_eq!(client::answer(private.post(&url).send().await, NOW), Answer::Status(201, None));
}

#[tokio::test]
async fn redirects_keep_the_body_or_are_not_followed() {
    let (service, elsewhere) = (Service::start().await, Service::start().await);
    let target = format!("{}/there", elsewhere.base);
    let mut desk = with_hook(hook(&service.base));
    service.answer(307, &[("location", &target)]);
    desk.courier.queue(&motion(), NOW).unwrap();
    assert_eq!(desk.work(NOW).await, None);
    let got = elsewhere.got();
    assert_eq!((got.len(), got[0].uri.path()), (1, "/there"));
    assert!(!got[0].body.is_empty());
    service.answer(302, &[("location", &target)]);
    desk.courier.queue(&Alert::test(NOW), NOW).unwrap();
    desk.work(NOW).await;
    assert!(elsewhere.got().is_empty(), "it would arrive as a GET");
}

#[tokio::test]
async fn a_redirect_leads_to_no_private_address() {
    let (service, elsewhere) = (Service::start().await, Service::start().await);
    // The client itself lets a literal address through, which its caller has judged; redirects are the client's to judge.
    let public = client::client(Reach::Public, Redirects::Within).unwrap();
    let port = elsewhere.base.rsplit_once(':').unwrap().1;
    for target in [elsewhere.base.clone(), format!("http://localhost:{port}/")] {
        service.answer(307, &[("location", &target)]);
        let answer = client::answer(public.post(&service.base).body("x").send().await, NOW);
        assert!(matches!(&answer, Answer::Forbidden(why) if why.contains("private")), "{answer:?}");
    }
    assert_eq!(service.got().len(), 2);
    assert!(elsewhere.got().is_empty());
}

#[tokio::test]
async fn a_webhook_that_was_taken_out_is_given_up() {
    let mut desk = Desk::private();
    desk.db.enqueue(&motion(), &["old"], NOW).unwrap();
    assert_eq!(desk.work(NOW).await, None);
    assert_eq!(desk.db.waiting(), 0);
}

#[tokio::test]
async fn nobody_there_is_tried_again() {
    let service = Service::start().await;
    let mut desk = with_hook(hook(&service.base));
    drop(service);
    desk.courier.queue(&motion(), NOW).unwrap();
    assert_eq!(desk.work(NOW).await, Some(after(5)));
    assert_eq!(desk.work(after(5)).await, Some(after(15)));
}
