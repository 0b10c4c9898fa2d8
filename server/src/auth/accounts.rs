//! Making, changing and removing accounts. These calls block (they hash and write): the command line calls them as
//! they are, the web through `spawn_blocking`.

use rtm2_app::Timestamp;
use rtm2_app::api::Account;
use rtm2_app::wire::UserInfo;
use rusqlite::{Connection, OptionalExtension as _};

use super::db::{DbError, now_us};
use super::{Auth, AuthError, Caller, SessionKey, UserName, password};

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Watches.
    Viewer,
    /// Watches, changes settings and accounts, and sees who else watches.
    Admin,
}

impl Role {
    /// The role of an account by what is stored and sent of it.
    pub fn from_admin(admin: bool) -> Self {
        if admin { Self::Admin } else { Self::Viewer }
    }
}

impl Auth {
    /// Makes an account.
    pub fn add_user(&self, name: &UserName, password: &str, role: Role) -> Result<(), AuthError> {
        password::validate(password)?;
        let hash = password::hash(password)?;
        insert(&self.0.db.lock(), name, &hash, role)?;
        Ok(())
    }

    /// Gives an account another password and ends all its sessions.
    pub fn set_password(&self, name: &str, password: &str) -> Result<(), AuthError> {
        self.change_hash(name, password, None)
    }

    /// Gives an account another password and ends all its sessions but one.
    pub(super) fn change_hash(&self, name: &str, password: &str, keep: Option<&SessionKey>) -> Result<(), AuthError> {
        password::validate(password)?;
        let hash = password::hash(password)?;
        let keep = keep.map(SessionKey::bytes).unwrap_or_default();
        let change = |db: &mut Connection| {
            let change = db.transaction()?;
            let ended = "DELETE FROM sessions WHERE key <> ?2 AND account = (SELECT id FROM accounts WHERE name = ?1)";
            change.execute(ended, (name, keep))?;
            let update = "UPDATE accounts SET password = ?2, epoch = ?3 WHERE name = ?1";
            let changed = change.execute(update, (name, hash, new_epoch()))?;
            change.commit()?;
            Ok(changed)
        };
        let changed = change(&mut self.0.db.lock()).map_err(|error: rusqlite::Error| DbError::from(error))?;
        self.announce();
        if changed == 0 { Err(AuthError::Unknown) } else { Ok(()) }
    }

    /// Removes an account and ends its sessions, sockets and streams. The last admin stays.
    pub fn remove_user(&self, name: &str) -> Result<(), AuthError> {
        self.remove_within(name).map_err(|error| match error {
            Removal::Refused(error) => error,
            Removal::Sqlite(error) => DbError::from(error).into(),
        })?;
        self.announce();
        Ok(())
    }

    /// Looks and removes in one transaction, or two removals at once could leave no admin.
    fn remove_within(&self, name: &str) -> Result<(), Removal> {
        let mut db = self.0.db.lock();
        let change = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let find = "SELECT admin FROM accounts WHERE name = ?1";
        let admin: Option<bool> = change.query_row(find, [name], |r| r.get(0)).optional()?;
        let admins: i64 = change.query_row("SELECT count(*) FROM accounts WHERE admin", [], |r| r.get(0))?;
        match admin {
            None => return Err(Removal::Refused(AuthError::Unknown)),
            Some(true) if admins <= 1 => return Err(Removal::Refused(AuthError::LastAdmin)),
            Some(_) => {}
        }
        change.execute("DELETE FROM accounts WHERE name = ?1", [name])?;
        Ok(change.commit()?)
    }

    /// All accounts by name.
    pub fn users(&self) -> Result<Vec<Account>, AuthError> {
        let list = |db: &Connection| {
            let mut statement = db.prepare("SELECT name, admin, created FROM accounts ORDER BY name")?;
            let rows = statement.query_map([], |r| {
                let user = UserInfo { name: r.get(0)?, admin: r.get(1)? };
                Ok(Account { user, since: Timestamp(r.get(2)?) })
            })?;
            rows.collect::<Result<Vec<_>, _>>()
        };
        Ok(list(&self.0.db.lock()).map_err(DbError::from)?)
    }

    /// Whether there is any account: without one, only set-up is possible.
    pub fn has_users(&self) -> Result<bool, AuthError> {
        Ok(any(&self.0.db.lock()).map_err(DbError::from)?)
    }

    /// Whether there is an account of this number.
    pub fn exists(&self, id: i64) -> Result<bool, AuthError> {
        Ok(self.find_id(id)?.is_some())
    }

    /// The account of a name with its password's hash.
    pub(super) fn find(&self, name: &str) -> Result<Option<(Caller, String)>, DbError> {
        let find = "SELECT id, name, admin, epoch, password FROM accounts WHERE name = ?1";
        let db = self.0.db.lock();
        let mut statement = db.prepare_cached(find)?;
        Ok(statement.query_row([name], |r| Ok((caller(r)?, r.get(4)?))).optional()?)
    }

    /// The account of a number.
    pub(super) fn find_id(&self, id: i64) -> Result<Option<Caller>, DbError> {
        let db = self.0.db.lock();
        let mut statement = db.prepare_cached("SELECT id, name, admin, epoch FROM accounts WHERE id = ?1")?;
        Ok(statement.query_row([id], caller).optional()?)
    }
}

/// Why an account was not removed.
enum Removal {
    Refused(AuthError),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Removal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn caller(row: &rusqlite::Row<'_>) -> rusqlite::Result<Caller> {
    Ok(Caller { account: row.get(0)?, name: row.get(1)?, admin: row.get(2)?, epoch: row.get(3)?, session: None })
}

pub(super) fn any(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row("SELECT EXISTS (SELECT 1 FROM accounts)", [], |r| r.get(0))
}

pub(super) fn insert(db: &Connection, name: &UserName, hash: &str, role: Role) -> Result<i64, AuthError> {
    let insert = "INSERT INTO accounts (name, admin, password, epoch, created) VALUES (?1, ?2, ?3, ?4, ?5)
                  ON CONFLICT DO NOTHING";
    let values = (name.as_str(), role == Role::Admin, hash, new_epoch(), now_us());
    if db.execute(insert, values).map_err(DbError::from)? == 0 {
        return Err(AuthError::Taken);
    }
    Ok(db.last_insert_rowid())
}

fn new_epoch() -> [u8; 16] {
    rand::random()
}
