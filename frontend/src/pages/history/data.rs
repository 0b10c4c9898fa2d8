//! What the history asks the server for.

use rtm2_app::chart::{BAND_EVENTS, BandQuery, BarQuery, RECENT_BARS, Span};
use rtm2_app::http::Bars;
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_app::{CameraId, Event, FrameInfo, Timestamp};

use super::read;
use crate::http::{self, CallError};
use crate::session::Session;

/// Which frame is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seek {
    /// The oldest one.
    First,
    /// The newest one.
    Last,
    /// The one of this time, or the nearest.
    At(Timestamp),
    /// The one after this time.
    Next(Timestamp),
    /// The one before this time.
    Previous(Timestamp),
}

/// A page of bars that is shorter than this was the last one.
const SHORT_PAGE: usize = 1_000;

/// The newest one-second bars.
pub async fn recent(session: Session, camera: CameraId) -> Result<Bars, CallError> {
    http::get(session, &format!("/api/v1/cameras/{camera}/bars?last={RECENT_BARS}")).await
}

/// The bars of a stretch.
pub async fn bars(session: Session, camera: CameraId, query: BarQuery) -> Result<Bars, CallError> {
    let BarQuery { span, bucket_us } = query;
    let (from, to) = (span.from(), span.to());
    http::get(session, &format!("/api/v1/cameras/{camera}/bars?from={from}&to={to}&bucket={bucket_us}")).await
}

/// All one-second bars of a stretch, page by page.
pub async fn all_seconds(session: Session, camera: CameraId, span: Span) -> Result<Bars, CallError> {
    let query = |from: Timestamp| BarQuery { span: Span::new(from, span.to()), bucket_us: MICROS_PER_SECOND };
    let mut all = bars(session, camera, query(span.from())).await?;
    let mut page = all.bars.len();
    while page >= SHORT_PAGE {
        let Some(last) = all.bars.last() else { break };
        let next = bars(session, camera, query(Timestamp(last.start.0.saturating_add(MICROS_PER_SECOND)))).await?;
        page = next.bars.len();
        all.extent = next.extent.or(all.extent);
        all.bars.extend(next.bars);
    }
    Ok(all)
}

/// A frame; `None` if there is none that fits.
pub async fn frame(session: Session, camera: CameraId, seek: Seek) -> Result<Option<FrameInfo>, CallError> {
    let query = match seek {
        Seek::First => "seek=first".to_owned(),
        Seek::Last => "seek=last".to_owned(),
        // A link may lead to a frame from before or after the motion.
        Seek::At(at) => format!("seek=at&at={at}&all=true"),
        Seek::Next(at) => format!("seek=next&at={at}"),
        Seek::Previous(at) => format!("seek=previous&at={at}"),
    };
    let found = http::find(session, &format!("/api/v1/cameras/{camera}/frame?{query}")).await?;
    Ok(found.as_ref().map(read::frame))
}

/// The frame that lies nearest to a time, of those from around motion too; `None` if nothing is stored.
pub async fn nearest(session: Session, camera: CameraId, at: Timestamp) -> Result<Option<FrameInfo>, CallError> {
    let Some(before) = frame(session, camera, Seek::At(at)).await? else { return Ok(None) };
    if before.at >= at {
        return Ok(Some(before));
    }
    let path = format!("/api/v1/cameras/{camera}/frame?seek=next&at={at}&all=true");
    let after = http::find(session, &path).await?.as_ref().map(read::frame);
    let distance = |frame: &FrameInfo| frame.at.0.abs_diff(at.0);
    Ok(match after {
        Some(after) if distance(&after) < distance(&before) => Some(after),
        _ => Some(before),
    })
}

/// How far outside of its motion a frame may lie that belongs to an event, in microseconds.
const AROUND_US: i64 = 120 * MICROS_PER_SECOND;

/// The event that a frame belongs to.
pub async fn event_of(session: Session, camera: CameraId, at: Timestamp) -> Result<Option<Event>, CallError> {
    let (from, to) = (at.0.saturating_sub(AROUND_US), at.0.saturating_add(AROUND_US));
    let path = format!("/api/v1/events?camera={camera}&from={from}&to={to}&limit=100");
    let (events, _) = events(session, &path).await?;
    Ok(events.into_iter().find(|event| event.from <= at && at <= event.to))
}

/// A page of events, and where the next one begins.
pub async fn events(session: Session, path: &str) -> Result<(Vec<Event>, Option<String>), CallError> {
    let page = http::find(session, path).await?;
    page.as_ref().map(read::events).ok_or_else(|| CallError::Refused("there is no such camera".to_owned()))
}

/// Events for the band over the bars; only the pinned ones where there are too many to tell apart.
pub async fn band(session: Session, camera: CameraId, query: BandQuery) -> Result<Vec<Event>, CallError> {
    let (from, to) = (query.span.from(), query.span.to());
    let path = format!("/api/v1/events?camera={camera}&from={from}&to={to}&limit={BAND_EVENTS}");
    if !query.pinned {
        let (all, next) = events(session, &path).await?;
        if next.is_none() {
            return Ok(all);
        }
    }
    Ok(events(session, &[&path, "&pinned=true"].concat()).await?.0)
}

/// Frames that one answer lists.
const FRAMES: usize = 5_000;
/// Frames that an event is played from at most: ten minutes at 30 a second, and what is around them.
const MOST_FRAMES: usize = 25_000;

/// All frames of a stretch, page by page.
pub async fn frames(
    session: Session,
    camera: CameraId,
    (mut from, to): (Timestamp, Timestamp),
) -> Result<Vec<FrameInfo>, CallError> {
    let mut all: Vec<FrameInfo> = Vec::new();
    loop {
        let path = format!("/api/v1/cameras/{camera}/frames?from={from}&to={to}&limit={FRAMES}");
        let page = http::find(session, &path).await?.map(read::frames).unwrap_or_default();
        let full = page.len() == FRAMES;
        all.extend(page);
        match all.last() {
            Some(last) if full && all.len() < MOST_FRAMES => from = Timestamp(last.at.0.saturating_add(1)),
            _ => return Ok(all),
        }
    }
}

/// Address of a stored picture.
pub fn picture_url(camera: CameraId, at: Timestamp) -> String {
    format!("/api/v1/cameras/{camera}/frames/{at}.jpg")
}

/// Address of a small copy of it, `width` pixels wide.
pub fn small_url(camera: CameraId, at: Timestamp, width: u16) -> String {
    format!("/api/v1/cameras/{camera}/frames/{at}.jpg?width={width}")
}

/// Address of all of a stretch as one file, `clip.mp4` for instance.
pub fn clip_url(camera: CameraId, (from, to): (Timestamp, Timestamp), file: &str) -> String {
    format!("/api/v1/cameras/{camera}/{file}?from={from}&to={to}")
}

/// Address of the page that opens exactly this frame.
pub fn link(camera: CameraId, at: Timestamp) -> String {
    format!("/history?camera={camera}&at={at}")
}
