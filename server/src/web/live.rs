//! The newest picture, and pictures as a stream for other programs: VLC, Home Assistant, a kitchen display.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rtm2_app::{CameraId, Mode};
use serde::Deserialize;
use tokio::sync::{mpsc, watch};

use super::App;
use super::client::Client;
use super::compat::CameraQuery;
use super::params::{Params, Segments, camera};
use super::problem::Refusal;
use super::viewers::Seat;
use crate::auth::Caller;
use crate::pipeline::LiveFrame;

/// What separates the pictures of a stream.
const BOUNDARY: &str = "rtm2-frame";

/// `GET /api/v1/cameras/{camera}/snapshot.jpg`.
pub(super) async fn snapshot(
    State(app): State<App>,
    Segments(id): Segments<CameraId>,
) -> Result<impl IntoResponse, Refusal> {
    newest(&app, id).await
}

/// `GET /snapshot.jpg`.
pub(super) async fn old_snapshot(
    State(app): State<App>,
    Params(query): Params<CameraQuery>,
) -> Result<impl IntoResponse, Refusal> {
    newest(&app, query.camera).await
}

async fn newest(app: &App, id: CameraId) -> Result<impl IntoResponse + use<>, Refusal> {
    let frame = camera(app, id)?.newest().borrow().clone();
    let frame = frame.ok_or_else(|| Refusal::unavailable("the camera has not delivered a picture yet"))?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], Body::from(jpeg_of(&frame).await)))
}

/// The frame's JPEG. Where it must be made first that takes about a millisecond, in which nobody else should wait.
pub(super) async fn jpeg_of(frame: &Arc<LiveFrame>) -> Bytes {
    if !frame.has_jpeg() {
        let frame = Arc::clone(frame);
        // Fails where the runtime ends; then it is made below.
        let _ = tokio::task::spawn_blocking(move || frame.jpeg()).await;
    }
    frame.jpeg()
}

/// Most pictures a second.
#[derive(Debug, Deserialize)]
pub(super) struct StreamQuery {
    fps: Option<u8>,
    #[serde(default)]
    camera: CameraId,
}

/// `GET /api/v1/cameras/{camera}/stream.mjpeg`.
pub(super) async fn stream(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    client: Client,
    Segments(id): Segments<CameraId>,
    Params(query): Params<StreamQuery>,
) -> Result<Response, Refusal> {
    start(&app, caller, &client, id, query.fps)
}

/// `GET /stream.mjpeg`.
pub(super) async fn old_stream(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    client: Client,
    Params(query): Params<StreamQuery>,
) -> Result<Response, Refusal> {
    start(&app, caller, &client, query.camera, query.fps)
}

fn start(app: &App, caller: Caller, client: &Client, id: CameraId, fps: Option<u8>) -> Result<Response, Refusal> {
    let frames = camera(app, id)?.newest();
    let spacing = match fps {
        None => Duration::ZERO,
        Some(0) => return Err(Refusal::bad_request("`fps` is 1 or more")),
        Some(fps) => Duration::from_secs(1) / u32::from(fps),
    };
    let seat = app.viewers.enter(&caller, client, Mode::Live);
    let seat = seat.map_err(|full| Refusal::new(StatusCode::TOO_MANY_REQUESTS, full.to_string()))?;
    // One part may wait; while it does, newer pictures replace each other (latest wins).
    let (parts, queue) = mpsc::channel(1);
    let streaming = Streaming { app: app.clone(), caller, frames, spacing, parts, _seat: seat };
    app.open.spawn(streaming.run());
    let body = futures_util::stream::unfold(queue, async |mut queue: mpsc::Receiver<Bytes>| {
        queue.recv().await.map(|part| (Ok::<_, std::convert::Infallible>(part), queue))
    });
    let content_type = HeaderValue::from_static("multipart/x-mixed-replace; boundary=rtm2-frame");
    Ok(([(header::CONTENT_TYPE, content_type)], Body::from_stream(body)).into_response())
}

/// One stream.
struct Streaming {
    app: App,
    caller: Caller,
    frames: watch::Receiver<Option<Arc<LiveFrame>>>,
    spacing: Duration,
    parts: mpsc::Sender<Bytes>,
    _seat: Seat,
}

impl Streaming {
    /// Ends when the client goes or stops reading, what let it in ends, or the server stops.
    async fn run(mut self) {
        let app = self.app.clone();
        tokio::select! {
            () = self.send() => {}
            () = app.closing.cancelled() => {}
        }
    }

    async fn send(&mut self) {
        let timing = self.app.settings.timing;
        let mut ended = self.app.auth.ended();
        let mut check = tokio::time::interval(timing.check);
        let sent = super::metrics::Sent::new();
        self.frames.mark_changed();
        loop {
            tokio::select! {
                changed = self.frames.changed() => if changed.is_err() { return },
                _ = check.tick() => {
                    if self.parts.is_closed() || !self.app.auth.still_valid(&self.caller).await { return }
                    continue;
                }
                _ = ended.changed() => {
                    if !self.app.auth.still_valid(&self.caller).await { return }
                    continue;
                }
                () = self.parts.closed() => return,
            }
            let Some(frame) = self.frames.borrow_and_update().clone() else { continue };
            let began = Instant::now();
            let jpeg = jpeg_of(&frame).await;
            if !matches!(self.parts.send_timeout(part(&frame, &jpeg), timing.send).await, Ok(())) {
                return;
            }
            sent.count(jpeg.len());
            tokio::time::sleep(self.spacing.saturating_sub(began.elapsed())).await;
        }
    }
}

/// The header that says what moves, of what a header may hold: a model's labels are the user's own text.
fn label_line(label: &str) -> String {
    let plain: String = label.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    format!("X-Label: {plain}\r\n")
}

/// A picture with the headers that programs look for.
fn part(frame: &LiveFrame, jpeg: &[u8]) -> Bytes {
    let at = frame.header().at;
    let (seconds, micros) = (at.0.div_euclid(1_000_000), at.0.rem_euclid(1_000_000));
    let head = format!(
        "--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\nX-Timestamp: {seconds}.{micros:06}\r\n{}\r\n",
        jpeg.len(),
        frame.label().map_or_else(String::new, label_line),
    );
    let mut part = Vec::with_capacity(head.len() + jpeg.len() + 2);
    part.extend_from_slice(head.as_bytes());
    part.extend_from_slice(jpeg);
    part.extend_from_slice(b"\r\n");
    part.into()
}
