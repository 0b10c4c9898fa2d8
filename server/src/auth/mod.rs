//! Accounts, sessions and who may do what. Nothing here speaks HTTP: [`crate::web`] asks, this answers.
//!
//! Accounts and sessions live in a small database of their own beside the recordings, so that either can be thrown
//! away without the other. Passwords are kept as argon2id hashes, session ids and the set-up token as SHA-256 only.

mod accounts;
mod backend;
mod basic;
mod db;
mod limiter;
mod name;
mod password;
mod sessions;
mod setup;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::sync::{Semaphore, watch};

pub use accounts::Role;
pub use backend::{Backend, CookiePolicy, Session};
pub use db::DbError;
pub use limiter::{Limits, RetryAfter};
pub use name::{MAX_NAME, UserName};
pub use password::MAX_PASSWORD;
pub use sessions::{SessionKey, SqliteSessions};

use basic::VerifiedCache;
use db::Db;
use limiter::Limiter;

/// Name of the database in the state directory.
pub const FILE: &str = "accounts.sqlite";

/// Password hashes computed at the same time: each takes 19 MiB, and guessing must not occupy every core.
const HASHERS: usize = 2;

/// Why something about accounts was refused.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The name is not one that an account may have.
    #[error("a user name has 1 to {MAX_NAME} letters, digits or any of . _ - @, and begins with a letter or digit")]
    Name,
    /// The password is too short or too long.
    #[error("a password has {min} to {MAX_PASSWORD} characters: choose a longer or shorter one", min = rtm2_app::http::MIN_PASSWORD)]
    Password,
    /// The name is taken.
    #[error("there is already a user of this name: choose another")]
    Taken,
    /// No such account.
    #[error("there is no user of this name")]
    Unknown,
    /// Without an admin nobody could make another one.
    #[error("the last admin cannot be removed: make another admin first")]
    LastAdmin,
    /// Name and password do not belong together; which of them is wrong is not said.
    #[error("user name or password is wrong")]
    Credentials,
    /// The one-time token is not the one of the last start.
    #[error("this set-up link is not valid: use the one that the last start printed")]
    SetupToken,
    /// There is an account, so set-up is over.
    #[error("rtm2 is set up already: log in instead")]
    SetUpAlready,
    /// Too many failures.
    #[error("too many failed attempts: try again in {0}")]
    Limited(RetryAfter),
    /// The database or the hasher failed; the details are for the log.
    #[error("accounts are not available: {0}")]
    Db(#[from] DbError),
    /// The hasher refused or its task ended.
    #[error("passwords cannot be checked: {0}")]
    Hash(String),
}

/// Who is calling, and what must still hold for the call to go on.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account's number.
    pub account: i64,
    /// The account's name.
    pub name: String,
    /// Whether the account may change settings and see others.
    pub admin: bool,
    /// Changes with the password, so that everything begun under the old one ends.
    epoch: [u8; 16],
    /// The session, or `None` for HTTP Basic.
    session: Option<SessionKey>,
}

impl Caller {
    /// The caller as the page sees it.
    pub fn info(&self) -> rtm2_app::wire::UserInfo {
        rtm2_app::wire::UserInfo { name: self.name.clone(), admin: self.admin }
    }

    /// The session that the call came with, `None` for HTTP Basic.
    pub fn session(&self) -> Option<&SessionKey> {
        self.session.as_ref()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Libraries log callers: what authenticates them stays out.
        f.debug_struct("Caller").field("name", &self.name).field("admin", &self.admin).finish_non_exhaustive()
    }
}

/// Accounts, sessions and limits on guessing. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Auth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    hashers: Semaphore,
    limiter: Mutex<Limiter>,
    verified: Mutex<VerifiedCache>,
    /// Counts every end of a session or change of an account, so that sockets look again at once.
    ended: watch::Sender<u64>,
    /// What an unknown user's password is checked against, so that the answer takes as long as for a known one.
    decoy: String,
}

impl Auth {
    /// Opens or makes the account database at `file`, [`FILE`] in the state directory. Blocks.
    pub fn open(file: &Path) -> Result<Self, AuthError> {
        Self::with(Db::open(file)?)
    }

    /// Accounts that are forgotten when the process ends.
    pub fn in_memory() -> Result<Self, AuthError> {
        Self::with(Db::in_memory()?)
    }

    fn with(db: Db) -> Result<Self, AuthError> {
        let decoy = password::hash(&password::random_token())?;
        Ok(Self(Arc::new(Inner {
            db,
            hashers: Semaphore::new(HASHERS),
            limiter: Mutex::new(Limiter::new(Limits::default())),
            verified: Mutex::new(VerifiedCache::new()),
            ended: watch::Sender::new(0),
            decoy,
        })))
    }

    /// Checks a name and password within the limits on guessing.
    pub async fn verify(&self, user: &str, password: &str, from: IpAddr) -> Result<Caller, AuthError> {
        self.admit(user, from)?;
        let caller = self.check_password(user, password).await?;
        self.refund(user, from);
        Ok(caller)
    }

    /// Changes when a session ended or an account changed: callers that stay connected then ask
    /// [`Auth::still_valid`].
    pub fn ended(&self) -> watch::Receiver<u64> {
        self.0.ended.subscribe()
    }

    /// Whether what let this caller in still holds: the account, its password, and the session.
    pub async fn still_valid(&self, caller: &Caller) -> bool {
        let caller = caller.clone();
        self.blocking(move |db| db.still_valid(&caller)).await.unwrap_or_else(|error| {
            tracing::error!(%error, "sessions cannot be checked, ending one");
            false
        })
    }

    /// Tells those that stay connected to look again.
    fn announce(&self) {
        self.0.ended.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Runs something on the database without holding up the runtime.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Db) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner.db)).await.map_err(|_| DbError::Stopped)?
    }
}
