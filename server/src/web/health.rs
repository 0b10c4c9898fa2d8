//! How the server is doing, for people, monitors and programs.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rtm2_app::CameraState;
use rtm2_app::wire::PROTOCOL;
use serde::Serialize;

use super::App;

/// Free bytes on the recordings' volume below which the server is not ready.
const FLOOR: u64 = 64 << 20;

/// The API's description.
const OPENAPI: &str = include_str!("../../../docs/openapi.json");

/// `GET /healthz`: the process answers. Says nothing else, because everybody may ask.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Answer of `GET /readyz`.
#[derive(Debug, Serialize)]
pub(super) struct Readiness {
    ready: bool,
    reasons: Vec<String>,
}

/// `GET /readyz`: cameras deliver and recordings can be written; 503 with the reasons otherwise.
pub(super) async fn ready(State(app): State<App>) -> Response {
    let mut reasons: Vec<String> = app.hub.cameras().iter().filter_map(|c| trouble(&c.name, &c.state())).collect();
    match app.ask(rtm2_store::Store::usage).await {
        Ok(usage) if usage.free_bytes.is_some_and(|free| free < FLOOR) => {
            reasons.push("less than 64 MiB are free for recordings".into());
        }
        Ok(_) => {}
        Err(_) => reasons.push("recordings are not available".into()),
    }
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready: reasons.is_empty(), reasons })).into_response()
}

/// What is wrong with a camera.
fn trouble(name: &str, state: &CameraState) -> Option<String> {
    match state {
        CameraState::Live => None,
        CameraState::Starting => Some(format!("camera {name} is starting")),
        CameraState::Stalled { .. } => Some(format!("camera {name} delivers no pictures")),
        CameraState::Lost { reason, .. } => Some(format!("camera {name} is lost: {reason}")),
    }
}

/// Answer of `GET /version`.
#[derive(Debug, Serialize)]
pub(super) struct Running {
    version: &'static str,
    build: String,
    protocol: u16,
}

/// `GET /version`.
pub(super) async fn version() -> Json<Running> {
    Json(Running { version: env!("CARGO_PKG_VERSION"), build: super::build(), protocol: PROTOCOL })
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}
