//! Taking requests apart, with refusals that say what was wrong in the API's own form.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use rtm2_app::CameraId;
use serde::de::DeserializeOwned;

use super::App;
use super::problem::Refusal;
use crate::pipeline::CameraFeed;

/// The query string.
#[derive(Debug)]
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let query = Query::from_request_parts(parts, app).await;
        let Query(value) = query.map_err(|error| Refusal::bad_request(error.body_text()))?;
        Ok(Self(value))
    }
}

/// The variable parts of the path.
#[derive(Debug)]
pub(super) struct Segments<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Segments<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let path = Path::from_request_parts(parts, app).await;
        let Path(value) = path.map_err(|_| Refusal::not_found("there is nothing at this path"))?;
        Ok(Self(value))
    }
}

/// A JSON body. Its refusals do not repeat what was sent: it may hold a password.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        match Json::from_request(request, app).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(error) => Err(match error.status() {
                StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                    Refusal::new(error.status(), "send JSON with `content-type: application/json`")
                }
                StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(error.status(), "the body is too long"),
                _ => Refusal::bad_request("the body is not the JSON object that this call takes"),
            }),
        }
    }
}

/// The camera of a number, or 404.
pub(super) fn camera(app: &App, id: CameraId) -> Result<&CameraFeed, Refusal> {
    let feed = app.hub.camera(id).map(AsRef::as_ref);
    feed.ok_or_else(|| Refusal::not_found(format!("there is no camera {id}")))
}
