//! A picture with the map's cells over it, some of them chosen: by drawing with a pointer, or with the keys.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;
use rtm2_app::feature::{COLUMNS, ROWS};

/// A cell by its place.
fn cell_at(grid: &web_sys::Element, event: &PointerEvent) -> (usize, usize) {
    let room = grid.get_bounding_client_rect();
    let place = |at: i32, from: f64, len: f64, cells: usize| {
        ((f64::from(at) - from) / len.max(1.0) * cells as f64).clamp(0.0, cells as f64 - 1.0) as usize
    };
    (
        place(event.client_x(), room.left(), room.width(), COLUMNS),
        place(event.client_y(), room.top(), room.height(), ROWS),
    )
}

/// The cells on the way from one to another, both included, so that a quick hand leaves no gap.
fn line(from: (usize, usize), to: (usize, usize)) -> u64 {
    let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
    let between = |a: usize, b: usize, i: usize| (a * (steps - i) + b * i + steps / 2) / steps;
    (0..=steps).fold(0, |cells, i| cells | 1 << (between(from.1, to.1, i) * COLUMNS + between(from.0, to.0, i)))
}

/// A hand that draws.
#[derive(Clone, Copy)]
struct Stroke {
    pointer: i32,
    last: (usize, usize),
    /// Whether it chooses cells or takes them out: the opposite of what the first was.
    adds: bool,
}

/// The cells over a picture.
#[component]
pub fn Cells(
    /// Which are chosen: bit `row × columns + column`.
    cells: Signal<u64>,
    /// Address of the picture below.
    picture: Memo<Option<String>>,
    /// Hears which are chosen from now on.
    on_change: impl Fn(u64) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    let cursor = RwSignal::new(0_usize);
    let stroke = StoredValue::new(None::<Stroke>);
    let apply = move |touched: u64, adds: bool| {
        let old = cells.get_untracked();
        let new = if adds { old | touched } else { old & !touched };
        if new != old {
            on_change(new);
        }
    };
    let press = move |event: PointerEvent| {
        let Some(root) = root.get_untracked().filter(|_| event.button() == 0) else { return };
        let at = cell_at(&root, &event);
        let cell = at.1 * COLUMNS + at.0;
        let adds = cells.get_untracked() >> cell & 1 == 0;
        // Fails for pointers that are gone again already.
        let _ = root.set_pointer_capture(event.pointer_id());
        stroke.set_value(Some(Stroke { pointer: event.pointer_id(), last: at, adds }));
        cursor.set(cell);
        apply(1 << cell, adds);
    };
    let moved = move |event: PointerEvent| {
        let Some(held) = stroke.get_value().filter(|s| s.pointer == event.pointer_id()) else { return };
        let Some(root) = root.get_untracked() else { return };
        let at = cell_at(&root, &event);
        if at != held.last {
            stroke.set_value(Some(Stroke { last: at, ..held }));
            apply(line(held.last, at), held.adds);
        }
    };
    let lifted = move |event: PointerEvent| {
        if stroke.get_value().is_some_and(|s| s.pointer == event.pointer_id()) {
            stroke.set_value(None);
        }
    };
    let key = move |event: KeyboardEvent| {
        let at = cursor.get_untracked();
        let (column, row) = (at % COLUMNS, at / COLUMNS);
        let (column, row) = match event.key().as_str() {
            "ArrowLeft" => (column.saturating_sub(1), row),
            "ArrowRight" => ((column + 1).min(COLUMNS - 1), row),
            "ArrowUp" => (column, row.saturating_sub(1)),
            "ArrowDown" => (column, (row + 1).min(ROWS - 1)),
            "Home" => (0, row),
            "End" => (COLUMNS - 1, row),
            " " | "Enter" => {
                apply(1 << at, cells.get_untracked() >> at & 1 == 0);
                (column, row)
            }
            "Delete" | "Backspace" => {
                apply(u64::MAX, false);
                (column, row)
            }
            _ => return,
        };
        event.prevent_default();
        // The chart's keys are others.
        event.stop_propagation();
        cursor.set(row * COLUMNS + column);
    };
    view! {
        <div class="cells">
            {move || picture.get().map(|url| view! { <img class="cells-picture" src=url alt="" draggable="false" /> })}
            <div
                class="cells-grid"
                node_ref=root
                tabindex="0"
                role="listbox"
                aria-multiselectable="true"
                aria-label="Parts of the picture. Arrow keys move, Space chooses, Delete clears."
                aria-activedescendant=move || option_id(cursor.get())
                on:pointerdown=press
                on:pointermove=moved
                on:pointerup=lifted
                on:pointercancel=lifted
                on:keydown=key
            >
                {move || options(cells.get(), cursor.get())}
            </div>
        </div>
    }
}

fn option_id(cell: usize) -> String {
    ["cell-", &cell.to_string()].concat()
}

fn options(cells: u64, cursor: usize) -> Vec<AnyView> {
    let option = |cell: usize| {
        let chosen = cells >> cell & 1 == 1;
        let name = ["row ", &(cell / COLUMNS + 1).to_string(), ", column ", &(cell % COLUMNS + 1).to_string()].concat();
        let class = if cell == cursor { "cell is-cursor" } else { "cell" };
        view! { <div class=class id=option_id(cell) role="option" aria-label=name aria-selected=chosen.to_string()></div> }
            .into_any()
    };
    (0..COLUMNS * ROWS).map(option).collect()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_line_has_both_ends_and_no_gap() {
        assert_eq!(line((0, 0), (0, 0)), 1);
        assert_eq!(line((1, 0), (4, 0)), 0b11110);
        assert_eq!(line((4, 0), (1, 0)), 0b11110);
        for to in [(7, 5), (7, 2), (2, 5), (0, 5)] {
            let cells = line((0, 0), to);
            assert_eq!(cells.count_ones() as usize, to.0.max(to.1) + 1, "{to:?}");
            assert!(cells & 1 == 1 && cells >> (to.1 * COLUMNS + to.0) & 1 == 1);
        }
    }
}
