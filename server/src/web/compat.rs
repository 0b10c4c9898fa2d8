//! The original's addresses, for programs that know them: `/frames/<ms>.jpg` (R23) and `/api?q=…` (R24, R25).

use std::collections::VecDeque;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use rtm2_app::{CameraId, Timestamp};
use rtm2_store::{MAX_ROWS, Store};
use serde::Deserialize;

use super::App;
use super::history::{number, picture};
use super::params::{Params, Segments, camera};
use super::problem::Refusal;
use crate::auth::Caller;

/// Most frames that a list names, the newest: the answer stays below a few megabytes.
const LISTED: usize = 200_000;
/// Frames asked of the store at a time.
const PAGE: usize = 5_000;

/// The camera, 0 if none is named.
#[derive(Debug, Deserialize)]
pub(super) struct CameraQuery {
    #[serde(default)]
    pub(super) camera: CameraId,
}

/// `GET /frames/{ms}.jpg`.
pub(super) async fn frame(
    State(app): State<App>,
    Segments(file): Segments<String>,
    Params(query): Params<CameraQuery>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    camera(&app, query.camera)?;
    let ms = number(&file)?;
    let found = app.ask(move |store| store.frame_by_millis(query.camera, ms)).await?;
    picture(found, &headers)
}

/// What is asked of `/api`.
#[derive(Debug, Deserialize)]
pub(super) struct ApiQuery {
    q: Option<String>,
    num: Option<String>,
    #[serde(default)]
    camera: CameraId,
}

/// `GET /api?q=frames_list&num=N|all` and `GET /api?q=clients_list`.
pub(super) async fn api(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Params(query): Params<ApiQuery>,
) -> Result<Response, Refusal> {
    match query.q.as_deref() {
        Some("frames_list") => {
            camera(&app, query.camera)?;
            let seconds = seconds(query.num.as_deref())?;
            Ok(Json(app.ask(move |store| list(store, query.camera, seconds)).await?).into_response())
        }
        Some("clients_list") if caller.admin => Ok(Json(app.viewers.list()).into_response()),
        Some("clients_list") => Err(Refusal::forbidden("this is for admins")),
        _ => Err(Refusal::bad_request("`q` is `frames_list` or `clients_list`")),
    }
}

/// How many bars are wanted (B13: a missing number is refused, and 0 is none).
fn seconds(num: Option<&str>) -> Result<usize, Refusal> {
    match num {
        Some("all") => Ok(MAX_ROWS),
        Some(num) => num.parse().map(|n: usize| n.min(MAX_ROWS)).map_err(|_| num_refused()),
        None => Err(num_refused()),
    }
}

fn num_refused() -> Refusal {
    Refusal::bad_request("`num` is a number of seconds with motion, or `all`")
}

/// A second with motion: its start, how many frames, and their times, all in milliseconds (R18).
type Second = (i64, u64, Vec<i64>);

/// The last seconds with motion, no more than [`LISTED`] frames of them.
fn list(store: &Store, camera: CameraId, seconds: usize) -> Result<VecDeque<Second>, rtm2_store::Error> {
    let mut list: VecDeque<Second> = VecDeque::new();
    if seconds == 0 {
        return Ok(list);
    }
    let bars = store.last_bars(camera, seconds)?;
    let mut frames = 0;
    let fits = bars.iter().rev().take_while(|bar| {
        frames += bar.count as usize;
        frames <= LISTED
    });
    let Some(oldest) = fits.last() else { return Ok(list) };
    let mut from = oldest.first;
    loop {
        let page = store.frames(camera, from, Timestamp(i64::MAX), PAGE)?;
        for at in page.iter().filter(|frame| frame.motion).map(|frame| frame.at) {
            let second = at.second().millis();
            match list.back_mut() {
                Some((start, count, times)) if *start == second => {
                    *count += 1;
                    times.push(at.millis());
                }
                _ => list.push_back((second, 1, vec![at.millis()])),
            }
        }
        match page.last() {
            Some(newest) if page.len() == PAGE => from = Timestamp(newest.at.0.saturating_add(1)),
            _ => return Ok(list),
        }
    }
}
