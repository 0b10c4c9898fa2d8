//! What can go wrong.

use std::path::PathBuf;

/// Why alerts could not do what they were asked. Messages are for users.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// A subscription that cannot work.
    #[error("{0}")]
    Subscription(String),
    /// The account has as many devices as it may.
    #[error("an account has at most {max} devices: remove one first", max = rtm2_app::push::MAX_DEVICES)]
    TooMany,
    /// No such device of this account.
    #[error("there is no such device: it may have been removed")]
    Unknown,
    /// Filters or a snooze that cannot work.
    #[error("{0}")]
    Filters(String),
    /// The key's file cannot be used.
    #[error("the key for pushes in {0} cannot be used ({1}); move it away and devices must subscribe again")]
    Key(PathBuf, String),
    /// A payload could not be encrypted or signed.
    #[error("a push could not be encrypted")]
    Encryption,
    /// `SQLite` refused.
    #[error("alert database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Made by a later version.
    #[error("alert database has layout {0}, this version knows an older one: use the newer rtm2")]
    Newer(i64),
    /// A file or thread could not be made.
    #[error("alerts: {0}")]
    Io(#[from] std::io::Error),
    /// The HTTP client could not be made.
    #[error("alerts: no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}
