//! Events and stretches of time as clips that browsers and phones play.
//!
//! A clip is made when it is asked for, into a temporary file that is kept for some minutes: players ask for it in
//! pieces. Whoever asks for the same one meanwhile waits for the same work; when the last one goes, the work ends.

mod making;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use futures_util::future::{Shared, WeakShared};
use rtm2_app::{CameraId, Timestamp};
use serde::Deserialize;
use tempfile::TempPath;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use super::App;
use super::params::{Params, Segments, camera};
use super::problem::Refusal;
use crate::clip::Clip;
use making::{ClipError, MOST_BYTES, Workshop};

/// Clips that are made at a time.
const AT_A_TIME: usize = 1;
/// Clips that are made or wait for it.
const MOST_WAITING: usize = 8;
/// How long a clip is kept after it was asked for last.
const KEPT: Duration = Duration::from_mins(10);
/// Bytes that all clips together may take.
const MOST_KEPT_BYTES: u64 = 2 * MOST_BYTES;
/// Longest stretch of a clip in µs: an hour, of which only what was recorded is shown.
const LONGEST_US: i64 = 3_600_000_000;

/// Which clip.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    camera: CameraId,
    from: Timestamp,
    to: Timestamp,
    clip: Clip,
}

/// A clip on the disk, removed when nobody holds it any more.
#[derive(Debug)]
struct Made {
    path: TempPath,
    bytes: u64,
}

type Work = Shared<Pin<Box<dyn Future<Output = Result<Arc<Made>, ClipError>> + Send>>>;
type WeakWork = WeakShared<Pin<Box<dyn Future<Output = Result<Arc<Made>, ClipError>> + Send>>>;

/// The clips of a server.
pub(super) struct Clips {
    workshop: Workshop,
    turns: Arc<Semaphore>,
    shelf: Mutex<Shelf>,
    closing: CancellationToken,
}

impl std::fmt::Debug for Clips {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clips").field("ffmpeg", &self.workshop.ffmpeg).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Shelf {
    made: Vec<(Wanted, Arc<Made>, Instant)>,
    work: Vec<(Wanted, WeakWork)>,
}

impl Shelf {
    /// Forgets what is older than it is kept.
    fn tidy(&mut self, now: Instant) {
        self.made.retain(|(_, _, used)| now.duration_since(*used) < KEPT);
        self.work.retain(|(_, work)| work.upgrade().is_some());
    }

    fn find(&mut self, wanted: &Wanted, now: Instant) -> Option<Arc<Made>> {
        let (_, made, used) = self.made.iter_mut().find(|(kept, _, _)| kept == wanted)?;
        *used = now;
        Some(Arc::clone(made))
    }

    fn keep(&mut self, wanted: Wanted, made: Arc<Made>, now: Instant) {
        self.work.retain(|(working, _)| *working != wanted);
        self.made.retain(|(kept, _, _)| *kept != wanted);
        self.made.push((wanted, made, now));
        self.made.sort_by_key(|(_, _, used)| *used);
        while self.made.iter().map(|(_, made, _)| made.bytes).sum::<u64>() > MOST_KEPT_BYTES {
            self.made.remove(0);
        }
    }
}

impl Clips {
    pub(super) fn new(store: Arc<rtm2_store::Store>, ffmpeg: PathBuf, closing: CancellationToken) -> Self {
        let workshop = Workshop { store, ffmpeg };
        Self { workshop, turns: Arc::new(Semaphore::new(AT_A_TIME)), shelf: Mutex::default(), closing }
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        // Nothing in it is ever half changed.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets clips that show anything of a camera in a stretch of time: it was deleted.
    pub(super) fn forget(&self, camera: CameraId, from: Timestamp, to: Timestamp) {
        let shows = |wanted: &Wanted| wanted.camera == camera && wanted.from <= to && wanted.to >= from;
        self.shelf().made.retain(|(wanted, _, _)| !shows(wanted));
    }

    /// A clip, from the shelf or made now.
    async fn get(self: &Arc<Self>, wanted: Wanted) -> Result<Arc<Made>, Refusal> {
        let now = Instant::now();
        let work = {
            let mut shelf = self.shelf();
            shelf.tidy(now);
            if let Some(made) = shelf.find(&wanted, now) {
                return Ok(made);
            }
            let under_way = shelf.work.iter().find(|(other, _)| *other == wanted).and_then(|(_, work)| work.upgrade());
            match under_way {
                Some(work) => work,
                None if shelf.work.len() >= MOST_WAITING => {
                    return Err(Refusal::busy("too many clips are being made, try again in a moment"));
                }
                None => {
                    let work = self.begin(wanted.clone());
                    shelf.work.extend(work.downgrade().map(|weak| (wanted.clone(), weak)));
                    work
                }
            }
        };
        let made = work.await?;
        let fresh = self.shelf().find(&wanted, Instant::now()).is_none();
        if fresh {
            self.shelf().keep(wanted, Arc::clone(&made), Instant::now());
            self.tidy_later();
        }
        Ok(made)
    }

    fn begin(&self, wanted: Wanted) -> Work {
        let (workshop, turns, closing) = (self.workshop.clone(), Arc::clone(&self.turns), self.closing.clone());
        let make = async move {
            let _turn = turns.acquire_owned().await.map_err(|_| ClipError::Stopping)?;
            tokio::select! {
                made = making::make(workshop, wanted) => {
                    let path = made?;
                    let bytes = std::fs::metadata(&path).map_or(0, |data| data.len());
                    Ok(Arc::new(Made { path, bytes }))
                }
                () = closing.cancelled() => Err(ClipError::Stopping),
            }
        };
        make.boxed().shared()
    }

    /// Nobody may ever ask again: what is kept goes all the same.
    fn tidy_later(self: &Arc<Self>) {
        let clips = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(KEPT + Duration::from_secs(1)).await;
            if let Some(clips) = clips.upgrade() {
                clips.shelf().tidy(Instant::now());
            }
        });
    }
}

impl From<ClipError> for Refusal {
    fn from(error: ClipError) -> Self {
        let status = match error {
            ClipError::NoFfmpeg(_) => StatusCode::NOT_IMPLEMENTED,
            ClipError::Empty => StatusCode::NOT_FOUND,
            ClipError::TooLong => StatusCode::BAD_REQUEST,
            ClipError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            ClipError::Failed | ClipError::Store => StatusCode::INTERNAL_SERVER_ERROR,
            ClipError::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
        };
        Self::new(status, error.to_string())
    }
}

/// What a clip shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClipQuery {
    event: Option<i64>,
    from: Option<i64>,
    to: Option<i64>,
}

/// The first and last moment that is asked for.
pub(super) async fn stretch(app: &App, id: CameraId, query: &ClipQuery) -> Result<(Timestamp, Timestamp), Refusal> {
    camera(app, id)?;
    match *query {
        ClipQuery { event: Some(start), from: None, to: None } => {
            let event = super::events::find(app, id, Timestamp(start)).await?;
            Ok((event.from, event.to))
        }
        ClipQuery { event: None, from: Some(from), to: Some(to) } if from <= to => {
            if to.saturating_sub(from) > LONGEST_US {
                return Err(Refusal::bad_request("ask for an hour at most"));
            }
            Ok((Timestamp(from), Timestamp(to)))
        }
        _ => Err(Refusal::bad_request("give either `event`, where one begins, or `from` and a later `to`")),
    }
}

/// `GET /api/v1/cameras/{camera}/clip.mp4`.
pub(super) async fn mp4(
    State(app): State<App>,
    Segments(id): Segments<CameraId>,
    Params(query): Params<ClipQuery>,
    request: Request,
) -> Result<Response, Refusal> {
    answer(&app, id, &query, Clip::Mp4, request).await
}

/// `GET /api/v1/cameras/{camera}/clip.webm`.
pub(super) async fn webm(
    State(app): State<App>,
    Segments(id): Segments<CameraId>,
    Params(query): Params<ClipQuery>,
    request: Request,
) -> Result<Response, Refusal> {
    answer(&app, id, &query, Clip::Webm, request).await
}

async fn answer(app: &App, id: CameraId, query: &ClipQuery, clip: Clip, request: Request) -> Result<Response, Refusal> {
    let (from, to) = stretch(app, id, query).await?;
    let made = app.clips.get(Wanted { camera: id, from, to, clip }).await?;
    let media_type = clip.media_type().parse().map_err(|_| Refusal::stopping())?;
    let served = ServeFile::new_with_mime(&made.path, &media_type).oneshot(request).await;
    let mut response = served.map_err(|_| Refusal::stopping())?.map(Body::new).into_response();
    let headers = response.headers_mut();
    let name = format!("inline; filename=\"camera-{id}-{from}.{}\"", clip.extension());
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    // Long enough for a player that goes back and forth.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=600"));
    Ok(response)
}
