//! The browser's time zone.

use js_sys::Date;
use rtm2_app::Timestamp;
use wasm_bindgen::JsValue;

/// Minutes that local clocks are east of UTC at a time, daylight saving included (B23).
pub fn offset_minutes(at: Timestamp) -> i32 {
    let minutes = Date::new(&JsValue::from_f64(at.millis() as f64)).get_timezone_offset();
    // Beyond the years that browsers know the offset is not a number, which becomes 0.
    -(minutes as i32)
}
