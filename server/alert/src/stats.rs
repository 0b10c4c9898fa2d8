//! What is counted, by name.

use metrics::counter;

use crate::alert::Kind;

/// Alerts raised, by kind.
const RAISED: &str = "rtm2_alerts_total";
/// Attempts to deliver, by target and outcome.
const DELIVERIES: &str = "rtm2_alert_deliveries_total";
/// Alerts and deliveries that gave way, by reason.
const DROPPED: &str = "rtm2_alerts_dropped_total";

pub(crate) fn raised(kind: Kind) {
    counter!(RAISED, "kind" => kind.name()).increment(1);
}

/// `target` is `push`, `webhook` or `command`; `outcome` is `delivered`, `retry`, `gone` or `failed`.
pub(crate) fn delivery(target: &'static str, outcome: &'static str) {
    counter!(DELIVERIES, "target" => target, "outcome" => outcome).increment(1);
}

pub(crate) fn dropped(reason: &'static str, count: u64) {
    if count > 0 {
        counter!(DROPPED, "reason" => reason).increment(count);
    }
}
