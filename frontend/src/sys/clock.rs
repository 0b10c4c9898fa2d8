//! The browser's clock and local time. The server stamps in UTC; only here it becomes what a wall clock shows (B23).

use js_sys::Date;
use rtm2_app::Timestamp;
use wasm_bindgen::JsValue;

use super::js::{call, global};

/// The browser's time.
pub fn now() -> Timestamp {
    Timestamp::from_millis(Date::now() as i64)
}

/// A random number from 0 to 1.
pub fn random() -> f64 {
    js_sys::Math::random()
}

fn date(at: Timestamp) -> Date {
    Date::new(&JsValue::from_f64(at.millis() as f64))
}

/// Appends `value` with at least two digits.
fn two(out: &mut String, value: u32) {
    if value < 10 {
        out.push('0');
    }
    out.push_str(&value.to_string());
}

/// Local time of day as `14:03:07`.
pub fn time_of_day(at: Timestamp) -> String {
    let date = date(at);
    let mut out = String::with_capacity(8);
    for (i, value) in [date.get_hours(), date.get_minutes(), date.get_seconds()].into_iter().enumerate() {
        if i > 0 {
            out.push(':');
        }
        two(&mut out, value);
    }
    out
}

/// Local date as `2026-11-23`.
pub fn day(at: Timestamp) -> String {
    let date = date(at);
    let mut out = date.get_full_year().to_string();
    for value in [date.get_month() + 1, date.get_date()] {
        out.push('-');
        two(&mut out, value);
    }
    out
}

/// Local date and time as `2026-11-23 14:03:07`.
pub fn date_time(at: Timestamp) -> String {
    let mut out = day(at);
    out.push(' ');
    out.push_str(&time_of_day(at));
    out
}

/// Microseconds since the page was opened, of a clock that nobody sets.
pub fn steady_us() -> i64 {
    let ms = call(&global("performance"), "now", &[]).ok().and_then(|ms| ms.as_f64());
    ms.map_or_else(|| now().0, |ms| (ms * 1_000.0) as i64)
}
