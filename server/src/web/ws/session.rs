//! One viewer's connection from hello to close.

use std::time::{Duration, Instant};

use axum_tws::{CloseCode, Error, Message, WebSocket, WebSocketError};
use rtm2_app::Mode;
use rtm2_app::wire::{ClientMessage, Flags, PROTOCOL, ServerMessage, WINDOW};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{sleep_until, timeout};

use super::outbox::Outbox;
use super::subscription::{Give, Ready, Subscription};
use super::{Closing, Timing};
use crate::auth::Caller;
use crate::pipeline::{HubEvent, Ringing, Seen};
use crate::web::client::Client;
use crate::web::live::jpeg_of;
use crate::web::metrics::Sent;
use crate::web::viewers::Seat;
use crate::web::{App, build, metrics as names};

/// Messages that a viewer may send at once, refilled at [`MESSAGES_PER_SECOND`]: an acknowledgement per frame of a
/// fast camera, with room.
const MESSAGES: f64 = 240.0;
const MESSAGES_PER_SECOND: f64 = 120.0;
/// Time for the other side to answer a close.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why the loop ended.
enum End {
    /// The viewer went.
    Gone,
    /// We close.
    Close(Closing),
}

impl From<Closing> for End {
    fn from(closing: Closing) -> Self {
        Self::Close(closing)
    }
}

/// Serves one viewer until either side closes.
pub(super) async fn run(app: App, caller: Caller, client: Client, mut socket: WebSocket) {
    let closing = match app.viewers.enter(&caller, &client, Mode::Off) {
        Ok(seat) => {
            let now = Instant::now();
            let timing = app.settings.timing;
            let budget = Budget { left: MESSAGES, at: now };
            let mut viewer = Viewer {
                socket: &mut socket,
                timing,
                seat,
                outbox: Outbox::default(),
                subscription: None,
                budget,
                heard: now,
                spoke: now,
                pinged: now,
                checked: now,
                sent: Sent::new(),
            };
            match viewer.serve(&app, &caller).await {
                Ok(never) => match never {},
                Err(End::Gone) => return,
                Err(End::Close(closing)) => closing,
            }
        }
        Err(_) => Closing::Full,
    };
    tracing::debug!(user = %caller.name, code = closing.code(), "a socket is closed: {}", closing.reason());
    farewell(&mut socket, closing).await;
}

/// Says why and waits a moment for the answer: a connection that is dropped with unread data loses the close frame.
async fn farewell(socket: &mut WebSocket, closing: Closing) {
    let frame = Message::close(CloseCode::try_from(closing.code()).ok(), closing.reason());
    let goodbye = async {
        // Not sent where the library has said so already; the reading sends what waits.
        let _ = socket.send(frame).await;
        while let Some(Ok(_)) = socket.recv().await {}
    };
    // Whoever does not read the goodbye does not get it.
    let _ = timeout(FAREWELL, goodbye).await;
}

/// A viewer and all that is on its way to it.
struct Viewer<'a> {
    socket: &'a mut WebSocket,
    timing: Timing,
    seat: Seat,
    outbox: Outbox,
    subscription: Option<Subscription>,
    budget: Budget,
    /// When something last came in.
    heard: Instant,
    /// When something last went out.
    spoke: Instant,
    /// When the last ping went out.
    pinged: Instant,
    /// When it was last looked whether the viewer may still watch.
    checked: Instant,
    sent: Sent,
}

/// What woke the loop.
enum Wake {
    Incoming(Option<Result<Message, WebSocketError>>),
    Event(Result<HubEvent, RecvError>),
    Recheck,
    Time,
    Shutdown,
}

impl Viewer<'_> {
    async fn serve(&mut self, app: &App, caller: &Caller) -> Result<std::convert::Infallible, End> {
        // Listening begins before the states are read, so that no change falls between.
        let mut events = app.hub.events();
        let mut ended = app.auth.ended();
        let cameras = app.hub.cameras().iter().map(|camera| camera.info()).collect();
        let (protocol, build, now, user) = (PROTOCOL, build(), names::now(), caller.info());
        self.say(&ServerMessage::Hello { protocol, build, now, window: WINDOW, user, cameras }).await?;
        self.outbox.push(HubEvent::Viewers(app.hub.viewers()));
        self.tell_standing(app);
        // The session may have ended between the check at the door and now.
        self.recheck(app, caller).await?;
        loop {
            let due = self.flush().await?;
            let wake = tokio::select! {
                biased;
                () = app.closing.cancelled() => Wake::Shutdown,
                _ = ended.changed() => Wake::Recheck,
                message = self.socket.recv() => Wake::Incoming(message),
                event = events.recv() => Wake::Event(event),
                () = newer(&mut self.subscription) => Wake::Time,
                () = sleep_until(due.into()) => Wake::Time,
            };
            match wake {
                Wake::Shutdown | Wake::Event(Err(RecvError::Closed)) => return Err(Closing::Shutdown.into()),
                Wake::Recheck => self.recheck(app, caller).await?,
                Wake::Incoming(message) => self.incoming(app, caller, message).await?,
                Wake::Event(Ok(event)) => self.outbox.push(event),
                Wake::Event(Err(RecvError::Lagged(_))) => self.lagged(app),
                Wake::Time => {}
            }
            if self.checked.elapsed() >= self.timing.check {
                self.recheck(app, caller).await?;
            }
        }
    }

    /// Sends what may be sent now and returns when there will be more to do.
    async fn flush(&mut self) -> Result<Instant, End> {
        let now = Instant::now();
        if now.duration_since(self.heard) >= self.timing.dead {
            return Err(Closing::Unresponsive.into());
        }
        for message in self.outbox.take(now) {
            self.say(&message).await?;
        }
        let mut due = self.heard + self.timing.dead;
        match self.subscription.as_mut().map_or(Ready::Nothing, |subscription| subscription.ready(now)) {
            Ready::Send(frame, flags, give) => {
                if give == Give::Picture {
                    jpeg_of(&frame).await;
                }
                let message = match give {
                    Give::Tiles(mode, head) => frame.tiles_message(mode, head),
                    Give::Picture if flags == Flags::default() => frame.message(),
                    Give::Picture => frame.message_with(flags),
                };
                self.sent.count(message.len());
                self.send(Message::binary(message)).await?;
            }
            Ready::At(at) => due = due.min(at),
            Ready::Nothing => {}
        }
        if now.duration_since(self.pinged) >= self.timing.ping {
            self.pinged = now;
            self.send(Message::ping("")).await?;
        }
        if now.duration_since(self.spoke) >= self.timing.heartbeat {
            self.say(&ServerMessage::Heartbeat).await?;
        }
        let steady =
            [self.spoke + self.timing.heartbeat, self.pinged + self.timing.ping, self.checked + self.timing.check];
        Ok(steady.into_iter().chain(self.outbox.due(now)).fold(due, Instant::min))
    }

    async fn incoming(
        &mut self,
        app: &App,
        caller: &Caller,
        message: Option<Result<Message, WebSocketError>>,
    ) -> Result<(), End> {
        let message = match message {
            Some(Ok(message)) if !message.is_close() => message,
            Some(Err(WebSocketError::Internal(Error::PayloadTooLong { .. }))) => return Err(Closing::TooLong.into()),
            Some(_) => {
                // The answer goes out with the next read.
                let _ = timeout(FAREWELL, self.socket.recv()).await;
                return Err(End::Gone);
            }
            None => return Err(End::Gone),
        };
        self.heard = Instant::now();
        if !self.budget.spend(self.heard) {
            return Err(Closing::Flood.into());
        }
        if message.is_binary() {
            return Err(Closing::Binary.into());
        }
        match message.as_text().map(serde_json::from_str) {
            Some(Ok(message)) => self.obey(app, caller, message).await,
            Some(Err(_)) => self.refuse("not a message of this protocol: see docs/protocol.md".into()).await,
            // A ping was answered, and a pong answers ours.
            None => Ok(()),
        }
    }

    async fn obey(&mut self, app: &App, caller: &Caller, message: ClientMessage) -> Result<(), End> {
        match message {
            ClientMessage::Subscribe { camera, mode, max_fps, tiles, pictures } => {
                let Some(feed) = app.hub.camera(camera) else {
                    return self.refuse(format!("there is no camera {camera}")).await;
                };
                let sent = if pictures { mode } else { Mode::Off };
                self.subscription = Subscription::new(feed, sent, max_fps, tiles);
                self.seat.watches(mode, pictures);
            }
            ClientMessage::Ack { camera, seq } => {
                if let Some(subscription) = &mut self.subscription {
                    subscription.acknowledged(camera, seq);
                }
            }
            ClientMessage::Seen { upto } => {
                app.hub.see(Seen::by_page(upto, names::now(), caller.name.clone()));
            }
            ClientMessage::Ring { camera, since, within } => {
                if app.hub.camera(camera).is_none() {
                    return self.refuse(format!("there is no camera {camera}")).await;
                }
                app.hub.rings(Ringing::new(camera, since, within, names::now()));
            }
        }
        Ok(())
    }

    /// The events that were lost are told anew as far as they are states; the rest the viewer asks for.
    fn lagged(&mut self, app: &App) {
        self.outbox.lagged();
        for camera in app.hub.cameras() {
            self.outbox.push(HubEvent::State(camera.id, camera.state()));
        }
        self.outbox.push(HubEvent::Viewers(app.hub.viewers()));
        self.tell_standing(app);
    }

    /// What holds until something else is said.
    fn tell_standing(&mut self, app: &App) {
        if let Some(seen) = app.hub.seen() {
            self.outbox.push(HubEvent::Seen(seen));
        }
        self.outbox.push(HubEvent::Storage(app.hub.storage_fault()));
        for camera in app.hub.cameras() {
            self.outbox.push(HubEvent::Detector(camera.id, camera.detector_fault()));
        }
    }

    async fn recheck(&mut self, app: &App, caller: &Caller) -> Result<(), End> {
        self.checked = Instant::now();
        if app.auth.still_valid(caller).await { Ok(()) } else { Err(Closing::SessionEnded.into()) }
    }

    async fn refuse(&mut self, message: String) -> Result<(), End> {
        self.say(&ServerMessage::Error { message }).await
    }

    async fn say(&mut self, message: &ServerMessage) -> Result<(), End> {
        match serde_json::to_string(message) {
            Ok(text) => self.send(Message::text(text)).await,
            Err(error) => {
                tracing::error!(%error, "a message could not be written");
                Ok(())
            }
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        // A ping is answered by the browser without the page noticing: it does not count as a word.
        let speaks = !message.is_ping();
        match timeout(self.timing.send, self.socket.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(End::Gone),
            Err(_) => return Err(Closing::Unresponsive.into()),
        }
        if speaks {
            self.spoke = Instant::now();
        }
        Ok(())
    }
}

/// Waits for a newer frame, for ever without a subscription.
async fn newer(subscription: &mut Option<Subscription>) {
    match subscription {
        Some(subscription) => subscription.newer().await,
        None => std::future::pending().await,
    }
}

/// Messages that a viewer may still send.
struct Budget {
    left: f64,
    at: Instant,
}

impl Budget {
    fn spend(&mut self, now: Instant) -> bool {
        let refill = now.duration_since(self.at).as_secs_f64() * MESSAGES_PER_SECOND;
        self.left = (self.left + refill).min(MESSAGES) - 1.0;
        self.at = now;
        self.left >= 0.0
    }
}
