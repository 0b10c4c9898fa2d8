//! The alerts of a server: takes them from any thread without waiting, and delivers them on a thread of its own.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rtm2_app::Timestamp;
use rtm2_app::push::{Change, Device, Subscription};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::address::Reach;
use crate::alert::Alert;
use crate::clock::Clock;
use crate::courier::Courier;
use crate::db::{self, Db};
use crate::hooks::{Command, Webhook};
use crate::inbox::Inbox;
use crate::keys::{KEY_FILE, PushKey};
use crate::{AlertError, commands, stats};

/// Alerts that may wait for the thread, which does nothing that takes long. Beyond it the oldest goes.
const WAITING: usize = 256;
/// Longest sleep: the clock may be set meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// Pause after the database failed.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long deliveries under way may take when the server ends. What is not answered by then is sent again at the next
/// start.
const DRAIN: Duration = Duration::from_secs(3);

/// What does not change while the server runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The page's address without a slash at its end, for links in webhooks and commands.
    pub base: String,
    /// An `https:` or `mailto:` address for push services, see [`Settings::default`].
    pub contact: String,
    /// How far push services may be away. [`Reach::Private`] is for tests and push services of one's own.
    pub push_reach: Reach,
    /// Webhooks.
    pub webhooks: Vec<Webhook>,
    /// Commands.
    pub commands: Vec<Command>,
}

impl Default for Settings {
    /// No webhooks, no commands. The contact is a name that resolves and is nobody's: Apple's push service refuses
    /// tokens without a contact and such with names that do not resolve.
    fn default() -> Self {
        Self {
            base: String::new(),
            contact: "https://example.com".into(),
            push_reach: Reach::Public,
            webhooks: Vec::new(),
            commands: Vec::new(),
        }
    }
}

/// Knows the accounts that devices belong to.
pub trait Accounts: Send + Sync {
    /// Whether there is certainly no such account any more.
    fn is_gone(&self, account: i64) -> bool;
}

/// The alerts of a server. Cheap to clone.
#[derive(Clone)]
pub struct Alerts(Arc<Inner>);

struct Inner {
    db: Arc<Db>,
    key: Arc<PushKey>,
    settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
    inbox: Inbox<Alert>,
}

impl Alerts {
    /// Opens or makes the database and the key in the state directory `dir`. Blocks.
    pub fn open(dir: &Path, settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, AlertError> {
        let key = PushKey::open(&dir.join(KEY_FILE))?;
        Ok(Self::with(Db::open(&dir.join(db::FILE))?, key, settings, clock))
    }

    /// Alerts that are forgotten when the process ends.
    pub fn in_memory(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, AlertError> {
        Ok(Self::with(Db::in_memory()?, PushKey::in_memory()?, settings, clock))
    }

    fn with(db: Db, key: PushKey, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        let (db, key, settings) = (Arc::new(db), Arc::new(key), Arc::new(settings));
        Self(Arc::new(Inner { db, key, settings, clock, inbox: Inbox::new(WAITING) }))
    }

    /// Takes an alert. Never waits.
    pub fn raise(&self, alert: Alert) {
        stats::raised(alert.kind);
        if self.0.inbox.put(alert) {
            stats::dropped("inbox", 1);
        }
    }

    /// The server's public key, which devices subscribe with.
    pub fn public_key(&self) -> String {
        self.0.key.public()
    }

    /// Takes a device of an account in. Blocks.
    pub fn subscribe(&self, account: i64, subscription: &Subscription, name: &str) -> Result<Device, AlertError> {
        let Inner { db, settings, clock, .. } = &*self.0;
        db.subscribe(account, subscription, name, settings.push_reach, clock.now())
    }

    /// The devices of an account. Blocks.
    pub fn devices(&self, account: i64) -> Result<Vec<Device>, AlertError> {
        self.0.db.devices(account)
    }

    /// Does something to a device of an account. Blocks.
    pub fn change(&self, account: i64, device: i64, change: &Change) -> Result<(), AlertError> {
        let Inner { db, clock, inbox, settings, .. } = &*self.0;
        match change {
            Change::Rename { name } => db.rename(account, device, name),
            Change::Filter { filters } => db.set_filters(account, device, filters),
            Change::Snooze { seconds } => db.snooze(account, device, *seconds, clock.now()),
            Change::Remove => db.remove(account, device),
            Change::Renew { subscription } => db.renew(account, device, subscription, settings.push_reach),
            // What it means is for whoever knows the alarms.
            Change::Seen { .. } => db.check_owner(account, device),
            Change::Test => {
                db.check_owner(account, device)?;
                let now = clock.now();
                db.enqueue_for(device, &Alert::test(now), now)?;
                inbox.wake();
                Ok(())
            }
        }
    }

    /// Starts the thread that delivers.
    pub fn start(&self, accounts: Arc<dyn Accounts>) -> Result<Running, AlertError> {
        let Inner { db, key, settings, .. } = &*self.0;
        let courier = Courier::new(Arc::clone(db), Arc::clone(key), Arc::clone(settings), accounts)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let (alerts, stopped) = (self.clone(), stop.clone());
        let deliver = move || runtime.block_on(alerts.deliver(courier, &stopped));
        let thread = std::thread::Builder::new().name("alerts".into()).spawn(deliver)?;
        Ok(Running { stop, thread })
    }

    /// Runs until it is stopped.
    async fn deliver(&self, mut courier: Courier, stop: &CancellationToken) {
        let Inner { inbox, clock, settings, .. } = &*self.0;
        let orders = Arc::new(Inbox::new(commands::WAITING));
        let (programs, base) = (settings.commands.clone().into(), settings.base.as_str().into());
        let commands = tokio::spawn(commands::run(programs, Arc::clone(&orders), base));
        while !stop.is_cancelled() {
            while let Some(alert) = inbox.take() {
                if let Err(error) = courier.queue(&alert, clock.now()) {
                    tracing::error!("an alert could not be queued: {error}");
                    stats::dropped("database", 1);
                }
                if !settings.commands.is_empty() && orders.put(alert) {
                    stats::dropped("commands", 1);
                }
            }
            let now = clock.now();
            let pause = match courier.start_due(now) {
                Ok(next) => next.map_or(LONGEST_SLEEP, |next| between(now, next)).min(LONGEST_SLEEP),
                Err(error) => {
                    tracing::error!("alerts cannot be delivered: {error}");
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = inbox.arrived() => {}
                settled = courier.settle_next(&**clock), if courier.is_busy() => log(settled),
                () = sleep(pause) => {}
            }
        }
        commands.abort();
        let drain = async {
            while courier.is_busy() {
                log(courier.settle_next(&**clock).await);
            }
        };
        if timeout(DRAIN, drain).await.is_err() {
            tracing::info!("some alerts are not answered yet and are sent again at the next start");
        }
    }
}

impl fmt::Debug for Alerts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Alerts")
    }
}

fn log(settled: Result<(), AlertError>) {
    if let Err(error) = settled {
        tracing::error!("the outcome of an alert could not be stored: {error}");
    }
}

fn between(now: Timestamp, then: Timestamp) -> Duration {
    Duration::from_micros(then.0.saturating_sub(now.0).max(0).unsigned_abs())
}

/// The thread that delivers.
#[derive(Debug)]
#[must_use = "it runs until it is stopped"]
pub struct Running {
    stop: CancellationToken,
    thread: JoinHandle<()>,
}

impl Running {
    /// Ends it: what is under way gets a few seconds, what waits stays queued. Blocks.
    pub fn stop(self) {
        self.stop.cancel();
        if self.thread.join().is_err() {
            tracing::error!("the thread of the alerts had panicked");
        }
    }
}

#[cfg(test)]
mod tests;
