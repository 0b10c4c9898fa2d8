//! HTTP and WebSocket: routes, pages, frames, health. Decides who gets what; what there is to get comes from the
//! [`Hub`] and the [`Store`].

mod access;
mod accounts;
mod assets;
mod client;
mod clips;
mod compat;
mod compress;
mod days;
mod events;
mod first;
mod functions;
mod headers;
mod health;
mod history;
mod listener;
mod live;
pub mod metrics;
mod origin;
mod params;
mod problem;
mod proxy;
pub mod routes;
mod secure;
mod serve;
mod stills;
mod thumbnails;
mod trust;
mod viewers;
pub mod ws;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use rtm2_alert::Alerts;
use rtm2_store::Store;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use assets::build;
pub use functions::SERVER_FUNCTIONS;
pub use origin::Origins;
pub use routes::{ROUTES, router};
pub use secure::Https;
pub use serve::serve;
pub use trust::Trust;
pub use viewers::Viewers;

use crate::auth::Auth;
use crate::pipeline::Hub;

/// Settings of the web server.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Further origins whose pages may talk to this server, such as `https://cams.example.net`.
    pub origins: Vec<String>,
    /// Whether session cookies are for TLS only.
    pub secure_cookies: bool,
    /// Proxies whose word on clients is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How the server speaks TLS, if it does.
    pub https: Option<Https>,
    /// How long a session lasts without use.
    pub session_lifetime: Duration,
    /// Viewers (sockets and streams) at a time, over all users.
    pub max_viewers: u32,
    /// Viewers at a time of one user.
    pub max_viewers_per_user: u32,
    /// Times that sockets keep.
    pub timing: ws::Timing,
    /// The program that makes clips.
    pub ffmpeg: PathBuf,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            secure_cookies: false,
            trusted_proxies: Vec::new(),
            https: None,
            session_lifetime: Duration::from_hours(30 * 24),
            max_viewers: 500,
            max_viewers_per_user: 16,
            timing: ws::Timing::default(),
            ffmpeg: PathBuf::from("ffmpeg"),
        }
    }
}

/// What every request needs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

/// The parts of an [`App`].
#[derive(Debug)]
pub struct Inner {
    /// Cameras and events.
    pub hub: Arc<Hub>,
    /// Recordings.
    pub store: Arc<Store>,
    /// Accounts and sessions.
    pub auth: Auth,
    /// Alerts and the devices that they are pushed to.
    pub alerts: Alerts,
    /// Settings.
    pub settings: WebSettings,
    /// Who is connected.
    pub viewers: Arc<Viewers>,
    origins: Origins,
    metrics: Option<PrometheusHandle>,
    /// How many small copies of pictures are made at a time.
    thumbnails: Arc<Semaphore>,
    clips: Arc<clips::Clips>,
    /// How many first charts are drawn at a time.
    first_charts: Arc<Semaphore>,
    /// Cancelled when the server stops: sockets and streams end by it.
    closing: CancellationToken,
    /// Sockets and streams that are still open.
    open: TaskTracker,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Puts the parts together. Installs the recorder of metrics and the executor of server functions, once for the
    /// process.
    pub fn new(hub: Arc<Hub>, store: Arc<Store>, auth: Auth, alerts: Alerts, settings: WebSettings) -> Self {
        // Fails only if it was done before, by an earlier call.
        let _ = any_spawner::Executor::init_tokio();
        functions::register();
        let closing = CancellationToken::new();
        let clips = clips::Clips::new(Arc::clone(&store), settings.ffmpeg.clone(), closing.clone());
        let limits = viewers::Limits { total: settings.max_viewers, per_user: settings.max_viewers_per_user };
        Self(Arc::new(Inner {
            viewers: Arc::new(Viewers::new(Arc::clone(&hub), limits)),
            origins: Origins::new(&settings.origins),
            metrics: metrics::install(),
            thumbnails: Arc::new(Semaphore::new(thumbnails::AT_A_TIME)),
            clips: Arc::new(clips),
            first_charts: Arc::new(Semaphore::new(first::AT_A_TIME)),
            closing,
            open: TaskTracker::new(),
            hub,
            store,
            auth,
            alerts,
            settings,
        }))
    }

    /// Asks the store without holding up the runtime.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, rtm2_store::Error> + Send + 'static,
    ) -> Result<T, problem::Refusal> {
        let store = Arc::clone(&self.store);
        let answer = tokio::task::spawn_blocking(move || question(&store)).await;
        answer.map_err(|_| problem::Refusal::stopping())?.map_err(problem::Refusal::from)
    }
}
