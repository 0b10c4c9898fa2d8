//! Still frames: pictures kept at a low rate while nothing moves.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use rtm2_app::{CameraId, FrameInfo, Timestamp};
use rtm2_store::MAX_STILLS;

use super::App;
use super::history::{FramesQuery, number, picture};
use super::params::{Params, Segments, camera};
use super::problem::Refusal;

/// Still frames that are answered when nothing says how many.
const STILLS: usize = 100;

/// `GET /api/v1/cameras/{camera}/stills`.
pub(super) async fn stills(
    State(app): State<App>,
    Segments(id): Segments<CameraId>,
    Params(query): Params<FramesQuery>,
) -> Result<Json<Vec<FrameInfo>>, Refusal> {
    camera(&app, id)?;
    let limit = query.limit.unwrap_or(STILLS).min(MAX_STILLS);
    let (from, to) = (Timestamp(query.from), Timestamp(query.to));
    app.ask(move |store| store.stills(id, from, to, limit)).await.map(Json)
}

/// `GET /api/v1/cameras/{camera}/stills/{at}.jpg`.
pub(super) async fn jpeg(
    State(app): State<App>,
    Segments((id, file)): Segments<(CameraId, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    camera(&app, id)?;
    let at = Timestamp(number(&file)?);
    picture(app.ask(move |store| store.still(id, at)).await?, &headers)
}
