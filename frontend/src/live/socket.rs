//! The one socket of the page: connects, reads, keeps watch, and comes back by itself. It owns everything that it
//! registers with the browser, and a new connection replaces the old one as a whole (B19).

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{ArrayBuffer, JsString};
use rtm2_app::json;
use rtm2_app::link::{Broken, CONNECT_LIMIT_MS, Link, SILENCE_LIMIT_MS, Watchdog, pause_ms};
use rtm2_app::wire::{ClientMessage, Credit, PROTOCOL, SUBPROTOCOL, ServerMessage};
use rtm2_app::{CameraId, Mode, Timestamp};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

use crate::sys::clock;
use crate::sys::timer::Timeout;

/// The server closes with it when nobody is logged in or the session ended.
const CLOSE_LOGGED_OUT: u16 = 4401;
/// The server closes with it when it shuts down.
const CLOSE_GOING_AWAY: u16 = 1001;
/// A connection that lasted this long was a good one: the next pause is short again.
const GOOD_AFTER_US: i64 = 5_000_000;

/// What comes out of the socket.
#[derive(Debug)]
pub enum Heard {
    /// The connection changed its state.
    Link(Link),
    /// A text message.
    Message(ServerMessage),
    /// A binary message.
    Frame(ArrayBuffer),
    /// The session ended.
    LoggedOut,
    /// An attempt failed before the server said anything: perhaps the session ended.
    Failed,
}

/// What the viewer wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The camera.
    pub camera: CameraId,
    /// Which of its pictures.
    pub mode: Mode,
    /// Whether anybody looks at them.
    pub pictures: bool,
}

/// The socket. Dropping it closes the connection.
pub struct Socket(Rc<Inner>);

struct Inner {
    url: String,
    tell: Box<dyn Fn(Heard)>,
    connection: RefCell<Option<Connection>>,
    /// Counts connections, so that an acknowledgement never reaches a later one.
    epoch: Cell<u32>,
    /// Whether this connection's hello was heard.
    ready: Cell<bool>,
    opened: Cell<Timestamp>,
    attempt: Cell<u32>,
    retry: RefCell<Option<Timeout>>,
    watchdog: Cell<Watchdog>,
    wanted: Cell<Option<Subscription>>,
    bytes: Cell<u64>,
    credit: Cell<Credit>,
}

/// A `WebSocket` with its handlers. Dropping it takes the handlers off before closing, so nothing is heard after.
struct Connection {
    socket: WebSocket,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Fails for invalid codes only.
        let _ = self.socket.close();
    }
}

impl Socket {
    /// Connects to `url` and gives `tell` everything that is heard.
    pub fn connect(url: String, tell: impl Fn(Heard) + 'static) -> Self {
        let inner = Rc::new(Inner {
            url,
            tell: Box::new(tell),
            connection: RefCell::default(),
            epoch: Cell::default(),
            ready: Cell::default(),
            opened: Cell::default(),
            attempt: Cell::default(),
            retry: RefCell::default(),
            watchdog: Cell::new(Watchdog::new(CONNECT_LIMIT_MS)),
            wanted: Cell::default(),
            bytes: Cell::default(),
            credit: Cell::default(),
        });
        inner.open();
        Self(inner)
    }

    /// Wants other pictures from here on, also over later connections.
    pub fn subscribe(&self, wanted: Subscription) {
        if self.0.wanted.replace(Some(wanted)) != Some(wanted) {
            self.0.send_subscription();
        }
    }

    /// Begins the subscription anew, which brings a whole picture.
    pub fn renew(&self) {
        self.0.send_subscription();
    }

    /// The number of the present connection.
    pub fn epoch(&self) -> u32 {
        self.0.epoch.get()
    }

    /// Another frame that came over connection number `epoch` is done with: gives back the credit of all up to `seq`, now
    /// and then.
    pub fn ack(&self, epoch: u32, camera: CameraId, seq: u64) {
        if epoch != self.epoch() || !self.0.ready.get() {
            return;
        }
        let mut credit = self.0.credit.get();
        if let Some(seq) = credit.done(camera, seq) {
            self.0.send(&ClientMessage::Ack { camera, seq });
        }
        self.0.credit.set(credit);
    }

    /// All alarms up to `upto` were seen. Lost without a connection: whoever is not heard does not silence others.
    pub fn seen(&self, upto: Timestamp) {
        if self.0.ready.get() {
            self.0.send(&ClientMessage::Seen { upto });
        }
    }

    /// An alarm rings here, or was ended with `within` 0. Lost without a connection.
    pub fn ring(&self, camera: CameraId, since: Timestamp, within: u16) {
        if self.0.ready.get() {
            self.0.send(&ClientMessage::Ring { camera, since, within });
        }
    }

    /// About a second passed: cuts off a server that fell silent.
    pub fn tick(&self, now: Timestamp) {
        let mut watchdog = self.0.watchdog.get();
        let barks = watchdog.tick(now);
        self.0.watchdog.set(watchdog);
        if barks && self.0.connection.borrow().is_some() {
            self.0.broke(if self.0.ready.get() { Broken::Silent } else { Broken::Closed });
        }
    }

    /// Tries again now if it is waiting to: the network just came back, or somebody looks at the page again.
    pub fn retry_now(&self) {
        if self.0.retry.borrow_mut().take().is_some() {
            self.0.reopen();
        }
    }

    /// Bytes received since the last call.
    pub fn take_bytes(&self) -> u64 {
        self.0.bytes.take()
    }
}

impl Inner {
    fn open(self: &Rc<Self>) {
        self.epoch.set(self.epoch.get().wrapping_add(1));
        self.ready.set(false);
        self.credit.set(Credit::default());
        self.watchdog.set(Watchdog::new(CONNECT_LIMIT_MS));
        let Ok(socket) = WebSocket::new_with_str(&self.url, SUBPROTOCOL) else {
            return self.broke(Broken::Closed);
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_message = handler(self, |inner, event: MessageEvent| inner.message(&event));
        let on_close = handler(self, |inner, event: CloseEvent| inner.closed(&event));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        self.connection.replace(Some(Connection { socket, _on_message: on_message, _on_close: on_close }));
    }

    fn reopen(self: &Rc<Self>) {
        (self.tell)(Heard::Link(Link::Retrying));
        self.open();
    }

    fn message(self: &Rc<Self>, event: &MessageEvent) {
        let mut watchdog = self.watchdog.get();
        watchdog.heard();
        self.watchdog.set(watchdog);
        match event.data().dyn_into::<ArrayBuffer>() {
            Ok(buffer) => {
                self.count(buffer.byte_length());
                (self.tell)(Heard::Frame(buffer));
            }
            Err(data) => {
                let Ok(text) = data.dyn_into::<JsString>() else { return };
                self.count(text.length());
                self.text(&String::from(text));
            }
        }
    }

    fn count(&self, bytes: u32) {
        self.bytes.set(self.bytes.get() + u64::from(bytes));
    }

    fn text(self: &Rc<Self>, text: &str) {
        // Messages that a later version added are none of this page's business.
        let Ok(message) = json::read::<ServerMessage>(text) else { return };
        match message {
            ServerMessage::Hello { protocol, .. } if protocol != PROTOCOL => {
                drop(self.connection.take());
                (self.tell)(Heard::Link(Link::Outdated));
            }
            ServerMessage::Hello { .. } => {
                self.opened.set(clock::now());
                self.watchdog.set(Watchdog::new(SILENCE_LIMIT_MS));
                // The hello names the cameras, so what is wanted may change before it is asked for.
                (self.tell)(Heard::Message(message));
                (self.tell)(Heard::Link(Link::Open));
                self.ready.set(true);
                self.send_subscription();
            }
            message => (self.tell)(Heard::Message(message)),
        }
    }

    fn closed(self: &Rc<Self>, event: &CloseEvent) {
        match event.code() {
            CLOSE_LOGGED_OUT => {
                drop(self.connection.take());
                (self.tell)(Heard::LoggedOut);
            }
            CLOSE_GOING_AWAY => self.broke(Broken::GoingAway),
            1008 | 4400..4500 => self.broke(Broken::Refused),
            _ => self.broke(Broken::Closed),
        }
    }

    /// The connection is of no use any more: drops it and waits before the next attempt.
    fn broke(self: &Rc<Self>, why: Broken) {
        drop(self.connection.take());
        let now = clock::now();
        let was_ready = self.ready.replace(false);
        if was_ready && now.0 - self.opened.get().0 > GOOD_AFTER_US {
            self.attempt.set(0);
        }
        let attempt = self.attempt.get();
        self.attempt.set(attempt.saturating_add(1));
        let pause = pause_ms(attempt, clock::random());
        let weak = Rc::downgrade(self);
        self.retry.replace(Some(Timeout::new(pause, move || {
            if let Some(inner) = weak.upgrade() {
                drop(inner.retry.take());
                inner.reopen();
            }
        })));
        let retry_at = Timestamp(now.0 + i64::from(pause) * 1_000);
        (self.tell)(Heard::Link(Link::Down { retry_at, why }));
        if !was_ready {
            (self.tell)(Heard::Failed);
        }
    }

    fn send_subscription(&self) {
        if let (true, Some(Subscription { camera, mode, pictures })) = (self.ready.get(), self.wanted.get()) {
            self.send(&ClientMessage::Subscribe { camera, mode, max_fps: 0, tiles: true, pictures });
        }
    }

    fn send(&self, message: &ClientMessage) {
        let connection = self.connection.borrow();
        // One that is closing hears nothing, and says so in the console, until it tells of its end.
        let open = connection.as_ref().filter(|connection| connection.socket.ready_state() == WebSocket::OPEN);
        if let (Some(connection), Ok(text)) = (open, json::write(message)) {
            // Fails while connecting only.
            let _ = connection.socket.send_with_str(&text);
        }
    }
}

/// A handler that does nothing once the socket is gone.
fn handler<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
    inner: &Rc<Inner>,
    run: impl Fn(&Rc<Inner>, E) + 'static,
) -> Closure<dyn FnMut(E)> {
    let weak: Weak<Inner> = Rc::downgrade(inner);
    Closure::wrap(Box::new(move |event| {
        if let Some(inner) = weak.upgrade() {
            run(&inner, event);
        }
    }) as Box<dyn FnMut(E)>)
}
