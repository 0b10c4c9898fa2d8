//! What is pushed to a device: its cameras, pauses and quiet hours; and its name.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::SubmitEvent;

use super::devices::{Device, Devices};
use crate::live::Live;
use crate::sys::js::{get, json, set};
use crate::sys::push;

/// The fields that are the same for every device. Plain HTML is a fraction of what builds it.
const FIELDS: &str = r#"<label class="field"><span class="quiet-label">Name</span><span class="field-row">
<input name="name" maxlength="60" required></span></label>
<label class="field"><span class="quiet-label">Pause between two notifications of motion</span><span class="field-row">
<select name="pause"><option value="0">none<option value="300">5 minutes<option value="900">15 minutes<option value="3600">an hour
</select></span></label>
<label class="field"><span class="quiet-label">Silent from</span><span class="field-row"><input name="from" type="time"></span></label>
<label class="field"><span class="quiet-label">Silent until</span><span class="field-row"><input name="to" type="time"></span></label>
<label class="check"><input type="checkbox" name="last"><span>Call this device when nobody acknowledges an alarm, whatever the pause above</span></label>
<button class="button">Save</button>"#;

/// The form of one device.
#[component]
pub fn DeviceFilters(
    /// The list that it is in.
    devices: Devices,
    /// The device.
    device: Device,
) -> impl IntoView {
    let Device { id, name, filters, .. } = device;
    let filters = js_sys::JSON::parse(&filters).unwrap_or(JsValue::NULL);
    let chosen = js_sys::Array::from(&get(&filters, "cameras"));
    let cameras = Live::expect().cameras.get_untracked();
    let mut boxes = Vec::new();
    for camera in &cameras {
        let name = ["camera", &camera.id.to_string()].concat();
        boxes.push(check_box(name, camera.name.clone(), chosen.includes(&camera.id.0.into(), 0)));
    }
    let wanted = json(&get(&filters, "zones"));
    let (mut zones, mut zone_boxes) = (Vec::new(), Vec::new());
    for camera in &cameras {
        for zone in &camera.zones {
            // As filters name it, which is its field's name too.
            let name = ["[", &camera.id.to_string(), ",", &json(&zone.into()), "]"].concat();
            zone_boxes.push(check_box(name.clone(), [&camera.name, ": ", zone].concat(), wanted.contains(&name)));
            zones.push(name);
        }
    }
    let no_zones = zones.is_empty();
    let form = NodeRef::<html::Form>::new();
    let (pause, quiet) = (json(&get(&filters, "cooldown_s")), get(&filters, "quiet"));
    let end = |name| get(&quiet, name).as_f64().map(|minute| time(minute as u16)).unwrap_or_default();
    let values = [("name", name), ("pause", pause), ("from", end("from")), ("to", end("to"))];
    let last = get(&filters, "last");
    form.on_load(move |form| {
        set(&field(&form, "last"), "checked", last.is_truthy());
        for (name, value) in values {
            set(&field(&form, name), "value", value);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(form) = form.get_untracked() else { return };
        let value = |name| get(&field(&form, name), "value").as_string().unwrap_or_default();
        let ids = cameras.iter().map(|camera| camera.id.to_string());
        let checked = |name: &str| get(&field(&form, name), "checked").is_truthy();
        let chosen: Vec<_> = ids.filter(|id| checked(&["camera", id].concat())).collect();
        let zones: Vec<_> = zones.iter().map(String::as_str).filter(|zone| checked(zone)).collect();
        let last = if checked("last") { "true" } else { "false" };
        let quiet = match (minute(&value("from")), minute(&value("to"))) {
            (Some(from), Some(to)) => {
                let (from, to) = (from.to_string(), to.to_string());
                ["{\"from\":", &from, ",\"to\":", &to, ",\"zone\":\"", &push::time_zone(), "\"}"].concat()
            }
            _ => "null".to_owned(),
        };
        // Another program may have set a pause that is not among those to choose from.
        let pause = if value("pause").is_empty() { "0".to_owned() } else { value("pause") };
        let filters = [
            "{\"cameras\":[",
            &chosen.join(","),
            "],\"zones\":[",
            &zones.join(","),
            "],\"quiet\":",
            &quiet,
            ",\"cooldown_s\":",
            &pause,
            ",\"last\":",
            last,
            "}",
        ];
        let rename = ["{\"do\":\"rename\",\"name\":", &json(&value("name").into()), "}"].concat();
        devices.change(&id, &rename, "Saved.");
        devices.change(&id, &["{\"do\":\"filter\",\"filters\":", &filters.concat(), "}"].concat(), "Saved.");
    };
    view! {
        <form class="form" node_ref=form on:submit=submit>
            <fieldset class="choice">
                <legend class="quiet-label">"Only these cameras (none chosen: all)"</legend>
                {boxes}
            </fieldset>
            <fieldset class="choice" hidden=no_zones>
                <legend class="quiet-label">"Motion in these zones only (none of a camera chosen: anywhere)"</legend>
                {zone_boxes}
            </fieldset>
            <div class="form" inner_html=FIELDS></div>
        </form>
    }
}

fn check_box(name: String, label: String, checked: bool) -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" name=name checked=checked />
            <span>{label}</span>
        </label>
    }
    .into_any()
}

/// A field by its name.
fn field(form: &JsValue, name: &str) -> JsValue {
    get(&get(form, "elements"), name)
}

/// A minute of the day as `22:30`.
fn time(minute: u16) -> String {
    let two = |value: u16| [if value < 10 { "0" } else { "" }, &value.to_string()].concat();
    [&two(minute / 60 % 24), ":", &two(minute % 60)].concat()
}

/// The minute of the day of `22:30`.
fn minute(time: &str) -> Option<u16> {
    let (hour, minute) = time.split_once(':')?;
    Some(hour.parse::<u16>().ok()? * 60 + minute.get(..2)?.parse::<u16>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read() {
        for (minutes, text) in [(0, "00:00"), (9, "00:09"), (22 * 60 + 30, "22:30"), (24 * 60 - 1, "23:59")] {
            assert_eq!((time(minutes).as_str(), minute(text)), (text, Some(minutes)));
        }
        assert_eq!((minute(""), minute("x:yz"), minute("07:00:30")), (None, None, Some(420)));
    }
}
