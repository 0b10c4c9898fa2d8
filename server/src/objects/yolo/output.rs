//! What a model's output means: candidates, of which those are dropped that cover one another.

use anyhow::{Result, bail};

/// Of two boxes of a class that have more than this in common (intersection over union), the less sure one is dropped.
const SAME: f32 = 0.45;
/// Most candidates that are compared with each other, the surest.
const MOST_CANDIDATES: usize = 300;

/// How the output lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `[1, N, 5 + C]`: a row for each candidate (version 5).
    Rows,
    /// `[1, 4 + C, N]`: a column for each candidate (version 8 and later).
    Columns,
}

/// Something found, in pixels of the model's input.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) class: usize,
    pub(super) confidence: f32,
    /// Left, top, right, bottom.
    pub(super) area: [f32; 4],
}

impl Layout {
    /// The layout of an output of this shape for so many classes.
    pub(super) fn of(shape: &[usize], classes: usize) -> Result<Self> {
        match *shape {
            // Where both would fit, there are more candidates than values of one.
            [1, values, n] if values == 4 + classes && (n != 5 + classes || values <= n) => Ok(Self::Columns),
            [1, _, values] if values == 5 + classes => Ok(Self::Rows),
            _ => bail!(
                "its output is {shape:?}; for {classes} labels it must be [1, {}, N] (YOLOv8 and later) or [1, N, {}] \
                 (YOLOv5): check the labels, and export it without built-in suppression (nms=False)",
                4 + classes,
                5 + classes
            ),
        }
    }

    /// Candidates of at least this confidence.
    pub(super) fn candidates(self, values: &[f32], classes: usize, least: f32) -> Vec<Found> {
        match self {
            Self::Rows => {
                let rows = values.chunks_exact(5 + classes);
                rows.filter_map(|row| candidate(|i| row[i], row[4], 5, classes, least)).collect()
            }
            Self::Columns => {
                let n = values.len() / (4 + classes);
                (0..n).filter_map(|at| candidate(|i| values[i * n + at], 1.0, 4, classes, least)).collect()
            }
        }
    }
}

/// The candidate whose values are `value(0)` and so on, when it is sure enough. What is no number is not.
fn candidate(
    value: impl Fn(usize) -> f32,
    objectness: f32,
    first_class: usize,
    classes: usize,
    least: f32,
) -> Option<Found> {
    let (class, likely) =
        (0..classes).map(|class| (class, value(first_class + class))).max_by(|a, b| a.1.total_cmp(&b.1))?;
    let confidence = objectness * likely;
    let [x, y, w, h] = [0, 1, 2, 3].map(value);
    let area = [x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0];
    let sound = area.iter().all(|side| side.is_finite()) && confidence <= 1.01;
    (sound && confidence >= least).then_some(Found { class, confidence: confidence.min(1.0), area })
}

/// Drops candidates that are nearly the same as a surer one of their class (non-maximum suppression).
pub(super) fn suppress(mut candidates: Vec<Found>) -> Vec<Found> {
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    candidates.truncate(MOST_CANDIDATES);
    let mut kept: Vec<Found> = Vec::new();
    for found in candidates {
        let same = |other: &Found| other.class == found.class && common(other.area, found.area) > SAME;
        if !kept.iter().any(same) {
            kept.push(found);
        }
    }
    kept
}

/// Intersection over union.
fn common(a: [f32; 4], b: [f32; 4]) -> f32 {
    let size = |[left, top, right, bottom]: [f32; 4]| (right - left).max(0.0) * (bottom - top).max(0.0);
    let both = size([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    let union = size(a) + size(b) - both;
    if union > 0.0 { both / union } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_told_by_the_number_of_labels_and_others_are_refused() {
        assert_eq!(Layout::of(&[1, 84, 8400], 80).unwrap(), Layout::Columns);
        assert_eq!(Layout::of(&[1, 25200, 85], 80).unwrap(), Layout::Rows);
        assert_eq!(Layout::of(&[1, 6, 7], 2).unwrap(), Layout::Columns);
        for shape in [&[1, 84, 8400][..], &[1, 300, 6], &[84, 8400], &[2, 84, 8400], &[1, 3, 80, 80, 85]] {
            let reason = Layout::of(shape, 3).unwrap_err().to_string();
            assert!(reason.contains("[1, 7, N]") && reason.contains("[1, N, 8]"), "{reason}");
        }
    }

    #[test]
    fn both_layouts_tell_the_same() {
        let rows = [10.0, 20.0, 4.0, 6.0, 0.9, 0.1, 0.8, 50.0, 50.0, 4.0, 4.0, 0.2, 0.9, 0.1];
        let columns = [10.0, 50.0, 20.0, 50.0, 4.0, 4.0, 6.0, 4.0, 0.1, 0.18, 0.72, 0.02];
        let area = [8.0, 17.0, 12.0, 23.0];
        for (layout, values) in [(Layout::Rows, &rows[..]), (Layout::Columns, &columns)] {
            let found = layout.candidates(values, 2, 0.5);
            assert_eq!(found.len(), 1, "{layout:?}");
            assert_eq!((found[0].class, found[0].area), (1, area));
            assert!((found[0].confidence - 0.72).abs() < 1e-6);
        }
    }

    #[test]
    fn what_is_no_number_is_not_found() {
        for bad in [[f32::NAN, 0.0, 1.0, 1.0, 0.9], [0.0, 0.0, f32::INFINITY, 1.0, 0.9], [0.0, 0.0, 1.0, 1.0, f32::NAN]]
        {
            assert_eq!(Layout::Columns.candidates(&bad, 1, 0.5), []);
        }
    }

    #[test]
    fn the_surest_of_those_that_cover_each_other_stays() {
        let found = |class, confidence, left: f32| Found { class, confidence, area: [left, 0.0, left + 10.0, 10.0] };
        let kept = suppress(vec![found(0, 0.6, 1.0), found(0, 0.9, 0.0), found(1, 0.5, 0.0), found(0, 0.7, 30.0)]);
        assert_eq!(kept, [found(0, 0.9, 0.0), found(0, 0.7, 30.0), found(1, 0.5, 0.0)]);
    }
}
