//! Tunes made of tones by the browser's own synthesiser. Nothing is recorded and nothing is loaded.

use std::cell::RefCell;
use std::rc::Rc;

use rtm2_app::alarm::Tune;
use wasm_bindgen::JsValue;

use super::js::{self, Fault, call, construct, get, set};

/// A tone: pitch in hertz, start and length in milliseconds.
type Tone = (u16, u16, u16);

/// The shape of a tune's tones, and the tones.
fn score(tune: Tune) -> (&'static str, &'static [Tone]) {
    match tune {
        Tune::Chime => ("sine", &[(523, 0, 700), (659, 180, 700), (784, 360, 1_100)]),
        Tune::Bell => ("triangle", &[(880, 0, 1_400), (1_760, 0, 500), (660, 500, 1_600), (1_320, 500, 500)]),
        Tune::Beeps => ("square", &[(1_175, 0, 120), (1_175, 200, 120), (1_175, 400, 120), (1_175, 600, 120)]),
        Tune::Siren => {
            ("sawtooth", &[(740, 0, 320), (988, 300, 320), (740, 600, 320), (988, 900, 320), (740, 1_200, 400)])
        }
        Tune::Knock => ("sine", &[(130, 0, 220), (98, 240, 320)]),
    }
}

/// How long a repetition lasts, in milliseconds.
const REPEAT_MS: f64 = 2_200.0;
/// Loudness of one tone at full volume: several sound at once.
const PEAK: f64 = 0.5;
/// Where a tone begins and ends: exponential ramps cannot reach 0.
const SILENCE: f64 = 0.000_1;

/// The synthesiser. Clones are the same.
#[derive(Clone, Debug)]
pub struct Synthesiser {
    context: JsValue,
    /// Everything that sounds goes through it; another one takes its place to end it all.
    out: Rc<RefCell<JsValue>>,
}

impl Synthesiser {
    /// Whether the browser has one.
    pub fn exists() -> bool {
        !js::global("AudioContext").is_undefined()
    }

    /// A new one. Outside a tap it may be suspended at first.
    pub fn new() -> Result<Self, Fault> {
        let context = construct("AudioContext")?;
        let out = outlet(&context)?;
        Ok(Self { context, out: Rc::new(RefCell::new(out)) })
    }

    /// Whether something played now would be heard.
    pub fn runs(&self) -> bool {
        get(&self.context, "state").as_string().as_deref() == Some("running")
    }

    /// Asks the browser to let it sound. Within a tap it will; else the browser may wait for one, so that this must
    /// not be waited for.
    pub fn resume(&self) -> Result<JsValue, Fault> {
        call(&self.context, "resume", &[])
    }

    /// Plays a tune so many times. `volume` is 0 to 100.
    pub fn play(&self, tune: Tune, volume: u8, times: usize) -> Result<(), Fault> {
        let now = get(&self.context, "currentTime").as_f64().unwrap_or_default();
        let peak = (f64::from(volume) / 100.0 * PEAK).max(SILENCE);
        let (shape, tones) = score(tune);
        for repeat in 0..times {
            for (hertz, start, length) in tones {
                let start = now + (repeat as f64 * REPEAT_MS + f64::from(*start)) / 1_000.0;
                self.tone(shape, f64::from(*hertz), peak, start, start + f64::from(*length) / 1_000.0)?;
            }
        }
        Ok(())
    }

    /// Ends whatever sounds, or was to sound later.
    pub fn hush(&self) {
        let mut out = self.out.borrow_mut();
        // The old outlet ends with all that goes through it; without a new one the old tunes would come to their end.
        if let Ok(fresh) = outlet(&self.context) {
            let _ = call(&out, "disconnect", &[]);
            *out = fresh;
        }
    }

    /// One tone that fades away, as what is struck does.
    fn tone(&self, shape: &str, hertz: f64, peak: f64, start: f64, end: f64) -> Result<(), Fault> {
        let oscillator = call(&self.context, "createOscillator", &[])?;
        let gain = call(&self.context, "createGain", &[])?;
        set(&oscillator, "type", shape);
        set(&get(&oscillator, "frequency"), "value", hertz);
        let level = get(&gain, "gain");
        call(&level, "setValueAtTime", &[SILENCE.into(), start.into()])?;
        for (value, time) in [(peak, start + 0.015), (SILENCE, end)] {
            call(&level, "exponentialRampToValueAtTime", &[value.into(), time.into()])?;
        }
        call(&oscillator, "connect", std::slice::from_ref(&gain))?;
        call(&gain, "connect", &[self.out.borrow().clone()])?;
        call(&oscillator, "start", &[start.into()])?;
        call(&oscillator, "stop", &[end.into()])?;
        Ok(())
    }
}

/// A new outlet to the loudspeaker.
fn outlet(context: &JsValue) -> Result<JsValue, Fault> {
    let out = call(context, "createGain", &[])?;
    call(&out, "connect", &[get(context, "destination")])?;
    Ok(out)
}
