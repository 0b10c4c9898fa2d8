//! The documents say what the server does.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use rtm2::web::routes::{Access, Credentials, Endpoint};
use rtm2::web::{ROUTES, SERVER_FUNCTIONS};
use rtm2_app::wire::tiles::{Laying, Place};
use rtm2_app::wire::{ClientMessage, Flags, FrameRef, ServerMessage, TilesRef};
use rtm2_app::{CameraId, Region, Timestamp};
use serde_json::Value;

use crate::common::{ADMIN, Site};

const PROTOCOL: &str = include_str!("../../../docs/protocol.md");
const OPENAPI: &str = include_str!("../../../docs/openapi.json");

#[test]
fn openapi_and_routes_agree_in_both_directions() {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |m| (path.clone(), m.to_uppercase())))
        .collect();
    let routes = ROUTES.iter().filter(|route| !matches!(route.endpoint, Endpoint::Page | Endpoint::HistoryPage));
    let served: BTreeSet<_> = routes.clone().map(|r| (r.path.replace("{*", "{"), r.method.to_string())).collect();
    assert_eq!(documented, served);
    for route in routes {
        let call = &document["paths"][route.path.replace("{*", "{")][route.method.as_str().to_lowercase()];
        let schemes: BTreeSet<_> =
            call["security"].as_array().unwrap().iter().flat_map(|s| s.as_object().unwrap().keys()).collect();
        let basic = route.credentials == Credentials::SessionOrBasic;
        assert_eq!(schemes.is_empty(), route.access == Access::Public, "{}", route.path);
        assert_eq!(schemes.contains(&"basic".to_owned()), basic, "{}", route.path);
        for name in route.path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')) {
            let parameters = call["parameters"].as_array().into_iter().flatten();
            let named = parameters.filter(|p| p["name"] == name && p["in"] == "path").count();
            assert!(named == 1 || name == "*function", "{}: {name}", route.path);
        }
    }
}

#[test]
fn openapi_references_exist_and_functions_are_named() {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    for reference in OPENAPI.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    for path in SERVER_FUNCTIONS {
        assert!(OPENAPI.contains(&format!("`{}`", path.trim_start_matches("/api/fn/"))), "{path}");
    }
}

#[tokio::test]
async fn openapi_is_served() {
    let site = Site::new();
    let cookie = site.log_in(ADMIN).await;
    let answer = site.get("/api/v1/openapi.json", &cookie).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

/// Lines of the blocks of this language.
fn golden(language: &str) -> Vec<&'static str> {
    let mut lines = PROTOCOL.lines();
    let mut golden = Vec::new();
    while lines.by_ref().any(|line| line.strip_prefix("```").is_some_and(|rest| rest == language)) {
        golden.extend(lines.by_ref().take_while(|line| *line != "```"));
    }
    golden
}

#[test]
fn golden_text_messages_are_read_and_written() {
    let (client, server) = (golden("json client"), golden("json server"));
    for line in &client {
        let message: ClientMessage = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), *line);
    }
    let mut kinds = BTreeSet::new();
    for line in &server {
        let message: ServerMessage = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), *line);
        kinds.insert(serde_json::from_str::<Value>(line).unwrap()["t"].to_string());
    }
    assert_eq!(kinds.len(), 10, "every message has an example: {kinds:?}");
    for kind in ["subscribe", "ack", "seen", "ring"] {
        assert!(client.iter().any(|line| line.contains(&format!("\"t\":\"{kind}\""))), "{kind}");
    }
}

#[test]
fn the_golden_frame_is_read_and_written() {
    let digits = golden("hex frame").join(" ");
    let message: Vec<u8> = digits.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let FrameRef { header, jpeg } = FrameRef::parse(&message).unwrap();
    assert_eq!((header.camera, header.seq, header.at), (CameraId(1), 258, Timestamp(1_764_000_003_000_000)));
    assert_eq!(header.flags, Flags::MOTION.with(Flags::KEY));
    assert_eq!((header.width, header.height, header.score), (640, 480, 300));
    assert_eq!(header.boxes, [Region { x: 320, y: 240, w: 64, h: 128, strength: 42 }]);
    assert_eq!(jpeg, [0xFF, 0xD8, 0xFF, 0xD9]);
    let mut again = Vec::new();
    header.encode(&mut again);
    again.extend_from_slice(jpeg);
    assert_eq!(again, message);
}

#[test]
fn the_golden_tiles_are_read_and_written() {
    let digits = golden("hex tiles").join(" ");
    let message: Vec<u8> = digits.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let TilesRef { header, laying, head, body } = TilesRef::parse(&message).unwrap();
    assert_eq!((header.camera, header.seq, header.at), (CameraId(1), 259, Timestamp(1_764_000_003_098_658)));
    assert_eq!((header.flags, header.boxes.len()), (Flags::MOTION, 0));
    let places = vec![Place { sheet_x: 0, sheet_y: 0, x: 5, y: 12, width: 2, height: 1 }];
    assert_eq!(laying, Laying { base: 258, head: 7, head_len: 0, mcu: [16, 16], places });
    assert_eq!((head, body), (&[][..], &[0xFF, 0xDA, 0xFF, 0xD9][..]));
    let mut again = Vec::new();
    laying.encode(&header, &mut again);
    again.extend_from_slice(body);
    assert_eq!(again, message);
}

#[test]
fn constants_in_the_protocol_document_are_right() {
    use rtm2::web::ws::{Closing, Timing};
    use rtm2_app::wire::{HEARTBEAT_MS, MAX_CLIENT_MESSAGE, PATH, SUBPROTOCOL, WINDOW};
    let timing = Timing::default();
    for text in [
        format!("`GET {PATH}`"),
        format!("`{SUBPROTOCOL}`"),
        format!("`window` ({WINDOW})"),
        format!("silent for {HEARTBEAT_MS} ms"),
        format!("At most {MAX_CLIENT_MESSAGE} bytes"),
        format!("ping every {} s", timing.ping.as_secs()),
        format!("came in for {} s", timing.dead.as_secs()),
        format!("message within {} s", timing.send.as_secs()),
    ] {
        assert!(PROTOCOL.contains(&text), "{text}");
    }
    let all = [
        Closing::Shutdown,
        Closing::Binary,
        Closing::Flood,
        Closing::TooLong,
        Closing::Full,
        Closing::SessionEnded,
        Closing::Unresponsive,
    ];
    for closing in all {
        assert!(PROTOCOL.contains(&format!("| {} |", closing.code())), "{closing:?}");
    }
}
