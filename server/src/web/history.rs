//! Stored frames and their bars.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use rtm2_app::http::Bars;
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_app::{CameraId, CameraInfo, FrameInfo, Timestamp};
use rtm2_store::{Among, MAX_ROWS, Seek, StoredFrame};
use serde::Deserialize;

use super::App;
use super::headers::matches_etag;
use super::params::{Params, Segments, camera};
use super::problem::Refusal;
use super::thumbnails;

/// Bars that are answered when nothing says how many (R38).
const LAST_BARS: usize = 1000;
/// Frames that are answered when nothing says how many.
const FRAMES: usize = 1000;
/// Most frames that one answer lists.
pub(super) const MAX_FRAMES: usize = 10_000;

/// `GET /api/v1/cameras`.
pub(super) async fn cameras(State(app): State<App>) -> Json<Vec<CameraInfo>> {
    Json(app.hub.cameras().iter().map(|camera| camera.info()).collect())
}

/// Which bars.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BarsQuery {
    from: Option<i64>,
    to: Option<i64>,
    bucket: Option<i64>,
    last: Option<usize>,
}

/// `GET /api/v1/cameras/{camera}/bars`.
pub(super) async fn bars(
    State(app): State<App>,
    Segments(id): Segments<CameraId>,
    Params(query): Params<BarsQuery>,
) -> Result<Json<Bars>, Refusal> {
    camera(&app, id)?;
    let bucket_us = query.bucket.unwrap_or(MICROS_PER_SECOND);
    let range = match query {
        BarsQuery { from: Some(from), to: Some(to), last: None, .. } => Some((Timestamp(from), Timestamp(to))),
        BarsQuery { from: None, to: None, bucket: None, .. } => None,
        _ => return Err(Refusal::bad_request("give either `from` and `to`, with `bucket` if wanted, or `last` alone")),
    };
    if bucket_us <= 0 {
        return Err(Refusal::bad_request("`bucket` is a number of microseconds above 0"));
    }
    let last = query.last.unwrap_or(LAST_BARS).min(MAX_ROWS);
    let answer = move |store: &rtm2_store::Store| {
        let bars = match range {
            Some((from, to)) => store.bars(id, from, to, bucket_us, MAX_ROWS)?,
            None => store.last_bars(id, last)?,
        };
        Ok(Bars { camera: id, bucket_us, bars, extent: store.extent(id)? })
    };
    app.ask(answer).await.map(Json)
}

/// Which frames.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FramesQuery {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) limit: Option<usize>,
}

/// `GET /api/v1/cameras/{camera}/frames`.
pub(super) async fn frames(
    State(app): State<App>,
    Segments(id): Segments<CameraId>,
    Params(query): Params<FramesQuery>,
) -> Result<Json<Vec<FrameInfo>>, Refusal> {
    camera(&app, id)?;
    let limit = query.limit.unwrap_or(FRAMES).min(MAX_FRAMES);
    let (from, to) = (Timestamp(query.from), Timestamp(query.to));
    app.ask(move |store| store.frames(id, from, to, limit)).await.map(Json)
}

/// Where to look for a frame.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeekQuery {
    seek: Place,
    at: Option<i64>,
    /// Whether frames from before and after motion count too.
    #[serde(default)]
    all: bool,
}

/// A frame's place in the history.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Place {
    First,
    Last,
    At,
    Next,
    Previous,
}

/// `GET /api/v1/cameras/{camera}/frame`.
pub(super) async fn seek(
    State(app): State<App>,
    Segments(id): Segments<CameraId>,
    Params(query): Params<SeekQuery>,
) -> Result<Json<FrameInfo>, Refusal> {
    camera(&app, id)?;
    let at = query.at.map(Timestamp).ok_or_else(|| Refusal::bad_request("`at` is missing: a time in microseconds"));
    let seek = match query.seek {
        Place::First => Seek::First,
        Place::Last => Seek::Last,
        Place::At => Seek::At(at?),
        Place::Next => Seek::Next(at?),
        Place::Previous => Seek::Previous(at?),
    };
    let among = if query.all { Among::All } else { Among::Motion };
    let found = app.ask(move |store| store.seek_among(id, seek, among)).await?;
    found.map(Json).ok_or_else(|| Refusal::not_found("there is no such frame"))
}

/// How a picture is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PictureQuery {
    width: Option<u16>,
}

/// `GET /api/v1/cameras/{camera}/frames/{at}.jpg`: as the camera made it, or smaller.
pub(super) async fn jpeg(
    State(app): State<App>,
    Segments((id, file)): Segments<(CameraId, String)>,
    Params(query): Params<PictureQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    camera(&app, id)?;
    let at = Timestamp(number(&file)?);
    if let Some(width) = query.width {
        return thumbnails::answer(&app, id, at, width, &headers).await;
    }
    let found = app.ask(move |store| store.frame(id, at)).await?;
    picture(found, &headers)
}

/// The number of `NUMBER.jpg`.
pub(super) fn number(file: &str) -> Result<i64, Refusal> {
    let number = file.strip_suffix(".jpg").and_then(|number| number.parse().ok());
    number.ok_or_else(|| Refusal::not_found("a frame's name is its time and `.jpg`"))
}

/// A stored picture: it never changes, so it may be kept. A missing one is a real 404 (B12).
pub(super) fn picture(found: Option<StoredFrame>, headers: &HeaderMap) -> Result<Response, Refusal> {
    let frame = found.ok_or_else(|| Refusal::not_found("this frame is not stored, or not any more"))?;
    let FrameInfo { camera, at, bytes, .. } = frame.info;
    // Pictures of a memory-only server that was restarted could share a time, but hardly a length too.
    Ok(kept(&format!("\"{camera}-{at}-{bytes}\""), headers, frame.jpeg))
}

/// A picture that browsers may keep under this tag; nothing but the tag where they have it already.
pub(super) fn kept(etag: &str, headers: &HeaderMap, jpeg: Bytes) -> Response {
    let etag = HeaderValue::from_str(etag).unwrap_or(HeaderValue::from_static("\"\""));
    let known = matches_etag(headers, &etag);
    let kept = [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
        (header::ETAG, etag),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(header::CONTENT_TYPE, "image/jpeg")], Body::from(jpeg)).into_response()
}
