//! Events of the history: listed, pinned, labelled, deleted and downloaded; and what is kept beside them.

use axum::Json;
use axum::body::Body as HttpBody;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use rtm2_app::http::{EventList, MarkEvent, Storage};
use rtm2_app::{CameraId, Event, Kept, Timestamp, feature};
use rtm2_store::{EventFilter, MAX_EVENTS, MAX_ROWS, Mark, Store};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::App;
use super::params::{Body, Params, Segments, camera};
use super::problem::Refusal;

/// Events that are answered when nothing says how many.
const EVENTS: usize = 100;
/// Frames looked up at a time while an event is downloaded.
const PAGE: usize = 500;

/// Which events.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsQuery {
    camera: Option<CameraId>,
    from: Option<i64>,
    to: Option<i64>,
    min_score: Option<u16>,
    pinned: Option<bool>,
    label: Option<String>,
    zone: Option<String>,
    kept: Option<Kept>,
    before: Option<String>,
    limit: Option<usize>,
}

/// `GET /api/v1/events`.
pub(super) async fn events(
    State(app): State<App>,
    Params(query): Params<EventsQuery>,
) -> Result<Json<EventList>, Refusal> {
    if let Some(id) = query.camera {
        camera(&app, id)?;
    }
    let limit = query.limit.unwrap_or(EVENTS).min(MAX_EVENTS);
    let before = query.before.as_deref().map(cursor).transpose()?;
    let filter = EventFilter {
        from: Timestamp(query.from.unwrap_or(i64::MIN)),
        to: Timestamp(query.to.unwrap_or(i64::MAX)),
        camera: query.camera,
        min_score: query.min_score.unwrap_or(0),
        pinned: query.pinned,
        label: query.label,
        zone: query.zone,
        kept: query.kept,
        before,
        limit,
    };
    let events = app.ask(move |store| store.events(&filter)).await?;
    let full = events.len() == limit;
    let next = events.last().filter(|_| full).map(|event| format!("{}-{}", event.start, event.camera));
    Ok(Json(EventList { events, next }))
}

/// Where a page begins: the `next` of the page before.
fn cursor(text: &str) -> Result<(Timestamp, CameraId), Refusal> {
    let parts = text.rsplit_once('-').and_then(|(start, id)| Some((start.parse().ok()?, id.parse().ok()?)));
    let (start, id) = parts.ok_or_else(|| Refusal::bad_request("`before` is the `next` of the page before"))?;
    Ok((Timestamp(start), id))
}

/// `GET /api/v1/cameras/{camera}/events/{start}`.
pub(super) async fn event(
    State(app): State<App>,
    Segments((id, start)): Segments<(CameraId, i64)>,
) -> Result<Json<Event>, Refusal> {
    find(&app, id, Timestamp(start)).await.map(Json)
}

pub(super) async fn find(app: &App, id: CameraId, start: Timestamp) -> Result<Event, Refusal> {
    camera(app, id)?;
    let found = app.ask(move |store| store.event(id, start)).await?;
    found.ok_or_else(|| Refusal::not_found("there is no such event, or not any more"))
}

/// `PATCH /api/v1/cameras/{camera}/events/{start}`.
pub(super) async fn mark(
    State(app): State<App>,
    Segments((id, start)): Segments<(CameraId, i64)>,
    Body(mark): Body<MarkEvent>,
) -> Result<Json<Event>, Refusal> {
    camera(&app, id)?;
    let start = Timestamp(start);
    let mark = Mark { pinned: mark.pinned, label: mark.label, zone: mark.zone };
    app.ask(move |store| store.mark(id, start, &mark)).await?;
    find(&app, id, start).await.map(Json)
}

/// `DELETE /api/v1/cameras/{camera}/events/{start}`.
pub(super) async fn delete(
    State(app): State<App>,
    Segments((id, start)): Segments<(CameraId, i64)>,
) -> Result<StatusCode, Refusal> {
    camera(&app, id)?;
    let event = app.ask(move |store| store.event(id, Timestamp(start))).await?;
    app.ask(move |store| store.delete_event(id, Timestamp(start))).await?;
    if let Some(event) = event {
        app.clips.forget(id, event.from, event.to);
    }
    tracing::info!(camera = id.0, start, "an event was deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/cameras/{camera}/events/{start}/frames.mjpeg`: every frame that is left, one JPEG behind the other.
pub(super) async fn download(
    State(app): State<App>,
    Segments((id, start)): Segments<(CameraId, i64)>,
) -> Result<Response, Refusal> {
    let event = find(&app, id, Timestamp(start)).await?;
    pictures(&app, id, (event.from, event.to))
}

/// `GET /api/v1/cameras/{camera}/frames.mjpeg`: the same for a stretch of time.
pub(super) async fn download_stretch(
    State(app): State<App>,
    Segments(id): Segments<CameraId>,
    Params(query): Params<super::clips::ClipQuery>,
) -> Result<Response, Refusal> {
    let stretch = super::clips::stretch(&app, id, &query).await?;
    pictures(&app, id, stretch)
}

/// All pictures of a stretch of time.
fn pictures(app: &App, id: CameraId, (start, end): (Timestamp, Timestamp)) -> Result<Response, Refusal> {
    // A picture at a time: the client's pace is the disk's.
    let (pictures, queue) = mpsc::channel(1);
    let store = std::sync::Arc::clone(&app.store);
    app.open.spawn_blocking(move || {
        if let Err(error) = send_frames(&store, id, (start, end), &pictures) {
            tracing::warn!(camera = id.0, "a download ended early: {error}");
            // The length is not known, so only a broken connection says that something is missing.
            let _ = pictures.blocking_send(Err(std::io::Error::other(error)));
        }
    });
    let body = futures_util::stream::unfold(queue, async |mut queue: mpsc::Receiver<_>| {
        queue.recv().await.map(|picture| (picture, queue))
    });
    let name = format!("attachment; filename=\"camera-{id}-{start}.mjpeg\"");
    let name = HeaderValue::from_str(&name).map_err(|_| Refusal::stopping())?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("video/x-motion-jpeg")),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, HttpBody::from_stream(body)).into_response())
}

/// Sends the pictures of a stretch of time until they end or nobody takes them any more.
fn send_frames(
    store: &Store,
    id: CameraId,
    (mut from, to): (Timestamp, Timestamp),
    pictures: &mpsc::Sender<std::io::Result<Bytes>>,
) -> Result<(), rtm2_store::Error> {
    loop {
        let page = store.frames(id, from, to, PAGE)?;
        for info in &page {
            // A frame that retention took meanwhile is no error.
            let Some(frame) = store.frame(info.camera, info.at)? else { continue };
            if pictures.blocking_send(Ok(frame.jpeg)).is_err() {
                return Ok(());
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => from = Timestamp(last.at.0 + 1),
            _ => return Ok(()),
        }
    }
}

/// Which seconds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeaturesQuery {
    from: i64,
    to: i64,
    limit: Option<usize>,
}

/// `GET /api/v1/cameras/{camera}/features`: records of fixed length, as [`rtm2_app::Feature::encode`] writes them.
pub(super) async fn features(
    State(app): State<App>,
    Segments(id): Segments<CameraId>,
    Params(query): Params<FeaturesQuery>,
) -> Result<Response, Refusal> {
    camera(&app, id)?;
    let limit = query.limit.unwrap_or(MAX_ROWS).min(MAX_ROWS);
    let range = (Timestamp(query.from), Timestamp(query.to));
    let features = app.ask(move |store| store.features(id, range.0, range.1, limit)).await?;
    let mut bytes = Vec::with_capacity(features.len() * feature::RECORD);
    for feature in &features {
        feature.encode(&mut bytes);
    }
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

/// `GET /api/v1/storage`.
pub(super) async fn storage(State(app): State<App>) -> Result<Json<Storage>, Refusal> {
    let now = super::metrics::now();
    let (usage, forecast) = app.ask(move |store| Ok((store.usage()?, store.forecast(now)?))).await?;
    Ok(Json(Storage {
        bytes: usage.bytes,
        budget_bytes: usage.budget_bytes,
        free_bytes: usage.free_bytes,
        frames: usage.frames,
        oldest: usage.oldest,
        newest: usage.newest,
        bytes_per_day: forecast.and_then(|forecast| forecast.bytes_per_day),
        bytes_left: forecast.map(|forecast| forecast.bytes_left),
        days_left: forecast.and_then(|forecast| forecast.days_left),
    }))
}
