//! Where rectangles go on a sheet.

/// A rectangle of a picture, in MCUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rect {
    /// Columns left of it.
    pub x: u16,
    /// Rows above it.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Rect {
    /// MCUs in it.
    pub fn area(&self) -> usize {
        usize::from(self.width) * usize::from(self.height)
    }
}

/// Where a rectangle of the picture lies on the sheet, all in MCUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The rectangle of the picture.
    pub of: Rect,
    /// Columns left of it on the sheet.
    pub x: u16,
    /// Rows above it on the sheet.
    pub y: u16,
}

/// A sheet's size in MCUs, and what lies where on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// The rectangles, in no order.
    pub places: Vec<Place>,
}

/// Widths that are tried beyond the widest rectangle's.
const WIDTHS_TRIED: u16 = 16;

/// Lays rectangles on the smallest sheet of several widths; `None` if there is none, or none that is small enough.
pub fn lay_out(rects: &[Rect]) -> Option<Layout> {
    let widest = rects.iter().map(|rect| rect.width).max()?;
    let area: usize = rects.iter().map(Rect::area).sum();
    // Many small ones make a square rather than a column, so that neither side grows beyond what decoders take.
    let least = widest.max(u16::try_from(area.isqrt() / 2).ok()?);
    let mut sorted = rects.to_vec();
    sorted.sort_by_key(|rect| std::cmp::Reverse((rect.height, rect.width)));
    let layouts = (least..=least.saturating_add(WIDTHS_TRIED)).filter_map(|width| on_shelves(&sorted, width));
    layouts.min_by_key(|layout| usize::from(layout.width) * usize::from(layout.height))
}

/// Lays rectangles on shelves of a width: side by side while it lasts, then below the highest of the shelf, which is its
/// first. `None` when the sheet would be too high.
fn on_shelves(rects: &[Rect], width: u16) -> Option<Layout> {
    let mut layout = Layout { width: 0, height: 0, places: Vec::with_capacity(rects.len()) };
    let (mut x, mut shelf) = (0u16, 0u16);
    for &of in rects {
        if width - x < of.width {
            (x, shelf) = (0, layout.height);
        }
        layout.places.push(Place { of, x, y: shelf });
        x += of.width;
        layout.width = layout.width.max(x);
        layout.height = layout.height.max(shelf.checked_add(of.height)?);
    }
    Some(layout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rect() -> impl Strategy<Value = Rect> {
        (0u16..50, 0u16..50, 1u16..20, 1u16..20).prop_map(|(x, y, width, height)| Rect { x, y, width, height })
    }

    proptest! {
        #[test]
        fn nothing_overlaps_or_sticks_out(rects in proptest::collection::vec(rect(), 1..30)) {
            let layout = lay_out(&rects).unwrap();
            let mut taken = vec![false; usize::from(layout.width) * usize::from(layout.height)];
            prop_assert_eq!(layout.places.len(), rects.len());
            for place in &layout.places {
                prop_assert!(rects.contains(&place.of));
                prop_assert!(place.x + place.of.width <= layout.width && place.y + place.of.height <= layout.height);
                for y in place.y..place.y + place.of.height {
                    for x in place.x..place.x + place.of.width {
                        let at = usize::from(y) * usize::from(layout.width) + usize::from(x);
                        prop_assert!(!std::mem::replace(&mut taken[at], true));
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_no_sheet() {
        assert_eq!(lay_out(&[]), None);
    }
}
