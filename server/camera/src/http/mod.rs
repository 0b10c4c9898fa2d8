//! `http:` and `https:`: network cameras that send MJPEG, and single pictures asked for again and again.
//!
//! Pictures are found by their own markers ([`crate::jpeg::Splitter`]); multipart boundaries and lengths, which every
//! camera writes differently, are not looked at.

mod answer;
mod auth;
mod digest;
mod md5;

use std::io;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use rtm2_app::Timestamp;

use crate::address::{HttpUrl, Tempo};
use crate::clock;
use crate::file::{PictureReader, Piece};
use crate::jpeg::Limits;
use crate::pace::{Pace, Rate};
use crate::source::{Picture, Source, SourceError, Wanted};
use answer::Content;
use auth::Auth;

/// How often a camera is asked that gives one picture at a time.
const POLLED_FPS: u16 = 5;

/// How long a camera may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// To accept a connection.
    pub(crate) connect: Duration,
    /// To answer, and between two pictures.
    pub(crate) quiet: Duration,
}

impl Default for Patience {
    /// Longer than the supervisor takes to call a camera stalled, shorter than it takes to give the attempt up.
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), quiet: Duration::from_secs(8) }
    }
}

/// An open network camera.
struct NetworkCamera {
    url: HttpUrl,
    label: String,
    client: Client,
    auth: Auth,
    patience: Patience,
    pace: Pace,
    content: Content,
    body: PictureReader<Response>,
    fresh: Instant,
    since_asked: u64,
}

pub(crate) fn open(url: &HttpUrl, label: String, wanted: &Wanted) -> Result<Box<dyn Source>, SourceError> {
    open_with(url, label, wanted, Patience::default())
}

fn open_with(
    url: &HttpUrl,
    label: String,
    wanted: &Wanted,
    patience: Patience,
) -> Result<Box<dyn Source>, SourceError> {
    // An error means that somebody installed one before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .connect_timeout(patience.connect)
        .timeout(patience.quiet)
        .no_proxy()
        .redirect(Policy::limited(5))
        .user_agent(concat!("rtm2/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| SourceError::Lost(format!("{label}: {}", answer::words(&error))))?;
    let pace = Pace::new(Rate::fps(wanted.fps.unwrap_or(POLLED_FPS)), Tempo::RealTime, Timestamp(0));
    let mut auth = Auth::new(url.credentials().cloned());
    let (content, body) = ask(&client, url, &mut auth, &label)?;
    let (url, fresh) = (url.clone(), Instant::now());
    Ok(Box::new(NetworkCamera { url, label, client, auth, patience, pace, content, body, fresh, since_asked: 0 }))
}

/// Asks once, and once more with credentials if the camera wants them.
fn ask(
    client: &Client,
    url: &HttpUrl,
    auth: &mut Auth,
    label: &str,
) -> Result<(Content, PictureReader<Response>), SourceError> {
    let lost = |reason: String| SourceError::Lost(format!("{label}: {reason}"));
    let send = |auth: &mut Auth| {
        let request = client.get(url.url().clone());
        let request = match auth.header(url.url()) {
            Some(value) => request.header(reqwest::header::AUTHORIZATION, value),
            None => request,
        };
        request.send().map_err(|error| lost(answer::words(&error)))
    };
    let mut response = send(auth)?;
    if response.status() == reqwest::StatusCode::UNAUTHORIZED {
        auth.challenged(url.url(), &response).map_err(lost)?;
        response = send(auth)?;
    }
    let content = answer::check(&response).map_err(lost)?;
    Ok((content, PictureReader::new(response, Limits::default())))
}

impl NetworkCamera {
    fn lost(&self, reason: impl std::fmt::Display) -> SourceError {
        SourceError::Lost(format!("{}: {reason}", self.label))
    }

    /// What to do at the end of an answer: ask for the next picture where they come one at a time.
    fn ended(&mut self) -> Result<(), SourceError> {
        if self.content != Content::Picture {
            return Err(self.lost("the camera ended the stream"));
        }
        if self.since_asked == 0 {
            return Err(self.lost("the answer holds no whole JPEG"));
        }
        self.pace.wait();
        (self.content, self.body) = ask(&self.client, &self.url, &mut self.auth, &self.label)?;
        self.since_asked = 0;
        Ok(())
    }
}

impl Source for NetworkCamera {
    fn next(&mut self) -> Result<Picture, SourceError> {
        loop {
            match self.body.ready() {
                Some(Piece::Picture(jpeg, header)) => {
                    self.fresh = Instant::now();
                    self.since_asked += 1;
                    return Ok(Picture::inspected(jpeg, &header, clock::now()));
                }
                Some(Piece::Bad(error)) => return Err(error.into()),
                Some(Piece::End) | None => {}
            }
            // A camera that trickles bytes is as dead as one that sends none.
            if self.fresh.elapsed() > self.patience.quiet || self.body.junk() > Limits::default().bytes {
                return Err(self.lost("the camera sends data but no JPEG pictures"));
            }
            match self.body.fill() {
                Ok(0) => self.ended()?,
                Ok(_) => {}
                Err(error) => return Err(self.lost(io_words(&error))),
            }
        }
    }

    fn describe(&self) -> String {
        match self.content {
            Content::Picture => format!("single pictures from {} at {} fps", self.label, self.pace.rate().per_second()),
            Content::Stream => format!("MJPEG stream from {}", self.label),
        }
    }
}

fn io_words(error: &io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>());
    match inner {
        Some(inner) => answer::words(inner),
        None if error.kind() == io::ErrorKind::TimedOut => "the camera sends nothing any more".to_owned(),
        None => format!("the connection broke: {error}"),
    }
}

#[cfg(test)]
mod tests;
