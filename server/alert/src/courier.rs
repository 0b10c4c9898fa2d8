//! Carries deliveries to their targets, some at a time, and acts on the answers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use reqwest::{Client, RequestBuilder, header};
use rtm2_app::Timestamp;
use rtm2_app::push::LastPush;
use tokio::task::{Id, JoinSet};

use crate::AlertError;
use crate::address::{Reach, endpoint};
use crate::client::{self, Redirects};
use crate::clock::Clock;
use crate::db::Db;
use crate::hooks::Webhook;
use crate::keys::PushKey;
use crate::message::{self, DeviceKeys};
use crate::queue::{Delivery, Target};
use crate::service::{Accounts, Settings};
use crate::stats;
use crate::verdict::{Answer, Lane, Verdict, judge};

/// Deliveries under way at a time: one slow target holds up nobody.
const AT_A_TIME: usize = 16;

/// The courier.
pub(crate) struct Courier {
    db: Arc<Db>,
    key: Arc<PushKey>,
    settings: Arc<Settings>,
    accounts: Arc<dyn Accounts>,
    push: Client,
    public_hooks: Client,
    private_hooks: Client,
    under_way: HashMap<Id, Delivery>,
    /// Deliveries that were answered while the database could not take it down. They are never sent again.
    answered: HashSet<i64>,
    tasks: JoinSet<Answer>,
}

/// How to go about a delivery.
enum Plan {
    Ask(Box<RequestBuilder>),
    /// The answer is known without asking.
    Known(Answer),
}

impl Courier {
    pub(crate) fn new(
        db: Arc<Db>,
        key: Arc<PushKey>,
        settings: Arc<Settings>,
        accounts: Arc<dyn Accounts>,
    ) -> Result<Self, AlertError> {
        Ok(Self {
            push: client::client(settings.push_reach, Redirects::Never)?,
            public_hooks: client::client(Reach::Public, Redirects::Within)?,
            private_hooks: client::client(Reach::Private, Redirects::Within)?,
            db,
            key,
            settings,
            accounts,
            under_way: HashMap::new(),
            answered: HashSet::new(),
            tasks: JoinSet::new(),
        })
    }

    /// Queues an alert for all who want it.
    pub(crate) fn queue(&self, alert: &crate::Alert, now: Timestamp) -> Result<(), AlertError> {
        let wanting = self.settings.webhooks.iter().filter(|hook| hook.only.wants(alert));
        let names: Vec<&str> = wanting.map(|hook| hook.name.as_str()).collect();
        stats::dropped("queue", self.db.enqueue(alert, &names, now)?);
        Ok(())
    }

    /// Gives up what is stale and starts what is due, as far as there is room. Gives the time of what is due next.
    pub(crate) fn start_due(&mut self, now: Timestamp) -> Result<Option<Timestamp>, AlertError> {
        for id in self.answered.iter().copied().collect::<Vec<_>>() {
            self.db.settle(id)?;
            self.answered.remove(&id);
        }
        for stale in self.db.take_stale(now)? {
            self.give_up(&stale, "it was too late", now)?;
        }
        let room = AT_A_TIME - self.tasks.len().min(AT_A_TIME);
        let under_way = |id| self.under_way.values().any(|delivery| delivery.id == id);
        let due = self.db.due(now, room, under_way)?;
        if !due.is_empty() {
            self.forget_removed_accounts()?;
        }
        for delivery in due {
            let task = match self.plan(&delivery, now)? {
                Plan::Ask(request) => self.tasks.spawn(async move { client::answer(request.send().await, now) }),
                Plan::Known(answer) => self.tasks.spawn(std::future::ready(answer)),
            };
            self.under_way.insert(task.id(), delivery);
        }
        self.db.next_due(now)
    }

    /// Whether anything is under way.
    pub(crate) fn is_busy(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Waits for the next answer and acts on it. Nothing is lost when it is dropped while waiting.
    pub(crate) async fn settle_next(&mut self, clock: &dyn Clock) -> Result<(), AlertError> {
        let (id, answer) = match self.tasks.join_next_with_id().await {
            Some(Ok((id, answer))) => (id, answer),
            Some(Err(error)) => (error.id(), Answer::Silence("the attempt broke off".into())),
            None => return Ok(()),
        };
        let Some(delivery) = self.under_way.remove(&id) else { return Ok(()) };
        let acted = self.act(&delivery, &answer, clock.now());
        if acted.is_err() {
            self.answered.insert(delivery.id);
        }
        acted
    }

    fn act(&self, delivery: &Delivery, answer: &Answer, now: Timestamp) -> Result<(), AlertError> {
        let lane = delivery.target.lane();
        match judge(lane, answer, delivery.attempts, now, delivery.expires) {
            Verdict::Delivered => {
                stats::delivery(lane.name(), "delivered");
                self.db.settle(delivery.id)?;
                self.note(delivery, true, "delivered".into(), now)
            }
            Verdict::Retry(again, why) => {
                stats::delivery(lane.name(), "retry");
                tracing::debug!(target = %delivery.target, "an alert is tried again: {why}");
                self.db.postpone(delivery.id, again)?;
                self.note(delivery, false, format!("{why}, trying again"), now)
            }
            Verdict::Gone => {
                stats::delivery(lane.name(), "gone");
                self.db.settle(delivery.id)?;
                if let Target::Device(device) = delivery.target {
                    tracing::info!(device, "a device ended its subscription and is forgotten");
                    self.db.forget(device)?;
                }
                Ok(())
            }
            Verdict::GiveUp(why) => {
                self.db.settle(delivery.id)?;
                self.give_up(delivery, &why, now)
            }
        }
    }

    fn give_up(&self, delivery: &Delivery, why: &str, now: Timestamp) -> Result<(), AlertError> {
        stats::delivery(delivery.target.lane().name(), "failed");
        tracing::warn!(target = %delivery.target, "an alert was not delivered: {why}");
        self.note(delivery, false, why.to_owned(), now)
    }

    fn note(&self, delivery: &Delivery, delivered: bool, words: String, now: Timestamp) -> Result<(), AlertError> {
        match delivery.target {
            Target::Device(device) => self.db.note(device, &LastPush { at: now, delivered, words }),
            Target::Webhook(_) => Ok(()),
        }
    }

    /// An account may be removed at any time, also by another process: its devices then hear nothing more.
    fn forget_removed_accounts(&self) -> Result<(), AlertError> {
        for account in self.db.owners()? {
            if self.accounts.is_gone(account) {
                self.db.forget_account(account)?;
            }
        }
        Ok(())
    }

    fn plan(&self, delivery: &Delivery, now: Timestamp) -> Result<Plan, AlertError> {
        match &delivery.target {
            Target::Device(device) => self.push_to(*device, delivery, now),
            Target::Webhook(name) => Ok(match self.settings.webhooks.iter().find(|hook| hook.name == *name) {
                Some(hook) => self.post_to(hook, delivery, now),
                None => Plan::Known(Answer::Forbidden("it is not in the configuration any more".into())),
            }),
        }
    }

    fn push_to(&self, device: i64, delivery: &Delivery, now: Timestamp) -> Result<Plan, AlertError> {
        let Some(subscription) = self.db.subscription(device)? else {
            return Ok(Plan::Known(Answer::Status(410, None)));
        };
        // Judged again: the setting may have changed since the device subscribed.
        let url = match endpoint(&subscription.endpoint, self.settings.push_reach) {
            Ok(url) => url,
            Err(refused) => return Ok(Plan::Known(Answer::Forbidden(refused.to_string()))),
        };
        let alert = &delivery.alert;
        let encrypted = DeviceKeys::parse(&subscription.keys).and_then(|keys| {
            let body = keys.encrypt(&message::payload(alert, device))?;
            Ok((body, self.key.authorization(&url, &self.settings.contact, now)?))
        });
        let (body, token) = match encrypted {
            Ok(encrypted) => encrypted,
            // One device must not hold up the others.
            Err(error) => return Ok(Plan::Known(Answer::Forbidden(error.to_string()))),
        };
        let request = self
            .push
            .post(url)
            .header(header::AUTHORIZATION, token)
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("TTL", message::ttl_s(alert, now))
            .header("Urgency", "high")
            .header("Topic", message::topic(alert))
            .body(body);
        Ok(Plan::Ask(Box::new(request)))
    }

    fn post_to(&self, hook: &Webhook, delivery: &Delivery, now: Timestamp) -> Plan {
        if let Err(refused) = hook.reach.check(&hook.url) {
            return Plan::Known(Answer::Forbidden(format!("{refused}; `allow-private` of the webhook allows it")));
        }
        let client = match hook.reach {
            Reach::Public => &self.public_hooks,
            Reach::Private => &self.private_hooks,
        };
        let (id, seconds) = (delivery.alert.event(), now.0 / 1_000_000);
        let body = hook.body(&delivery.alert, &self.settings.base);
        let mut request = client
            .post(hook.url.clone())
            .header(header::CONTENT_TYPE, &hook.content_type)
            .header("webhook-id", &id)
            .header("webhook-timestamp", seconds);
        if let Some(secret) = &hook.secret {
            request = request.header("webhook-signature", secret.sign(&id, seconds, &body));
        }
        Plan::Ask(Box::new(request.body(body)))
    }
}

impl Target {
    const fn lane(&self) -> Lane {
        match self {
            Self::Device(_) => Lane::Push,
            Self::Webhook(_) => Lane::Webhook,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(id) => write!(f, "device {id}"),
            Self::Webhook(name) => write!(f, "webhook {name}"),
        }
    }
}

impl Lane {
    /// As metrics call it.
    const fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Webhook => "webhook",
        }
    }
}

#[cfg(test)]
mod tests;
