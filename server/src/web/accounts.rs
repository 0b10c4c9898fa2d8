//! Logging in and out, and the first account.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use rtm2_app::http::{Login, Setup};
use rtm2_app::wire::UserInfo;

use super::App;
use super::client::Client;
use super::params::Body;
use super::problem::Refusal;
use crate::auth::{AuthError, Caller, Session};

/// `POST /api/v1/login`.
pub(super) async fn login(
    State(app): State<App>,
    Extension(mut session): Extension<Session>,
    client: Client,
    Body(login): Body<Login>,
) -> Result<Json<UserInfo>, Refusal> {
    let verified = app.auth.verify(&login.user, &login.password, client.address).await;
    let caller = verified.inspect_err(|error| {
        // The name is not logged: people type their password there.
        if matches!(error, AuthError::Credentials | AuthError::Limited(_)) {
            tracing::warn!(address = %client.address, "a log-in was refused: {error}");
        }
    })?;
    app.auth.log_in(&mut session, &caller).await?;
    tracing::info!(user = %caller.name, address = %client.address, "logged in");
    Ok(Json(caller.info()))
}

/// `POST /api/v1/setup`.
pub(super) async fn set_up(
    State(app): State<App>,
    Extension(mut session): Extension<Session>,
    client: Client,
    Body(setup): Body<Setup>,
) -> Result<Json<UserInfo>, Refusal> {
    let name = setup.user.parse()?;
    let caller = app.auth.first_account(setup.token, name, setup.password, client.address).await?;
    app.auth.log_in(&mut session, &caller).await?;
    tracing::info!(user = %caller.name, address = %client.address, "the first account was made");
    Ok(Json(caller.info()))
}

/// `POST /api/v1/logout`.
pub(super) async fn logout(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Extension(mut session): Extension<Session>,
) -> Result<StatusCode, Refusal> {
    app.auth.log_out(&mut session).await?;
    tracing::info!(user = %caller.name, "logged out");
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/session`.
pub(super) async fn session(Extension(caller): Extension<Caller>) -> Json<UserInfo> {
    Json(caller.info())
}
