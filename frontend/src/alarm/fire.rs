//! Sets channels off, each by itself, and notes what went wrong with each.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::document;
use leptos::task::spawn_local;
use rtm2_app::alarm::{Channel, Force, Ring, Settings, Tune};
use wasm_bindgen::JsValue;

use super::state::{State, probe};
use crate::sys::js::{Fault, settled, words};
use crate::sys::marks::{self, Tab};
use crate::sys::notify::{self, Permission};
use crate::sys::sound::Synthesiser;
use crate::sys::timer::Timeout;
use crate::sys::wake::WakeLock;
use crate::sys::{device, page};

/// How long a test can be seen, in milliseconds.
const TEST_MS: u32 = 2_500;
/// Rest between repetitions of a vibration pattern, in milliseconds.
const REST_MS: u16 = 400;
/// Tag of the alarm's notification: a new one replaces the one before.
const TAG: &str = "rtm2-alarm";
/// Class of the whole page while it is red.
const RED: &str = "is-alarm";

/// What a notification says, and where it leads.
pub(super) struct Message {
    pub(super) title: String,
    pub(super) body: String,
    pub(super) url: String,
}

/// What takes a while.
enum Job {
    /// Something that the browser promised.
    Promise(Result<JsValue, Fault>),
    /// The user's answer, and what is shown if it is yes.
    Introduce(Result<JsValue, Fault>, Message),
    Show(Message),
    Clear,
    Hold,
}

/// What makes noise, light and marks. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Devices(Rc<Inner>);

#[derive(Default)]
struct Inner {
    synthesiser: RefCell<Option<Synthesiser>>,
    lock: RefCell<Option<WakeLock>>,
    /// Whether the screen is to stay on. Browsers take their time to hold it.
    awake: Cell<bool>,
    /// What went wrong when a channel was last tried.
    faults: RefCell<[Option<Fault>; Channel::ALL.len()]>,
    after_test: RefCell<Option<Timeout>>,
}

impl Devices {
    /// How far each channel works.
    pub(super) fn states(&self) -> Vec<State> {
        let (synthesiser, faults) = (self.0.synthesiser.borrow(), self.0.faults.borrow());
        let state = |channel: Channel| match &faults[channel as usize] {
            Some(fault) => State::failed(fault.clone()),
            None => probe(channel, synthesiser.as_ref()),
        };
        Channel::ALL.map(state).into()
    }

    /// Within a tap: gets leave for a channel.
    pub(super) fn unlock(&self, channel: Channel) {
        match channel {
            Channel::Sound => {
                if self.0.synthesiser.borrow().is_none() && Synthesiser::exists() {
                    let made = Synthesiser::new();
                    self.note(channel, made.map(|made| drop(self.0.synthesiser.replace(Some(made)))));
                }
                let resumed = self.0.synthesiser.borrow().as_ref().filter(|s| !s.runs()).map(Synthesiser::resume);
                if let Some(resumed) = resumed {
                    self.start(channel, Job::Promise(resumed));
                }
            }
            Channel::Notice if notify::permission() == Permission::Open => {
                self.start(channel, Job::Promise(notify::ask()));
            }
            _ => {}
        }
    }

    /// Sets a channel off.
    pub(super) fn fire(&self, channel: Channel, ring: Ring, (settings, tune): (&Settings, Tune), message: Message) {
        let times = match ring.force {
            Force::Silent => 0,
            Force::Normal => 1,
            Force::Loud => 3,
            Force::Last => 5,
        };
        let result = match channel {
            Channel::Vibration | Channel::Sound | Channel::Notice if times == 0 => return,
            Channel::Vibration => shake(settings.pattern.pulses(), times),
            Channel::Sound => self.sound(tune, if times > 1 { 100 } else { settings.volume }, times),
            Channel::Red => paint(Tab::Calls),
            Channel::Tab => {
                page::mark_title(&["(", &ring.count.to_string(), ") ! "].concat());
                marks::set_icon(Tab::Calls)
            }
            Channel::Badge if marks::can_badge() => {
                return self.start(channel, Job::Promise(marks::badge(ring.count.max(1))));
            }
            Channel::Notice if notify::permission() == Permission::Granted => {
                return self.start(channel, Job::Show(message));
            }
            Channel::Wake => return self.hold_screen(),
            // What does not exist or is not allowed says so by itself.
            Channel::Badge | Channel::Notice => return,
        };
        self.note(channel, result);
    }

    /// Within a tap: asks whether notifications may come, unless that is known, and shows the first.
    pub(super) fn introduce(&self, message: Message) {
        self.start(Channel::Notice, Job::Introduce(notify::ask(), message));
    }

    /// Takes hold of the screen, unless it is held.
    pub(super) fn hold_screen(&self) {
        self.0.awake.set(true);
        if WakeLock::exists() && !self.0.lock.borrow().as_ref().is_some_and(WakeLock::holds) {
            self.start(Channel::Wake, Job::Hold);
        }
    }

    /// Lets go of the screen.
    pub(super) fn rest(&self) {
        self.0.awake.set(false);
        if let Some(lock) = self.0.lock.take() {
            lock.release();
        }
    }

    /// Ends all noise and takes all marks away.
    pub(super) fn calm(&self) {
        if let Some(synthesiser) = &*self.0.synthesiser.borrow() {
            synthesiser.hush();
        }
        if device::can_vibrate() && device::was_touched() {
            // What cannot be ended comes to its own end.
            let _ = device::vibrate(&[0]);
        }
        if notify::permission() == Permission::Granted {
            self.start(Channel::Notice, Job::Clear);
        }
        self.clear_marks();
    }

    /// Gives back all that was taken.
    pub(super) fn let_go(&self) {
        self.0.after_test.take();
        self.rest();
        self.calm();
    }

    /// Takes away what can be seen.
    pub(super) fn clear_marks(&self) {
        page::mark_title("");
        self.note(Channel::Tab, marks::set_icon(Tab::Rests));
        self.note(Channel::Red, paint(Tab::Rests));
        if marks::can_badge() {
            self.start(Channel::Badge, Job::Promise(marks::badge(0)));
        }
    }

    /// Calls when a test was long enough.
    pub(super) fn later(&self, run: impl FnOnce() + 'static) {
        self.0.after_test.replace(Some(Timeout::new(TEST_MS, run)));
    }

    fn sound(&self, tune: Tune, volume: u8, times: usize) -> Result<(), Fault> {
        match &*self.0.synthesiser.borrow() {
            Some(synthesiser) => synthesiser.play(tune, volume, times),
            // The state says that a tap is needed.
            None => Ok(()),
        }
    }

    /// Begins what takes a while. Pages look at how it went once a second.
    fn start(&self, channel: Channel, job: Job) {
        let devices = self.clone();
        spawn_local(async move {
            let result = match job {
                Job::Promise(promise) => settled(promise).await.map(drop),
                Job::Introduce(asked, message) => match settled(asked).await {
                    Ok(_) if notify::permission() == Permission::Granted => show(&message).await,
                    // What was refused says so by itself.
                    asked => asked.map(drop),
                },
                Job::Show(message) => show(&message).await,
                Job::Clear => notify::clear(TAG).await,
                Job::Hold => {
                    let lock = WakeLock::request().await;
                    lock.map(|lock| {
                        devices.0.lock.replace(Some(lock));
                        if !devices.0.awake.get() {
                            devices.rest();
                        }
                    })
                }
            };
            devices.note(channel, result);
        });
    }

    fn note(&self, channel: Channel, result: Result<(), Fault>) {
        self.0.faults.borrow_mut()[channel as usize] = result.err();
    }
}

async fn show(message: &Message) -> Result<(), Fault> {
    notify::show(&message.title, &message.body, TAG, &message.url).await
}

/// Shakes with a pattern, so many times.
fn shake(pulses: &[u16], times: usize) -> Result<(), Fault> {
    // Before the first tap browsers refuse, and complain; the state says so.
    if !device::can_vibrate() || !device::was_touched() {
        return Ok(());
    }
    let mut all = pulses.to_vec();
    for _ in 1..times {
        // A pattern that ends with a rest needs none in between.
        if all.len() % 2 == 1 {
            all.push(REST_MS);
        }
        all.extend(pulses);
    }
    device::vibrate(&all).map(drop)
}

/// Turns the page red, or back.
fn paint(tab: Tab) -> Result<(), Fault> {
    let root = document().document_element().ok_or("the page has no root")?;
    let done = match tab {
        Tab::Calls => root.set_attribute("class", RED),
        Tab::Rests => root.remove_attribute("class"),
    };
    done.map_err(|thrown| words(&thrown))
}
