//! What the history asks the server for.

use rtm2_app::chart::{BarQuery, RECENT_BARS, Span};
use rtm2_app::http::Bars;
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_app::{CameraId, FrameInfo, Timestamp};

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
        Seek::At(at) => format!("seek=at&at={at}"),
        Seek::Next(at) => format!("seek=next&at={at}"),
        Seek::Previous(at) => format!("seek=previous&at={at}"),
    };
    http::find(session, &format!("/api/v1/cameras/{camera}/frame?{query}")).await
}

/// Address of a stored picture.
pub fn picture_url(camera: CameraId, at: Timestamp) -> String {
    format!("/api/v1/cameras/{camera}/frames/{at}.jpg")
}

/// Address of the page that opens exactly this frame.
pub fn link(camera: CameraId, at: Timestamp) -> String {
    format!("/history?camera={camera}&at={at}")
}
