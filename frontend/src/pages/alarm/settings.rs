//! When and how the alarm rings, remembered on this device (B28).

use leptos::prelude::*;
use rtm2_app::alarm::{Channel, PatternError, Quiet, Settings, Tune, minutes_from, minutes_text};
use rtm2_app::{CameraId, CameraInfo};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;

use crate::alarm::Alarm;
use crate::alarm::act::Switch;
use crate::components::alarm_controls::switch;
use crate::live::Live;

/// When quiet hours begin and end until something else is chosen, in minutes since midnight.
const NIGHT: (u16, u16) = (22 * 60, 7 * 60);

/// A setting that is typed.
#[derive(Clone, Copy)]
enum Entry {
    Pattern,
    Volume,
    Cooldown,
    Escalate,
    QuietFrom,
    QuietTo,
}

/// All of them: label, type of the input, advice.
const ENTRIES: [(Entry, &str, &str, &str); 6] = [
    (Entry::Pattern, "Vibration pattern", "text", "Milliseconds of shaking and of rest in turn."),
    (Entry::Volume, "Volume", "range", "Within the device's own volume."),
    (Entry::Cooldown, "Cooldown in seconds", "number", "Shortest time between two alarms for motion; 0 for none."),
    (
        Entry::Escalate,
        "Louder after seconds",
        "number",
        "When nobody acknowledges for so long it gets louder, and after as long again louder still, and devices that asked for it are called; 0 for never.",
    ),
    (Entry::QuietFrom, "Quiet from", "time", "In quiet hours alarms show without any noise. Empty for none."),
    (Entry::QuietTo, "Quiet until", "time", "By the clock of this device."),
];

impl Entry {
    fn read(self, settings: &Settings) -> String {
        let minutes =
            |read: fn(Quiet) -> u16| settings.quiet.map(|quiet| minutes_text(read(quiet))).unwrap_or_default();
        match self {
            Self::Pattern => settings.pattern.to_string(),
            Self::Volume => settings.volume.to_string(),
            Self::Cooldown => settings.cooldown_s.to_string(),
            Self::Escalate => settings.escalate_s.to_string(),
            Self::QuietFrom => minutes(Quiet::from),
            Self::QuietTo => minutes(Quiet::to),
        }
    }

    /// Takes over what was typed; the error is for the user.
    fn write(self, settings: &mut Settings, text: &str) -> Result<(), String> {
        match self {
            Self::Pattern => {
                settings.pattern = text.parse().map_err(|why: PatternError| why.to_string())?;
            }
            Self::Volume => settings.volume = seconds(text)?.min(100) as u8,
            Self::Cooldown => settings.cooldown_s = seconds(text)?,
            Self::Escalate => settings.escalate_s = seconds(text)?,
            Self::QuietFrom | Self::QuietTo if text.is_empty() => settings.quiet = None,
            Self::QuietFrom | Self::QuietTo => {
                let minutes = minutes_from(text).ok_or("write a time of day such as 22:00")?;
                let (from, to) = settings.quiet.map_or(NIGHT, |quiet| (quiet.from(), quiet.to()));
                let (from, to) = if matches!(self, Self::QuietFrom) { (minutes, to) } else { (from, minutes) };
                settings.quiet = Some(Quiet::new(from, to).ok_or("quiet hours cannot end when they begin")?);
            }
        }
        Ok(())
    }
}

fn seconds(text: &str) -> Result<u32, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds <= Settings::LONGEST_S);
    seconds.ok_or_else(|| "write whole seconds, 3600 at most".to_owned())
}

/// All settings. Drawn anew only where one of them changed: whatever else happens meanwhile, what somebody is typing stays.
pub(super) fn form() -> AnyView {
    let (shown, cameras) = (Alarm::expect().shown, Live::expect().cameras);
    let settings = Memo::new(move |_| shown.with(|shown| shown.settings.clone()));
    let names = Memo::new(move |_| cameras.with(|cameras| cameras.iter().map(Named::of).collect::<Vec<_>>()));
    let damping = move || {
        let on = settings.with(|settings| Switch::Damping.is_on(settings));
        switch("Ring at counts 1, 2, 5 and every 10th only".to_owned(), Switch::Damping, on)
    };
    let rules = move || settings.with(|settings| names.with(|names| rules(settings, names)));
    view! {
        {damping}
        <div class="alarm-fields">{ENTRIES.map(|entry| field(settings, entry)).into_iter().collect_view()}</div>
        <h2>"Cameras"</h2>
        <ul class="rows">{rules}</ul>
    }
    .into_any()
}

fn field(
    settings: Memo<Settings>,
    (entry, label, kind, hint): (Entry, &'static str, &'static str, &'static str),
) -> AnyView {
    let alarm = Alarm::expect();
    let text = Memo::new(move |_| settings.with(|settings| entry.read(settings)));
    let change = move |event: web_sys::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let mut written = Ok(());
        alarm.set(|settings| written = entry.write(settings, &input.value()));
        // What was set is felt or heard at once.
        match entry {
            Entry::Pattern if written.is_ok() => alarm.test(Channel::Vibration),
            Entry::Volume => alarm.test(Channel::Sound),
            _ => {}
        }
        // The browser shows it beside the input; nothing is wrong while it is empty.
        input.set_custom_validity(&written.err().unwrap_or_default());
        input.report_validity();
    };
    view! {
        <label class="field">
            <span class="quiet-label">{label}</span>
            <span class="field-row"><input type=kind autocomplete="off" prop:value=move || text.get() on:change=change /></span>
            <span class="hint">{hint}</span>
        </label>
    }
    .into_any()
}

/// What the form says of a camera. Its state, which changes all the time, is no part of that.
#[derive(Clone, PartialEq)]
struct Named {
    id: CameraId,
    name: String,
    zones: Vec<String>,
}

impl Named {
    fn of(camera: &CameraInfo) -> Self {
        Self { id: camera.id, name: camera.name.clone(), zones: camera.zones.clone() }
    }
}

/// The lines of all cameras, each followed by those of its zones.
fn rules(settings: &Settings, cameras: &[Named]) -> Vec<AnyView> {
    let mut rules = Vec::new();
    for camera in cameras {
        rules.push(rule(settings, camera, None));
        for zone in 0..camera.zones.len() {
            rules.push(rule(settings, camera, Some(zone as u8)));
        }
    }
    rules
}

/// What a zone is set to that plays what its camera plays.
const AS_CAMERA: &str = "As the camera";

/// Whether a camera can ring, or a zone of it, and what is played for it.
fn rule(settings: &Settings, camera: &Named, zone: Option<u8>) -> AnyView {
    let alarm = Alarm::expect();
    let id = camera.id;
    let zone = zone.and_then(|number| Some((number, camera.zones.get(usize::from(number))?.clone())));
    let (turn, chosen, name) = match &zone {
        None => (Switch::Camera(id), Some(settings.camera(id).tune), camera.name.clone()),
        Some((_, name)) => (Switch::Zone(id, name.clone()), settings.zone(id, name).tune, name.clone()),
    };
    let mut options = Vec::new();
    if zone.is_some() {
        options.push(option(AS_CAMERA, chosen.is_none()));
    }
    for tune in Tune::ALL {
        options.push(option(tune.name(), chosen == Some(tune)));
    }
    let class = if zone.is_some() { "row row-part" } else { "row" };
    let label = ["Sound for ", &name].concat();
    let choose = move |event| match &zone {
        None => alarm.choose(id, &event_target_value(&event)),
        Some((number, name)) => alarm.choose_for_zone(id, (*number, name), &event_target_value(&event)),
    };
    let on = turn.is_on(settings);
    view! {
        <li class=class>
            <div class="row-main">{switch(name, turn, on)}</div>
            <select class="button" aria-label=label on:change=choose>
                {options}
            </select>
        </li>
    }
    .into_any()
}

fn option(name: &'static str, chosen: bool) -> AnyView {
    view! { <option selected=chosen>{name}</option> }.into_any()
}
