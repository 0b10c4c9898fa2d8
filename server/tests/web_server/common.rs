//! A server with two accounts and two cameras, without a network where none is needed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base64::Engine as _;
use rtm2::auth::{Auth, Role};
use rtm2::pipeline::{CameraFeed, Hub, LiveFrame};
use rtm2::web::{App, WebSettings, router, serve};
use rtm2_alert::{Alerts, Reach, Settings, SystemClock};
use rtm2_app::wire::{Flags, FrameHeader};
use rtm2_app::{CameraId, Timestamp};
use rtm2_camera::jpeg::{Encoder, Layout, Limits, Range, Raw, inspect};
use rtm2_store::{NewFrame, Options, Store};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// The password of both accounts.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The admin.
pub(crate) const ADMIN: &str = "anna";
/// The other one.
pub(crate) const VIEWER: &str = "bert";
/// Host of requests that go through no network.
pub(crate) const HOST: &str = "cam.lan:5000";
/// The origin of our page there.
pub(crate) const ORIGIN: &str = "http://cam.lan:5000";
/// Long enough for any machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Site {
    pub(crate) hub: Arc<Hub>,
    pub(crate) store: Arc<Store>,
    pub(crate) auth: Auth,
    pub(crate) alerts: Alerts,
    pub(crate) app: App,
    router: Router,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Whether this is a refusal in the API's form.
    pub(crate) fn is_problem(&self) -> bool {
        serde_json::from_slice::<rtm2_app::http::Problem>(&self.body).is_ok_and(|problem| !problem.error.is_empty())
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::with(WebSettings::default())
    }

    pub(crate) fn with(settings: WebSettings) -> Self {
        let auth = Auth::in_memory().unwrap();
        auth.add_user(&ADMIN.parse().unwrap(), PASSWORD, Role::Admin).unwrap();
        auth.add_user(&VIEWER.parse().unwrap(), PASSWORD, Role::Viewer).unwrap();
        Self::over(auth, settings)
    }

    pub(crate) fn over(auth: Auth, settings: WebSettings) -> Self {
        Self::put_together(auth, settings, Store::open(Options::memory()).unwrap())
    }

    /// The same over recordings of one's own.
    pub(crate) fn on(store: Store) -> Self {
        let auth = Auth::in_memory().unwrap();
        auth.add_user(&ADMIN.parse().unwrap(), PASSWORD, Role::Admin).unwrap();
        auth.add_user(&VIEWER.parse().unwrap(), PASSWORD, Role::Viewer).unwrap();
        Self::put_together(auth, WebSettings::default(), store)
    }

    fn put_together(auth: Auth, settings: WebSettings, store: Store) -> Self {
        let feed = |id, name: &str| CameraFeed::new(CameraId(id), name.into(), "demo:".into(), true);
        let hub = Arc::new(Hub::new(vec![feed(0, "Door"), feed(1, "Yard")]));
        let store = Arc::new(store);
        let private = Settings { push_reach: Reach::Private, ..Settings::default() };
        let alerts = Alerts::in_memory(private, Arc::new(SystemClock)).unwrap();
        let app = App::new(Arc::clone(&hub), Arc::clone(&store), auth.clone(), alerts.clone(), settings);
        let router = router(&app);
        Self { hub, store, auth, alerts, app, router }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 64 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// GET with a cookie.
    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(request(Method::GET, path, &[("cookie", cookie)], "")).await
    }

    /// POST of our own page with a cookie.
    pub(crate) async fn post(&self, path: &str, cookie: &str, body: &str) -> Answer {
        self.send(request(Method::POST, path, &[("cookie", cookie), ("origin", ORIGIN)], body)).await
    }

    /// Logs in and returns the cookie.
    pub(crate) async fn log_in(&self, user: &str) -> String {
        let body = login(user, PASSWORD);
        let answer = self.send(request(Method::POST, "/api/v1/login", &[("origin", ORIGIN)], &body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        cookie_of(&answer)
    }

    /// Stores a frame of camera 0.
    pub(crate) fn store(&self, at: i64) {
        self.store_jpeg(at, &jpeg(at));
    }

    /// Stores a picture of camera 0.
    pub(crate) fn store_jpeg(&self, at: i64, jpeg: &[u8]) {
        let size = inspect(jpeg, &Limits::default()).map_or((4, 2), |header| (header.width, header.height));
        let frame = NewFrame {
            camera: CameraId(0),
            at: Timestamp(at),
            seq: 1,
            width: size.0,
            height: size.1,
            motion: true,
            light_shift: false,
            score: 9,
            boxes: &[],
            grid: None,
            jpeg,
        };
        self.store.append(&frame).unwrap();
    }

    /// Listens on loopback.
    pub(crate) async fn listen(&self) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), CancellationToken::new());
        let task = tokio::spawn(serve(listener, self.app.clone(), shutdown.clone()));
        Server { address, shutdown, task }
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) task: JoinHandle<std::io::Result<()>>,
}

pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    if !body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

pub(crate) fn login(user: &str, password: &str) -> String {
    serde_json::json!({ "user": user, "password": password }).to_string()
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

pub(crate) fn cookie_of(answer: &Answer) -> String {
    answer.header(header::SET_COOKIE).split(';').next().unwrap().to_owned()
}

/// Bytes that begin like a JPEG and differ by `n`.
pub(crate) fn jpeg(n: i64) -> Vec<u8> {
    [&[0xFF, 0xD8, 0xFF, 0xE0][..], &n.to_le_bytes(), &[0xFF, 0xD9]].concat()
}

/// A picture that can be decoded: grey, brighter to the right.
pub(crate) fn real_jpeg(width: u16, height: u16) -> Vec<u8> {
    let row: Vec<u8> = (0..width).map(|x| (u32::from(x) * 255 / u32::from(width)) as u8).collect();
    let data = row.repeat(usize::from(height));
    let raw = Raw { data: &data, width, height, stride: 0, layout: Layout::Grey, range: Range::Full };
    Encoder::new(90).unwrap().encode(&raw).unwrap().to_vec()
}

pub(crate) fn frame(seq: u64, flags: Flags) -> Arc<LiveFrame> {
    let header = FrameHeader {
        camera: CameraId(0),
        flags: flags.with(Flags::KEY),
        seq,
        at: Timestamp(seq as i64 * 1000),
        width: 4,
        height: 2,
        score: 0,
        boxes: Vec::new(),
    };
    Arc::new(LiveFrame::new(header, jpeg(seq as i64).into()))
}
