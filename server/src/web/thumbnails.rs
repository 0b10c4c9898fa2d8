//! Small copies of stored pictures: for what is under the pointer, lists and notifications.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use rtm2_app::{CameraId, Timestamp};
use rtm2_camera::jpeg::thumbnail;
use rtm2_store::Store;

use super::App;
use super::headers::matches_etag;
use super::history::kept;
use super::problem::Refusal;

/// How many are made at a time: detection goes first.
pub(super) const AT_A_TIME: usize = 2;
/// Longest time that one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// Widths that may be asked for.
const WIDTHS: RangeInclusive<u16> = 16..=1280;

/// The copy of a frame that is `width` pixels wide. Frames never change, so browsers may keep it.
pub(super) async fn answer(
    app: &App,
    camera: CameraId,
    at: Timestamp,
    width: u16,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    if !WIDTHS.contains(&width) {
        let (least, most) = (WIDTHS.start(), WIDTHS.end());
        return Err(Refusal::bad_request(format!(
            "`width` is {least} to {most} pixels; leave it out for the whole picture"
        )));
    }
    let turn = Arc::clone(&app.thumbnails).acquire_owned();
    let turn = tokio::time::timeout(PATIENCE, turn).await;
    let turn = turn.map_err(|_| Refusal::busy("too many pictures are asked for at once, try again in a moment"))?;
    let (store, known) = (Arc::clone(&app.store), headers.clone());
    let made = tokio::task::spawn_blocking(move || {
        // Held to the end of the work, also where nobody waits for it any more.
        let _turn = turn;
        make(&store, (camera, at), width, &known)
    });
    let (etag, jpeg) = made.await.map_err(|_| Refusal::stopping())??;
    Ok(kept(&etag, headers, jpeg))
}

/// The copy and its tag; nothing is decoded for who has it already.
fn make(
    store: &Store,
    (camera, at): (CameraId, Timestamp),
    width: u16,
    headers: &HeaderMap,
) -> Result<(String, Bytes), Refusal> {
    let frame = store.frame(camera, at)?;
    let frame = frame.ok_or_else(|| Refusal::not_found("this frame is not stored, or not any more"))?;
    let etag = format!("\"{camera}-{at}-{}-{width}\"", frame.info.bytes);
    if HeaderValue::from_str(&etag).is_ok_and(|etag| matches_etag(headers, &etag)) {
        return Ok((etag, Bytes::new()));
    }
    let jpeg = thumbnail(&frame.jpeg, width).map_err(|error| {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, format!("this picture cannot be made smaller: {error}"))
    })?;
    Ok((etag, jpeg))
}
