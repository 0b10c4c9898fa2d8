//! The WebSocket over loopback: hello, frames, credit, and in `ends` every way it ends.

mod ends;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{HeaderValue, StatusCode};
use futures_util::{SinkExt as _, StreamExt as _};
use rtm2::pipeline::HubEvent;
use rtm2::web::WebSettings;
use rtm2::web::ws::Timing;
use rtm2_alert::{Clock as _, SystemClock};
use rtm2_app::wire::{ClientMessage, Flags, FrameRef, PROTOCOL, ServerMessage, WINDOW};
use rtm2_app::{Bar, CameraId, CameraState, Mode, Timestamp, ZoneSet};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::common::{ADMIN, PASSWORD, PATIENCE, Server, Site, VIEWER, frame, login, request};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A browser's upgrade, each part of which may be left out.
pub(crate) async fn try_connect(
    server: &Server,
    cookie: Option<&str>,
    origin: Option<&str>,
    protocol: Option<&str>,
) -> Result<Socket, StatusCode> {
    let mut request = format!("ws://{}/ws/v1", server.address).into_client_request().unwrap();
    let headers = [("cookie", cookie), ("origin", origin), ("sec-websocket-protocol", protocol)];
    for (name, value) in headers {
        if let Some(value) = value {
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => Err(response.status()),
        Err(error) => panic!("{error}"),
    }
}

struct Viewer {
    socket: Socket,
}

/// What came.
#[derive(Debug)]
enum Got {
    Said(ServerMessage),
    Frame { seq: u64, flags: Flags },
    Closed(u16),
}

impl Viewer {
    async fn connect(server: &Server, cookie: &str) -> Self {
        let origin = format!("http://{}", server.address);
        let socket = try_connect(server, Some(cookie), Some(&origin), Some("rtm2.v1")).await.unwrap();
        Self { socket }
    }

    /// The next message that is no heartbeat.
    async fn next(&mut self) -> Got {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.unwrap().unwrap().unwrap();
            match message {
                Message::Text(text) => match serde_json::from_str(&text).unwrap() {
                    ServerMessage::Heartbeat => {}
                    said => return Got::Said(said),
                },
                Message::Binary(bytes) => {
                    let FrameRef { header, jpeg } = FrameRef::parse(&bytes).unwrap();
                    assert_eq!(jpeg, crate::common::jpeg(header.seq as i64));
                    return Got::Frame { seq: header.seq, flags: header.flags };
                }
                Message::Close(frame) => return Got::Closed(frame.map_or(0, |frame| frame.code.into())),
                _ => {}
            }
        }
    }

    /// The next frame.
    async fn frame(&mut self) -> (u64, Flags) {
        loop {
            match self.next().await {
                Got::Frame { seq, flags } => return (seq, flags),
                Got::Said(_) => {}
                Got::Closed(code) => panic!("closed with {code}"),
            }
        }
    }

    /// Reads until the close frame and returns its code.
    async fn closed(&mut self) -> u16 {
        loop {
            if let Got::Closed(code) = self.next().await {
                return code;
            }
        }
    }

    /// Reads until this is said; returns the frames that came before.
    async fn until(&mut self, wanted: impl Fn(&ServerMessage) -> bool) -> Vec<u64> {
        let mut frames = Vec::new();
        loop {
            match self.next().await {
                Got::Frame { seq, .. } => frames.push(seq),
                Got::Said(said) if wanted(&said) => return frames,
                Got::Said(_) => {}
                Got::Closed(code) => panic!("closed with {code}"),
            }
        }
    }

    async fn say(&mut self, message: &ClientMessage) {
        self.text(serde_json::to_string(message).unwrap()).await;
    }

    async fn text(&mut self, text: String) {
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    /// Subscribes to camera 0 and waits until the server has done so.
    async fn subscribe(&mut self, mode: Mode) {
        self.ask(mode, true).await;
    }

    /// The same, with pictures or without.
    async fn ask(&mut self, mode: Mode, pictures: bool) {
        self.say(&ClientMessage::Subscribe { camera: CameraId(0), mode, max_fps: 0, tiles: false, pictures }).await;
    }

    async fn ack(&mut self, seq: u64) {
        self.say(&ClientMessage::Ack { camera: CameraId(0), seq }).await;
    }

    /// Waits until everything said so far was obeyed: messages are answered in order.
    async fn settled(&mut self) -> Vec<u64> {
        self.text("{}".into()).await;
        self.until(|said| matches!(said, ServerMessage::Error { .. })).await
    }
}

async fn site() -> (Site, Server, String) {
    let site = Site::new();
    let server = site.listen().await;
    let cookie = site.log_in(VIEWER).await;
    (site, server, cookie)
}

/// Publishes a state so that every viewer hears something that comes after all that was published before.
fn mark(site: &Site, since: i64) -> impl Fn(&ServerMessage) -> bool + use<> {
    let state = CameraState::Stalled { since: Timestamp(since) };
    site.hub.set_state(CameraId(1), state.clone());
    move |said| matches!(said, ServerMessage::State { state: told, .. } if *told == state)
}

#[tokio::test]
async fn b1_the_socket_needs_session_origin_and_subprotocol() {
    let (_site, server, cookie) = site().await;
    let origin = format!("http://{}", server.address);
    let (cookie, origin, protocol) = (Some(&*cookie), Some(&*origin), Some("rtm2.v1"));
    let refused = async |cookie, origin, protocol| try_connect(&server, cookie, origin, protocol).await.err();
    assert_eq!(refused(None, origin, protocol).await, Some(StatusCode::UNAUTHORIZED));
    assert_eq!(refused(Some("rtm2_session=x"), origin, protocol).await, Some(StatusCode::UNAUTHORIZED));
    assert_eq!(refused(cookie, Some("http://evil.example"), protocol).await, Some(StatusCode::FORBIDDEN));
    assert_eq!(refused(cookie, None, protocol).await, Some(StatusCode::FORBIDDEN));
    assert_eq!(refused(cookie, origin, None).await, Some(StatusCode::BAD_REQUEST));
    assert_eq!(refused(cookie, origin, Some("rtm2.v0")).await, Some(StatusCode::BAD_REQUEST));
    assert_eq!(refused(cookie, origin, protocol).await, None);
}

#[tokio::test]
async fn hello_comes_first_then_the_number_of_viewers() {
    let (site, server, cookie) = site().await;
    site.hub.set_state(CameraId(0), CameraState::Live);
    let mut viewer = Viewer::connect(&server, &cookie).await;
    let Got::Said(ServerMessage::Hello { protocol, window, user, cameras, .. }) = viewer.next().await else {
        panic!("no hello")
    };
    assert_eq!((protocol, window, user.name.as_str(), user.admin), (PROTOCOL, WINDOW, VIEWER, false));
    assert_eq!(cameras.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["Door", "Yard"]);
    assert_eq!(cameras[0].state, CameraState::Live);
    viewer.until(|said| *said == ServerMessage::Viewers { count: 1 }).await;
    let mut second = Viewer::connect(&server, &cookie).await;
    viewer.until(|said| *said == ServerMessage::Viewers { count: 2 }).await;
    second.socket.close(None).await.unwrap();
    viewer.until(|said| *said == ServerMessage::Viewers { count: 1 }).await;
}

#[tokio::test]
async fn motion_mode_gets_motion_only_and_live_mode_everything() {
    let (site, server, cookie) = site().await;
    let camera = &site.hub.cameras()[0];
    let (mut motion, mut live) = (Viewer::connect(&server, &cookie).await, Viewer::connect(&server, &cookie).await);
    let mut off = Viewer::connect(&server, &cookie).await;
    camera.publish(frame(1, Flags::MOTION));
    for (viewer, mode) in [(&mut motion, Mode::Motion), (&mut live, Mode::Live)] {
        viewer.subscribe(mode).await;
        let (seq, flags) = viewer.frame().await;
        assert_eq!((seq, flags.has(Flags::REPLAY)), (1, true));
        viewer.ack(1).await;
    }
    off.subscribe(Mode::Off).await;
    assert!(off.settled().await.is_empty());
    for (seq, flags) in [(2, Flags::default()), (3, Flags::MOTION), (4, Flags::default())] {
        camera.publish(frame(seq, flags));
        let (got, told) = live.frame().await;
        assert_eq!((got, told), (seq, flags.with(Flags::KEY)));
        live.ack(seq).await;
    }
    let (seq, flags) = motion.frame().await;
    assert_eq!((seq, flags), (3, Flags::MOTION.with(Flags::KEY)), "still frames are no drop");
    let marked = mark(&site, 1);
    assert!(motion.until(&marked).await.is_empty());
    assert!(off.until(&marked).await.is_empty());
}

#[tokio::test]
async fn who_does_not_look_gets_events_only_and_the_newest_picture_on_looking_again() {
    let (site, server, cookie) = site().await;
    let camera = &site.hub.cameras()[0];
    let mut viewer = Viewer::connect(&server, &cookie).await;
    viewer.subscribe(Mode::Motion).await;
    camera.publish(frame(1, Flags::MOTION));
    assert_eq!(viewer.frame().await.0, 1);
    viewer.ask(Mode::Motion, false).await;
    viewer.settled().await;
    for seq in 2..10 {
        camera.publish(frame(seq, Flags::MOTION));
    }
    let start = Timestamp(2_000_000);
    site.hub.tell(HubEvent::Bar(CameraId(0), Bar { start, count: 8, first: start }, ZoneSet::default()));
    let frames = viewer.until(|said| matches!(said, ServerMessage::Bar { bar, .. } if bar.count == 8)).await;
    assert!(frames.is_empty(), "pictures came: {frames:?}");
    // The motion that was missed belongs to no subscription, and so is no gap.
    viewer.subscribe(Mode::Motion).await;
    assert_eq!(viewer.frame().await, (9, Flags::MOTION.with(Flags::KEY).with(Flags::REPLAY)));
    camera.publish(frame(10, Flags::MOTION));
    assert_eq!(viewer.frame().await, (10, Flags::MOTION.with(Flags::KEY)));
}

#[tokio::test]
async fn a_viewer_that_comes_before_any_motion_sees_something() {
    let (site, server, cookie) = site().await;
    let camera = &site.hub.cameras()[0];
    let mut early = Viewer::connect(&server, &cookie).await;
    early.subscribe(Mode::Motion).await;
    assert!(early.settled().await.is_empty());
    camera.publish(frame(1, Flags::default()));
    let (seq, flags) = early.frame().await;
    assert_eq!((seq, flags.has(Flags::REPLAY)), (1, true));
    camera.publish(frame(2, Flags::default()));
    let mut late = Viewer::connect(&server, &cookie).await;
    late.subscribe(Mode::Motion).await;
    assert_eq!(late.frame().await.0, 2);
    let marked = mark(&site, 1);
    assert!(early.until(&marked).await.is_empty(), "one is enough");
}

#[tokio::test]
async fn b22_a_new_viewer_costs_the_others_nothing() {
    let (site, server, cookie) = site().await;
    site.hub.cameras()[0].publish(frame(1, Flags::MOTION));
    let mut old = Viewer::connect(&server, &cookie).await;
    old.subscribe(Mode::Live).await;
    assert_eq!(old.frame().await.0, 1);
    let mut new = Viewer::connect(&server, &cookie).await;
    new.subscribe(Mode::Live).await;
    assert_eq!(new.frame().await.0, 1);
    let marked = mark(&site, 1);
    assert!(old.until(&marked).await.is_empty(), "a frame for somebody else");
    assert_eq!(site.hub.viewers(), 2, "nobody but viewers is counted");
}

#[tokio::test]
async fn b24_still_frames_are_not_encoded_for_motion_viewers() {
    let (site, server, cookie) = site().await;
    let camera = &site.hub.cameras()[0];
    let mut viewer = Viewer::connect(&server, &cookie).await;
    viewer.subscribe(Mode::Motion).await;
    viewer.settled().await;
    let still: Vec<_> = (1..20).map(|seq| frame(seq, Flags::default())).collect();
    let moving = frame(20, Flags::MOTION);
    for frame in still.iter().chain([&moving]) {
        camera.publish(Arc::clone(frame));
    }
    while viewer.frame().await.0 != 20 {}
    assert!(still.iter().all(|frame| !frame.is_encoded()));
    assert!(moving.is_encoded());
}

#[tokio::test]
async fn a_slow_viewer_gets_fewer_frames_never_older_ones_and_delays_nobody() {
    let (site, server, cookie) = site().await;
    let camera = &site.hub.cameras()[0];
    let (mut slow, mut quick) = (Viewer::connect(&server, &cookie).await, Viewer::connect(&server, &cookie).await);
    for viewer in [&mut slow, &mut quick] {
        viewer.subscribe(Mode::Live).await;
        viewer.settled().await;
    }
    for seq in 1..=50 {
        camera.publish(frame(seq, Flags::default()));
        assert_eq!(quick.frame().await, (seq, Flags::KEY));
        quick.ack(seq).await;
    }
    // The slow one took its window, without a gap, and then nothing.
    let marked = mark(&site, 1);
    let got = slow.until(&marked).await;
    assert!(got.len() <= usize::from(WINDOW), "{got:?}");
    assert!(got.is_sorted(), "{got:?}");
    let last = *got.last().unwrap();
    slow.ack(last).await;
    let (seq, flags) = slow.frame().await;
    let gap = Flags::left_out(50 - last - 1);
    assert_eq!((seq, flags), (50, Flags::KEY.with(gap)), "the newest, and the gap is told");
}

#[tokio::test]
async fn b17_bars_of_ended_seconds_are_told_in_full() {
    let (site, server, cookie) = site().await;
    let mut viewer = Viewer::connect(&server, &cookie).await;
    viewer.settled().await;
    let bar = |second: i64, count| {
        let start = Timestamp(second * 1_000_000);
        Bar { start, count, first: start }
    };
    for second in 0..5 {
        for count in 1..=15 {
            site.hub.tell(HubEvent::Bar(CameraId(0), bar(second, count), ZoneSet::default()));
        }
    }
    let mut told = std::collections::BTreeMap::new();
    while told.values().filter(|&&count| count == 15).count() < 5 {
        if let Got::Said(ServerMessage::Bar { bar, .. }) = viewer.next().await {
            told.insert(bar.start, bar.count);
        }
    }
}

#[tokio::test]
async fn b8_at_most_one_heartbeat_a_second() {
    let (site, server, cookie) = site().await;
    let mut viewer = Viewer::connect(&server, &cookie).await;
    viewer.subscribe(Mode::Motion).await;
    viewer.settled().await;
    let (began, mut beats, mut seq) = (Instant::now(), 0u32, 0);
    // A busy camera in front of which nothing moves.
    let mut ticks = tokio::time::interval(Duration::from_millis(33));
    while beats < 3 {
        tokio::select! {
            _ = ticks.tick() => {
                seq += 1;
                site.hub.cameras()[0].publish(frame(seq, Flags::default()));
            }
            message = viewer.socket.next() => {
                let message = message.unwrap().unwrap();
                beats += u32::from(message == Message::Text(r#"{"t":"hb"}"#.into()));
            }
        }
        assert!(began.elapsed() < PATIENCE);
    }
    assert!(f64::from(beats) <= began.elapsed().as_secs_f64() + 1.0, "{beats} in {:?}", began.elapsed());
}

#[tokio::test]
async fn an_alarm_that_nobody_sees_calls_for_help_though_its_page_is_closed() {
    let (site, server, cookie) = site().await;
    let minutes = |count: i64| Timestamp(SystemClock.now().0 + count * 60_000_000);
    let mut tablet = Viewer::connect(&server, &cookie).await;
    let ring = |camera, within| ClientMessage::Ring { camera: CameraId(camera), since: minutes(0), within };
    tablet.say(&ring(9, 60)).await;
    tablet.until(|said| matches!(said, ServerMessage::Error { message } if message.contains("no camera 9"))).await;
    assert_eq!(site.hub.help_due(minutes(60)), None);

    for end in [ring(0, 0), ClientMessage::Seen { upto: minutes(9) }] {
        tablet.say(&ring(0, 120)).await;
        tablet.say(&end).await;
        tablet.settled().await;
        assert_eq!(site.hub.help_due(minutes(60)), None, "somebody was there: {end:?}");
    }
    let since = minutes(0);
    tablet.say(&ring(1, 120)).await;
    tablet.settled().await;
    drop(tablet);
    assert_eq!(site.hub.help_due(minutes(1)), None, "there is time");
    let due = site.hub.help_due(minutes(3)).unwrap();
    assert!(due.camera == CameraId(1) && due.since >= since);
    assert_eq!(site.hub.help_due(minutes(60)), None, "once");
}

#[tokio::test]
async fn a_detector_that_hangs_is_told_when_it_does_and_to_who_comes_later() {
    let (site, server, cookie) = site().await;
    let told = |wanted: Option<&str>| {
        let wanted = wanted.map(str::to_owned);
        move |said: &ServerMessage| matches!(said, ServerMessage::Detector { camera: CameraId(1), fault } if *fault == wanted)
    };
    let mut early = Viewer::connect(&server, &cookie).await;
    early.until(told(None)).await;
    for _ in 0..3 {
        site.hub.set_detector(CameraId(1), Some("it hangs".into()));
    }
    early.until(told(Some("it hangs"))).await;
    let mut late = Viewer::connect(&server, &cookie).await;
    late.until(told(Some("it hangs"))).await;
    site.hub.set_detector(CameraId(1), None);
    early.until(told(None)).await;
    late.until(told(None)).await;
}

/// Says that everything up to a time was seen.
async fn see(viewer: &mut Viewer, upto: i64) {
    viewer.say(&ClientMessage::Seen { upto: Timestamp(upto) }).await;
}

/// The next word on what was seen: up to when, by whom.
async fn seen(viewer: &mut Viewer) -> (i64, String) {
    loop {
        if let Got::Said(ServerMessage::Seen { upto, at, by }) = viewer.next().await {
            assert!(upto <= at);
            return (upto.0, by);
        }
    }
}

#[tokio::test]
async fn an_acknowledgement_reaches_every_device_of_everybody() {
    let (site, server, cookie) = site().await;
    let admin = site.log_in(ADMIN).await;
    let (mut phone, mut tablet) = (Viewer::connect(&server, &cookie).await, Viewer::connect(&server, &cookie).await);
    let mut desk = Viewer::connect(&server, &admin).await;
    for viewer in [&mut phone, &mut tablet, &mut desk] {
        viewer.settled().await;
    }
    see(&mut phone, 5_000_000).await;
    for viewer in [&mut phone, &mut tablet, &mut desk] {
        assert_eq!(seen(viewer).await, (5_000_000, VIEWER.to_owned()), "also who said it");
    }
    // What is older than that says nothing new.
    see(&mut desk, 4_000_000).await;
    see(&mut desk, 6_000_000).await;
    assert_eq!(seen(&mut tablet).await, (6_000_000, ADMIN.to_owned()));
    let mut late = Viewer::connect(&server, &cookie).await;
    assert_eq!(seen(&mut late).await.0, 6_000_000, "who comes later is told");
}

#[tokio::test]
async fn nobody_acknowledges_what_is_still_to_come() {
    let (_site, server, cookie) = site().await;
    let mut viewer = Viewer::connect(&server, &cookie).await;
    see(&mut viewer, i64::MAX).await;
    let (upto, _) = seen(&mut viewer).await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert!(upto <= now.as_micros() as i64);
    see(&mut viewer, i64::MIN).await;
    viewer.settled().await;
}

#[tokio::test]
async fn what_is_acknowledged_late_is_no_newer_for_that() {
    let (_site, server, cookie) = site().await;
    let mut viewer = Viewer::connect(&server, &cookie).await;
    let long_ago = SystemClock.now().0 - 60_000_000;
    see(&mut viewer, long_ago).await;
    assert_eq!(seen(&mut viewer).await.0, long_ago);
}

/// The next word on whether frames can be recorded.
async fn storage(viewer: &mut Viewer) -> Option<String> {
    loop {
        if let Got::Said(ServerMessage::Storage { fault }) = viewer.next().await {
            return fault;
        }
    }
}

#[tokio::test]
async fn a_full_disk_is_told_once_and_its_end_too() {
    let (site, server, cookie) = site().await;
    let mut viewer = Viewer::connect(&server, &cookie).await;
    assert_eq!(storage(&mut viewer).await, None);
    for reason in ["no space left", "no space left", "something else"] {
        site.hub.set_storage(Some(reason.into()));
    }
    assert_eq!(storage(&mut viewer).await.as_deref(), Some("no space left"));
    let mut late = Viewer::connect(&server, &cookie).await;
    assert_eq!(storage(&mut late).await.as_deref(), Some("no space left"));
    site.hub.set_storage(None);
    for viewer in [&mut viewer, &mut late] {
        assert_eq!(storage(viewer).await, None, "and nothing in between");
    }
}
