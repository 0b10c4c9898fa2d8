//! The document of `/history` with the first chart in it, so that whoever is logged in sees the bars before the page's wasm
//! has come. The page draws the same chart over it and takes this one away (`frontend/src/sys/first.rs`).
//!
//! It is nobody else's business: such a document is kept by no cache, and without a session the answer is the empty shell, as
//! it is when nothing is recorded or when the recordings do not answer in time.

mod draw;
mod look;
mod styles;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use rtm2_app::Timestamp;
use rtm2_app::chart::{Chart, Layer, RECENT_BARS, track_width};
use rtm2_app::http::Bars;
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_store::{Error, MAX_ROWS, Store};
use tokio::sync::Semaphore;

use super::{App, assets};
use crate::auth::Session;
use look::Look;

/// How many are drawn at a time; further ones are left out.
pub(super) const AT_A_TIME: usize = 2;
/// How long the document waits for its chart: more would be slower than having none.
const PATIENCE: Duration = Duration::from_millis(250);

/// `GET /history`.
pub(super) async fn page(
    State(app): State<App>,
    session: Option<Extension<Session>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let is_user = match session {
        Some(Extension(session)) => app.auth.caller(&session).await.is_some(),
        None => false,
    };
    let look = Look::of(uri.query(), &headers);
    let chart = if is_user && app.hub.camera(look.camera).is_some() { drawn(&app, look).await } else { None };
    match chart.and_then(|chart| assets::page_with(uri.path(), &chart, styles::inlined)) {
        Some(mut response) => {
            let private = HeaderValue::from_static("no-store, private");
            response.headers_mut().insert(header::CACHE_CONTROL, private);
            response
        }
        None => assets::page(uri).await,
    }
}

/// The chart as HTML; `None` where there is nothing to show, or not in time.
async fn drawn(app: &App, look: Look) -> Option<String> {
    let store = Arc::clone(&app.store);
    let work = move || chart(&store, &look, super::metrics::now()).map(|chart| Some(draw::document(chart?, &look)));
    match in_time(&app.first_charts, PATIENCE, work).await? {
        Ok(html) => html,
        Err(error) => {
            tracing::warn!(%error, "the first chart could not be drawn");
            None
        }
    }
}

/// What blocking work gives, if there is room for it and it is done in time.
async fn in_time<T: Send + 'static>(
    room: &Arc<Semaphore>,
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let turn = Arc::clone(room).try_acquire_owned().ok()?;
    let work = tokio::task::spawn_blocking(move || {
        // Held to the end of the work, also where nobody waits for it any more.
        let _turn = turn;
        work()
    });
    tokio::time::timeout(patience, work).await.ok()?.ok()
}

/// What the page will show at first, by the page's own rules; `None` while nothing is recorded.
fn chart(store: &Store, look: &Look, now: Timestamp) -> Result<Option<Chart>, Error> {
    let camera = look.camera;
    let bars = store.last_bars(camera, RECENT_BARS)?;
    if bars.is_empty() {
        return Ok(None);
    }
    let mut chart = Chart::new(now);
    chart.resize(draw::WIDE.plot().width);
    let extent = store.extent(camera)?;
    let bars = Bars { camera, bucket_us: MICROS_PER_SECOND, bars, extent };
    chart.history.replace_recent(bars, RECENT_BARS);
    chart.loaded();
    if let Some(at) = look.at {
        chart.mark(Some(at));
        chart.five_minutes();
    }
    let asked = |query: rtm2_app::chart::BarQuery| -> Result<Layer, Error> {
        let (from, to) = (query.span.from(), query.span.to());
        Ok(Layer { query, bars: store.bars(camera, from, to, query.bucket_us, MAX_ROWS)? })
    };
    if let Some(query) = chart.history.overview_query(track_width(draw::WIDE.width)) {
        chart.history.set_overview(asked(query)?);
    }
    if let Some(query) = chart.detail_query() {
        chart.history.set_detail(asked(query)?);
    }
    Ok(Some(chart))
}

#[cfg(test)]
mod tests;
