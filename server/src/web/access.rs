//! The door: every route passes it, and it alone decides who may come in.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::App;
use super::client::{address, is_browser};
use super::origin::Sender;
use super::problem::{Challenge, Refusal};
use super::routes::{Access, Credentials, Route};
use crate::auth::{AuthError, Caller, Session};

/// Lets a request through to its route, with its [`Caller`], or refuses it.
pub(super) async fn door(State((app, route)): State<(App, &'static Route)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&app, route, &parts).await {
        Ok(caller) => {
            caller.map(|caller| parts.extensions.insert(caller));
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn admit(app: &App, route: &Route, request: &Parts) -> Result<Option<Caller>, Refusal> {
    let caller = match route.access {
        Access::Public => None,
        Access::User | Access::Admin => Some(caller(app, route, request).await?),
    };
    if route.access == Access::Admin && !caller.as_ref().is_some_and(|caller| caller.admin) {
        return Err(Refusal::forbidden("this is for admins"));
    }
    if route.credentials == Credentials::SocketSession || !is_safe(&request.method) {
        check_origin(app, request)?;
    }
    Ok(caller)
}

/// Who sends this: by session, or by HTTP Basic where the route takes it.
async fn caller(app: &App, route: &Route, request: &Parts) -> Result<Caller, Refusal> {
    if let Some(session) = request.extensions.get::<Session>()
        && let Some(caller) = app.auth.caller(session).await
    {
        return Ok(caller);
    }
    let headers = &request.headers;
    if route.credentials != Credentials::SessionOrBasic {
        return Err(Refusal::log_in(Challenge::Silent));
    }
    let challenge = if is_browser(headers) { Challenge::Silent } else { Challenge::Basic };
    let Some((user, password)) = basic(headers) else { return Err(Refusal::log_in(challenge)) };
    match app.auth.verify_basic(&user, &password, address(&request.extensions)).await {
        Err(AuthError::Credentials) => Err(Refusal::log_in(challenge)),
        other => Ok(other?),
    }
}

fn check_origin(app: &App, request: &Parts) -> Result<(), Refusal> {
    match app.origins.judge(&request.headers, &request.uri, super::proxy::sent(&request.extensions)) {
        Sender::Ours => Ok(()),
        // Without a cookie there is nothing that another site's page could borrow.
        Sender::Unnamed if !request.headers.contains_key(header::COOKIE) => Ok(()),
        Sender::Unnamed => Err(Refusal::forbidden("a request with a cookie must name its origin")),
        Sender::Foreign => {
            Err(Refusal::forbidden("pages of other origins may not do this; `web.origins` allows further ones"))
        }
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Name and password of HTTP Basic.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        basic(&headers)
    }

    #[test]
    fn basic_credentials_are_taken_apart_at_the_first_colon() {
        let encode = |text: &str| format!("bAsIc {}", STANDARD.encode(text));
        assert_eq!(parse(&encode("anna:a:b")), Some(("anna".into(), "a:b".into())));
        assert_eq!(parse(&encode("anna")), None);
        for bad in ["Basic", "Basic ###", "Bearer YTpi", "", "Basic /w=="] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
