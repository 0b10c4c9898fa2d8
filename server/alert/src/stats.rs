//! What is counted, by name.

use metrics::{counter, describe_counter};

use crate::alert::Kind;

/// Alerts raised, by kind.
const RAISED: &str = "rtm2_alerts_total";
/// Attempts to deliver, by target and outcome.
const DELIVERIES: &str = "rtm2_alert_deliveries_total";
/// Alerts and deliveries that gave way, by reason.
const DROPPED: &str = "rtm2_alerts_dropped_total";

/// Tells the recorder of metrics what is counted here. To be called once it is installed.
pub fn describe_metrics() {
    describe_counter!(RAISED, "alerts raised");
    describe_counter!(DELIVERIES, "attempts to deliver an alert");
    describe_counter!(DROPPED, "alerts and deliveries that gave way");
}

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
