//! The frames of an event while they are played: what is fetched, what waits, and painting.

use leptos::prelude::window;
use rtm2_app::playback::Playback;
use rtm2_app::{CameraId, Event, FrameInfo};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlCanvasElement, ImageBitmap};

use crate::http::{self, CallError};
use crate::live::overlay::context_of;
use crate::session::Session;

/// An event's frames while they are played.
pub(super) struct Film {
    pub(super) camera: CameraId,
    pub(super) event: Event,
    pub(super) playback: Playback,
    /// Decoded pictures that wait for their time.
    pub(super) ready: Vec<(usize, ImageBitmap)>,
    /// Pictures that are being fetched.
    pub(super) flying: usize,
    /// Answers to requests of an earlier round are dropped: it was stopped or went elsewhere meanwhile.
    pub(super) round: u32,
    /// How long fetching took lately, in µs.
    pub(super) fetch_us: i64,
    /// When the clock was looked at last.
    pub(super) looked: i64,
    /// When the chart was told last, in µs.
    pub(super) marked: i64,
    /// Pictures that failed one after the other.
    pub(super) failed: u32,
}

impl Film {
    /// Nothing of it is fetched yet.
    pub(super) fn new(camera: CameraId, event: Event, playback: Playback) -> Self {
        Self {
            camera,
            event,
            playback,
            ready: Vec::new(),
            flying: 0,
            round: 0,
            fetch_us: 0,
            looked: 0,
            marked: 0,
            failed: 0,
        }
    }

    /// Paints the newest picture that is due, and forgets those before it. The frame if it is another one than before.
    pub(super) fn paint(&mut self, canvas: Option<&HtmlCanvasElement>, now: i64) -> Option<FrameInfo> {
        let index = self.playback.show(now, self.ready.iter().map(|(index, _)| *index))?;
        let mut waiting = Vec::with_capacity(self.ready.len());
        for (at, bitmap) in self.ready.drain(..) {
            if at > index {
                waiting.push((at, bitmap));
                continue;
            }
            if at == index
                && let Some(canvas) = canvas
            {
                draw(canvas, &bitmap);
            }
            bitmap.close();
        }
        self.ready = waiting;
        self.playback.frames().get(index).cloned()
    }

    /// Drops what was fetched, and what is being fetched when it comes.
    pub(super) fn forget_ready(&mut self) {
        self.round = self.round.wrapping_add(1);
        self.flying = 0;
        for (_, bitmap) in self.ready.drain(..) {
            bitmap.close();
        }
    }
}

impl Drop for Film {
    fn drop(&mut self) {
        self.forget_ready();
    }
}

/// Paints a picture, with the canvas as large as that.
fn draw(canvas: &HtmlCanvasElement, bitmap: &ImageBitmap) {
    let (width, height) = (bitmap.width(), bitmap.height());
    if (canvas.width(), canvas.height()) != (width, height) {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    if let Some(context) = context_of(canvas) {
        // Fails only for a picture that was closed, and this one is still held.
        let _ = context.draw_image_with_image_bitmap(bitmap, 0.0, 0.0);
    }
}

/// Why there is no picture.
pub(super) enum Lost {
    /// It is not stored any more, or cannot be decoded.
    Frame,
    /// The server did not answer.
    Server,
}

/// A picture, fetched and decoded by the browser.
pub(super) async fn picture(session: Session, path: &str) -> Result<ImageBitmap, Lost> {
    let blob = http::get_blob(session, path).await.map_err(|error| match error {
        CallError::Refused(_) => Lost::Frame,
        CallError::LoggedOut | CallError::Unreachable => Lost::Server,
    })?;
    let bitmap = window().create_image_bitmap_with_blob(&blob).map_err(|_| Lost::Frame)?;
    JsFuture::from(bitmap).await.map(JsCast::unchecked_into).map_err(|_| Lost::Frame)
}
