//! Calls to the server's plain routes. Every call goes through here, so that a session that ended is noticed wherever
//! it shows.

use gloo_net::http::{Request, RequestBuilder};
use leptos::server_fn::ServerFn;
use rtm2_app::http::Problem;
use rtm2_app::json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

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
    let response = match days::early(path).await {
        Some(answer) => answer,
        None => call(session, Request::get(path), None).await?,
    };
    let text = body(&response).await?;
    json::read(&text).map_err(|_| CallError::Unreachable)
}

/// Fetches `path` as JSON, as the browser reads it; `None` for a 404, where that says that there is no such thing. A 401
/// ends the session.
pub async fn find(session: Session, path: &str) -> Result<Option<JsValue>, CallError> {
    let response = send(Request::get(path), None).await?;
    if response.status() == 404 {
        return Ok(None);
    }
    let response = accept(response).await.inspect_err(|e| session.note(e))?;
    parse(&response).await.map(Some)
}

/// Whether `path` would be answered; only the head of the answer is waited for. A 401 ends the session.
pub async fn probe(session: Session, path: &str) -> Result<(), CallError> {
    call(session, Request::get(path), None).await.map(|_| ())
}

/// Changes what is at `path` by PATCH with this JSON, and gives the answer as the browser reads it. A 401 ends the
/// session.
pub async fn patch(session: Session, path: &str, json: String) -> Result<JsValue, CallError> {
    parse(&call(session, Request::patch(path), Some(json)).await?).await
}

/// Deletes what is at `path`. A 401 ends the session.
pub async fn delete(session: Session, path: &str) -> Result<(), CallError> {
    call(session, Request::delete(path), None).await.map(|_| ())
}

/// Sends a request and judges the answer. A 401 ends the session.
async fn call(session: Session, request: RequestBuilder, json: Option<String>) -> Result<Response, CallError> {
    accept(send(request, json).await?).await.inspect_err(|e| session.note(e))
}

/// An answer's JSON, as the browser reads it.
async fn parse(response: &Response) -> Result<JsValue, CallError> {
    settled(response.json()).await
}

/// Fetches `path` as a file; its bytes stay in the browser's memory. A 401 ends the session.
pub async fn get_blob(session: Session, path: &str) -> Result<Blob, CallError> {
    let response = call(session, Request::get(path), None).await?;
    settled(response.blob()).await.map(JsCast::unchecked_into)
}

/// Posts `body` to `path` as JSON and gives the text of the answer.
pub async fn post(path: &str, value: &impl Serialize) -> Result<String, CallError> {
    let response = send(Request::post(path), Some(json::write(value).unwrap_or_default())).await?;
    body(&accept(response).await?).await
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

async fn function_text(session: Session, path: &str, json: String) -> Result<String, String> {
    let unreachable = |error: CallError| error.to_string();
    let response = send(Request::post(path), Some(json)).await.map_err(unreachable)?;
    if response.status() == 401 {
        session.end();
    }
    let text = body(&response).await.map_err(unreachable)?;
    if response.ok() {
        return Ok(text);
    }
    // As server functions write what their users shall read.
    Err(text.strip_prefix("ServerError|").unwrap_or("the server refused that").to_owned())
}

/// Sends a request, with a body of JSON or none, and waits for the head of the answer.
async fn send(request: RequestBuilder, json: Option<String>) -> Result<Response, CallError> {
    let request = match json {
        Some(json) => request.header("content-type", "application/json").body(json),
        None => request.build(),
    };
    let request = request.map_err(|_| CallError::Unreachable)?;
    request.send().await.map(Response::from).map_err(|_| CallError::Unreachable)
}

/// The whole body of an answer.
async fn body(response: &Response) -> Result<String, CallError> {
    settled(response.text()).await?.as_string().ok_or(CallError::Unreachable)
}

/// What a promise comes to.
async fn settled(promise: Result<js_sys::Promise, JsValue>) -> Result<JsValue, CallError> {
    let promise = promise.map_err(|_| CallError::Unreachable)?;
    JsFuture::from(promise).await.map_err(|_| CallError::Unreachable)
}

/// Turns what is not a success into an error.
async fn accept(response: Response) -> Result<Response, CallError> {
    let status = response.status();
    if response.ok() {
        return Ok(response);
    }
    let text = body(&response).await.unwrap_or_default();
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
