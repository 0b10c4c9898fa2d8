//! The database of accounts and sessions.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

use super::Caller;

/// Version of the layout, in `user_version`.
const VERSION: i64 = 1;

const LAYOUT: &str = "
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, also after removal
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        admin INTEGER NOT NULL,
        password TEXT NOT NULL,               -- argon2id, as a PHC string
        epoch BLOB NOT NULL,                  -- changes with the password
        created INTEGER NOT NULL              -- microseconds since the epoch
    ) STRICT;
    CREATE TABLE sessions (
        key BLOB PRIMARY KEY,                 -- SHA-256 of the session's id
        account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        data TEXT NOT NULL,
        expires INTEGER NOT NULL,             -- seconds since the epoch
        created INTEGER NOT NULL              -- microseconds since the epoch
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_by_account ON sessions (account, created);
    CREATE TABLE setup (only INTEGER PRIMARY KEY CHECK (only = 0), token BLOB NOT NULL) STRICT;
    PRAGMA user_version = 1;
";

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// `SQLite` refused.
    #[error("account database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Made by a later version.
    #[error("account database has layout {0}, this version knows {VERSION}: use the newer rtm2")]
    Newer(i64),
    /// The file's rights could not be set.
    #[error("account database: {0}")]
    Io(#[from] std::io::Error),
    /// The task that asked was stopped, as at shutdown.
    #[error("account database: stopped")]
    Stopped,
}

/// One connection: accounts are asked a few times a second, so nothing is won by more.
#[derive(Debug)]
pub(super) struct Db(Mutex<Connection>);

impl Db {
    pub(super) fn open(path: &Path) -> Result<Self, DbError> {
        private(path)?;
        let connection = Connection::open(path)?;
        // The command line may change accounts while the server runs.
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        Self::with(connection)
    }

    pub(super) fn in_memory() -> Result<Self, DbError> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(mut connection: Connection) -> Result<Self, DbError> {
        connection.pragma_update(None, "foreign_keys", "ON")?;
        let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        match change.query_row("PRAGMA user_version", [], |row| row.get(0))? {
            0 => change.execute_batch(LAYOUT)?,
            VERSION => {}
            newer => return Err(DbError::Newer(newer)),
        }
        change.commit()?;
        Ok(Self(Mutex::new(connection)))
    }

    /// The connection, for a few statements.
    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        lock(&self.0)
    }

    /// Whether what let the caller in still holds. A session stands for itself: a new password ends all that it must.
    pub(super) fn still_valid(&self, caller: &Caller) -> Result<bool, DbError> {
        let db = self.lock();
        let Some(session) = &caller.session else {
            let same = "SELECT EXISTS (SELECT 1 FROM accounts WHERE id = ?1 AND epoch = ?2 AND admin = ?3)";
            let values = (caller.account, caller.epoch, caller.admin);
            return Ok(db.prepare_cached(same)?.query_row(values, |r| r.get(0))?);
        };
        let alive = "SELECT EXISTS (SELECT 1 FROM sessions JOIN accounts ON accounts.id = account
                     WHERE key = ?1 AND account = ?2 AND admin = ?3 AND expires > ?4)";
        let values = (session.bytes(), caller.account, caller.admin, now_s());
        Ok(db.prepare_cached(alive)?.query_row(values, |r| r.get(0))?)
    }
}

/// A lock whose holder cannot leave anything half done: a panic of another holder is no reason to stop.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Seconds since the epoch.
pub(super) fn now_s() -> i64 {
    now_us() / 1_000_000
}

/// Microseconds since the epoch.
pub(super) fn now_us() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64)
}

/// Makes the file readable by its owner only, before anything is in it.
#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private(_: &Path) -> std::io::Result<()> {
    Ok(())
}
