//! All routes as data: the router is put together from the table, and tests walk it to try every door.

use std::time::Duration;

use axum::Router;
use axum::handler::Handler as _;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, patch, post};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use super::{
    App, access, accounts, assets, clips, compat, compress, days, events, first, functions, headers, health, history,
    live, metrics, proxy, secure, stills, trust, ws,
};
use crate::auth::CookiePolicy;

/// Longest body of any request in bytes.
pub const MAX_BODY: usize = 64 * 1024;
/// Longest time for an answer, streams and sockets aside.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Who is logged in.
    User,
    /// Admins.
    Admin,
}

/// How a caller shows who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A session cookie.
    Session,
    /// A session cookie, or HTTP Basic for programs: reading only.
    SessionOrBasic,
    /// A session cookie and the page's origin: the request is a GET but opens a two-way connection.
    SocketSession,
}

/// What a route does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The page.
    Page,
    /// The page with its first chart, for who is logged in.
    HistoryPage,
    /// How to trust the own authority.
    Trust,
    /// Its certificate as DER.
    TrustCrt,
    /// Its certificate as PEM.
    TrustPem,
    /// Its certificate as a profile.
    TrustProfile,
    /// Whether TLS works.
    TrustCheck,
    /// A worker that does nothing.
    TrustWorker,
    /// Is the process alive.
    Alive,
    /// Can it do its work.
    Ready,
    /// What is running.
    Version,
    /// Prometheus metrics.
    Metrics,
    /// The API's description.
    OpenApi,
    /// Log in.
    Login,
    /// Make the first account.
    SetUp,
    /// Log out.
    Logout,
    /// Who is logged in.
    Session,
    /// All cameras.
    Cameras,
    /// Bars of history.
    Bars,
    /// Frames without their bytes.
    Frames,
    /// One frame without its bytes.
    Seek,
    /// Events of all cameras.
    Events,
    /// One event.
    Event,
    /// Pins an event or says something of it.
    Mark,
    /// Deletes an event.
    Delete,
    /// The pictures of an event.
    Download,
    /// The pictures of a stretch of time.
    DownloadStretch,
    /// A clip for players.
    Mp4,
    /// A clip in a free format.
    Webm,
    /// What is remembered of each second with motion.
    Features,
    /// The days with motion.
    Days,
    /// The index of one of them.
    Day,
    /// How much room recordings take and have.
    Storage,
    /// A stored picture.
    Jpeg,
    /// Still frames without their bytes.
    Stills,
    /// A still frame's picture.
    Still,
    /// The newest picture.
    Snapshot,
    /// Pictures for other programs.
    Stream,
    /// The newest picture of a camera named in the query.
    OldSnapshot,
    /// Pictures of a camera named in the query.
    OldStream,
    /// A stored picture by milliseconds (R23).
    OldFrame,
    /// Lists as the original gave them (R24, R25).
    OldApi,
    /// The WebSocket.
    Socket,
    /// Server functions.
    Function,
}

/// One route.
#[derive(Debug)]
pub struct Route {
    /// Its method; GET answers HEAD too.
    pub method: Method,
    /// Its path in axum's syntax.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// How callers show who they are.
    pub credentials: Credentials,
    /// What it does.
    pub endpoint: Endpoint,
}

const fn public(method: Method, path: &'static str, endpoint: Endpoint) -> Route {
    Route { method, path, access: Access::Public, credentials: Credentials::Session, endpoint }
}

const fn user(method: Method, path: &'static str, endpoint: Endpoint) -> Route {
    Route { method, path, access: Access::User, credentials: Credentials::Session, endpoint }
}

const fn admin(method: Method, path: &'static str, endpoint: Endpoint) -> Route {
    Route { method, path, access: Access::Admin, credentials: Credentials::Session, endpoint }
}

const fn data(path: &'static str, endpoint: Endpoint) -> Route {
    Route { method: Method::GET, path, access: Access::User, credentials: Credentials::SessionOrBasic, endpoint }
}

/// Every route of the server. Whatever else is asked for is an asset of the page, or nothing.
pub static ROUTES: &[Route] = &[
    public(Method::GET, "/", Endpoint::Page),
    public(Method::GET, "/login", Endpoint::Page),
    public(Method::GET, "/setup", Endpoint::Page),
    public(Method::GET, "/history", Endpoint::HistoryPage),
    public(Method::GET, "/settings", Endpoint::Page),
    public(Method::GET, "/alarm", Endpoint::Page),
    public(Method::GET, "/readiness", Endpoint::Page),
    public(Method::GET, trust::PATH, Endpoint::Trust),
    public(Method::GET, trust::CRT, Endpoint::TrustCrt),
    public(Method::GET, trust::PEM, Endpoint::TrustPem),
    public(Method::GET, trust::PROFILE, Endpoint::TrustProfile),
    public(Method::GET, trust::CHECK, Endpoint::TrustCheck),
    public(Method::GET, trust::WORKER, Endpoint::TrustWorker),
    public(Method::GET, "/healthz", Endpoint::Alive),
    public(Method::POST, "/api/v1/login", Endpoint::Login),
    public(Method::POST, "/api/v1/setup", Endpoint::SetUp),
    user(Method::POST, "/api/v1/logout", Endpoint::Logout),
    user(Method::GET, "/api/v1/session", Endpoint::Session),
    data("/api/v1/cameras", Endpoint::Cameras),
    data("/api/v1/cameras/{camera}/bars", Endpoint::Bars),
    data("/api/v1/cameras/{camera}/frames", Endpoint::Frames),
    data("/api/v1/cameras/{camera}/frames/{file}", Endpoint::Jpeg),
    data("/api/v1/cameras/{camera}/frame", Endpoint::Seek),
    data("/api/v1/cameras/{camera}/stills", Endpoint::Stills),
    data("/api/v1/cameras/{camera}/stills/{file}", Endpoint::Still),
    data("/api/v1/cameras/{camera}/features", Endpoint::Features),
    data("/api/v1/cameras/{camera}/days", Endpoint::Days),
    data("/api/v1/cameras/{camera}/days/{file}", Endpoint::Day),
    data("/api/v1/cameras/{camera}/events/{start}", Endpoint::Event),
    admin(Method::PATCH, "/api/v1/cameras/{camera}/events/{start}", Endpoint::Mark),
    admin(Method::DELETE, "/api/v1/cameras/{camera}/events/{start}", Endpoint::Delete),
    data("/api/v1/cameras/{camera}/events/{start}/frames.mjpeg", Endpoint::Download),
    data("/api/v1/cameras/{camera}/frames.mjpeg", Endpoint::DownloadStretch),
    data("/api/v1/cameras/{camera}/clip.mp4", Endpoint::Mp4),
    data("/api/v1/cameras/{camera}/clip.webm", Endpoint::Webm),
    data("/api/v1/events", Endpoint::Events),
    data("/api/v1/storage", Endpoint::Storage),
    data("/api/v1/cameras/{camera}/snapshot.jpg", Endpoint::Snapshot),
    data("/api/v1/cameras/{camera}/stream.mjpeg", Endpoint::Stream),
    data("/api/v1/openapi.json", Endpoint::OpenApi),
    data("/snapshot.jpg", Endpoint::OldSnapshot),
    data("/stream.mjpeg", Endpoint::OldStream),
    data("/frames/{file}", Endpoint::OldFrame),
    data("/api", Endpoint::OldApi),
    data("/readyz", Endpoint::Ready),
    data("/metrics", Endpoint::Metrics),
    data("/version", Endpoint::Version),
    Route {
        method: Method::GET,
        path: rtm2_app::wire::PATH,
        access: Access::User,
        credentials: Credentials::SocketSession,
        endpoint: Endpoint::Socket,
    },
    user(Method::POST, "/api/fn/{*function}", Endpoint::Function),
];

/// The whole server as a service.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let door = from_fn_with_state((app.clone(), route), access::door);
        router = router.route(route.path, handler(route.endpoint).layer(door));
    }
    let cookies = if app.settings.secure_cookies { CookiePolicy::TlsOnly } else { CookiePolicy::AnyConnection };
    router
        .layer(from_fn(compress::text))
        .layer(app.auth.session_layer(cookies, app.settings.session_lifetime))
        .layer(from_fn(secure::cookies))
        .fallback(
            assets::fallback
                .layer(from_fn(compress::text))
                .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT)),
        )
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(from_fn_with_state(app.clone(), secure::gate))
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state(app.clone(), proxy::settle))
        .with_state(app.clone())
}

/// What answers a route.
fn handler(endpoint: Endpoint) -> MethodRouter<App> {
    let bounded = match endpoint {
        // Open for as long as somebody watches.
        Endpoint::Stream => return get(live::stream),
        Endpoint::OldStream => return get(live::old_stream),
        Endpoint::Socket => return get(ws::upgrade),
        // Bounded by themselves: making a clip takes its time.
        Endpoint::Mp4 => return get(clips::mp4),
        Endpoint::Webm => return get(clips::webm),
        Endpoint::Page => get(assets::page),
        Endpoint::HistoryPage => get(first::page),
        Endpoint::Trust => get(trust::page),
        Endpoint::TrustCrt => get(trust::crt),
        Endpoint::TrustPem => get(trust::pem),
        Endpoint::TrustProfile => get(trust::profile),
        Endpoint::TrustCheck => get(trust::check),
        Endpoint::TrustWorker => get(trust::worker),
        Endpoint::Alive => get(health::alive),
        Endpoint::Ready => get(health::ready),
        Endpoint::Version => get(health::version),
        Endpoint::Metrics => get(metrics::render),
        Endpoint::OpenApi => get(health::openapi),
        Endpoint::Login => post(accounts::login),
        Endpoint::SetUp => post(accounts::set_up),
        Endpoint::Logout => post(accounts::logout),
        Endpoint::Session => get(accounts::session),
        Endpoint::Cameras => get(history::cameras),
        Endpoint::Bars => get(history::bars),
        Endpoint::Frames => get(history::frames),
        Endpoint::Seek => get(history::seek),
        Endpoint::Jpeg => get(history::jpeg),
        Endpoint::Stills => get(stills::stills),
        Endpoint::Still => get(stills::jpeg),
        Endpoint::Events => get(events::events),
        Endpoint::Event => get(events::event),
        Endpoint::Mark => patch(events::mark),
        Endpoint::Delete => delete(events::delete),
        Endpoint::Download => get(events::download),
        Endpoint::DownloadStretch => get(events::download_stretch),
        Endpoint::Features => get(events::features),
        Endpoint::Days => get(days::list),
        Endpoint::Day => get(days::day),
        Endpoint::Storage => get(events::storage),
        Endpoint::Snapshot => get(live::snapshot),
        Endpoint::OldSnapshot => get(live::old_snapshot),
        Endpoint::OldFrame => get(compat::frame),
        Endpoint::OldApi => get(compat::api),
        Endpoint::Function => post(functions::call),
    };
    bounded.layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT))
}
