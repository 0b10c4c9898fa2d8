//! A calendar of the days with motion: a month, each day coloured by how much moved. Choosing one shows it in the chart.
//! Keys as the ARIA practices have them for a grid of dates.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::chart::{BarQuery, Chart, Date, QUARTER_US, Span, frames_by_date, intensity};
use rtm2_app::{Bar, Timestamp};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, KeyboardEvent};

use super::data;
use super::desk::Desk;
use crate::chart::offset_minutes;
use crate::session::Session;
use crate::sys::clock;

/// Weekdays, for reading out and for the head of a column.
const WEEKDAYS: [(&str, &str); 7] = [
    ("Monday", "Mo"),
    ("Tuesday", "Tu"),
    ("Wednesday", "We"),
    ("Thursday", "Th"),
    ("Friday", "Fr"),
    ("Saturday", "Sa"),
    ("Sunday", "Su"),
];

/// Where the frames of a month stand.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Month {
    Loading,
    /// Frames by date.
    Days(Vec<(Date, u64)>),
    Failed(String),
}

/// The dates that can be chosen: those of the history.
fn dates(desk: Desk) -> (Date, Date) {
    let today = Date::of(clock::now(), &offset_minutes);
    let (oldest, newest) = desk.read(|c| c.history.extent()).flatten().unwrap_or((clock::now(), clock::now()));
    let date = |at| Date::of(at, &offset_minutes);
    (date(oldest).min(today), date(newest).max(today))
}

/// The calendar.
#[component]
pub fn Calendar(
    /// The history.
    desk: Desk,
) -> impl IntoView {
    // The day that the chart shows, or its last.
    let begin = desk.read(Chart::view).map_or_else(clock::now, |view| Timestamp(view.to().0 - 1));
    let (first, last) = dates(desk);
    let cursor = RwSignal::new(Date::of(begin, &offset_minutes).clamp(first, last));
    let month = Memo::new(move |_| cursor.get().month());
    let found = RwSignal::new(Month::Loading);
    watch(desk, month, found);
    let turn = move |months: i64| {
        found.set(Month::Loading);
        cursor.update(|c| *c = clamped(desk, c.plus_months(months)));
    };
    let at_first = Memo::new(move |_| month.get() <= dates(desk).0.month());
    let at_last = Memo::new(move |_| month.get() >= dates(desk).1.month());
    let move_to = move |date: Date| {
        let date = clamped(desk, date);
        if date.month() != month.get_untracked() {
            found.set(Month::Loading);
        }
        cursor.set(date);
        // Once the day is on the page.
        request_animation_frame(move || focus(date));
    };
    let key = move |event: KeyboardEvent| {
        let at = cursor.get_untracked();
        if let Some(to) = led_to(at, &event) {
            event.prevent_default();
            // The chart's keys are others.
            event.stop_propagation();
            move_to(to);
        }
    };
    let today = move |_| {
        let today = Date::of(clock::now(), &offset_minutes);
        show(desk, today);
        move_to(today);
    };
    view! {
        <section class="calendar" aria-label="Calendar of days with motion">
            <header class="calendar-head">
                <button
                    type="button"
                    class="history-button is-square"
                    aria-label="Month before"
                    disabled=move || at_first.get()
                    on:click=move |_| turn(-1)
                >
                    "‹"
                </button>
                <h2 class="calendar-month" aria-live="polite">{move || month.get().month_name()}</h2>
                <button
                    type="button"
                    class="history-button is-square"
                    aria-label="Month after"
                    disabled=move || at_last.get()
                    on:click=move |_| turn(1)
                >
                    "›"
                </button>
                <button type="button" class="history-button" on:click=today>"Today"</button>
            </header>
            <table class="calendar-days" role="grid" aria-label=move || month.get().month_name() on:keydown=key>
                <thead>
                    <tr>
                        {WEEKDAYS
                            .map(|(name, short)| view! { <th scope="col" abbr=name>{short}</th> })
                            .into_iter()
                            .collect_view()}
                    </tr>
                </thead>
                <tbody>{move || weeks(desk, cursor, month.get(), &found.get())}</tbody>
            </table>
            <p class="calendar-legend">{move || legend(&found.get())}</p>
        </section>
    }
}

/// Keeps the frames of the month by date.
fn watch(desk: Desk, month: Memo<Date>, found: RwSignal<Month>) {
    let session = Session::expect();
    // Numbers requests: answers to older ones are dropped.
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let (month, camera) = (month.get(), desk.camera.get());
        // New bars may be of this month.
        desk.rows.track();
        let span = Span::new(month.span(&offset_minutes).from(), month.plus_months(1).span(&offset_minutes).from());
        asked.update_value(|n| *n = n.wrapping_add(1));
        if let Some(bars) = held(desk, span) {
            found.set(Month::Days(frames_by_date(&bars, &offset_minutes)));
            return;
        }
        let number = asked.get_value();
        spawn_local(async move {
            let query = BarQuery { span: Span::new(span.from(), Timestamp(span.to().0 - 1)), bucket_us: QUARTER_US };
            let answer = data::bars(session, camera, query).await;
            if asked.try_get_value() == Some(number) {
                found.set(match answer {
                    Ok(bars) => Month::Days(frames_by_date(&bars.bars, &offset_minutes)),
                    Err(why) => Month::Failed(why.to_string()),
                });
            }
        });
    });
}

/// The date that a key leads to from another.
fn led_to(at: Date, event: &KeyboardEvent) -> Option<Date> {
    let months = if event.shift_key() { 12 } else { 1 };
    Some(match event.key().as_str() {
        "ArrowLeft" => at.plus_days(-1),
        "ArrowRight" => at.plus_days(1),
        "ArrowUp" => at.plus_days(-7),
        "ArrowDown" => at.plus_days(7),
        "Home" => at.plus_days(-(at.weekday() as i64)),
        "End" => at.plus_days(6 - at.weekday() as i64),
        "PageUp" => at.plus_months(-months),
        "PageDown" => at.plus_months(months),
        _ => return None,
    })
}

/// The bars of a stretch, where every second of it is held.
fn held(desk: Desk, span: Span) -> Option<Vec<Bar>> {
    desk.read(|c| {
        c.history.is_whole().then(|| c.history.seconds().iter().filter(|b| span.contains(b.start)).copied().collect())
    })
    .flatten()
}

fn clamped(desk: Desk, date: Date) -> Date {
    let (first, last) = dates(desk);
    date.clamp(first, last)
}

/// Shows a day from midnight to midnight, by local clocks.
fn show(desk: Desk, date: Date) {
    desk.change(|c| c.show(date.span(&offset_minutes)));
    desk.say([&date.spoken(), " is shown."].concat());
}

fn id(date: Date) -> String {
    ["day-", &date.number().to_string()].concat()
}

fn focus(date: Date) {
    if let Some(day) = document().get_element_by_id(&id(date)).and_then(|day| day.dyn_into::<HtmlElement>().ok()) {
        // A day that left the page meanwhile has no use for it.
        let _ = day.focus();
    }
}

fn weeks(desk: Desk, cursor: RwSignal<Date>, month: Date, found: &Month) -> Vec<AnyView> {
    let days: &[(Date, u64)] = if let Month::Days(days) = found { days } else { &[] };
    let most = days.iter().map(|(_, frames)| *frames).max().unwrap_or(0);
    let (first, last) = dates(desk);
    let today = Date::of(clock::now(), &offset_minutes);
    let day = |date: Date| {
        if date.month() != month {
            return view! { <td></td> }.into_any();
        }
        let frames = days.binary_search_by_key(&date, |(date, _)| *date).map_or(0, |i| days[i].1);
        let level = (b'0' + intensity(frames, most)) as char;
        let mut class = String::from("calendar-day level-");
        class.push(level);
        let words = match (found, frames) {
            (Month::Days(_), 0) => "no motion".to_owned(),
            (Month::Days(_), 1) => "1 frame".to_owned(),
            (Month::Days(_), n) => [&n.to_string(), " frames"].concat(),
            _ => "not known".to_owned(),
        };
        let name = [&date.spoken(), ": ", &words].concat();
        let outside = date < first || date > last;
        let choose = move |_| {
            if !outside {
                cursor.set(date);
                show(desk, date);
            }
        };
        view! {
            <td role="gridcell">
                <button
                    type="button"
                    class=class
                    id=id(date)
                    title=words
                    aria-label=name
                    aria-current=(date == today).then_some("date")
                    aria-disabled=outside.then_some("true")
                    tabindex=move || if cursor.get() == date { "0" } else { "-1" }
                    on:click=choose
                >
                    {date.day()}
                </button>
            </td>
        }
        .into_any()
    };
    let week = |week: [Date; 7]| view! { <tr>{week.map(day).into_iter().collect_view()}</tr> }.into_any();
    month.weeks().into_iter().map(week).collect()
}

fn legend(found: &Month) -> AnyView {
    match found {
        Month::Loading => "Loading …".into_any(),
        Month::Failed(why) => ["The days could not be loaded: ", why, "."].concat().into_any(),
        Month::Days(days) if days.is_empty() => "Nothing moved in this month.".into_any(),
        Month::Days(_) => {
            let step = |level: &'static str| view! { <i class=["calendar-step level-", level].concat()></i> };
            view! { "less " {["1", "2", "3", "4"].map(step).into_iter().collect_view()} " more" }.into_any()
        }
    }
}
