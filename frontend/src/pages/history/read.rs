//! Reads frames and events out of the server's lists. By hand: what serde makes of them weighs many times as much.

use js_sys::Array;
use rtm2_app::{CameraId, Event, FrameInfo, Region, Timestamp};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::sys::js::get;

/// A whole number; 0 for what is none. Times in µs are exact: they have fewer than 53 bits until the year 2255.
fn number(of: &JsValue, name: &str) -> i64 {
    get(of, name).as_f64().unwrap_or_default() as i64
}

fn time(of: &JsValue, name: &str) -> Timestamp {
    Timestamp(number(of, name))
}

fn text(of: &JsValue, name: &str) -> String {
    get(of, name).as_string().unwrap_or_default()
}

/// The items of a list; none for what is no list.
fn items(list: JsValue) -> Array {
    list.dyn_into().unwrap_or_default()
}

fn region(value: JsValue) -> Region {
    let numbers = items(value);
    let at = |i: u32| numbers.get(i).as_f64().unwrap_or_default() as u16;
    Region { x: at(0), y: at(1), w: at(2), h: at(3), strength: at(4) }
}

/// A frame.
pub(super) fn frame(value: &JsValue) -> FrameInfo {
    FrameInfo {
        camera: CameraId(number(value, "camera") as u16),
        at: time(value, "at"),
        seq: number(value, "seq").unsigned_abs(),
        width: number(value, "width") as u16,
        height: number(value, "height") as u16,
        score: number(value, "score") as u16,
        bytes: number(value, "bytes") as u32,
        boxes: items(get(value, "boxes")).iter().map(region).collect(),
        motion: get(value, "motion").is_truthy(),
    }
}

/// A list of frames.
pub(super) fn frames(list: JsValue) -> Vec<FrameInfo> {
    items(list).iter().map(|value| frame(&value)).collect()
}

/// An event.
pub(super) fn event(value: &JsValue) -> Event {
    Event {
        camera: CameraId(number(value, "camera") as u16),
        start: time(value, "start"),
        end: time(value, "end"),
        from: time(value, "from"),
        to: time(value, "to"),
        peak: time(value, "peak"),
        score: number(value, "score") as u16,
        region: Some(get(value, "region")).filter(JsValue::is_object).map(region),
        frames: number(value, "frames") as u32,
        held: number(value, "held") as u32,
        pinned: get(value, "pinned").is_truthy(),
        label: text(value, "label"),
        zone: text(value, "zone"),
    }
}

/// A page of events, and where the next one begins.
pub(super) fn events(page: &JsValue) -> (Vec<Event>, Option<String>) {
    let events = items(get(page, "events")).iter().map(|value| event(&value)).collect();
    (events, get(page, "next").as_string())
}

#[cfg(test)]
mod tests {
    use rtm2_app::http::EventList;
    use rtm2_app::json;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn parse(text: &str) -> JsValue {
        js_sys::JSON::parse(text).unwrap()
    }

    #[wasm_bindgen_test]
    fn what_the_server_writes_is_read_as_it_was() {
        let boxes = vec![Region { x: 1, y: 2, w: 3, h: 4, strength: 65_535 }, Region::default()];
        let info = FrameInfo {
            camera: CameraId(3),
            at: Timestamp(1_780_000_000_040_001),
            seq: 7,
            width: 640,
            height: 480,
            score: 65_535,
            bytes: 45_000,
            boxes,
            motion: true,
        };
        let list = json::write(&vec![info.clone(), FrameInfo { boxes: Vec::new(), motion: false, ..info.clone() }]);
        let read = frames(parse(&list.unwrap()));
        assert_eq!((&read[0], read[1].boxes.len(), read[1].motion), (&info, 0, false));
        let one = Event::of_frame(info.camera, info.at, info.score, &info.boxes);
        let mut other = Event::of_frame(CameraId(0), Timestamp(5), 1, &[]);
        (other.pinned, other.frames, other.label, other.zone) = (true, 9, "a \"cat\"".into(), "door".into());
        for next in [None, Some("5-0".to_owned())] {
            let page = EventList { events: vec![one.clone(), other.clone()], next };
            let read = events(&parse(&json::write(&page).unwrap()));
            assert_eq!(read, (page.events, page.next));
        }
    }

    #[wasm_bindgen_test]
    fn nonsense_is_empty() {
        for nonsense in ["null", "{}", "7", "[]"] {
            assert_eq!(events(&parse(nonsense)), (Vec::new(), None));
        }
        assert_eq!(frames(parse("{}")), []);
    }
}
