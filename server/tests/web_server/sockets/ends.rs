//! How a connection ends, and what keeps one from beginning.

use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::*;

#[tokio::test]
async fn bad_messages_are_answered_and_hostile_ones_end_the_connection() {
    let (_site, server, cookie) = site().await;
    let mut viewer = Viewer::connect(&server, &cookie).await;
    let unknown = r#"{"t":"subscribe","camera":9,"mode":"live"}"#;
    for text in ["", "x", "[]", r#"{"t":"root"}"#, r#"{"t":"ack","camera":0,"seq":-1}"#, unknown] {
        viewer.text(text.into()).await;
        viewer.until(|said| matches!(said, ServerMessage::Error { .. })).await;
    }
    viewer.ack(u64::MAX).await;
    viewer.settled().await;
    viewer.socket.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
    assert_eq!(viewer.closed().await, 1003);

    let mut viewer = Viewer::connect(&server, &cookie).await;
    viewer.text(format!("{{}}{}", " ".repeat(2000))).await;
    assert_eq!(viewer.closed().await, 1009);

    let mut viewer = Viewer::connect(&server, &cookie).await;
    let not_text = Frame::message(&b"\xff\xfe"[..], OpCode::Data(Data::Text), true);
    viewer.socket.send(Message::Frame(not_text)).await.unwrap();
    assert_eq!(viewer.closed().await, 1007);

    let mut viewer = Viewer::connect(&server, &cookie).await;
    // It continues nothing.
    let rest = Frame::message(&b"{}"[..], OpCode::Data(Data::Continue), true);
    viewer.socket.send(Message::Frame(rest)).await.unwrap();
    assert_eq!(viewer.closed().await, 1002);

    let mut viewer = Viewer::connect(&server, &cookie).await;
    // Each part is short enough, all together are not.
    for (opcode, is_last) in [(Data::Text, false), (Data::Continue, true)] {
        let part = Frame::message(vec![b' '; 800], OpCode::Data(opcode), is_last);
        viewer.socket.send(Message::Frame(part)).await.unwrap();
    }
    assert_eq!(viewer.closed().await, 1009);

    let mut viewer = Viewer::connect(&server, &cookie).await;
    for _ in 0..2000 {
        let ack = ClientMessage::Ack { camera: CameraId(0), seq: 1 };
        if viewer.socket.send(Message::Text(serde_json::to_string(&ack).unwrap().into())).await.is_err() {
            break;
        }
    }
    assert_eq!(viewer.closed().await, 1008);
}

#[tokio::test]
async fn the_socket_ends_with_its_session() {
    let (site, server, cookie) = site().await;
    let other = site.log_in(VIEWER).await;
    let mut other = Viewer::connect(&server, &other).await;
    let mut viewer = Viewer::connect(&server, &cookie).await;
    viewer.settled().await;
    let headers = [("cookie", &*cookie), ("origin", crate::common::ORIGIN)];
    site.send(request(axum::http::Method::POST, "/api/v1/logout", &headers, "{}")).await;
    assert_eq!(viewer.closed().await, 4401);
    other.settled().await;

    // One's own change of password keeps one's own sockets.
    let here = site.log_in(VIEWER).await;
    let mut mine = Viewer::connect(&server, &here).await;
    let change = format!(r#"{{"current":"{PASSWORD}","new":"another horse battery"}}"#);
    assert_eq!(site.post("/api/fn/change_password", &here, &change).await.status, StatusCode::OK);
    assert_eq!(other.closed().await, 4401);
    mine.settled().await;
    site.auth.remove_user(VIEWER).unwrap();
    assert_eq!(mine.closed().await, 4401);
}

#[tokio::test]
async fn an_account_removed_by_another_process_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(rtm2::auth::FILE);
    let auth = rtm2::auth::Auth::open(&file).unwrap();
    auth.add_user(&ADMIN.parse().unwrap(), PASSWORD, rtm2::auth::Role::Admin).unwrap();
    auth.add_user(&VIEWER.parse().unwrap(), PASSWORD, rtm2::auth::Role::Viewer).unwrap();
    let timing = Timing { check: Duration::from_millis(50), ..Timing::default() };
    let site = Site::over(auth, WebSettings { timing, ..WebSettings::default() });
    let server = site.listen().await;
    let cookie = site.log_in(VIEWER).await;
    let mut viewer = Viewer::connect(&server, &cookie).await;
    viewer.settled().await;
    rtm2::auth::Auth::open(&file).unwrap().remove_user(VIEWER).unwrap();
    assert_eq!(viewer.closed().await, 4401);
    assert_eq!(site.post("/api/v1/login", "", &login(VIEWER, PASSWORD)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn there_is_a_limit_to_viewers() {
    let settings = WebSettings { max_viewers: 3, max_viewers_per_user: 2, ..WebSettings::default() };
    let site = Site::with(settings);
    let server = site.listen().await;
    let (viewer, admin) = (site.log_in(VIEWER).await, site.log_in(ADMIN).await);
    let mut seated = Vec::new();
    for cookie in [&viewer, &viewer, &admin] {
        let mut viewer = Viewer::connect(&server, cookie).await;
        viewer.settled().await;
        seated.push(viewer);
    }
    for cookie in [&viewer, &admin] {
        assert_eq!(Viewer::connect(&server, cookie).await.closed().await, 1013);
    }
    seated[2].subscribe(Mode::Live).await;
    seated[2].settled().await;
    let list = site.get("/api?q=clients_list", &admin).await.json();
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert_eq!((list[2]["user"].as_str(), list[2]["mode"].as_str()), (Some(ADMIN), Some("live")));
    let keys: Vec<_> = list[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        ["address", "mode", "pictures", "since", "user", "user_agent"],
        "no header but the browser's name"
    );
}

#[tokio::test]
async fn a_peer_that_does_not_answer_is_dropped() {
    let timing = Timing { ping: Duration::from_millis(50), dead: Duration::from_millis(300), ..Timing::default() };
    let site = Site::with(WebSettings { timing, ..WebSettings::default() });
    let server = site.listen().await;
    let cookie = site.log_in(VIEWER).await;
    // Whoever reads, answers pings, and stays.
    let mut alive = Viewer::connect(&server, &cookie).await;
    let reading = tokio::spawn(async move { alive.until(|said| matches!(said, ServerMessage::Resync)).await });
    let mut dead = Viewer::connect(&server, &cookie).await;
    let gone = async {
        while site.hub.viewers() > 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, gone).await.unwrap();
    assert_eq!(dead.closed().await, 4408);
    assert!(!reading.is_finished());
    reading.abort();
}

#[tokio::test]
async fn a_shutdown_says_goodbye() {
    let (_site, server, cookie) = site().await;
    let mut viewer = Viewer::connect(&server, &cookie).await;
    viewer.settled().await;
    server.shutdown.cancel();
    assert_eq!(viewer.closed().await, 1001);
    timeout(PATIENCE, server.task).await.unwrap().unwrap().unwrap();
}
