//! Where things are on the chart's canvas: shared by the page, which paints it, and by the server, which draws the first one
//! into the document.

use super::{Column, Span, bucket_name, hit};

/// Where the bars are drawn within the canvas, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plot {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Width, at least 1.
    pub width: f64,
    /// Height, at least 1.
    pub height: f64,
}

/// Room for the counts on the y axis.
const LEFT: f64 = 40.0;
/// Room right of the plot, for half a label.
const RIGHT: f64 = 14.0;
/// Room above, for the axis' name and the marker's label.
const TOP: f64 = 26.0;
/// Room below, for times.
const BOTTOM: f64 = 24.0;

/// Least distance of two times on the axis, in pixels.
pub const TICK_GAP: f64 = 84.0;
/// Room on both sides of the slider, so that a handle at the very end can be taken hold of.
pub const SLIDER_SIDE: f64 = 10.0;
/// Columns from this width on have a gap of a pixel to the next one.
const GAP_FROM: f64 = 4.0;

impl Plot {
    /// The plot in a canvas of this size.
    pub fn within((width, height): (f64, f64)) -> Self {
        Self { left: LEFT, top: TOP, width: (width - LEFT - RIGHT).max(1.0), height: (height - TOP - BOTTOM).max(1.0) }
    }

    /// Lower edge.
    pub fn bottom(self) -> f64 {
        self.top + self.height
    }

    /// A pixel of the canvas as a pixel of the plot.
    pub fn x(self, canvas_x: f64) -> f64 {
        canvas_x - self.left
    }
}

/// Width of a column that is drawn between two edges; neighbours have a gap where there is room for one.
pub fn column_width(from: f64, to: f64) -> f64 {
    let gap = if to - from >= GAP_FROM { 1.0 } else { 0.0 };
    (to - from - gap).max(1.0)
}

/// Columns as they are painted: bucket by bucket, from one edge of a device pixel to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Painted {
    /// What is in view.
    pub view: Span,
    /// How wide it is painted, in CSS pixels.
    pub width_px: f64,
    /// Device pixels for each of CSS.
    pub ratio: f64,
}

impl Painted {
    /// Left edge and width of a column in the plot.
    pub fn column(self, column: &Column) -> (f64, f64) {
        let edge = |at| (self.view.x_of(at, self.width_px) * self.ratio).round() / self.ratio;
        let (from, to) = (edge(column.span.from()), edge(column.span.to()));
        (from, column_width(from, to))
    }

    /// The column under a place of the plot: the very one that is painted there, else the nearest within `tolerance_px`.
    pub fn pointed(self, columns: &[Column], x: f64, tolerance_px: f64) -> Option<Column> {
        let after = columns.partition_point(|column| self.column(column).0 <= x);
        let painted = after.checked_sub(1).and_then(|i| columns.get(i)).filter(|column| {
            let (left, width) = self.column(column);
            x < left + width
        });
        painted.copied().or_else(|| hit(columns, self.view, self.width_px, x, tolerance_px))
    }
}

/// Width of the slider's track in a canvas of this width.
pub fn track_width(canvas_width: f64) -> f64 {
    (canvas_width - 2.0 * SLIDER_SIDE).max(1.0)
}

/// What the y axis counts when columns are this wide.
pub fn axis_name(bucket_us: i64) -> String {
    ["frames per ", &bucket_name(bucket_us)].concat()
}

/// A count that fits left of the axis.
pub fn short_count(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..10_000_000 => format!("{} k", count / 1_000),
        _ => format!("{} M", count / 1_000_000),
    }
}
