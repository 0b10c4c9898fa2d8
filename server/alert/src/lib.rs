//! rtm2's alerts: when a camera raises one, and how it reaches people who do not look at the page.
//!
//! [`Policy`] decides when a camera raises an [`Alert`]. [`Alerts`] takes it without waiting and hands it to a thread of
//! its own, which queues a delivery for every device (Web Push) and webhook that wants it, in a small database that
//! survives a restart, and runs commands. Nothing here knows where pictures come from.

mod address;
mod alert;
mod client;
mod clock;
mod commands;
mod courier;
mod db;
mod devices;
mod error;
mod filter;
mod hooks;
mod inbox;
mod keys;
mod message;
mod policy;
mod queue;
mod service;
mod sign;
mod stats;
mod template;
#[cfg(test)]
mod testing;
mod verdict;

pub use address::{Reach, Refused};
pub use alert::{Alert, Kind};
pub use clock::{Clock, SystemClock};
pub use db::FILE;
pub use error::AlertError;
pub use filter::{MAX_COOLDOWN_S, MAX_SNOOZE_S, Selection};
pub use hooks::{Command, Webhook};
pub use keys::KEY_FILE;
pub use message::MAX_BODY;
pub use policy::{Move, Pace, Policy, Trouble, Turn};
pub use service::{Accounts, Alerts, Running, Settings};
pub use sign::Secret;
pub use stats::describe_metrics;
pub use template::{PLACEHOLDERS, Template};
