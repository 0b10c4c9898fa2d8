//! The live connection as the pages see it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::ArrayBuffer;
use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::alarm::Health;
use rtm2_app::link::{self, Link, Status};
use rtm2_app::wire::tiles::KIND_TILES;
use rtm2_app::wire::{Flags, FrameHeader, ServerMessage, WireError};
use rtm2_app::{CameraId, CameraInfo, CameraState, Mode, Timestamp};

use super::bus::{BusEvent, LiveBus};
use super::gauge::{Flow, Gauge, Stats};
use super::header;
use super::painter::{Done, Fate, Painter};
use super::socket::{Heard, Socket, Subscription};
use crate::components::toast::Toasts;
use crate::pwa;
use crate::session::Session;
use crate::sys::listen::WindowListener;
use crate::sys::timer::Interval;
use crate::sys::{clock, page, storage};

/// The live connection: signals for what pages show, and the bus for what they must not miss. Shared as context.
#[derive(Clone, Copy)]
pub struct Live {
    /// State of the connection.
    pub link: RwSignal<Link>,
    /// All cameras with their states; empty until the server named them.
    pub cameras: RwSignal<Vec<CameraInfo>>,
    /// The camera that is shown; change it with [`Live::select`].
    pub camera: RwSignal<CameraId>,
    /// Which of its pictures are wanted; change it with [`Live::set_mode`].
    pub mode: RwSignal<Mode>,
    /// Viewers connected, this one included.
    pub viewers: RwSignal<Option<u32>>,
    /// Width and height of the picture on the screen; `None` while there is none.
    pub picture: RwSignal<Option<(u16, u16)>>,
    /// Who last acknowledged the alarms, and when.
    pub seen: RwSignal<Option<(String, Timestamp)>>,
    /// What came during the last second.
    pub flow: RwSignal<Flow>,
    /// Figures about the pictures, while somebody wants to know: see [`Live::measure`].
    pub stats: RwSignal<Stats>,
    /// This browser's time, once a second.
    pub now: RwSignal<Timestamp>,
    /// How far the server's clock is ahead of this browser's, in microseconds.
    pub skew_us: RwSignal<i64>,
    /// The server's build, and whether the page comes from another one.
    pub build: RwSignal<Option<(String, Fit)>>,
    motion: RwSignal<Vec<(CameraId, Timestamp)>>,
    parts: StoredValue<Rc<Parts>, LocalStorage>,
    session: Session,
    toasts: Toasts,
}

/// Whether page and server come from one build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// They do, as far as can be told.
    Same,
    /// They do not: a reload gets the server's page.
    Other,
}

/// What is not a signal.
#[derive(Default)]
struct Parts {
    bus: LiveBus,
    socket: RefCell<Option<Socket>>,
    painter: RefCell<Option<Painter>>,
    painted: Cell<u32>,
    /// When what was painted and received was last counted.
    counted: Cell<Timestamp>,
    /// Counts while it is there.
    gauge: RefCell<Option<Gauge>>,
    /// Whether a whole picture was asked for and has not come.
    asked: Cell<bool>,
    timers: RefCell<Option<(Interval, [WindowListener; 4])>>,
}

impl Live {
    /// Nothing is connected yet.
    pub fn new(session: Session, toasts: Toasts) -> Self {
        let camera = storage::get("camera").and_then(|text| text.parse().ok()).unwrap_or_default();
        let mode = storage::get("mode").and_then(|text| mode_from(&text)).unwrap_or_default();
        Self {
            link: RwSignal::default(),
            cameras: RwSignal::default(),
            camera: RwSignal::new(camera),
            mode: RwSignal::new(mode),
            viewers: RwSignal::default(),
            picture: RwSignal::default(),
            seen: RwSignal::default(),
            flow: RwSignal::default(),
            stats: RwSignal::default(),
            now: RwSignal::new(clock::now()),
            skew_us: RwSignal::default(),
            build: RwSignal::default(),
            motion: RwSignal::default(),
            parts: StoredValue::new_local(Rc::default()),
            session,
            toasts,
        }
    }

    /// The live connection of the page.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Connects, if it is not connected.
    pub fn start(self) {
        let parts = self.parts();
        if parts.socket.borrow().is_some() {
            return;
        }
        self.link.set(Link::Connecting);
        parts.counted.set(clock::now());
        let socket = Socket::connect(page::socket_url(), move |heard| self.hear(heard));
        parts.socket.replace(Some(socket));
        self.subscribe();
        let ticks = Interval::new(1_000, move || self.tick());
        let online = WindowListener::new("online", move || self.with_socket(Socket::retry_now));
        // The first says all there is to say, except where a frozen page or one out of the history goes on.
        let looks = ["visibilitychange", "resume", "pageshow"].map(|e| WindowListener::new(e, move || self.look()));
        let [visible, resumed, back] = looks;
        parts.timers.replace(Some((ticks, [online, visible, resumed, back])));
    }

    /// Closes the connection and forgets what it said.
    pub fn stop(self) {
        let parts = self.parts();
        drop((parts.socket.take(), parts.timers.take()));
        self.link.set(Link::Connecting);
        self.cameras.set(Vec::new());
        self.viewers.set(None);
        self.seen.set(None);
        self.picture.set(None);
        self.motion.set(Vec::new());
    }

    /// Where events are heard without loss.
    pub fn bus(self) -> LiveBus {
        self.parts().bus.clone()
    }

    /// Shows another camera.
    pub fn select(self, camera: CameraId) {
        if self.camera.get_untracked() == camera {
            return;
        }
        storage::set("camera", &camera.to_string());
        pwa::look();
        self.camera.set(camera);
        self.picture.set(None);
        let parts = self.parts();
        if let Some(painter) = &*parts.painter.borrow() {
            painter.clear();
        }
        if parts.gauge.borrow().is_some() {
            self.measure();
        }
        self.subscribe();
    }

    /// Tells every device that all alarms up to `upto` were seen.
    pub fn say_seen(self, upto: Timestamp) {
        self.with_socket(|socket| socket.seen(upto));
    }

    /// Tells the server that an alarm rings here, so that it calls for help if nobody sees it within so many seconds;
    /// 0 takes that back.
    pub fn say_ring(self, camera: CameraId, since: Timestamp, within: u16) {
        self.with_socket(|socket| socket.ring(camera, since, within));
    }

    /// Wants other pictures.
    pub fn set_mode(self, mode: Mode) {
        storage::set("mode", mode_name(mode));
        self.mode.set(mode);
        self.subscribe();
    }

    /// Paints pictures with `painter` from here on. Without one no pictures are asked for, whatever the mode.
    pub fn watch(self, painter: Painter) {
        self.parts().painter.replace(Some(painter));
        self.subscribe();
    }

    /// Paints no pictures any more.
    pub fn unwatch(self) {
        if let Some(painter) = self.parts().painter.take() {
            // What is still being decoded has come too late.
            painter.begin();
        }
        self.picture.set(None);
        self.subscribe();
    }

    /// Keeps figures about the pictures from here on, beginning at zero.
    pub fn measure(self) {
        self.parts().gauge.replace(Some(Gauge::default()));
        self.stats.set(Stats::default());
    }

    /// Keeps none any more.
    pub fn unmeasure(self) {
        self.parts().gauge.replace(None);
    }

    /// The server's clock, tracked.
    pub fn server_now(self) -> Timestamp {
        Timestamp(self.now.get().0 + self.skew_us.get())
    }

    /// The camera that is shown, tracked; `None` until the server named it.
    pub fn camera_info(self) -> Option<CameraInfo> {
        let id = self.camera.get();
        self.cameras.with(|cameras| cameras.iter().find(|camera| camera.id == id).cloned())
    }

    /// The status of the connection and the camera shown, tracked.
    pub fn status(self) -> Status {
        let id = self.camera.get();
        let (link, now, server_now) = (self.link.get(), self.now.get(), self.server_now());
        self.cameras.with(|cameras| {
            let state = cameras.iter().find(|camera| camera.id == id).map(|camera| &camera.state);
            link::status(link, state, now, server_now)
        })
    }

    /// When something last moved before `camera`, tracked.
    pub fn last_motion(self, camera: CameraId) -> Option<Timestamp> {
        self.motion.with(|motion| motion.iter().find(|(id, _)| *id == camera).map(|(_, at)| *at))
    }

    /// Whether something moves before `camera` right now, tracked.
    pub fn moving(self, camera: CameraId) -> bool {
        link::moving(self.last_motion(camera), self.server_now())
    }

    fn parts(self) -> Rc<Parts> {
        self.parts.get_value()
    }

    fn with_socket(self, run: impl FnOnce(&Socket)) {
        if let Some(socket) = &*self.parts().socket.borrow() {
            run(socket);
        }
    }

    fn subscribe(self) {
        let watched = self.parts().painter.borrow().is_some();
        let mode = if watched { self.mode.get_untracked() } else { Mode::Off };
        let camera = self.camera.get_untracked();
        let pictures = !document().hidden();
        self.with_socket(|socket| socket.subscribe(Subscription { camera, mode, pictures }));
    }

    /// Somebody looks at the page again, or nobody does any more. Then pictures would be decoded for nothing, while
    /// events go on.
    fn look(self) {
        if !document().hidden() {
            self.now.set(clock::now());
            // Pauses are long where timers rest.
            self.with_socket(Socket::retry_now);
        }
        self.subscribe();
    }

    fn tick(self) {
        let now = clock::now();
        self.now.set(now);
        let parts = self.parts();
        let elapsed = now.0 - parts.counted.replace(now).0;
        let frames = parts.painted.take();
        let mut bytes = 0;
        self.with_socket(|socket| {
            bytes = socket.take_bytes();
            socket.tick(now);
        });
        let flow = Flow::of(frames, bytes, elapsed);
        if self.flow.get_untracked() != flow {
            self.flow.set(flow);
        }
        if let Some(gauge) = &mut *parts.gauge.borrow_mut() {
            self.stats.set(gauge.read());
        }
    }

    fn hear(self, heard: Heard) {
        match heard {
            Heard::Link(link) => {
                self.now.set(clock::now());
                self.link.set(link);
            }
            Heard::Message(message) => self.message(message),
            Heard::Frame(buffer) => self.frame(&buffer),
            Heard::LoggedOut => self.session.end(),
            Heard::Failed => spawn_local(self.session.check()),
        }
    }

    fn message(self, message: ServerMessage) {
        match message {
            ServerMessage::Hello { build, now, cameras, .. } => self.hello(build, now, cameras),
            ServerMessage::State { camera, state } => self.camera_state(camera, state),
            ServerMessage::Bar { camera, bar, zones } => {
                // In every mode, so that motion shows also while no pictures are wanted (B21).
                self.moved(camera, bar.first.max(bar.start));
                self.bus().tell(BusEvent::Bar(camera, bar, zones));
            }
            ServerMessage::Seen { upto, at, by } => {
                self.bus().tell(BusEvent::Seen(upto));
                self.seen.set(Some((by, at)));
            }
            ServerMessage::Storage { fault } => self.bus().tell(BusEvent::Storage(health(fault.as_deref()))),
            ServerMessage::Detector { camera, fault } => {
                self.bus().tell(BusEvent::Detector(camera, health(fault.as_deref())));
            }
            ServerMessage::Viewers { count } => self.viewers.set(Some(count)),
            ServerMessage::Heartbeat => {}
            ServerMessage::Resync => self.bus().tell(BusEvent::Resync),
            ServerMessage::Error { message } => self.toasts.say(message),
        }
    }

    fn hello(self, build: String, now: Timestamp, cameras: Vec<CameraInfo>) {
        self.skew_us.set(now.0 - clock::now().0);
        // Without a build of its own the page belongs to the first one that it met.
        let known = page::build().or_else(|| self.build.with_untracked(|b| Some(b.as_ref()?.0.clone())));
        let fit = if known.is_none_or(|known| known == build) { Fit::Same } else { Fit::Other };
        if self.build.with_untracked(|b| b.as_ref().is_none_or(|(_, old)| *old == Fit::Same)) {
            self.build.set(Some((build, fit)));
        }
        let chosen = self.camera.get_untracked();
        if let Some(first) = cameras.first().filter(|_| !cameras.iter().any(|camera| camera.id == chosen)) {
            self.select(first.id);
        }
        self.cameras.set(cameras);
        self.parts().asked.set(false);
        if let Some(painter) = &*self.parts().painter.borrow() {
            painter.begin();
        }
        self.bus().tell(BusEvent::Resync);
    }

    fn camera_state(self, id: CameraId, state: CameraState) {
        self.now.set(clock::now());
        self.cameras.update(|cameras| {
            if let Some(camera) = cameras.iter_mut().find(|camera| camera.id == id) {
                camera.state = state;
            }
        });
    }

    fn frame(self, buffer: &ArrayBuffer) {
        match header::parse(buffer) {
            Ok(parsed) => {
                let header = parsed.header.clone();
                self.picture_came(&header, |painter, done| painter.paint(buffer, parsed, done));
            }
            Err(WireError::Kind(KIND_TILES)) => {
                let Ok(parsed) = header::parse_tiles(buffer) else { return };
                let header = parsed.header.clone();
                self.picture_came(&header, |painter, done| painter.lay(buffer, parsed, done));
            }
            // Kinds that a later version added are skipped.
            Err(_) => {}
        }
    }

    /// Has a picture painted if its camera is shown, and gives its credit back in any case.
    fn picture_came(self, header: &FrameHeader, paint: impl FnOnce(&Painter, Done)) {
        let FrameHeader { camera, seq, at, flags, .. } = *header;
        if flags.has(Flags::MOTION) {
            self.moved(camera, at);
        }
        let parts = self.parts();
        let Some(epoch) = parts.socket.borrow().as_ref().map(Socket::epoch) else { return };
        let painter = parts.painter.borrow().clone();
        match painter {
            Some(painter) if camera == self.camera.get_untracked() => {
                if let Some(gauge) = &mut *parts.gauge.borrow_mut() {
                    gauge.came(header, clock::now(), self.skew_us.get_untracked());
                }
                let done = move |fate: Fate, header: &FrameHeader| {
                    self.painted(fate, header);
                    self.with_socket(|socket| socket.ack(epoch, camera, seq));
                };
                paint(&painter, Box::new(done));
            }
            _ => self.with_socket(|socket| socket.ack(epoch, camera, seq)),
        }
    }

    fn painted(self, fate: Fate, header: &FrameHeader) {
        let parts = self.parts();
        if let Some(gauge) = &mut *parts.gauge.borrow_mut() {
            gauge.ended(header, fate, clock::now());
        }
        match fate {
            Fate::Shown => parts.asked.set(false),
            // Parts of pictures are of no use before a whole one; the server begins anew with that. Once is enough.
            Fate::Lost if !parts.asked.replace(true) => return self.with_socket(Socket::renew),
            _ => return,
        }
        parts.painted.set(parts.painted.get() + 1);
        let size = Some((header.width, header.height));
        if self.picture.get_untracked() != size {
            self.picture.set(size);
        }
    }

    /// Something moved. Signals hear of it once a second at most.
    fn moved(self, camera: CameraId, at: Timestamp) {
        let known = self.motion.with_untracked(|m| m.iter().find(|(id, _)| *id == camera).map(|(_, at)| *at));
        if known.is_some_and(|known| known.second() >= at.second()) {
            return;
        }
        self.motion.update(|motion| {
            motion.retain(|(id, _)| *id != camera);
            motion.push((camera, at));
        });
    }
}

/// What a fault means; there may be none.
fn health(fault: Option<&str>) -> Health {
    if fault.is_some() { Health::Bad } else { Health::Good }
}

/// The name under which a mode is remembered.
fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "off",
        Mode::Motion => "motion",
        Mode::Live => "live",
    }
}

fn mode_from(name: &str) -> Option<Mode> {
    [Mode::Off, Mode::Motion, Mode::Live].into_iter().find(|mode| mode_name(*mode) == name)
}
