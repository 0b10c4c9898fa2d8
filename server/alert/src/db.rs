//! The database of devices and of deliveries that wait.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use crate::AlertError;

/// Name of the database in the state directory.
pub const FILE: &str = "alerts.sqlite";

/// Version of the layout, in `user_version`.
const VERSION: i64 = 1;

const LAYOUT: &str = "
    CREATE TABLE devices (
        id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, also after removal
        account INTEGER NOT NULL,             -- of the account database
        name TEXT NOT NULL,
        endpoint TEXT NOT NULL UNIQUE,
        p256dh TEXT NOT NULL,
        auth TEXT NOT NULL,
        created INTEGER NOT NULL,             -- microseconds since the epoch, as all times here
        filters TEXT NOT NULL,                -- JSON
        snoozed_until INTEGER,
        last_at INTEGER,
        last_delivered INTEGER,
        last_words TEXT
    ) STRICT;
    CREATE INDEX devices_by_account ON devices (account, id);
    CREATE TABLE rang (                       -- the last alert of motion per device and camera, for cooldowns
        device INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
        camera INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (device, camera)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL,
        device INTEGER REFERENCES devices (id) ON DELETE CASCADE,
        webhook TEXT,                         -- its name in the configuration
        alert TEXT NOT NULL,                  -- JSON
        due INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        CHECK ((device IS NULL) <> (webhook IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX deliveries_once ON deliveries (event, coalesce(device, ''), coalesce(webhook, ''));
    CREATE INDEX deliveries_by_device ON deliveries (device);
    CREATE INDEX deliveries_by_due ON deliveries (due);
    PRAGMA user_version = 1;
";

/// One connection: a few statements per alert.
#[derive(Debug)]
pub(crate) struct Db(Mutex<Connection>);

impl Db {
    pub(crate) fn open(path: &Path) -> Result<Self, AlertError> {
        private(path)?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        Self::with(connection)
    }

    pub(crate) fn in_memory() -> Result<Self, AlertError> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(mut connection: Connection) -> Result<Self, AlertError> {
        connection.pragma_update(None, "foreign_keys", "ON")?;
        let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        match change.query_row("PRAGMA user_version", [], |row| row.get(0))? {
            0 => change.execute_batch(LAYOUT)?,
            VERSION => {}
            newer => return Err(AlertError::Newer(newer)),
        }
        change.commit()?;
        Ok(Self(Mutex::new(connection)))
    }

    /// The connection, for a few statements. A panic of another holder leaves nothing half done.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
