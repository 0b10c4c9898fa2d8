//! The bars in view as a table: what the chart says, for those who read it or have it read to them.

use leptos::prelude::*;
use rtm2_app::chart::Column;

use super::desk::{Desk, label};

/// Rows of a page.
const PAGE: usize = 50;

/// A table of the columns in view, newest first.
#[component]
pub fn BarTable(
    /// The history.
    desk: Desk,
) -> impl IntoView {
    let page = RwSignal::new(0_usize);
    let pages = Memo::new(move |_| desk.rows.with(|r| r.len().div_ceil(PAGE)).max(1));
    // New bars come at the front; a page that is gone shows the last one there is.
    let shown = Memo::new(move |_| page.get().min(pages.get() - 1));
    let rows = move || {
        let first = shown.get() * PAGE;
        desk.rows.with(|r| r.iter().rev().skip(first).take(PAGE).map(|c| row(desk, *c)).collect_view())
    };
    view! {
        <section class="bar-table" aria-label="Bars as a table">
            <table>
                <caption>"Motion in view, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"From"</th>
                        <th scope="col">"To"</th>
                        <th scope="col" class="is-number">"Frames"</th>
                        <th scope="col"><span class="unseen">"Show"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <Show when=move || desk.rows.with(Vec::is_empty)>
                <p class="bar-table-empty">"No motion in this stretch of time."</p>
            </Show>
            <Show when=move || { pages.get() > 1 }>
                <p class="bar-table-pages">
                    <button
                        type="button"
                        class="history-button"
                        disabled=move || shown.get() == 0
                        on:click=move |_| page.set(shown.get_untracked().saturating_sub(1))
                    >
                        "Newer"
                    </button>
                    <span>{move || format!("page {} of {}", shown.get() + 1, pages.get())}</span>
                    <button
                        type="button"
                        class="history-button"
                        disabled=move || shown.get() + 1 >= pages.get()
                        on:click=move |_| page.set(shown.get_untracked() + 1)
                    >
                        "Older"
                    </button>
                </p>
            </Show>
        </section>
    }
}

fn row(desk: Desk, column: Column) -> impl IntoView {
    let (from, to) = (label(column.span.from()), label(column.span.to()));
    let name = format!("Show the first frame after {from}");
    view! {
        <tr>
            <td>{from}</td>
            <td>{to}</td>
            <td class="is-number">{column.count}</td>
            <td>
                <button type="button" class="history-button" aria-label=name on:click=move |_| desk.open(column.first)>
                    "Show"
                </button>
            </td>
        </tr>
    }
}
