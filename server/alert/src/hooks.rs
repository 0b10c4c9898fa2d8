//! Targets that the configuration names: webhooks and commands.

use std::time::Duration;

use url::Url;

use crate::address::Reach;
use crate::alert::Alert;
use crate::filter::Selection;
use crate::sign::Secret;
use crate::template::{self, Escape, Template};

/// An HTTP address that alerts are posted to.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// What the log calls it, and what queued deliveries know it by.
    pub name: String,
    /// Where alerts are posted to. It may hold a token, so it is never logged.
    pub url: Url,
    /// The body; everything as JSON without one.
    pub body: Option<Template>,
    /// The body's type.
    pub content_type: String,
    /// Signs messages.
    pub secret: Option<Secret>,
    /// Whether the address may be a private one.
    pub reach: Reach,
    /// Which alerts are posted.
    pub only: Selection,
}

impl Webhook {
    /// The body for an alert.
    pub(crate) fn body(&self, alert: &Alert, base: &str) -> String {
        let escape = if self.content_type.contains("json") { Escape::Json } else { Escape::Plain };
        match &self.body {
            Some(template) => template.fill(alert, base, escape),
            None => template::json(alert, base),
        }
    }
}

/// A program that is run for alerts, directly and not by a shell: arguments stay arguments, whatever is in them.
#[derive(Clone, Debug)]
pub struct Command {
    /// The program.
    pub program: String,
    /// Its arguments, each filled on its own.
    pub args: Vec<Template>,
    /// How long it may run before it is killed with all that it started.
    pub timeout: Duration,
    /// Which alerts it is run for.
    pub only: Selection,
}

impl Command {
    /// The arguments for an alert.
    pub(crate) fn arguments(&self, alert: &Alert, base: &str) -> Vec<String> {
        // A NUL can be in no argument; every other character can.
        self.args.iter().map(|arg| arg.fill(alert, base, Escape::Plain).replace('\0', "")).collect()
    }
}
