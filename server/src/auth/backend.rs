//! The accounts as axum-login asks for them, and the layer that gives every request its session.

use axum_login::tower_sessions::cookie::{SameSite, time::Duration as CookieDuration};
use axum_login::tower_sessions::{Expiry, SessionManagerLayer};
use axum_login::{AuthManagerLayer, AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::db::{DbError, lock, now_s};
use super::{Auth, AuthError, Caller, SqliteSessions, password, sessions};

/// Where axum-login keeps its part of a session.
pub(super) const DATA_KEY: &str = "account";
/// When a session was last prolonged, in seconds since the epoch.
const PROLONGED: &str = "prolonged";
/// A session in use is prolonged once a day, not with every request.
const PROLONG_EVERY_S: i64 = 24 * 3600;
/// How long a log-in waits for its turn at the hasher.
const TURN: Duration = Duration::from_secs(10);

/// A request's session.
pub type Session = AuthSession<Backend>;

/// Whether cookies are kept to TLS connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CookiePolicy {
    /// Sent over plain HTTP too, which is what a first start on loopback or a LAN offers.
    #[default]
    AnyConnection,
    /// `Secure`: for servers that are only reached over TLS.
    TlsOnly,
}

/// The accounts, for axum-login.
#[derive(Clone, Debug)]
pub struct Backend(Auth);

impl AuthUser for Caller {
    type Id = i64;

    fn id(&self) -> i64 {
        self.account
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.epoch
    }
}

impl AuthnBackend for Backend {
    type User = Caller;
    /// Never used: log-in goes through [`Auth::verify`], which knows the address.
    type Credentials = std::convert::Infallible;
    type Error = DbError;

    async fn authenticate(&self, credentials: Self::Credentials) -> Result<Option<Caller>, DbError> {
        match credentials {}
    }

    async fn get_user(&self, id: &i64) -> Result<Option<Caller>, DbError> {
        let (auth, id) = (self.0.clone(), *id);
        tokio::task::spawn_blocking(move || auth.find_id(id)).await.map_err(|_| DbError::Stopped)?
    }
}

impl Auth {
    /// The layer that reads and writes session cookies. `lifetime` counts from the last use.
    pub fn session_layer(
        &self,
        cookies: CookiePolicy,
        lifetime: Duration,
    ) -> AuthManagerLayer<Backend, SqliteSessions> {
        let lifetime = CookieDuration::seconds(lifetime.as_secs().min(400 * 86_400) as i64);
        let sessions = SessionManagerLayer::new(SqliteSessions::new(self.clone()))
            .with_name("rtm2_session")
            .with_http_only(true)
            .with_same_site(SameSite::Strict)
            .with_secure(cookies == CookiePolicy::TlsOnly)
            .with_expiry(Expiry::OnInactivity(lifetime));
        AuthManagerLayerBuilder::new(Backend(self.clone()), sessions).with_data_key(DATA_KEY).build()
    }

    /// The caller of a request by its session, prolonging it when it is in use.
    pub async fn caller(&self, session: &Session) -> Option<Caller> {
        let mut caller = session.user.clone()?;
        caller.session = sessions::key_of(&session.session);
        let now = now_s();
        let prolonged: Option<i64> = session.session.get(PROLONGED).await.ok().flatten();
        if prolonged.is_none_or(|at| now - at > PROLONG_EVERY_S)
            && let Err(error) = session.session.insert(PROLONGED, now).await
        {
            tracing::warn!(%error, "a session could not be prolonged");
        }
        Some(caller)
    }

    /// Makes the session this caller's, under a new id.
    pub async fn log_in(&self, session: &mut Session, caller: &Caller) -> Result<(), AuthError> {
        let failed = |error: &dyn std::fmt::Display| AuthError::Hash(format!("session: {error}"));
        session.session.cycle_id().await.map_err(|e| failed(&e))?;
        session.session.insert(PROLONGED, now_s()).await.map_err(|e| failed(&e))?;
        session.login(caller).await.map_err(|e| failed(&e))
    }

    /// Ends the session.
    pub async fn log_out(&self, session: &mut Session) -> Result<(), AuthError> {
        session.logout().await.map_err(|error| AuthError::Hash(format!("session: {error}")))?;
        Ok(())
    }

    /// Changes the caller's own password, ends all other sessions and keeps this one.
    pub async fn change_password(
        &self,
        session: &mut Session,
        from: IpAddr,
        current: &str,
        new: &str,
    ) -> Result<(), AuthError> {
        password::validate(new)?;
        let name = session.user.as_ref().ok_or(AuthError::Credentials)?.name.clone();
        self.verify(&name, current, from).await?;
        let (new, changed, keep) = (new.to_owned(), name.clone(), sessions::key_of(&session.session));
        self.hashing(move |auth| auth.change_hash(&changed, &new, keep.as_ref())).await?;
        let caller = self.lookup(&name).await?.ok_or(AuthError::Unknown)?.0;
        session.login(&caller).await.map_err(|error| AuthError::Hash(format!("session: {error}")))
    }

    /// Counts an attempt, or refuses it.
    pub(super) fn admit(&self, user: &str, from: IpAddr) -> Result<(), AuthError> {
        lock(&self.0.limiter).charge(from, user, Instant::now()).map_err(AuthError::Limited)
    }

    /// Refuses an attempt that would be one too many, without counting it.
    pub(super) fn check_limits(&self, user: &str, from: IpAddr) -> Result<(), AuthError> {
        lock(&self.0.limiter).check(from, user, Instant::now()).map_err(AuthError::Limited)
    }

    /// The attempt was a good one after all.
    pub(super) fn refund(&self, user: &str, from: IpAddr) {
        lock(&self.0.limiter).refund(from, user, Instant::now());
    }

    /// The first account by its one-time token, within the limits on guessing.
    pub async fn first_account(
        &self,
        token: String,
        name: super::UserName,
        password: String,
        from: IpAddr,
    ) -> Result<Caller, AuthError> {
        // Whoever holds the link may mistype a password as often as they like.
        password::validate(&password)?;
        // Not a name that an account may have, so its failures are nobody else's.
        let guesses = "set-up link";
        self.admit(guesses, from)?;
        let user = name.clone();
        self.hashing(move |auth| auth.set_up(&token, &user, &password)).await?;
        self.refund(guesses, from);
        Ok(self.lookup(name.as_str()).await?.ok_or(AuthError::Unknown)?.0)
    }

    /// Checks a password in the same time whether there is such an account or not.
    pub(super) async fn check_password(&self, user: &str, password: &str) -> Result<Caller, AuthError> {
        let found = self.lookup(user).await?;
        let password: String = password.chars().take(password::MAX_PASSWORD + 1).collect();
        self.hashing(move |auth| {
            let hash = found.as_ref().map_or(auth.0.decoy.as_str(), |(_, hash)| hash.as_str());
            let matches = password::matches(&password, hash)?;
            found.filter(|_| matches).map(|(caller, _)| caller).ok_or(AuthError::Credentials)
        })
        .await
    }

    async fn lookup(&self, user: &str) -> Result<Option<(Caller, String)>, AuthError> {
        let (auth, user) = (self.clone(), user.to_owned());
        Ok(tokio::task::spawn_blocking(move || auth.find(&user)).await.map_err(|_| DbError::Stopped)??)
    }

    /// Runs something that hashes, a few at a time.
    pub async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, AuthError> + Send + 'static,
    ) -> Result<T, AuthError> {
        let turn = tokio::time::timeout(TURN, self.0.hashers.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(AuthError::Limited(super::RetryAfter(TURN))) };
        let auth = self.clone();
        tokio::task::spawn_blocking(move || work(&auth)).await.map_err(|_| DbError::Stopped)?
    }
}
