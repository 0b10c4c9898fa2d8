//! `/metrics`: what the pipeline and the web server count, in Prometheus' format. The pipeline's names are in
//! [`crate::pipeline::stats`].

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use metrics::{Counter, Unit, counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use rtm2_app::{CameraState, Timestamp};

use super::App;
use super::problem::Refusal;
use crate::pipeline::stats;

/// Sockets and streams connected now.
pub const VIEWERS: &str = "rtm2_viewers";
/// Whether a camera delivers pictures: 1 or 0.
pub const CAMERA_UP: &str = "rtm2_camera_up";
/// Age of a camera's newest picture in seconds.
pub const LAST_FRAME_AGE: &str = "rtm2_last_frame_age_seconds";
/// Bytes of recordings in use.
pub const STORE_BYTES: &str = "rtm2_store_bytes";
/// Most bytes that recordings may use.
pub const STORE_BUDGET: &str = "rtm2_store_budget_bytes";
/// Bytes free on the recordings' volume.
pub const STORE_FREE: &str = "rtm2_store_free_bytes";
/// Days until old recordings give way at the rate of the last days; not a number while that is not known.
pub const STORE_DAYS_LEFT: &str = "rtm2_store_days_left";
/// Frames stored now.
pub const STORE_FRAMES: &str = "rtm2_store_frames";
/// Frames sent to viewers.
pub const SENT: &str = "rtm2_frames_sent_total";
/// Bytes of frames sent to viewers.
pub const SENT_BYTES: &str = "rtm2_sent_bytes_total";
/// Times that a viewer's link was too slow for at least one frame, which it did not get.
pub const SKIPPED: &str = "rtm2_frames_skipped_total";

/// Bounds of the detector's histogram in seconds: around the goal of a millisecond.
const DETECT_BUCKETS: [f64; 9] = [0.000_25, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1];

/// Counts what one viewer gets. Each counter is found by its name once, not for every frame.
pub(super) struct Sent {
    frames: Counter,
    bytes: Counter,
}

impl Sent {
    pub(super) fn new() -> Self {
        Self { frames: counter!(SENT), bytes: counter!(SENT_BYTES) }
    }

    /// A frame was sent.
    pub(super) fn count(&self, bytes: usize) {
        self.frames.increment(1);
        self.bytes.increment(bytes as u64);
    }
}

/// Installs the recorder, once for the process; `None` if another library's was there first.
pub fn install() -> Option<PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE.get_or_init(build).clone()
}

fn build() -> Option<PrometheusHandle> {
    let detect = Matcher::Full(stats::DETECT_SECONDS.to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(detect, &DETECT_BUCKETS).ok()?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    describe_gauge!(VIEWERS, "sockets and streams connected");
    describe_gauge!(CAMERA_UP, "whether the camera delivers pictures");
    describe_gauge!(LAST_FRAME_AGE, Unit::Seconds, "age of the newest picture");
    describe_gauge!(STORE_BYTES, Unit::Bytes, "recordings in use");
    describe_gauge!(STORE_BUDGET, Unit::Bytes, "most that recordings may use");
    describe_gauge!(STORE_FREE, Unit::Bytes, "free on the recordings' volume");
    describe_gauge!(STORE_DAYS_LEFT, "days until old recordings give way, NaN while that is not known");
    describe_gauge!(STORE_FRAMES, "frames stored");
    describe_counter!(SENT, "frames sent to viewers");
    describe_counter!(SENT_BYTES, Unit::Bytes, "frames sent to viewers");
    describe_counter!(SKIPPED, "times that a viewer's link was too slow for at least one frame");
    rtm2_alert::describe_metrics();
    Some(handle)
}

/// `GET /metrics`.
pub(super) async fn render(State(app): State<App>) -> Result<impl IntoResponse, Refusal> {
    let handle = app.metrics.clone().ok_or_else(|| Refusal::unavailable("metrics are not recorded"))?;
    let now = now();
    let (usage, forecast) = app.ask(move |store| Ok((store.usage()?, store.forecast(now)?))).await?;
    let set = |name: &'static str, value: Option<u64>| {
        if let Some(value) = value {
            gauge!(name).set(value as f64);
        }
    };
    set(VIEWERS, Some(app.hub.viewers().into()));
    set(STORE_BYTES, Some(usage.bytes));
    set(STORE_BUDGET, usage.budget_bytes);
    set(STORE_FREE, usage.free_bytes);
    set(STORE_FRAMES, Some(usage.frames));
    if let Some(forecast) = forecast {
        gauge!(STORE_DAYS_LEFT).set(forecast.days_left.unwrap_or(f64::NAN));
    }
    for camera in app.hub.cameras() {
        let label = camera.id.to_string();
        let up = f64::from(u8::from(camera.state() == CameraState::Live));
        gauge!(CAMERA_UP, "camera" => label.clone()).set(up);
        let newest = camera.newest().borrow().as_ref().map(|frame| frame.header().at);
        if let Some(at) = newest {
            gauge!(LAST_FRAME_AGE, "camera" => label).set(now.0.saturating_sub(at.0) as f64 / 1e6);
        }
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()))
}

/// The time now.
pub(super) fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64))
}
