//! Who is logged in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::http::{Login, Setup};
use rtm2_app::json;
use rtm2_app::wire::UserInfo;

use crate::http::{self, CallError};
use crate::sys::days;

/// The body of a call that says nothing.
#[derive(serde::Serialize)]
struct Nothing {}

/// What is known about the login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Not asked yet.
    Unknown,
    /// The server could not be asked.
    Unreachable,
    /// Nobody is.
    Out,
    /// This account is.
    In(UserInfo),
}

/// The login, shared by all pages as context.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    auth: RwSignal<Auth>,
}

impl Session {
    /// A session of which nothing is known yet.
    pub fn new() -> Self {
        Self { auth: RwSignal::new(Auth::Unknown) }
    }

    /// The session of the page.
    pub fn expect() -> Self {
        expect_context()
    }

    /// What is known, tracked.
    pub fn auth(self) -> Auth {
        self.auth.get()
    }

    /// The account, tracked; `None` while nobody is logged in.
    pub fn user(self) -> Option<UserInfo> {
        self.auth.with(|auth| match auth {
            Auth::In(user) => Some(user.clone()),
            _ => None,
        })
    }

    /// Whether the account is an admin's, tracked.
    pub fn is_admin(self) -> bool {
        self.auth.with(|auth| matches!(auth, Auth::In(user) if user.admin))
    }

    /// Asks the server who is logged in.
    pub async fn check(self) {
        let auth = match http::get::<UserInfo>(self, "/api/v1/session").await {
            Ok(user) => Auth::In(user),
            Err(CallError::LoggedOut) => Auth::Out,
            // What was known stays: a broken connection logs nobody out.
            Err(_) if self.auth.with_untracked(|auth| matches!(auth, Auth::In(_))) => return,
            Err(_) => Auth::Unreachable,
        };
        self.put(auth);
    }

    /// Logs in.
    pub async fn login(self, login: &Login) -> Result<(), CallError> {
        self.enter("/api/v1/login", login).await
    }

    /// Makes the first account and logs it in.
    pub async fn setup(self, setup: &Setup) -> Result<(), CallError> {
        self.enter("/api/v1/setup", setup).await
    }

    async fn enter(self, path: &str, body: &impl serde::Serialize) -> Result<(), CallError> {
        let user = json::read(&http::post(path, body).await?).map_err(|_| CallError::Unreachable)?;
        self.put(Auth::In(user));
        Ok(())
    }

    /// Logs out.
    pub async fn logout(self) -> Result<(), CallError> {
        match http::post("/api/v1/logout", &Nothing {}).await {
            Ok(_) | Err(CallError::LoggedOut) => {
                self.end();
                Ok(())
            }
            Err(e) => Err(e),
        }
    }

    /// The server ended the session: the login page comes next.
    pub fn end(self) {
        self.put(Auth::Out);
    }

    /// Takes note of a failed call.
    pub fn note(self, error: &CallError) {
        if *error == CallError::LoggedOut {
            self.end();
        }
    }

    /// Signals are told only what is new, so that a repeated check rebuilds nothing.
    fn put(self, auth: Auth) {
        if self.auth.with_untracked(|old| *old != auth) {
            // Days of the history that this browser keeps are those of one account.
            match &auth {
                Auth::In(user) => spawn_local(days::belong(user.name.clone())),
                Auth::Out => spawn_local(days::forget()),
                Auth::Unknown | Auth::Unreachable => {}
            }
            self.auth.set(auth);
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}
