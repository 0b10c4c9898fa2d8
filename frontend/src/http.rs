//! Calls to the server's plain routes. Every call goes through here, so that a session that ended is noticed wherever
//! it shows.

use gloo_net::http::{Request, Response};
use leptos::server_fn::ServerFn;
use rtm2_app::http::Problem;
use rtm2_app::json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::session::Session;
use crate::sys::days;

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// Nobody is logged in (any more).
    LoggedOut,
    /// The server refused; the words are for the user.
    Refused(String),
    /// The server did not answer, or not in a way that this page understands.
    Unreachable,
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::LoggedOut => "log in again",
            Self::Refused(why) => why,
            Self::Unreachable => "the server does not answer, try again in a moment",
        })
    }
}

/// Fetches `path` as JSON, if that was not done before the wasm was there. A 401 ends the session.
pub async fn get<T: DeserializeOwned>(session: Session, path: &str) -> Result<T, CallError> {
    let text = match days::early(path).await {
        Some(answer) => Response::from(answer).text().await.map_err(|_| CallError::Unreachable)?,
        None => text(session, Request::get(path).build()).await?,
    };
    json::read(&text).map_err(|_| CallError::Unreachable)
}

/// Fetches `path` as JSON, as the browser reads it; `None` for a 404, where that says that there is no such thing. A 401
/// ends the session.
pub async fn find(session: Session, path: &str) -> Result<Option<JsValue>, CallError> {
    match call(session, Request::get(path).build()).await {
        Ok(response) => value(response).await.map(Some),
        Err(Refused { status: 404, .. }) => Ok(None),
        Err(refused) => Err(refused.why),
    }
}

/// Fetches `path` as a file; its bytes stay in the browser's memory. A 401 ends the session.
pub async fn get_blob(session: Session, path: &str) -> Result<Blob, CallError> {
    let response = web_sys::Response::from(call(session, Request::get(path).build()).await?);
    let blob = response.blob().map_err(|_| CallError::Unreachable)?;
    let blob = JsFuture::from(blob).await.map_err(|_| CallError::Unreachable)?;
    Ok(blob.unchecked_into())
}

/// Whether `path` would be answered; the answer itself is left where it is, but for its first byte.
pub async fn probe(session: Session, path: &str) -> Result<(), CallError> {
    call(session, Request::get(path).header("range", "bytes=0-0").build()).await?;
    Ok(())
}

/// Changes what is at `path` by PATCH with this JSON, and gives the answer as the browser reads it. A 401 ends the
/// session.
pub async fn patch(session: Session, path: &str, json: String) -> Result<JsValue, CallError> {
    let request = Request::patch(path).header("content-type", "application/json").body(json);
    value(call(session, request).await?).await
}

/// Deletes what is at `path`. A 401 ends the session.
pub async fn delete(session: Session, path: &str) -> Result<(), CallError> {
    call(session, Request::delete(path).build()).await?;
    Ok(())
}

/// A refusal with the answer's status, 0 where there was none.
struct Refused {
    status: u16,
    why: CallError,
}

impl From<Refused> for CallError {
    fn from(refused: Refused) -> Self {
        refused.why
    }
}

/// Sends a request. A 401 ends the session.
async fn call(session: Session, request: Result<Request, gloo_net::Error>) -> Result<Response, Refused> {
    let unreachable = |_| Refused { status: 0, why: CallError::Unreachable };
    let response = request.map_err(unreachable)?.send().await.map_err(unreachable)?;
    let status = response.status();
    accept(response).await.map_err(|why| {
        session.note(&why);
        Refused { status, why }
    })
}

async fn text(session: Session, request: Result<Request, gloo_net::Error>) -> Result<String, CallError> {
    call(session, request).await?.text().await.map_err(|_| CallError::Unreachable)
}

/// An answer's JSON, as the browser reads it.
async fn value(response: Response) -> Result<JsValue, CallError> {
    let text = response.text().await.map_err(|_| CallError::Unreachable)?;
    js_sys::JSON::parse(&text).map_err(|_| CallError::Unreachable)
}

/// Posts `body` to `path` as JSON and gives the text of the answer.
pub async fn post(path: &str, body: &impl Serialize) -> Result<String, CallError> {
    let response = accept(send(path, json::write(body).unwrap_or_default()).await?).await?;
    response.text().await.map_err(|_| CallError::Unreachable)
}

/// Calls a server function. Not by leptos's own client, which brings what forms, streams and redirects need: the
/// request is the same. The error is a sentence for the user, and a session that ended is noticed.
pub async fn ask<F>(session: Session, call: F) -> Result<F::Output, String>
where
    F: ServerFn + Serialize,
    F::Output: DeserializeOwned,
{
    let text = function_text(session, F::PATH, json::write(&call).unwrap_or_default()).await?;
    json::read(&text).map_err(|_| CallError::Unreachable.to_string())
}

/// Calls a server function by its name with a body of JSON, and gives its answer as the browser reads it. For what few
/// visitors need: typed calls would weigh more than all the rest of it. A 401 ends the session.
pub async fn function(session: Session, name: &str, body: String) -> Result<JsValue, String> {
    let text = function_text(session, &["/api/fn/", name].concat(), body).await?;
    js_sys::JSON::parse(&text).map_err(|_| CallError::Unreachable.to_string())
}

async fn function_text(session: Session, path: &str, body: String) -> Result<String, String> {
    let response = send(path, body).await.map_err(|error| error.to_string())?;
    if response.status() == 401 {
        session.end();
    }
    let text = response.text().await.map_err(|_| CallError::Unreachable.to_string())?;
    if response.ok() {
        return Ok(text);
    }
    // As server functions write what their users shall read.
    Err(text.strip_prefix("ServerError|").unwrap_or("the server refused that").to_owned())
}

/// Posts JSON and waits for the head of the answer.
async fn send(path: &str, body: String) -> Result<Response, CallError> {
    let request = Request::post(path).header("content-type", "application/json").body(body);
    request.map_err(|_| CallError::Unreachable)?.send().await.map_err(|_| CallError::Unreachable)
}

/// Turns what is not a success into an error.
async fn accept(response: Response) -> Result<Response, CallError> {
    let status = response.status();
    if (200..300).contains(&status) {
        return Ok(response);
    }
    let text = response.text().await.unwrap_or_default();
    let problem = json::read(&text).ok().map(|problem: Problem| CallError::Refused(problem.error));
    // A wrong password or token is a 401 with words for the user; elsewhere it means one thing only.
    let at_the_door = ["/login", "/setup"].iter().any(|end| response.url().ends_with(end));
    Err(match (status, problem) {
        (401, problem) => problem.filter(|_| at_the_door).unwrap_or(CallError::LoggedOut),
        (_, Some(problem)) => problem,
        (429, None) => CallError::Refused("too many attempts, wait a minute".into()),
        (..500, None) => CallError::Refused("the server refused that".into()),
        (_, None) => CallError::Unreachable,
    })
}
