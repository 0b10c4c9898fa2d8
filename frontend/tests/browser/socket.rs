//! The socket: hello, subscription, silence, loss and return.

use std::cell::RefCell;
use std::rc::Rc;

use rtm2_app::link::{Broken, Link};
use rtm2_app::wire::ServerMessage;
use rtm2_app::{CameraId, Mode, Timestamp};
use rtm2_frontend::live::socket::{Heard, Socket, Subscription};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fake;

type Links = Rc<RefCell<Vec<String>>>;

/// A socket over the fake network, with what it tells of its link.
fn connect() -> (Socket, Links) {
    fake::install();
    let links = Links::default();
    let told = Rc::clone(&links);
    let socket = Socket::connect("ws://fake/ws/v1".into(), move |heard| match heard {
        Heard::Link(Link::Down { why, .. }) => told.borrow_mut().push(format!("{why:?}")),
        Heard::Link(link) => told.borrow_mut().push(format!("{link:?}")),
        Heard::LoggedOut => told.borrow_mut().push("logged out".into()),
        Heard::Failed => told.borrow_mut().push("failed".into()),
        Heard::Message(_) | Heard::Frame(_) => {}
    });
    (socket, links)
}

const MOTION: Subscription = Subscription { camera: CameraId(0), mode: Mode::Motion, pictures: true };

#[wasm_bindgen_test]
fn what_is_wanted_is_asked_for_after_the_hello() {
    let (socket, links) = connect();
    socket.subscribe(MOTION);
    assert_eq!(fake::sent("subscribe"), 0);
    fake::say(&fake::hello());
    assert_eq!(*links.borrow(), ["Open"]);
    let last = fake::call("lastSent", &[]).as_string().unwrap();
    assert_eq!(last, r#"{"t":"subscribe","camera":0,"mode":"motion","max_fps":0,"tiles":true}"#);
    socket.subscribe(MOTION);
    assert_eq!(fake::sent("subscribe"), 1, "nothing new is not said again");
    socket.renew();
    assert_eq!(fake::sent("subscribe"), 2, "but when a whole picture is needed");
    socket.subscribe(Subscription { pictures: false, ..MOTION });
    let last = fake::call("lastSent", &[]).as_string().unwrap();
    assert_eq!(last, r#"{"t":"subscribe","camera":0,"mode":"motion","max_fps":0,"tiles":true,"pictures":false}"#);
    socket.ack(socket.epoch(), CameraId(0), 5);
    socket.ack(socket.epoch() - 1, CameraId(0), 6);
    assert_eq!(fake::sent("ack"), 0, "frames of an earlier connection are not acknowledged on this one");
    socket.ack(socket.epoch(), CameraId(0), 7);
    assert_eq!(fake::sent("ack"), 1, "two frames are acknowledged at once");
    assert_eq!(fake::call("lastSent", &[]).as_string().unwrap(), r#"{"t":"ack","camera":0,"seq":7}"#);
}

#[wasm_bindgen_test]
async fn a_broken_connection_comes_back_and_leaves_nothing() {
    let (socket, links) = connect();
    socket.subscribe(MOTION);
    fake::say(&fake::hello());
    socket.ack(socket.epoch(), CameraId(0), 1);
    fake::call("close", &[1001.into()]);
    assert_eq!(*links.borrow(), ["Open", "GoingAway"]);
    assert_eq!((fake::count("open"), fake::call("handlers", &[]).as_f64()), (0, Some(0.0)));
    fake::until("tried again", || fake::count("sockets") == 2).await;
    fake::say(&fake::hello());
    assert_eq!(*links.borrow(), ["Open", "GoingAway", "Retrying", "Open"]);
    assert_eq!((fake::count("open"), fake::sent("subscribe")), (1, 2));
    socket.ack(socket.epoch(), CameraId(0), 2);
    assert_eq!(fake::sent("ack"), 0, "no credit is held over from the connection that broke");
    drop(socket);
    assert_eq!((fake::count("open"), fake::call("handlers", &[]).as_f64()), (0, Some(0.0)));
}

#[wasm_bindgen_test]
fn nothing_is_said_into_a_connection_that_is_closing() {
    let (socket, _links) = connect();
    fake::say(&fake::hello());
    let ack_two = || [1, 2].map(|seq| socket.ack(socket.epoch(), CameraId(0), seq));
    ack_two();
    assert_eq!(fake::sent("ack"), 1);
    fake::call("closing", &[]);
    ack_two();
    assert_eq!(fake::sent("ack"), 1);
}

#[wasm_bindgen_test]
fn b7_a_server_that_falls_silent_is_cut_off() {
    let (socket, links) = connect();
    fake::say(&fake::hello());
    let tick = |second: i64| socket.tick(Timestamp(second * 1_000_000));
    (0..=3).for_each(tick);
    fake::say(&ServerMessage::Heartbeat);
    (4..=6).for_each(tick);
    assert_eq!(*links.borrow(), ["Open"], "a heartbeat every three seconds is enough");
    tick(7);
    assert_eq!(*links.borrow(), ["Open", &format!("{:?}", Broken::Silent)]);
    assert_eq!(fake::count("open"), 0);
}

#[wasm_bindgen_test]
async fn a_session_that_ended_is_not_retried() {
    let (_socket, links) = connect();
    fake::say(&fake::hello());
    fake::call("close", &[4401.into()]);
    fake::pass(1_500).await;
    assert_eq!(*links.borrow(), ["Open", "logged out"]);
    assert_eq!(fake::count("sockets"), 1);
}

#[wasm_bindgen_test]
async fn another_protocol_asks_for_a_reload() {
    let (_socket, links) = connect();
    let ServerMessage::Hello { build, now, window, user, cameras, .. } = fake::hello() else { unreachable!() };
    fake::say(&ServerMessage::Hello { protocol: 999, build, now, window, user, cameras });
    fake::pass(1_500).await;
    assert_eq!(*links.borrow(), ["Outdated"]);
    assert_eq!((fake::count("sockets"), fake::count("open")), (1, 0));
}
