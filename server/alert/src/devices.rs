//! Devices that subscribed to pushes: per account, bounded, each its owner's alone.

use rtm2_app::Timestamp;
use rtm2_app::push::{Device, Filters, LastPush, MAX_DEVICES, Subscription};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior};

use crate::AlertError;
use crate::address::{Reach, endpoint};
use crate::db::Db;
use crate::filter::{self, MAX_SNOOZE_S};
use crate::message::DeviceKeys;

const COLUMNS: &str = "id, name, created, last_at, last_delivered, last_words, filters, snoozed_until";

impl Db {
    /// Takes a subscription in. One that is known already, as when a browser renews its keys, keeps its number, and
    /// its name and filters unless another account has it now.
    pub(crate) fn subscribe(
        &self,
        account: i64,
        subscription: &Subscription,
        name: &str,
        reach: Reach,
        now: Timestamp,
    ) -> Result<Device, AlertError> {
        let url = endpoint(&subscription.endpoint, reach).map_err(|e| AlertError::Subscription(e.to_string()))?;
        DeviceKeys::parse(&subscription.keys)?;
        let name = filter::device_name(name);
        let mut db = self.lock();
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Whoever uses a browser now gets its pushes, and nobody else does.
        let others = "DELETE FROM devices WHERE endpoint = ?1 AND account <> ?2";
        change.execute(others, (url.as_str(), account))?;
        let insert = "INSERT INTO devices (account, name, endpoint, p256dh, auth, created, filters)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                      ON CONFLICT (endpoint) DO UPDATE SET p256dh = excluded.p256dh, auth = excluded.auth";
        let keys = &subscription.keys;
        let filters = to_json(&Filters::default());
        change.execute(insert, (account, name, url.as_str(), &keys.p256dh, &keys.auth, now.0, filters))?;
        let count: i64 =
            change.query_row("SELECT count(*) FROM devices WHERE account = ?1", [account], |r| r.get(0))?;
        if count > MAX_DEVICES as i64 {
            return Err(AlertError::TooMany);
        }
        let select = format!("SELECT {COLUMNS} FROM devices WHERE endpoint = ?1");
        let device = change.query_row(&select, [url.as_str()], device)?;
        change.commit()?;
        Ok(device)
    }

    /// The devices of an account, oldest first.
    pub(crate) fn devices(&self, account: i64) -> Result<Vec<Device>, AlertError> {
        let db = self.lock();
        let select = format!("SELECT {COLUMNS} FROM devices WHERE account = ?1 ORDER BY id");
        let mut statement = db.prepare_cached(&select)?;
        let rows = statement.query_map([account], device)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Refuses a device that is not the account's.
    pub(crate) fn check_owner(&self, account: i64, id: i64) -> Result<(), AlertError> {
        let select = "SELECT EXISTS (SELECT 1 FROM devices WHERE account = ?1 AND id = ?2)";
        let owns: bool = self.lock().query_row(select, (account, id), |r| r.get(0))?;
        if owns { Ok(()) } else { Err(AlertError::Unknown) }
    }

    /// Gives a device of the account the subscription that its browser has made in place of the one before. Its name,
    /// filters and what waits for it stay.
    pub(crate) fn renew(
        &self,
        account: i64,
        id: i64,
        subscription: &Subscription,
        reach: Reach,
    ) -> Result<(), AlertError> {
        let url = endpoint(&subscription.endpoint, reach).map_err(|e| AlertError::Subscription(e.to_string()))?;
        let keys = &subscription.keys;
        DeviceKeys::parse(keys)?;
        let mut db = self.lock();
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // A browser is one device: what else had this endpoint was it under another number.
        change.execute("DELETE FROM devices WHERE endpoint = ?1 AND id <> ?2", (url.as_str(), id))?;
        let update = "UPDATE devices SET endpoint = ?3, p256dh = ?4, auth = ?5 WHERE account = ?1 AND id = ?2";
        found(change.execute(update, (account, id, url.as_str(), &keys.p256dh, &keys.auth))?)?;
        Ok(change.commit()?)
    }

    pub(crate) fn rename(&self, account: i64, id: i64, name: &str) -> Result<(), AlertError> {
        let update = "UPDATE devices SET name = ?3 WHERE account = ?1 AND id = ?2";
        found(self.lock().execute(update, (account, id, filter::device_name(name)))?)
    }

    pub(crate) fn set_filters(&self, account: i64, id: i64, filters: &Filters) -> Result<(), AlertError> {
        filter::check(filters).map_err(AlertError::Filters)?;
        let update = "UPDATE devices SET filters = ?3 WHERE account = ?1 AND id = ?2";
        found(self.lock().execute(update, (account, id, to_json(filters)))?)
    }

    /// Holds pushes back for `seconds` from `now`; 0 ends a snooze.
    pub(crate) fn snooze(&self, account: i64, id: i64, seconds: u32, now: Timestamp) -> Result<(), AlertError> {
        if seconds > MAX_SNOOZE_S {
            return Err(AlertError::Filters("a snooze lasts a week at most".into()));
        }
        let until = (seconds > 0).then_some(now.0 + i64::from(seconds) * 1_000_000);
        let update = "UPDATE devices SET snoozed_until = ?3 WHERE account = ?1 AND id = ?2";
        found(self.lock().execute(update, (account, id, until))?)
    }

    /// Forgets a device and what waits for it.
    pub(crate) fn remove(&self, account: i64, id: i64) -> Result<(), AlertError> {
        found(self.lock().execute("DELETE FROM devices WHERE account = ?1 AND id = ?2", (account, id))?)
    }

    /// Forgets a device that its push service does not know any more.
    pub(crate) fn forget(&self, id: i64) -> Result<(), AlertError> {
        self.lock().execute("DELETE FROM devices WHERE id = ?1", [id])?;
        Ok(())
    }

    /// Forgets all devices of an account that is gone.
    pub(crate) fn forget_account(&self, account: i64) -> Result<(), AlertError> {
        self.lock().execute("DELETE FROM devices WHERE account = ?1", [account])?;
        Ok(())
    }

    /// Accounts that have devices.
    pub(crate) fn owners(&self) -> Result<Vec<i64>, AlertError> {
        let db = self.lock();
        let mut statement = db.prepare_cached("SELECT DISTINCT account FROM devices")?;
        let rows = statement.query_map([], |r| r.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Where and how a device is pushed to; `None` when it is gone.
    pub(crate) fn subscription(&self, id: i64) -> Result<Option<Subscription>, AlertError> {
        let db = self.lock();
        let mut select = db.prepare_cached("SELECT endpoint, p256dh, auth FROM devices WHERE id = ?1")?;
        let row = |r: &Row<'_>| {
            let keys = rtm2_app::push::Keys { p256dh: r.get(1)?, auth: r.get(2)? };
            Ok(Subscription { endpoint: r.get(0)?, keys })
        };
        Ok(select.query_row([id], row).optional()?)
    }

    /// Remembers how the last push to a device went.
    pub(crate) fn note(&self, id: i64, last: &LastPush) -> Result<(), AlertError> {
        let update = "UPDATE devices SET last_at = ?2, last_delivered = ?3, last_words = ?4 WHERE id = ?1";
        self.lock().execute(update, (id, last.at.0, last.delivered, &last.words))?;
        Ok(())
    }
}

fn found(rows: usize) -> Result<(), AlertError> {
    if rows == 0 { Err(AlertError::Unknown) } else { Ok(()) }
}

fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    let (last_at, delivered, words): (Option<i64>, Option<bool>, Option<String>) =
        (row.get(3)?, row.get(4)?, row.get(5)?);
    let last = last_at.map(|at| LastPush {
        at: Timestamp(at),
        delivered: delivered.unwrap_or_default(),
        words: words.unwrap_or_default(),
    });
    let snoozed: Option<i64> = row.get(7)?;
    Ok(Device {
        id: row.get(0)?,
        name: row.get(1)?,
        since: Timestamp(row.get(2)?),
        last,
        filters: from_json(&row.get::<_, String>(6)?),
        snoozed_until: snoozed.map(Timestamp),
    })
}

fn to_json(filters: &Filters) -> String {
    serde_json::to_string(filters).unwrap_or_else(|_| "{}".into())
}

/// Filters that cannot be read, as after a downgrade, let everything through: a push too many is better than none.
fn from_json(text: &str) -> Filters {
    serde_json::from_str(text).unwrap_or_default()
}

/// All devices with what decides whether an alert of this camera is for them.
pub(crate) fn candidates(db: &Connection, camera: u16) -> rusqlite::Result<Vec<Candidate>> {
    let select = "SELECT id, filters, snoozed_until, at FROM devices
                  LEFT JOIN rang ON rang.device = devices.id AND rang.camera = ?1 ORDER BY id";
    let mut statement = db.prepare_cached(select)?;
    let rows = statement.query_map([camera], |r| {
        let (snoozed, last): (Option<i64>, Option<i64>) = (r.get(2)?, r.get(3)?);
        let filters = from_json(&r.get::<_, String>(1)?);
        Ok(Candidate {
            id: r.get(0)?,
            filters,
            snoozed_until: snoozed.map(Timestamp),
            last_motion: last.map(Timestamp),
        })
    })?;
    rows.collect()
}

/// A device that an alert may be for.
pub(crate) struct Candidate {
    pub(crate) id: i64,
    pub(crate) filters: Filters,
    pub(crate) snoozed_until: Option<Timestamp>,
    pub(crate) last_motion: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtm2_app::CameraId;
    use rtm2_app::push::Keys;

    const NOW: Timestamp = Timestamp(1_764_000_000_000_000);

    fn subscription(place: &str) -> Subscription {
        let p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4".into();
        let keys = Keys { p256dh, auth: "BTBZMqHH6r4Tts7J_aSIgg".into() };
        Subscription { endpoint: format!("https://push.example/{place}"), keys }
    }

    fn subscribe(db: &Db, account: i64, place: &str) -> Result<Device, AlertError> {
        db.subscribe(account, &subscription(place), "Phone", Reach::Public, NOW)
    }

    #[test]
    fn a_device_is_its_owner_s_alone() {
        let db = Db::in_memory().unwrap();
        let id = subscribe(&db, 1, "a").unwrap().id;
        assert!(db.devices(2).unwrap().is_empty());
        for refused in [
            db.rename(2, id, "Mine"),
            db.set_filters(2, id, &Filters::default()),
            db.snooze(2, id, 60, NOW),
            db.check_owner(2, id),
            db.remove(2, id),
        ] {
            assert!(matches!(refused, Err(AlertError::Unknown)));
        }
        db.rename(1, id, "Kitchen tablet").unwrap();
        db.snooze(1, id, 60, NOW).unwrap();
        let filters = Filters { cameras: vec![CameraId(1)], cooldown_s: 30, ..Filters::default() };
        db.set_filters(1, id, &filters).unwrap();
        let device = db.devices(1).unwrap().remove(0);
        assert_eq!((device.name.as_str(), device.filters), ("Kitchen tablet", filters));
        assert_eq!(device.snoozed_until, Some(Timestamp(NOW.0 + 60_000_000)));
        db.snooze(1, id, 0, NOW).unwrap();
        assert_eq!(db.devices(1).unwrap()[0].snoozed_until, None);
        db.remove(1, id).unwrap();
        assert!(db.devices(1).unwrap().is_empty());
    }

    #[test]
    fn subscribing_again_changes_keys_only_and_another_account_takes_over() {
        let db = Db::in_memory().unwrap();
        let first = subscribe(&db, 1, "a").unwrap();
        db.rename(1, first.id, "Mine").unwrap();
        let again = subscribe(&db, 1, "a").unwrap();
        assert_eq!((again.id, again.name.as_str()), (first.id, "Mine"));
        let other = subscribe(&db, 2, "a").unwrap();
        assert_ne!(other.id, first.id);
        assert_eq!(other.name, "Phone", "what the other one set does not carry over");
        assert!(db.devices(1).unwrap().is_empty());
    }

    #[test]
    fn a_renewed_subscription_keeps_name_filters_and_number() {
        let db = Db::in_memory().unwrap();
        let (own, other) = (subscribe(&db, 1, "old").unwrap(), subscribe(&db, 1, "other").unwrap());
        db.rename(1, own.id, "Mine").unwrap();
        let renew = |account, id, place: &str| db.renew(account, id, &subscription(place), Reach::Public);
        renew(1, own.id, "new").unwrap();
        renew(1, own.id, "new").unwrap();
        assert_eq!(db.subscription(own.id).unwrap().unwrap().endpoint, "https://push.example/new");
        let devices = db.devices(1).unwrap();
        assert_eq!(
            devices.iter().map(|d| (d.id, d.name.as_str())).collect::<Vec<_>>(),
            [(own.id, "Mine"), (other.id, "Phone")]
        );
        assert!(matches!(renew(2, own.id, "theirs"), Err(AlertError::Unknown)), "another account's");
        assert!(matches!(renew(2, own.id, "other"), Err(AlertError::Unknown)));
        assert_eq!(db.devices(1).unwrap().len(), 2, "what was refused changes nothing");
        let local = Subscription { endpoint: "https://10.0.0.1/x".into(), ..subscription("a") };
        assert!(matches!(db.renew(1, own.id, &local, Reach::Public), Err(AlertError::Subscription(_))));
        renew(1, own.id, "other").unwrap();
        assert_eq!(db.devices(1).unwrap().len(), 1, "one browser is one device");
    }

    #[test]
    fn devices_are_bounded_per_account() {
        let db = Db::in_memory().unwrap();
        for i in 0..MAX_DEVICES {
            subscribe(&db, 1, &i.to_string()).unwrap();
        }
        assert!(matches!(subscribe(&db, 1, "more"), Err(AlertError::TooMany)));
        assert_eq!(db.devices(1).unwrap().len(), MAX_DEVICES);
        subscribe(&db, 1, "3").unwrap();
        subscribe(&db, 2, "more").unwrap();
    }

    #[test]
    fn subscriptions_that_cannot_work_are_refused() {
        let db = Db::in_memory().unwrap();
        let local = Subscription { endpoint: "https://10.0.0.1/x".into(), ..subscription("a") };
        let keyless = Subscription { keys: Keys { p256dh: "x".into(), auth: "y".into() }, ..subscription("a") };
        for bad in [local, keyless] {
            let refused = db.subscribe(1, &bad, "Phone", Reach::Public, NOW);
            assert!(matches!(refused, Err(AlertError::Subscription(_))));
        }
        assert!(matches!(db.snooze(1, 1, MAX_SNOOZE_S + 1, NOW), Err(AlertError::Filters(_))));
    }
}
