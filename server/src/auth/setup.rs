//! The first account. There is no default password: whoever can read what the first start prints makes the admin.

use rusqlite::{OptionalExtension as _, TransactionBehavior};

use super::accounts::{Role, any, insert};
use super::db::DbError;
use super::{Auth, AuthError, UserName, password};

impl Auth {
    /// A new one-time token for the first account, `None` when there is one already. Earlier tokens end: only a hash
    /// is kept, so an old one could not be shown again.
    pub fn setup_token(&self) -> Result<Option<String>, AuthError> {
        let token = password::random_token();
        let mut db = self.0.db.lock();
        let replace = |db: &mut rusqlite::Connection| {
            let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if any(&change)? {
                return Ok(false);
            }
            let sql = "INSERT OR REPLACE INTO setup (only, token) VALUES (0, ?1)";
            change.execute(sql, [password::digest(token.as_bytes())])?;
            change.commit()?;
            Ok(true)
        };
        let made = replace(&mut db).map_err(|error: rusqlite::Error| DbError::from(error))?;
        Ok(made.then_some(token))
    }

    /// Uses the token up and makes the first account, an admin.
    pub fn set_up(&self, token: &str, name: &UserName, password: &str) -> Result<(), AuthError> {
        password::validate(password)?;
        // Looked at before hashing, or anybody could keep the hasher busy.
        self.check_setup_token(token)?;
        let hash = password::hash(password)?;
        let mut db = self.0.db.lock();
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(DbError::from)?;
        if any(&change).map_err(DbError::from)? {
            return Err(AuthError::SetUpAlready);
        }
        let digest = password::digest(token.as_bytes());
        if change.execute("DELETE FROM setup WHERE token = ?1", [digest]).map_err(DbError::from)? == 0 {
            return Err(AuthError::SetupToken);
        }
        insert(&change, name, &hash, Role::Admin)?;
        change.commit().map_err(DbError::from)?;
        Ok(())
    }

    fn check_setup_token(&self, token: &str) -> Result<(), AuthError> {
        let db = self.0.db.lock();
        if any(&db).map_err(DbError::from)? {
            return Err(AuthError::SetUpAlready);
        }
        let digest = password::digest(token.as_bytes());
        let known = db.query_row("SELECT 1 FROM setup WHERE token = ?1", [digest], |_| Ok(())).optional();
        known.map_err(DbError::from)?.ok_or(AuthError::SetupToken)
    }
}
