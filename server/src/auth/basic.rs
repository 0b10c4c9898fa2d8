//! Credentials of HTTP Basic, verified a moment ago: programs send them with every request, and hashing each time
//! would cost more than the picture.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::db::lock;
use super::{Auth, AuthError, Caller};

/// How long a verified pair is believed; removal of the account or a new password ends it at once.
const BELIEVED: Duration = Duration::from_mins(1);
/// Pairs kept.
const ENTRIES: usize = 256;

/// Verified credentials by a keyed hash: neither passwords nor anything to guess them from is kept.
#[derive(Debug)]
pub(super) struct VerifiedCache {
    key: [u8; 32],
    entries: HashMap<[u8; 32], (Caller, Instant)>,
}

impl VerifiedCache {
    pub(super) fn new() -> Self {
        Self { key: rand::random(), entries: HashMap::new() }
    }

    fn slot(&self, user: &str, password: &str) -> [u8; 32] {
        let hash = Sha256::new().chain_update(self.key).chain_update((user.len() as u64).to_le_bytes());
        hash.chain_update(user).chain_update(password).finalize().into()
    }

    fn get(&self, user: &str, password: &str, now: Instant) -> Option<Caller> {
        let (caller, until) = self.entries.get(&self.slot(user, password))?;
        (now < *until).then(|| caller.clone())
    }

    fn put(&mut self, user: &str, password: &str, caller: Caller, now: Instant) {
        self.entries.retain(|_, (_, until)| now < *until);
        if self.entries.len() < ENTRIES {
            self.entries.insert(self.slot(user, password), (caller, now + BELIEVED));
        }
    }
}

impl Auth {
    /// Like [`Auth::verify`], remembering success for a minute.
    pub async fn verify_basic(&self, user: &str, password: &str, from: IpAddr) -> Result<Caller, AuthError> {
        let now = Instant::now();
        // The limits come first, or a blocked guesser could learn from a remembered success.
        self.check_limits(user, from)?;
        let known = lock(&self.0.verified).get(user, password, now);
        if let Some(caller) = known
            && self.still_valid(&caller).await
        {
            return Ok(caller);
        }
        let caller = self.verify(user, password, from).await?;
        lock(&self.0.verified).put(user, password, caller.clone(), now);
        Ok(caller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_verified_is_believed_for_a_minute() {
        let (mut cache, t) = (VerifiedCache::new(), Instant::now());
        let caller = Caller { account: 1, name: "anna".into(), admin: false, epoch: [0; 16], session: None };
        cache.put("anna", "correct horse", caller.clone(), t);
        assert_eq!(cache.get("anna", "correct horse", t), Some(caller));
        assert_eq!(cache.get("anna", "correct hors", t), None);
        assert_eq!(cache.get("annac", "orrect horse", t), None);
        assert_eq!(cache.get("anna", "correct horse", t + BELIEVED), None);
    }
}
