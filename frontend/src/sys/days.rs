//! Days of the history that this browser keeps. `pwa/days.js` does the keeping; without it (private windows, plain HTTP)
//! nothing is kept, and everything comes from the server.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use rtm2_app::day::Day;
use rtm2_app::http::Bars;
use rtm2_app::time::MICROS_PER_SECOND;
use rtm2_app::{Bar, CameraId};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::Response;

use super::js::{Fault, call, get, global, settled};

/// A day as it was listed: its number and its mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Days since 1970-01-01, UTC.
    pub number: u32,
    mark: JsValue,
}

/// What is kept of a camera.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// When the server was asked last, in milliseconds since the epoch.
    pub at_ms: f64,
    /// The days, in no order.
    pub days: Vec<Day>,
}

impl Kept {
    /// Its bars as the server would answer them.
    pub fn bars(&self, camera: CameraId) -> Bars {
        let mut days: Vec<&Day> = self.days.iter().collect();
        days.sort_unstable_by_key(|day| day.number);
        let bars: Vec<Bar> = days.iter().flat_map(|day| day.seconds.bars()).collect();
        let extent = bars.first().zip(bars.last()).map(|(oldest, newest)| (oldest.first, newest.first));
        Bars { camera, bucket_us: MICROS_PER_SECOND, bars, extent }
    }
}

/// What was asked for and not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nobody is logged in (any more).
    LoggedOut,
    /// Anything else, in words for the user.
    Failed(Fault),
}

async fn ask(name: &str, arguments: &[JsValue]) -> Result<JsValue, Fault> {
    settled(call(&global("rtm2days"), name, arguments)).await
}

/// The answer to what was asked for before the wasm was there, if it was; each but once.
pub async fn early(path: &str) -> Option<Response> {
    ask("early", &[path.into()]).await.ok()?.dyn_into().ok()
}

/// Says who is logged in: what is kept of another account goes.
pub async fn belong(name: String) {
    // Without a place to keep days in there is nothing to be said.
    let _ = ask("belong", &[name.into()]).await;
}

/// Forgets everything that is kept.
pub async fn forget() {
    // As above.
    let _ = ask("forget", &[]).await;
}

/// The days that a camera has motion on, newest first.
pub async fn list(camera: CameraId) -> Result<Vec<Listed>, Missing> {
    let answer = ask("list", &[camera.0.into()]).await.map_err(Missing::Failed)?;
    if let Some(status) = answer.as_f64() {
        let failed = || Missing::Failed("the server does not answer, try again in a moment".to_owned());
        return Err(if status as u16 == 401 { Missing::LoggedOut } else { failed() });
    }
    let listed = |row: JsValue| {
        let row: Array = row.dyn_into().ok()?;
        Some(Listed { number: row.get(0).as_f64()? as u32, mark: row.get(2) })
    };
    Ok(answer.dyn_into::<Array>().map(|rows| rows.iter().filter_map(listed).collect::<Vec<_>>()).unwrap_or_default())
        .map(|mut days| {
            days.reverse();
            days
        })
}

/// Some of them, all at once: each from what is kept where that still holds, else from the server.
pub async fn fetch(camera: CameraId, listed: &[Listed]) -> Vec<Result<Day, Fault>> {
    let asked =
        |day: &Listed| call(&global("rtm2days"), "day", &[camera.0.into(), day.number.into(), day.mark.clone()]);
    let promises: Vec<_> = listed.iter().map(asked).collect();
    let mut days = Vec::with_capacity(promises.len());
    for promise in promises {
        days.push(settled(promise).await.and_then(|bytes| read(&bytes)));
    }
    days
}

/// Lets old days go until what is kept is small enough.
pub async fn trim() {
    // What cannot be trimmed is trimmed another time.
    let _ = ask("trim", &[]).await;
}

/// Cameras of which days are kept.
pub async fn cameras() -> Vec<CameraId> {
    let found = ask("cameras", &[]).await.ok().and_then(|found| found.dyn_into::<Array>().ok()).unwrap_or_default();
    found.iter().filter_map(|camera| camera.as_f64()).map(|camera| CameraId(camera as u16)).collect()
}

/// All that is kept of a camera; `None` if nothing is.
pub async fn kept(camera: CameraId) -> Option<Kept> {
    let found = ask("kept", &[camera.0.into()]).await.ok()?;
    let days: Array = get(&found, "days").dyn_into().ok()?;
    // A day that is damaged is missing, no more.
    let days = days.iter().filter_map(|bytes| read(&bytes).ok()).collect();
    Some(Kept { at_ms: get(&found, "at").as_f64()?, days })
}

fn read(bytes: &JsValue) -> Result<Day, Fault> {
    let buffer: &ArrayBuffer = bytes.dyn_ref().ok_or("no bytes came")?;
    Day::decode(&Uint8Array::new(buffer).to_vec()).map_err(|why| why.to_string())
}
