//! Puts the server together, runs it, and takes it apart in order: viewers first, cameras, then the recorder, so that
//! what was seen is stored.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use rtm2_alert::{Alerts, SystemClock};
use rtm2_app::CameraId;
use rtm2_camera::{SourceUrl, Wanted};
use rtm2_store::{Options, Place, Store};
use sd_notify::NotifyState;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::super::Failure;
use super::front::{self, Front};
use super::{frames_dir, greeting, make_private, signals, store_failure, store_options};
use crate::alerting;
use crate::auth::{self, Auth};
#[cfg(feature = "onnx")]
use crate::config::ConfigError;
use crate::config::{Camera, Config, Loaded};
#[cfg(feature = "onnx")]
use crate::objects::{Filter, PATIENCE, Yolo};
use crate::pipeline::cameras::{self, CameraPlan, RunningCamera};
use crate::pipeline::{CameraFeed, Capture, Hub, recorder};
use crate::web;

/// Quality of JPEGs that are made here, for cameras that send raw pictures.
const QUALITY: u8 = 85;

/// Runs until a signal ends it.
pub(super) fn run(loaded: &Loaded, state_dir: &Path) -> Result<(), Failure> {
    let config = &loaded.config;
    make_private(state_dir)?;
    let store = Arc::new(open_store(config, state_dir)?);
    let auth = Auth::open(&state_dir.join(auth::FILE)).context("cannot open the accounts")?;
    let plans = plans(config)?;
    let feeds = plans.iter().enumerate().map(|(i, (name, plan))| {
        let feed = CameraFeed::new(CameraId(i as u16), name.clone(), plan.source.label(), plan.source.is_demo());
        feed.with_zones(plan.zone_names())
    });
    let hub = Arc::new(Hub::new(feeds.collect()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers()).enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    runtime.block_on(serve(config, loaded, state_dir, store, auth, &hub, &plans))
}

/// Threads that serve the network: half of the processors. The others have the cameras' work to do, one thread serves
/// hundreds of viewers, and a thread more than is needed costs all of them turns of waking up and finding nothing. What takes
/// long or waits for the disk has threads of its own.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| processors.get().div_ceil(2))
}

/// Everything that runs on the runtime, and the threads beside it.
async fn serve(
    config: &Config,
    loaded: &Loaded,
    state_dir: &Path,
    store: Arc<Store>,
    auth: Auth,
    hub: &Arc<Hub>,
    plans: &[(String, CameraPlan)],
) -> Result<(), Failure> {
    // Before the first picture, whose counters would else lead nowhere.
    let _ = web::metrics::install();
    let listen = config.web.listen;
    let listener = TcpListener::bind(listen).await.map_err(|e| Failure::io(format!("cannot listen on {listen}"), e))?;
    let address = listener.local_addr().context("cannot tell the own address")?;
    let shutdown = CancellationToken::new();
    signals::watch(shutdown.clone()).context("cannot watch for signals")?;
    let setup = auth.setup_token().context("cannot make the setup link")?;

    let (recorder, recording) = recorder::start_capturing(Arc::clone(&store), Arc::clone(hub), capture(config))
        .context("cannot start the recorder")?;
    let front = front::prepare(config, state_dir, address)?;
    let settings = config.alerts(&front.base)?;
    let alerts = Alerts::open(state_dir, settings, Arc::new(SystemClock)).context("cannot open the alerts")?;
    let delivering = alerts.start(Arc::new(auth.clone())).context("cannot start the alerts")?;
    let watching = CancellationToken::new();
    let watchers = alerting::watch(hub, &alerts, config.alert_pace(), &watching);
    let running = start_cameras(config, plans, hub, &recorder)?;
    drop(recorder);

    log_start(config, loaded, state_dir, &front, plans.len());
    greeting::print_url(&front, setup.as_deref())?;
    let _ = sd_notify::notify(&[NotifyState::Ready]);

    let app = web::App::new(Arc::clone(hub), store, auth, alerts, web_settings(config, front)?);
    let served = web::serve(listener, app, shutdown).await;

    let _ = sd_notify::notify(&[NotifyState::Stopping]);
    watching.cancel();
    watchers.wait().await;
    stop(running, recording, delivering).await;
    served.context("the web server failed")?;
    tracing::info!("stopped");
    Ok(())
}

/// What the web server needs of the settings.
fn web_settings(config: &Config, front: Front) -> Result<web::WebSettings, Failure> {
    Ok(web::WebSettings {
        origins: config.web.origins.clone(),
        secure_cookies: config.web.secure_cookies,
        trusted_proxies: config.trusted_proxies()?,
        https: front.https,
        max_viewers: config.web.max_viewers,
        max_viewers_per_user: config.web.max_viewers_per_user,
        ..web::WebSettings::default()
    })
}

fn start_cameras(
    config: &Config,
    plans: &[(String, CameraPlan)],
    hub: &Arc<Hub>,
    recorder: &recorder::RecorderHandle,
) -> Result<Vec<RunningCamera>, Failure> {
    #[cfg(feature = "onnx")]
    let model = load_model(config)?;
    #[cfg(not(feature = "onnx"))]
    let _ = config;
    let start = |(i, (name, plan)): (usize, &(String, CameraPlan))| {
        let id = CameraId(i as u16);
        #[cfg(feature = "onnx")]
        if let Some(model) = &model {
            let labeller = Box::new(model.clone());
            let filter = Filter::start(id, labeller, config.objects.only.clone(), PATIENCE, plan.policy())?;
            return cameras::start_filtered(id, plan, hub, recorder, filter);
        }
        cameras::start(id, plan, hub, recorder).with_context(|| format!("cannot start camera {i} ({name})"))
    };
    Ok(plans.iter().enumerate().map(start).collect::<anyhow::Result<_>>()?)
}

/// The user's model, if one is named; says what it is.
#[cfg(feature = "onnx")]
fn load_model(config: &Config) -> Result<Option<Yolo>, Failure> {
    let settings = &config.objects;
    if !settings.is_on() {
        return Ok(None);
    }
    let model = Yolo::load(settings).map_err(|error| ConfigError::value("objects.model", format!("{error:#}")))?;
    let took = model.measure()?;
    let (path, about) = (settings.model.display(), model.describe());
    tracing::info!("object model {path}: {about}, {} ms a picture", took.as_millis());
    if took > PATIENCE {
        tracing::warn!(
            "the object model is too slow for this machine: events wait {} ms for it, then motion passes without a \
             label; use a smaller one",
            PATIENCE.as_millis()
        );
    }
    Ok(Some(model))
}

/// Stops the cameras, then lets the recorder store what is queued.
async fn stop(running: Vec<RunningCamera>, recording: JoinHandle<()>, delivering: rtm2_alert::Running) {
    let stopped = tokio::task::spawn_blocking(move || {
        delivering.stop();
        for camera in running {
            camera.stop();
        }
        recording.join()
    });
    if !matches!(stopped.await, Ok(Ok(()))) {
        tracing::error!("the recorder did not end cleanly; `rtm2 check` tells what is stored");
    }
}

/// One line that says what runs, for whoever reads the log later.
fn log_start(config: &Config, loaded: &Loaded, state_dir: &Path, front: &Front, cameras: usize) {
    let kept = if config.store.memory_only { "in memory".to_owned() } else { format!("up to {}", config.store.budget) };
    let base = &front.base;
    let file = loaded.file.as_ref().map_or_else(|| "none".into(), |f| f.display().to_string());
    tracing::info!(
        "rtm2 {}: {base}, {cameras} camera(s), recordings {kept} in {}, configuration {file}",
        super::super::VERSION,
        state_dir.display(),
    );
}

/// The cameras of the settings with their names; without any the first camera found, else the demo scene.
fn plans(config: &Config) -> Result<Vec<(String, CameraPlan)>, Failure> {
    let found;
    let listed = if config.cameras.is_empty() {
        found = [Camera::with_source(&first_source())];
        &found[..]
    } else {
        &config.cameras[..]
    };
    listed.iter().enumerate().map(|(n, camera)| plan(n, camera, config)).collect()
}

fn plan(n: usize, camera: &Camera, config: &Config) -> Result<(String, CameraPlan), Failure> {
    let source: SourceUrl = camera.source().map_err(anyhow::Error::msg)?;
    let size = camera.size().map_err(anyhow::Error::msg)?;
    let name = camera.display_name(&source);
    let wanted = Wanted { size, fps: camera.fps, quality: QUALITY };
    let settings = config.detector_settings(n).map_err(anyhow::Error::from)?;
    Ok((name, CameraPlan { source, wanted, detector: config.detect.name.clone(), settings }))
}

fn first_source() -> String {
    if let Some(camera) = rtm2_camera::first_camera() {
        return camera.to_string();
    }
    tracing::warn!("no camera found: showing the demo scene; `rtm2 probe` lists cameras, --source names one");
    "demo:".into()
}

/// What is recorded around motion. Memory alone holds so few frames that they had better all be of motion.
fn capture(config: &Config) -> Capture {
    let store = &config.store;
    if store.memory_only {
        return Capture::default();
    }
    Capture {
        before: Duration::from_secs(store.pre_capture.into()),
        after: Duration::from_secs(store.post_capture.into()),
        bytes: store.pre_capture_memory.0.try_into().unwrap_or(usize::MAX),
        stills: Duration::from_secs(store.stills.into()),
    }
}

fn open_store(config: &Config, state_dir: &Path) -> Result<Store, Failure> {
    let options = store_options(config, frames_dir(state_dir));
    let options = if config.store.memory_only {
        Options { place: Place::Memory { frames: config.store.memory_frames as usize }, ..options }
    } else {
        options
    };
    Store::open(options).map_err(store_failure)
}
