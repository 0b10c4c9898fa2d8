//! Boxes and clock, drawn over the picture as data (the picture itself stays as the camera made it: B16).

use rtm2_app::Timestamp;
use rtm2_app::wire::FrameHeader;
use wasm_bindgen::JsCast as _;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::sys::{clock, screen};

/// What is drawn over the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// A box around everything that moved.
    pub boxes: bool,
    /// Date and local time of the capture.
    pub clock: bool,
}

/// A canvas that lies over a picture.
#[derive(Debug)]
pub struct Overlay {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

/// The 2D context of `canvas`; `None` if the browser refuses one.
pub fn context_of(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

impl Overlay {
    /// An overlay that draws on `canvas`.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = context_of(&canvas)?;
        Some(Self { canvas, context })
    }

    /// Wipes it.
    pub fn clear(&self) {
        self.context.clear_rect(0.0, 0.0, f64::from(self.canvas.width()), f64::from(self.canvas.height()));
    }

    /// Draws what `marks` asks for about the picture of `header`, in the pixels of the screen.
    pub fn draw(&self, header: &FrameHeader, marks: Marks) {
        let scale = screen::pixel_ratio();
        let (width, height) = (f64::from(self.canvas.client_width()), f64::from(self.canvas.client_height()));
        self.fit((width * scale) as u32, (height * scale) as u32);
        if self.context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).is_err() || header.width == 0 {
            return;
        }
        if marks.boxes {
            self.boxes(header, width / f64::from(header.width), height / f64::from(header.height.max(1)));
        }
        if marks.clock {
            self.clock(header.at, height);
        }
    }

    /// Gives the canvas its size, and wipes it in any case.
    fn fit(&self, width: u32, height: u32) {
        if (self.canvas.width(), self.canvas.height()) == (width, height) {
            // As long as the size is right a plain wipe is cheaper than a new buffer.
            let _ = self.context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
            self.clear();
        } else {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
    }

    /// A red line on a dark one, to be seen on any picture.
    fn boxes(&self, header: &FrameHeader, sx: f64, sy: f64) {
        let context = &self.context;
        context.begin_path();
        for b in &header.boxes {
            let (x, y) = (f64::from(b.x) * sx, f64::from(b.y) * sy);
            context.rect(x, y, f64::from(b.w) * sx, f64::from(b.h) * sy);
        }
        for (colour, line) in [("rgba(0, 0, 0, 0.55)", 4.0), ("#ff4b3e", 2.0)] {
            context.set_stroke_style_str(colour);
            context.set_line_width(line);
            context.stroke();
        }
    }

    fn clock(&self, at: Timestamp, height: f64) {
        let context = &self.context;
        let text = clock::date_time(at);
        context.set_font("500 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace");
        let width = context.measure_text(&text).map_or(160.0, |m| m.width());
        context.set_fill_style_str("rgba(8, 12, 16, 0.6)");
        context.fill_rect(10.0, height - 34.0, width + 16.0, 24.0);
        context.set_fill_style_str("#f2f5f7");
        // Text that cannot be drawn leaves an empty plate; the time is also below the picture.
        let _ = context.fill_text(&text, 18.0, height - 17.0);
    }
}
