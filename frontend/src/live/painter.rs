//! Paints pictures on a canvas as they come: `Blob` → `createImageBitmap` → `drawImage`, the whole of one or what changed
//! of it. The JPEG stays in the browser's memory, and every bitmap is closed as soon as it is painted or dropped.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use leptos::prelude::window;
use rtm2_app::wire::FrameHeader;
use rtm2_app::wire::tiles::Laying;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap};

use super::header::{Parsed, ParsedTiles};
pub use super::line::Fate;
use super::line::{Decided, Line, Part};
use super::overlay::{Marks, Overlay, context_of};

/// A canvas for pictures with another one above it for marks.
#[derive(Clone, Debug)]
pub struct Painter(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    overlay: Overlay,
    line: RefCell<Line<ImageBitmap>>,
    jobs: RefCell<HashMap<u64, Job>>,
    /// The head of sheets that was sent last, with its number.
    head: RefCell<Option<(u32, Uint8Array)>>,
    marks: Cell<Marks>,
    /// Header of the picture on the canvas, to draw the marks again when they or the size change.
    shown: RefCell<Option<FrameHeader>>,
}

/// Is told what became of a picture.
pub type Done = Box<dyn FnOnce(Fate, &FrameHeader)>;

/// What is known of a picture that is being decoded.
struct Job {
    header: FrameHeader,
    /// Where parts belong; the picture is whole without.
    laying: Option<Laying>,
    done: Done,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Painter {
    /// A painter for two canvases of the same size on the page; `None` if the browser gives no 2D context.
    pub fn new(canvas: HtmlCanvasElement, overlay: HtmlCanvasElement, marks: Marks) -> Option<Self> {
        let context = context_of(&canvas)?;
        let overlay = Overlay::new(overlay)?;
        Some(Self(Rc::new(Inner {
            canvas,
            context,
            overlay,
            line: RefCell::default(),
            jobs: RefCell::default(),
            head: RefCell::default(),
            marks: Cell::new(marks),
            shown: RefCell::default(),
        })))
    }

    /// Decodes and paints a picture unless a newer one was faster, then tells `done` what became of it.
    pub fn paint(&self, message: &ArrayBuffer, parsed: Parsed, done: Done) {
        let jpeg = Uint8Array::new_with_byte_offset(message, parsed.jpeg_at);
        let job = Job { header: parsed.header, laying: None, done };
        self.0.start(&Array::of1(&jpeg), Part::Whole, job);
    }

    /// The same for parts of a picture, which are laid on the frame that they were made for, once that is shown.
    pub fn lay(&self, message: &ArrayBuffer, parsed: ParsedTiles, done: Done) {
        let ParsedTiles { header, laying, payload_at } = parsed;
        let body_at = payload_at + u32::from(laying.head_len);
        let mut head = self.0.head.borrow_mut();
        if laying.head_len > 0 {
            // A copy: the message should not be kept for its sake.
            let sent = Uint8Array::new_with_byte_offset_and_length(message, payload_at, laying.head_len.into());
            *head = Some((laying.head, sent.slice(0, laying.head_len.into())));
        }
        let body = Uint8Array::new_with_byte_offset(message, body_at);
        let sheet = match &*head {
            Some((number, head)) if *number == laying.head => {
                Array::of3(&Uint8Array::from(&JPEG_START[..]), head, &body)
            }
            // Without its head it is no JPEG, and so broken.
            _ => Array::of1(&body),
        };
        drop(head);
        let part = Part::Of(laying.base);
        self.0.start(&sheet, part, Job { header, laying: Some(laying), done });
    }

    /// Forgets which picture was the newest, because the frames' numbers begin anew. The picture stays.
    pub fn begin(&self) {
        self.0.line.borrow_mut().begin();
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
    /// Begins to decode the JPEG that the pieces are, unless it could not be shown anyway.
    fn start(self: &Rc<Self>, pieces: &Array, part: Part, job: Job) {
        let entered = self.line.borrow_mut().enter(job.header.seq, part);
        let id = match entered {
            Ok(id) => id,
            Err(fate) => return (job.done)(fate, &job.header),
        };
        self.jobs.borrow_mut().insert(id, job);
        let bitmap = decode(pieces);
        let inner = Rc::clone(self);
        spawn_local(async move {
            let picture = match bitmap {
                Ok(promise) => JsFuture::from(promise).await.ok().map(JsCast::unchecked_into),
                Err(_) => None,
            };
            let decided = inner.line.borrow_mut().decoded(id, picture);
            for decided in decided {
                inner.finish(decided);
            }
        });
    }

    fn finish(&self, decided: Decided<ImageBitmap>) {
        let Decided { id, fate, picture } = decided;
        let Some(Job { header, laying, done }) = self.jobs.borrow_mut().remove(&id) else { return };
        if let Some(bitmap) = picture {
            if fate == Fate::Shown {
                match laying {
                    Some(laying) => self.lay(&bitmap, &laying),
                    None => self.draw(&bitmap),
                }
                self.overlay.draw(&header, self.marks.get());
                self.shown.replace(Some(header.clone()));
            }
            bitmap.close();
        }
        done(fate, &header);
    }

    fn draw(&self, bitmap: &ImageBitmap) {
        let (width, height) = (bitmap.width(), bitmap.height());
        if (self.canvas.width(), self.canvas.height()) != (width, height) {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        // Fails for closed bitmaps only.
        let _ = self.context.draw_image_with_image_bitmap(bitmap, 0.0, 0.0);
    }

    /// Lays the parts of a sheet where they belong. What sticks out of the picture is cut off by the canvas.
    fn lay(&self, sheet: &ImageBitmap, laying: &Laying) {
        let [across, down] = laying.mcu.map(f64::from);
        for place in &laying.places {
            let (width, height) = (f64::from(place.width) * across, f64::from(place.height) * down);
            // Fails for closed bitmaps only.
            let _ = self.context.draw_image_with_image_bitmap_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                sheet,
                f64::from(place.sheet_x) * across,
                f64::from(place.sheet_y) * down,
                width,
                height,
                f64::from(place.x) * across,
                f64::from(place.y) * down,
                width,
                height,
            );
        }
    }
}

/// What every JPEG begins with; sheets are sent without.
const JPEG_START: [u8; 2] = [0xff, 0xd8];

/// Starts to decode the JPEG that the pieces are together.
fn decode(pieces: &Array) -> Result<js_sys::Promise, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("image/jpeg");
    let blob = Blob::new_with_u8_array_sequence_and_options(pieces, &options)?;
    window().create_image_bitmap_with_blob(&blob)
}
