//! A canvas that is painted in CSS pixels, whatever the screen's resolution.

use wasm_bindgen::JsCast as _;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::sys::screen::pixel_ratio;

/// A canvas and its drawing context.
#[derive(Clone, Debug)]
pub struct Surface {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

/// A wiped surface to paint on.
pub(super) struct Sheet<'a> {
    pub(super) context: &'a CanvasRenderingContext2d,
    /// Width in CSS pixels.
    pub(super) width: f64,
    /// Height in CSS pixels.
    pub(super) height: f64,
    /// Device pixels for each of CSS.
    pub(super) ratio: f64,
}

impl Surface {
    /// The surface of a canvas; `None` if the browser refuses a context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self { canvas, context })
    }

    /// The canvas.
    pub fn canvas(&self) -> &HtmlCanvasElement {
        &self.canvas
    }

    /// Its size on the page, in CSS pixels.
    pub fn size(&self) -> (f64, f64) {
        (f64::from(self.canvas.client_width()), f64::from(self.canvas.client_height()))
    }

    /// Fits the canvas to its size on the page, wipes it and lets it be painted on; `None` while it is not visible.
    pub(super) fn wipe(&self) -> Option<Sheet<'_>> {
        let (width, height) = self.size();
        if width < 1.0 || height < 1.0 {
            return None;
        }
        let ratio = pixel_ratio();
        let (w, h) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
        if (self.canvas.width(), self.canvas.height()) != (w, h) {
            self.canvas.set_width(w);
            self.canvas.set_height(h);
        }
        self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
        self.context.clear_rect(0.0, 0.0, width, height);
        Some(Sheet { context: &self.context, width, height, ratio })
    }
}

impl Sheet<'_> {
    /// The nearest edge of a device pixel, for sharp edges.
    pub(super) fn snap(&self, v: f64) -> f64 {
        (v * self.ratio).round() / self.ratio
    }

    /// A filled rectangle.
    pub(super) fn fill(&self, colour: &str, x: f64, y: f64, w: f64, h: f64) {
        self.context.set_fill_style_str(colour);
        self.context.fill_rect(x, y, w, h);
    }

    /// A filled rectangle with round corners.
    pub(super) fn fill_round(&self, colour: &str, (x, y, w, h): (f64, f64, f64, f64), radius: f64) {
        let path = self.context;
        path.set_fill_style_str(colour);
        path.begin_path();
        path.move_to(x + radius, y);
        for (ax, ay, bx, by) in [(x + w, y, x + w, y + h), (x + w, y + h, x, y + h), (x, y + h, x, y), (x, y, x + w, y)]
        {
            // Fails for negative radii only.
            let _ = path.arc_to(ax, ay, bx, by, radius);
        }
        path.close_path();
        path.fill();
    }

    /// A line of text.
    pub(super) fn text(&self, colour: &str, text: &str, x: f64, y: f64) {
        self.context.set_fill_style_str(colour);
        // Canvas calls that take strings fail for detached contexts only; a label less is no harm.
        let _ = self.context.fill_text(text, x, y);
    }

    /// Width of a line of text in the current font.
    pub(super) fn text_width(&self, text: &str) -> f64 {
        self.context.measure_text(text).map_or(0.0, |m| m.width())
    }
}
