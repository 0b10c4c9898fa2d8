//! Sessions in the account database, for tower-sessions. Only logged-in sessions are ever stored.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;
use axum_login::tower_sessions::session::{Id, Record};
use axum_login::tower_sessions::session_store::{Error, Result};
use axum_login::tower_sessions::{self as tower, SessionStore};
use rusqlite::OptionalExtension as _;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::Auth;
use super::db::{Db, DbError, now_s, now_us};

/// Sessions that one account may have; a further one ends the oldest.
const PER_ACCOUNT: i64 = 50;

/// What a session is known by in the database: the SHA-256 of its id, useless as a cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    pub(super) fn bytes(&self) -> [u8; 32] {
        self.0
    }
}

impl From<&Id> for SessionKey {
    fn from(id: &Id) -> Self {
        Self(Sha256::digest(id.0.to_le_bytes()).into())
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey")
    }
}

/// The store that tower-sessions asks.
#[derive(Clone, Debug)]
pub struct SqliteSessions(Auth);

impl SqliteSessions {
    /// Sessions of these accounts.
    pub fn new(auth: Auth) -> Self {
        Self(auth)
    }
}

#[async_trait]
impl SessionStore for SqliteSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let (key, account, row) = (SessionKey::from(&record.id), account_of(record)?, Row::of(record)?);
            if self.0.blocking(move |db| insert(db, &key, account, &row)).await.map_err(|error| backend(&error))? {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Updates only: a request that began before the log-out must not bring its session back.
    async fn save(&self, record: &Record) -> Result<()> {
        let (key, account, row) = (SessionKey::from(&record.id), account_of(record)?, Row::of(record)?);
        self.0.blocking(move |db| update(db, &key, account, &row)).await.map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let key = SessionKey::from(id);
        let row = self.0.blocking(move |db| select(db, &key)).await.map_err(|error| backend(&error))?;
        row.map(|row| row.record(*id)).transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let key = SessionKey::from(id);
        self.0.blocking(move |db| delete(db, &key)).await.map_err(|error| backend(&error))?;
        self.0.announce();
        Ok(())
    }
}

/// A session as it is stored.
struct Row {
    data: String,
    expires: i64,
}

impl Row {
    fn of(record: &Record) -> Result<Self> {
        let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        Ok(Self { data, expires: record.expiry_date.unix_timestamp() })
    }

    fn record(self, id: Id) -> Result<Record> {
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_str(&self.data).map_err(|e| Error::Decode(e.to_string()))?;
        let expiry_date =
            OffsetDateTime::from_unix_timestamp(self.expires).map_err(|e| Error::Decode(e.to_string()))?;
        Ok(Record { id, data, expiry_date })
    }
}

fn backend(error: &DbError) -> Error {
    Error::Backend(error.to_string())
}

/// The account that axum-login wrote into the session.
fn account_of(record: &Record) -> Result<i64> {
    let id = record.data.get(super::backend::DATA_KEY).and_then(|data| data.get("user_id"));
    id.and_then(serde_json::Value::as_i64)
        .ok_or_else(|| Error::Encode("a session without an account is not stored".into()))
}

fn insert(db: &Db, key: &SessionKey, account: i64, row: &Row) -> std::result::Result<bool, DbError> {
    let mut db = db.lock();
    let change = db.transaction()?;
    change.execute("DELETE FROM sessions WHERE expires <= ?1", [now_s()])?;
    let oldest = "DELETE FROM sessions WHERE account = ?1 AND key NOT IN
                  (SELECT key FROM sessions WHERE account = ?1 ORDER BY created DESC LIMIT ?2)";
    change.execute(oldest, (account, PER_ACCOUNT - 1))?;
    let insert = "INSERT INTO sessions (key, account, data, expires, created) VALUES (?1, ?2, ?3, ?4, ?5)
                  ON CONFLICT DO NOTHING";
    let inserted = change.execute(insert, (key.0, account, &row.data, row.expires, now_us()))?;
    change.commit()?;
    Ok(inserted == 1)
}

fn update(db: &Db, key: &SessionKey, account: i64, row: &Row) -> std::result::Result<(), DbError> {
    let update = "UPDATE sessions SET account = ?2, data = ?3, expires = ?4 WHERE key = ?1";
    db.lock().execute(update, (key.0, account, &row.data, row.expires))?;
    Ok(())
}

fn select(db: &Db, key: &SessionKey) -> std::result::Result<Option<Row>, DbError> {
    let db = db.lock();
    let mut select = db.prepare_cached("SELECT data, expires FROM sessions WHERE key = ?1 AND expires > ?2")?;
    let row = |r: &rusqlite::Row<'_>| Ok(Row { data: r.get(0)?, expires: r.get(1)? });
    Ok(select.query_row((key.0, now_s()), row).optional()?)
}

fn delete(db: &Db, key: &SessionKey) -> std::result::Result<(), DbError> {
    db.lock().execute("DELETE FROM sessions WHERE key = ?1", [key.0])?;
    Ok(())
}

/// The key of a request's session, if it has one.
pub(super) fn key_of(session: &tower::Session) -> Option<SessionKey> {
    session.id().as_ref().map(SessionKey::from)
}
