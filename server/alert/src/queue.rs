//! Deliveries that wait: what an alert puts in, what is due, what becomes of it.

use rtm2_app::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior};

use crate::AlertError;
use crate::alert::{Alert, Kind};
use crate::db::Db;
use crate::devices;
use crate::filter;

/// Most deliveries that wait. Beyond it stale ones go first, then the oldest.
const MAX_WAITING: i64 = 1_000;

/// Where a delivery goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A device.
    Device(i64),
    /// A webhook, by its name.
    Webhook(String),
}

/// A delivery that is due.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) id: i64,
    pub(crate) target: Target,
    pub(crate) alert: Alert,
    pub(crate) attempts: u32,
    pub(crate) expires: Timestamp,
}

impl Db {
    /// Queues an alert for every device that wants it and for these webhooks. Gives the number of deliveries that had
    /// to go for it.
    pub(crate) fn enqueue(&self, alert: &Alert, webhooks: &[&str], now: Timestamp) -> Result<u64, AlertError> {
        let mut db = self.lock();
        let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for device in devices::candidates(&change, alert.camera.0)? {
            let seen = filter::Device {
                filters: &device.filters,
                snoozed_until: device.snoozed_until,
                last_motion: device.last_motion,
            };
            if !seen.wants(alert, now) {
                continue;
            }
            insert(&change, alert, &Target::Device(device.id), now)?;
            if alert.kind == Kind::Motion {
                let rang = "INSERT OR REPLACE INTO rang (device, camera, at) VALUES (?1, ?2, ?3)";
                change.execute(rang, (device.id, alert.camera.0, now.0))?;
            }
        }
        for name in webhooks {
            insert(&change, alert, &Target::Webhook((*name).to_owned()), now)?;
        }
        let gone = make_room(&change, now)?;
        change.commit()?;
        Ok(gone)
    }

    /// Queues an alert for one device, whatever its filters say.
    pub(crate) fn enqueue_for(&self, device: i64, alert: &Alert, now: Timestamp) -> Result<(), AlertError> {
        let db = self.lock();
        insert(&db, alert, &Target::Device(device), now)?;
        make_room(&db, now)?;
        Ok(())
    }

    /// Takes stale deliveries out and gives them back.
    pub(crate) fn take_stale(&self, now: Timestamp) -> Result<Vec<Delivery>, AlertError> {
        let db = self.lock();
        let delete =
            "DELETE FROM deliveries WHERE expires <= ?1 RETURNING id, device, webhook, alert, attempts, expires";
        let mut statement = db.prepare_cached(delete)?;
        let rows = statement.query_map([now.0], delivery)?;
        Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }

    /// Up to `limit` deliveries that are due and not `under_way`, the longest due first.
    pub(crate) fn due(
        &self,
        now: Timestamp,
        limit: usize,
        under_way: impl Fn(i64) -> bool,
    ) -> Result<Vec<Delivery>, AlertError> {
        let db = self.lock();
        let select = "SELECT id, device, webhook, alert, attempts, expires FROM deliveries
                      WHERE due <= ?1 AND expires > ?1 ORDER BY due, id";
        let mut statement = db.prepare_cached(select)?;
        let mut rows = statement.query([now.0])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            if due.len() >= limit {
                break;
            }
            if let Some(delivery) = delivery(row)?.filter(|d| !under_way(d.id)) {
                due.push(delivery);
            }
        }
        Ok(due)
    }

    /// When the next delivery is due that is not due yet.
    pub(crate) fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, AlertError> {
        let select = "SELECT min(due) FROM deliveries WHERE due > ?1";
        let due: Option<i64> = self.lock().query_row(select, [now.0], |r| r.get(0)).optional()?.flatten();
        Ok(due.map(Timestamp))
    }

    /// A delivery is over.
    pub(crate) fn settle(&self, id: i64) -> Result<(), AlertError> {
        self.lock().execute("DELETE FROM deliveries WHERE id = ?1", [id])?;
        Ok(())
    }

    /// A delivery is tried again at `due`.
    pub(crate) fn postpone(&self, id: i64, due: Timestamp) -> Result<(), AlertError> {
        let update = "UPDATE deliveries SET due = ?2, attempts = attempts + 1 WHERE id = ?1";
        self.lock().execute(update, (id, due.0))?;
        Ok(())
    }

    /// Deliveries that wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> i64 {
        self.lock().query_row("SELECT count(*) FROM deliveries", [], |r| r.get(0)).unwrap()
    }
}

fn insert(db: &Connection, alert: &Alert, target: &Target, now: Timestamp) -> rusqlite::Result<()> {
    let (device, webhook) = match target {
        Target::Device(id) => (Some(*id), None),
        Target::Webhook(name) => (None, Some(name)),
    };
    // An alert is plain data: it always can be written as JSON.
    let json = serde_json::to_string(alert).unwrap_or_default();
    let insert = "INSERT INTO deliveries (event, device, webhook, alert, due, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                  ON CONFLICT DO NOTHING";
    db.prepare_cached(insert)?.execute((alert.event(), device, webhook, json, now.0, alert.expires().0))?;
    Ok(())
}

/// Keeps the queue within its bound: stale deliveries go first, then the oldest.
fn make_room(db: &Connection, now: Timestamp) -> rusqlite::Result<u64> {
    let waiting = |db: &Connection| db.query_row("SELECT count(*) FROM deliveries", [], |r| r.get::<_, i64>(0));
    let before = waiting(db)?;
    if before <= MAX_WAITING {
        return Ok(0);
    }
    db.execute("DELETE FROM deliveries WHERE expires <= ?1", [now.0])?;
    let delete = "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries ORDER BY id LIMIT max(0, ?1))";
    db.execute(delete, [waiting(db)? - MAX_WAITING])?;
    Ok((before - waiting(db)?).unsigned_abs())
}

/// A row as a delivery; `None` if its alert cannot be read, as after a downgrade. It then goes when it is stale.
fn delivery(row: &Row<'_>) -> rusqlite::Result<Option<Delivery>> {
    let (device, webhook): (Option<i64>, Option<String>) = (row.get(1)?, row.get(2)?);
    let target = match (device, webhook) {
        (Some(id), _) => Target::Device(id),
        (None, name) => Target::Webhook(name.unwrap_or_default()),
    };
    let Ok(alert) = serde_json::from_str(&row.get::<_, String>(3)?) else { return Ok(None) };
    let (attempts, expires) = (row.get(4)?, Timestamp(row.get(5)?));
    Ok(Some(Delivery { id: row.get(0)?, target, alert, attempts, expires }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Reach;
    use rtm2_app::CameraId;
    use rtm2_app::push::{Filters, Keys, Subscription};

    const NOW: Timestamp = Timestamp(1_764_000_000_000_000);

    fn after(seconds: i64) -> Timestamp {
        Timestamp(NOW.0 + seconds * 1_000_000)
    }

    fn motion(seconds: i64) -> Alert {
        Alert::motion(CameraId(0), "Door", after(seconds), 7)
    }

    fn device(db: &Db, place: &str) -> i64 {
        let p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4".into();
        let keys = Keys { p256dh, auth: "BTBZMqHH6r4Tts7J_aSIgg".into() };
        let subscription = Subscription { endpoint: format!("https://push.example/{place}"), keys };
        db.subscribe(1, &subscription, place, Reach::Public, NOW).unwrap().id
    }

    fn targets(db: &Db, now: Timestamp) -> Vec<Target> {
        db.due(now, 100, |_| false).unwrap().into_iter().map(|d| d.target).collect()
    }

    #[test]
    fn one_delivery_per_event_and_target() {
        let db = Db::in_memory().unwrap();
        let (a, b) = (device(&db, "a"), device(&db, "b"));
        for _ in 0..3 {
            db.enqueue(&motion(0), &["home"], NOW).unwrap();
        }
        assert_eq!(targets(&db, NOW), [Target::Device(a), Target::Device(b), Target::Webhook("home".into())]);
        db.enqueue(&motion(1), &[], after(1)).unwrap();
        assert_eq!(db.waiting(), 5);
        db.remove(1, a).unwrap();
        assert_eq!(db.waiting(), 3, "what waits for a removed device goes with it");
    }

    #[test]
    fn filters_decide_who_gets_it() {
        let db = Db::in_memory().unwrap();
        let (a, b) = (device(&db, "a"), device(&db, "b"));
        db.set_filters(1, a, &Filters { cooldown_s: 60, ..Filters::default() }).unwrap();
        db.snooze(1, b, 30, NOW).unwrap();
        db.enqueue(&motion(0), &[], NOW).unwrap();
        assert_eq!(targets(&db, NOW), [Target::Device(a)]);
        db.enqueue(&motion(30), &[], after(30)).unwrap();
        assert_eq!(targets(&db, after(30)), [Target::Device(a), Target::Device(b)]);
        let yard = Alert::motion(CameraId(1), "Yard", after(31), 7);
        db.enqueue(&yard, &[], after(31)).unwrap();
        assert_eq!(db.waiting(), 4, "each camera has its own cooldown");
        db.enqueue_for(b, &Alert::test(after(31)), after(31)).unwrap();
        assert_eq!(db.waiting(), 5);
    }

    #[test]
    fn deliveries_wait_for_their_time_and_end_when_stale() {
        let db = Db::in_memory().unwrap();
        db.enqueue(&motion(0), &["home"], NOW).unwrap();
        let first = db.due(NOW, 10, |_| false).unwrap().remove(0);
        assert_eq!((first.attempts, first.expires), (0, after(3_600)));
        assert!(db.due(NOW, 10, |id| id == first.id).unwrap().is_empty(), "under way already");
        db.postpone(first.id, after(5)).unwrap();
        assert!(targets(&db, after(4)).is_empty());
        assert_eq!(db.next_due(NOW).unwrap(), Some(after(5)));
        assert_eq!(db.due(after(5), 10, |_| false).unwrap()[0].attempts, 1);
        assert!(targets(&db, after(3_600)).is_empty(), "stale");
        assert!(db.take_stale(after(3_599)).unwrap().is_empty());
        assert_eq!(db.take_stale(after(3_600)).unwrap()[0].id, first.id);
        assert_eq!((db.waiting(), db.next_due(NOW).unwrap()), (0, None));
    }

    #[test]
    fn the_queue_is_bounded_and_stale_ones_go_first() {
        let db = Db::in_memory().unwrap();
        db.enqueue(&motion(0), &["first"], NOW).unwrap();
        db.enqueue(&motion(-3_600), &["stale"], after(-3_600)).unwrap();
        let mut gone = 0;
        for i in 2..MAX_WAITING {
            gone += db.enqueue(&motion(i), &["home"], NOW).unwrap();
        }
        assert_eq!((gone, db.waiting()), (0, MAX_WAITING));
        assert_eq!(db.enqueue(&motion(MAX_WAITING), &["home"], NOW).unwrap(), 1);
        assert_eq!(targets(&db, NOW)[0], Target::Webhook("first".into()), "the stale one went");
        assert_eq!(db.enqueue(&motion(MAX_WAITING + 1), &["home"], NOW).unwrap(), 1);
        assert_eq!(targets(&db, NOW)[0], Target::Webhook("home".into()), "then the oldest");
        assert_eq!(db.waiting(), MAX_WAITING);
    }

    #[test]
    fn the_queue_survives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(crate::FILE);
        let db = Db::open(&file).unwrap();
        let id = device(&db, "a");
        db.enqueue(&motion(0), &["home"], NOW).unwrap();
        drop(db);
        let db = Db::open(&file).unwrap();
        let due = db.due(NOW, 10, |_| false).unwrap();
        assert_eq!(
            due.iter().map(|d| d.target.clone()).collect::<Vec<_>>(),
            [Target::Device(id), Target::Webhook("home".into())]
        );
        assert!(due.iter().all(|d| d.alert == motion(0)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
        }
    }
}
