//! How requests are refused: a status and a sentence that says what to do.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rtm2_app::http::Problem;

use crate::auth::{AuthError, RetryAfter};

/// A refused request.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: Cow<'static, str>,
    retry_after: Option<RetryAfter>,
    challenge: Challenge,
}

/// Whether the client is asked for HTTP Basic credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A browser would open its own box over the page.
    Silent,
    /// For programs that wait for it.
    Basic,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, message: message.into(), retry_after: None, challenge: Challenge::Silent }
    }

    /// 400.
    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404.
    pub(super) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 403.
    pub(super) fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 503.
    pub(super) fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// 503 to whoever asks while others are served.
    pub(super) fn busy(message: &'static str) -> Self {
        Self { retry_after: Some(RetryAfter(Duration::from_secs(5))), ..Self::unavailable(message) }
    }

    /// 401 to somebody who is not logged in.
    pub(super) fn log_in(challenge: Challenge) -> Self {
        Self { challenge, ..Self::new(StatusCode::UNAUTHORIZED, "log in first") }
    }

    /// 503 to whoever asks while the server ends.
    pub(super) fn stopping() -> Self {
        Self::unavailable("the server is stopping, try again in a moment")
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn into_message(self) -> String {
        self.message.into_owned()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(Problem { error: self.message.into_owned() });
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.seconds()));
        }
        if self.challenge == Challenge::Basic {
            let basic = HeaderValue::from_static("Basic realm=\"rtm2\", charset=\"UTF-8\"");
            headers.insert(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        let status = match error {
            AuthError::Name | AuthError::Password => StatusCode::BAD_REQUEST,
            AuthError::Credentials => StatusCode::UNAUTHORIZED,
            AuthError::SetupToken => StatusCode::FORBIDDEN,
            AuthError::Unknown => StatusCode::NOT_FOUND,
            AuthError::Taken | AuthError::LastAdmin | AuthError::SetUpAlready => StatusCode::CONFLICT,
            AuthError::Limited(wait) => {
                let refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, error.to_string());
                return Self { retry_after: Some(wait), ..refusal };
            }
            AuthError::Db(_) | AuthError::Hash(_) => {
                tracing::error!(%error, "a request failed");
                return Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "accounts are not available, see the server's log",
                );
            }
        };
        Self::new(status, error.to_string())
    }
}

impl From<rtm2_store::Error> for Refusal {
    fn from(error: rtm2_store::Error) -> Self {
        use rtm2_store::Error::{Bucket, Damaged, MemoryOnly, NoEvent, Pinned, PinnedTooMuch, Text};
        let status = match error {
            Bucket(_) | Text(_) => Some(StatusCode::BAD_REQUEST),
            NoEvent { .. } => Some(StatusCode::NOT_FOUND),
            MemoryOnly | Pinned | PinnedTooMuch { .. } => Some(StatusCode::CONFLICT),
            _ => None,
        };
        if let Some(status) = status {
            return Self::new(status, error.to_string());
        }
        tracing::error!(%error, "a request failed");
        if matches!(error, Damaged { .. }) {
            // One frame is no reason to think that the others are lost too.
            return Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
        }
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "recordings are not available, see the server's log")
    }
}

impl From<rtm2_alert::AlertError> for Refusal {
    fn from(error: rtm2_alert::AlertError) -> Self {
        use rtm2_alert::AlertError;
        match error {
            AlertError::Unknown => Self::not_found(error.to_string()),
            AlertError::TooMany => Self::new(StatusCode::CONFLICT, error.to_string()),
            AlertError::Subscription(_) | AlertError::Filters(_) => Self::bad_request(error.to_string()),
            _ => {
                tracing::error!(%error, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "alerts are not available, see the server's log")
            }
        }
    }
}
