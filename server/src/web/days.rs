//! Which days have motion, and the index of each, for pages that keep them (`docs/day-index.md`).

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rtm2_app::day::{DAY_US, Day};
use rtm2_app::http::Days;
use rtm2_app::{Bar, CameraId, Timestamp};
use rtm2_store::{MAX_ROWS, Store};
use serde::Deserialize;

use super::App;
use super::headers::matches_etag;
use super::params::{Params, Segments, camera};
use super::problem::Refusal;

/// The day index changes with the frames that are stored, and the day's bar says which: their number and the first.
fn mark(bar: &Bar) -> String {
    format!("{:x}-{:x}", bar.count, bar.first.0.rem_euclid(DAY_US))
}

fn number(at: Timestamp) -> u32 {
    u32::try_from(at.0.div_euclid(DAY_US)).unwrap_or(0)
}

/// `GET /api/v1/cameras/{camera}/days`.
pub(super) async fn list(State(app): State<App>, Segments(id): Segments<CameraId>) -> Result<Json<Days>, Refusal> {
    camera(&app, id)?;
    let bars = app.ask(move |store| store.bars(id, Timestamp(0), Timestamp(i64::MAX), DAY_US, MAX_ROWS)).await?;
    let days = bars.iter().map(|bar| (number(bar.start), bar.count, mark(bar))).collect();
    Ok(Json(Days { camera: id, today: number(super::metrics::now()), days }))
}

/// How the day was listed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DayQuery {
    mark: Option<String>,
}

/// `GET /api/v1/cameras/{camera}/days/{number}.bin`.
pub(super) async fn day(
    State(app): State<App>,
    Segments((id, file)): Segments<(CameraId, String)>,
    Params(query): Params<DayQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    camera(&app, id)?;
    let wanted = file.strip_suffix(".bin").and_then(|number| number.parse::<u32>().ok());
    // Beyond that a second's number has no room in the index: the year 2106.
    let wanted = wanted.filter(|wanted| i64::from(*wanted) * DAY_US / 1_000_000 < i64::from(u32::MAX) - 86_400);
    let wanted = wanted.ok_or_else(|| Refusal::not_found("a day's name is its number since 1970-01-01 and `.bin`"))?;
    let (current, bytes) = app.ask(move |store| index(store, id, wanted)).await?;
    // Asked for by what it holds, and no frame comes to it any more: it may be kept for good.
    let is_final = wanted < number(super::metrics::now()) && query.mark.is_some() && query.mark == current;
    let kept = if is_final { "private, max-age=31536000, immutable" } else { "private, no-cache" };
    // Two indices with the same checksum are the same; weak, because it may be compressed.
    let tag = bytes.get(24..32).and_then(|sum| sum.try_into().ok()).map_or(0, u64::from_be_bytes);
    let strong = HeaderValue::from_str(&format!("\"{tag:016x}\"")).map_err(|_| Refusal::stopping())?;
    let weak = HeaderValue::from_str(&format!("W/\"{tag:016x}\"")).map_err(|_| Refusal::stopping())?;
    let kept = [(header::CACHE_CONTROL, HeaderValue::from_static(kept)), (header::ETAG, weak)];
    if matches_etag(&headers, &strong) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    Ok((kept, [(header::CONTENT_TYPE, "application/octet-stream")], Body::from(bytes)).into_response())
}

/// A day's mark, if anything is stored of it, and its index.
fn index(store: &Store, id: CameraId, number: u32) -> Result<(Option<String>, Vec<u8>), rtm2_store::Error> {
    let from = Timestamp(i64::from(number) * DAY_US);
    let to = Timestamp(from.0 + DAY_US - 1);
    // The mark first: if a frame comes in between, the index is newer than its mark, and asked for once more.
    let current = store.bars(id, from, to, DAY_US, 1)?.first().map(mark);
    let bars = store.bars(id, from, to, 1_000_000, MAX_ROWS)?;
    let features = store.features(id, from, to, MAX_ROWS)?;
    Ok((current, Day::new(id, number, &bars, &features).encode()))
}
