//! The alarm of this device: hears what is live, asks the policy, and sets off every channel that is switched on. It
//! lives as long as the page does, whatever is shown of it.

pub mod act;
mod fire;
pub mod state;
pub mod words;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use rtm2_app::alarm::{Cause, Channel, Force, Health, Moment, Policy, Ring, Ringing, Settings, Trouble, Tune};
use rtm2_app::link::Link;
use rtm2_app::{CameraId, CameraState, Timestamp};

use self::fire::{Devices, Message};
use self::state::State;
use crate::live::{BusEvent, Listening, Live};
use crate::sys::listen::WindowListener;
use crate::sys::{clock, device, storage};

/// What pages show of the alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// How it is set.
    pub settings: Settings,
    /// Whether it watches.
    pub armed: bool,
    /// The motion counter (R51).
    pub count: u32,
    /// What rings until somebody acknowledges.
    pub ringing: Option<Ringing>,
    /// Until when it is snoozed.
    pub snoozed: Option<Timestamp>,
    /// Camera and frame of the last motion.
    pub last: Option<(CameraId, Timestamp)>,
    /// How far each channel works.
    pub states: Vec<State>,
}

/// The alarm, shared as context.
#[derive(Clone, Copy)]
pub struct Alarm {
    /// What pages show.
    pub shown: RwSignal<Shown>,
    parts: StoredValue<Rc<Parts>, LocalStorage>,
    live: Live,
}

/// What is not a signal.
struct Parts {
    policy: RefCell<Policy>,
    devices: Devices,
    last: Cell<Option<(CameraId, Timestamp)>>,
    /// Since when it rings, as the server was told so that it can call for help.
    told: Cell<Option<Timestamp>>,
    /// Whether the connection stood when it was last looked at.
    connected: Cell<bool>,
    listening: RefCell<Option<(Listening, [WindowListener; 2])>>,
}

impl Alarm {
    /// An alarm set and armed as this device remembers.
    pub fn new(live: Live) -> Self {
        let settings = storage::get("alarm").map_or_else(Settings::default, |text| Settings::read(&text));
        let parts = Rc::new(Parts {
            policy: RefCell::new(Policy::new(settings)),
            devices: Devices::default(),
            last: Cell::default(),
            told: Cell::default(),
            connected: Cell::default(),
            listening: RefCell::default(),
        });
        let shown = RwSignal::new(parts.shown(Timestamp::default()));
        let alarm = Self { shown, parts: StoredValue::new_local(parts), live };
        alarm.listen();
        on_cleanup(move || alarm.leave());
        alarm
    }

    /// Somebody is logged in: from now on it watches, if this device is to.
    pub fn enter(self) {
        if is_to_watch() {
            self.watch();
        }
    }

    /// Nobody is logged in any more, so nothing can be heard or acknowledged: gives back whatever it switched on. What
    /// rang is not seen by that, and the server calls for help all the same.
    pub fn leave(self) {
        let Some(parts) = self.parts.try_get_value() else { return };
        // Whoever comes next begins anew.
        parts.policy.replace_with(|old| Policy::new(old.settings().clone()));
        parts.told.set(None);
        parts.devices.let_go();
        // Pages may be gone already.
        let _ = self.shown.try_set(parts.shown(Timestamp::default()));
    }

    /// The alarm of the page.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Whether it watches.
    pub fn is_armed(self) -> bool {
        self.parts().policy.borrow().is_armed()
    }

    /// Whether something rings until somebody acknowledges.
    pub fn rings(self) -> bool {
        self.parts().policy.borrow().ringing().is_some()
    }

    /// Arms it, within a tap: the tap is what lets sound and vibration through, and what lets the page ask for
    /// notifications.
    pub fn arm(self) {
        storage::set("armed", "on");
        self.each_channel_on(|alarm, channel| alarm.parts().devices.unlock(channel));
        self.watch();
    }

    /// Disarms it.
    pub fn disarm(self) {
        storage::set("armed", "off");
        self.end_help();
        self.parts().policy.borrow_mut().disarm();
        self.parts().devices.rest();
        self.calm();
    }

    /// All alarms up to now were seen: silence here and on every other device.
    pub fn acknowledge(self) {
        let now = self.now().at;
        self.live.say_seen(now);
        // Also without a connection, and before the answer.
        self.seen(now);
    }

    /// No alarm for so many minutes.
    pub fn snooze(self, minutes: i64) {
        let until = Timestamp(self.now().at.0 + minutes * 60_000_000);
        self.end_help();
        self.parts().policy.borrow_mut().snooze(until);
        self.calm();
    }

    /// Ends a snooze.
    pub fn wake(self) {
        self.parts().policy.borrow_mut().wake();
        self.show();
    }

    /// Sets the counter back and the page's colour with it (R53).
    pub fn reset(self) {
        self.parts().policy.borrow_mut().reset_count();
        self.parts().devices.clear_marks();
        self.show();
    }

    /// Changes the settings, and remembers them (B28).
    pub fn set(self, change: impl FnOnce(&mut Settings)) {
        let parts = self.parts();
        let mut settings = parts.policy.borrow().settings().clone();
        change(&mut settings);
        storage::set("alarm", &settings.write());
        parts.policy.borrow_mut().set(settings);
        self.show();
    }

    /// Sets a channel off, within a tap, so that it can be heard, felt or seen for a moment.
    pub fn test(self, channel: Channel) {
        self.try_out(channel, self.live.camera.get_untracked(), None);
    }

    /// Plays what a camera plays, or a zone of it, within a tap.
    pub fn play(self, camera: CameraId, zone: Option<u8>) {
        self.try_out(Channel::Sound, camera, zone);
    }

    fn try_out(self, channel: Channel, camera: CameraId, zone: Option<u8>) {
        let parts = self.parts();
        let count = parts.policy.borrow().count().max(1);
        let ring = Ring { cause: Cause::Motion(camera, zone), force: Force::Normal, count, at: self.now().at };
        if channel == Channel::Notice {
            parts.devices.introduce(self.message(ring));
        } else {
            parts.devices.unlock(channel);
            self.fire(channel, ring);
        }
        parts.devices.later(move || {
            // What a test left behind goes, unless something rings by now.
            if !self.rings() {
                self.parts().devices.clear_marks();
            }
            if !self.is_armed() {
                self.parts().devices.rest();
            }
            self.show();
        });
        self.show();
    }

    fn each_channel_on(self, run: fn(Self, Channel)) {
        let on = self.parts().policy.borrow().settings().channels;
        Channel::ALL.into_iter().filter(|channel| on.has(*channel)).for_each(|channel| run(self, channel));
    }

    fn parts(self) -> Rc<Parts> {
        self.parts.get_value()
    }

    /// The server's time, by which everything is stamped.
    fn now(self) -> Moment {
        Moment { at: Timestamp(clock::now().0 + self.live.skew_us.get_untracked()), offset_min: device::offset_min() }
    }

    fn watch(self) {
        self.parts().policy.borrow_mut().arm(self.now().at);
        self.hold_screen();
        self.show();
    }

    /// Hears everything from now on.
    fn listen(self) {
        let bus = self.live.bus().listen(move |event| match event {
            BusEvent::Bar(camera, bar, zones) => {
                let parts = self.parts();
                parts.last.set(Some((camera, bar.first)));
                let ring = self.live.cameras.with_untracked(|cameras| {
                    let info = cameras.iter().find(|info| info.id == camera);
                    let names = info.map_or(&[][..], |info| &info.zones);
                    parts.policy.borrow_mut().motion(camera, (zones, names), bar.start, self.now())
                });
                self.heard(ring);
            }
            BusEvent::Detector(camera, health) => self.health(Trouble::Detector(camera), health),
            BusEvent::Seen(upto) => self.seen(upto),
            BusEvent::Storage(health) => self.health(Trouble::Disk, health),
            BusEvent::Resync => self.parts().policy.borrow_mut().know_time(self.now().at),
        });
        let tapped = WindowListener::new("click", move || {
            // Any tap on the page unlocks what waits for one.
            if self.is_armed() {
                self.parts().devices.unlock(Channel::Sound);
            }
            self.show();
        });
        let visible = WindowListener::new("visibilitychange", move || {
            self.hold_screen();
            self.show();
        });
        self.parts().listening.replace(Some((bus, [tapped, visible])));
        Effect::new(move |_| {
            // Once a second, and when something about the connection or a camera changes.
            self.live.now.track();
            self.link(self.live.link.get());
            self.live.cameras.with(|cameras| {
                for camera in cameras {
                    let health = match camera.state {
                        CameraState::Stalled { .. } | CameraState::Lost { .. } => Health::Bad,
                        CameraState::Live => Health::Good,
                        CameraState::Starting => continue,
                    };
                    self.health(Trouble::Camera(camera.id), health);
                }
            });
            let ring = self.parts().policy.borrow_mut().tick(self.now());
            self.heard(ring);
            self.ask_help();
        });
    }

    /// R52: a connection that is lost is an alarm. R54: one that is back begins to count anew.
    fn link(self, link: Link) {
        let parts = self.parts();
        let health = match link {
            Link::Connecting => return,
            Link::Open => Health::Good,
            Link::Down { .. } | Link::Retrying | Link::Outdated => Health::Bad,
        };
        if !parts.connected.replace(health == Health::Good) && health == Health::Good {
            parts.policy.borrow_mut().reset_count();
        }
        self.health(Trouble::Link, health);
    }

    fn health(self, trouble: Trouble, health: Health) {
        let ring = self.parts().policy.borrow_mut().health(trouble, health, self.now());
        if ring.is_some() {
            self.heard(ring);
        }
    }

    /// Lets the server know of what rings, once: from then on it keeps the time, also when this page is closed.
    fn ask_help(self) {
        let parts = self.parts();
        let (help, ringing) = (parts.policy.borrow().help(self.now()), parts.policy.borrow().ringing());
        if ringing.is_none() || self.live.link.get_untracked() != Link::Open {
            // Who connects anew may have met another server.
            parts.told.set(None);
        } else if let (Some((since, left)), Some(ringing)) = (help, ringing)
            && parts.told.replace(Some(since)) != Some(since)
        {
            let camera = words::camera(ringing.ring.cause).unwrap_or_default();
            // At most two hours.
            self.live.say_ring(camera, since, left as u16);
        }
    }

    /// Somebody here has ended what rings without acknowledging it: no help is needed.
    fn end_help(self) {
        if let Some(since) = self.parts().told.take() {
            self.live.say_ring(CameraId::default(), since, 0);
        }
    }

    /// Somebody acknowledged.
    fn seen(self, upto: Timestamp) {
        let silenced = self.parts().policy.borrow_mut().acknowledge(upto);
        if silenced {
            self.calm();
        }
        self.show();
    }

    fn heard(self, ring: Option<Ring>) {
        if let Some(ring) = ring {
            let on = self.parts().policy.borrow().settings().channels;
            // Each by itself: one that fails keeps none of the others from being noticed (B25).
            Channel::ALL.into_iter().filter(|channel| on.has(*channel)).for_each(|channel| self.fire(channel, ring));
        }
        self.show();
    }

    /// Sets a channel off and notes how that went.
    fn fire(self, channel: Channel, ring: Ring) {
        let parts = self.parts();
        let settings = parts.policy.borrow().settings().clone();
        let tune = self.live.cameras.with_untracked(|cameras| {
            let zone = words::zone(ring.cause, cameras);
            words::camera(ring.cause).map_or(Tune::default(), |camera| settings.tune(camera, zone))
        });
        parts.devices.fire(channel, ring, (&settings, tune), self.message(ring));
    }

    /// What a notification says of a ring.
    fn message(self, ring: Ring) -> Message {
        Message {
            title: self.live.cameras.with_untracked(|cameras| words::headline(ring.cause, cameras)),
            body: ["motion counter: ", &ring.count.to_string()].concat(),
            url: words::address(self.parts().last.get()),
        }
    }

    /// Keeps the screen on while it is armed; browsers let go whenever the page was hidden.
    fn hold_screen(self) {
        let parts = self.parts();
        let on = parts.policy.borrow().settings().channels.has(Channel::Wake);
        if on && self.is_armed() {
            parts.devices.hold_screen();
        } else {
            parts.devices.rest();
        }
    }

    /// Nothing rings any more.
    fn calm(self) {
        self.parts().devices.calm();
        self.show();
    }

    /// Tells the pages, if anything is new.
    fn show(self) {
        let mut new = self.parts().shown(self.now().at);
        if document().hidden() {
            // The picture is fetched once somebody can see it.
            new.last = self.shown.with_untracked(|old| old.last);
        }
        if self.shown.with_untracked(|old| *old != new) {
            self.shown.set(new);
        }
    }
}

/// Whether this device was armed, and is armed again whenever somebody is logged in.
pub fn is_to_watch() -> bool {
    storage::get("armed").as_deref() == Some("on")
}

impl Parts {
    fn shown(&self, now: Timestamp) -> Shown {
        let policy = self.policy.borrow();
        Shown {
            settings: policy.settings().clone(),
            armed: policy.is_armed(),
            count: policy.count(),
            ringing: policy.ringing(),
            snoozed: policy.snoozed(now),
            last: self.last.get(),
            states: self.devices.states(),
        }
    }
}
