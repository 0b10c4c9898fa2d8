//! Paints pictures on a canvas as they come: `Blob` → `createImageBitmap` → `drawImage`. The JPEG stays in the
//! browser's memory, and every bitmap is closed as soon as it is painted or dropped.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use leptos::prelude::window;
use rtm2_app::wire::FrameHeader;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap};

use super::header::Parsed;
use super::newest::Newest;
use super::overlay::{Marks, Overlay, context_of};

/// A canvas for pictures with another one above it for marks.
#[derive(Clone, Debug)]
pub struct Painter(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    overlay: Overlay,
    newest: Cell<Newest>,
    marks: Cell<Marks>,
    /// Header of the picture on the canvas, to draw the marks again when they or the size change.
    shown: RefCell<Option<FrameHeader>>,
}

/// What became of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is on the canvas.
    Shown,
    /// A newer one is, or the camera was changed meanwhile.
    Stale,
    /// The browser could not decode it.
    Broken,
}

impl Painter {
    /// A painter for two canvases of the same size on the page; `None` if the browser gives no 2D context.
    pub fn new(canvas: HtmlCanvasElement, overlay: HtmlCanvasElement, marks: Marks) -> Option<Self> {
        let context = context_of(&canvas)?;
        let overlay = Overlay::new(overlay)?;
        let (newest, marks) = (Cell::default(), Cell::new(marks));
        Some(Self(Rc::new(Inner { canvas, context, overlay, newest, marks, shown: RefCell::default() })))
    }

    /// Decodes and paints a picture unless a newer one was faster, then tells `done` what became of it.
    pub fn paint(&self, message: &ArrayBuffer, parsed: Parsed, done: impl FnOnce(Fate, &FrameHeader) + 'static) {
        let inner = Rc::clone(&self.0);
        let ticket = inner.newest.get().ticket(parsed.header.seq);
        let bitmap = decode(message, parsed.jpeg_at);
        spawn_local(async move {
            let fate = match bitmap {
                Ok(promise) => match JsFuture::from(promise).await {
                    Ok(bitmap) => {
                        let bitmap: ImageBitmap = bitmap.unchecked_into();
                        let mut newest = inner.newest.get();
                        let fate = if newest.admit(ticket) { Fate::Shown } else { Fate::Stale };
                        inner.newest.set(newest);
                        if fate == Fate::Shown {
                            inner.draw(&bitmap, &parsed.header);
                        }
                        bitmap.close();
                        fate
                    }
                    Err(_) => Fate::Broken,
                },
                Err(_) => Fate::Broken,
            };
            done(fate, &parsed.header);
        });
    }

    /// Forgets which picture was the newest, because the frames' numbers begin anew. The picture stays.
    pub fn begin(&self) {
        let mut newest = self.0.newest.get();
        newest.begin();
        self.0.newest.set(newest);
    }

    /// Wipes the picture: another camera is shown from here on.
    pub fn clear(&self) {
        self.begin();
        let Inner { canvas, context, overlay, shown, .. } = &*self.0;
        context.clear_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
        overlay.clear();
        shown.replace(None);
    }

    /// Chooses what is drawn over the picture.
    pub fn set_marks(&self, marks: Marks) {
        self.0.marks.set(marks);
        self.redraw_marks();
    }

    /// Draws the marks again, after the canvas changed its size on the page.
    pub fn redraw_marks(&self) {
        if let Some(header) = &*self.0.shown.borrow() {
            self.0.overlay.draw(header, self.0.marks.get());
        }
    }
}

impl Inner {
    fn draw(&self, bitmap: &ImageBitmap, header: &FrameHeader) {
        let (width, height) = (bitmap.width(), bitmap.height());
        if (self.canvas.width(), self.canvas.height()) != (width, height) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        // Fails for closed bitmaps only.
        let _ = self.context.draw_image_with_image_bitmap(bitmap, 0.0, 0.0);
        self.overlay.draw(header, self.marks.get());
        self.shown.replace(Some(header.clone()));
    }
}

/// Starts to decode the JPEG that starts at `jpeg_at` in `message`.
fn decode(message: &ArrayBuffer, jpeg_at: u32) -> Result<js_sys::Promise, JsValue> {
    let jpeg = Uint8Array::new_with_byte_offset(message, jpeg_at);
    let options = BlobPropertyBag::new();
    options.set_type("image/jpeg");
    let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&jpeg), &options)?;
    window().create_image_bitmap_with_blob(&blob)
}
