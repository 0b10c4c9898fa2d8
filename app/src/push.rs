//! Devices that alerts are pushed to, as the page lists and changes them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CameraId, Timestamp};

/// Most devices of one account.
pub const MAX_DEVICES: usize = 20;
/// Most characters of a device's name.
pub const MAX_DEVICE_NAME: usize = 60;
/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;

/// What a browser hands out when it subscribes: `PushSubscription.toJSON()`, read leniently.
///
/// Who knows it can push to the device, so it is never shown or logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The device's address at its push service.
    pub endpoint: String,
    /// What payloads for it are encrypted with.
    pub keys: Keys,
}

/// The keys of a [`Subscription`], base64url without padding (RFC 8291).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// The device's public key: an uncompressed point of P-256.
    pub p256dh: String,
    /// Sixteen secret bytes.
    pub auth: String,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

/// A device as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its number.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// When it subscribed.
    pub since: Timestamp,
    /// The last push to it.
    pub last: Option<LastPush>,
    /// What is pushed to it.
    pub filters: Filters,
    /// Nothing is pushed before this time.
    pub snoozed_until: Option<Timestamp>,
}

/// How the last push to a device went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastPush {
    /// When its push service answered, or did not.
    pub at: Timestamp,
    /// Whether the push service took it.
    pub delivered: bool,
    /// In words for the user.
    pub words: String,
}

/// What is pushed to a device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filters {
    /// Alerts of these cameras only; of all when empty.
    pub cameras: Vec<CameraId>,
    /// Of a camera that is named here, motion in these of its zones only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<(CameraId, String)>,
    /// Nothing at this time of day.
    pub quiet: Option<Quiet>,
    /// Least time between two alerts of motion of the same camera, in seconds.
    pub cooldown_s: u32,
    /// Whether it is told when nobody has acknowledged an alarm, whatever was sent to it before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
}

/// A time of day without pushes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// First minute of the day.
    pub from: u16,
    /// The minute after the last; before `from` it is one of the next day.
    pub to: u16,
    /// The time zone of both, by its IANA name such as `Europe/Berlin`.
    pub zone: String,
}

impl Quiet {
    /// Whether a minute of the day, in [`Quiet::zone`], is a quiet one. From and to the same minute is never.
    pub const fn covers(&self, minute: u16) -> bool {
        if self.from <= self.to {
            self.from <= minute && minute < self.to
        } else {
            self.from <= minute || minute < self.to
        }
    }
}

/// What a device's owner does to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Change {
    /// Calls it something else.
    Rename {
        /// The name from now on.
        name: String,
    },
    /// Changes what is pushed to it.
    Filter {
        /// What is pushed from now on.
        filters: Filters,
    },
    /// Holds pushes back for a while.
    Snooze {
        /// For how long from now, in seconds; 0 ends a snooze.
        seconds: u32,
    },
    /// Its browser has made a new subscription in place of the one that is known.
    Renew {
        /// The new one.
        subscription: Subscription,
    },
    /// Its owner has seen the alarms up to a time: they fall silent everywhere.
    Seen {
        /// Alarms up to this time are meant.
        upto: Timestamp,
    },
    /// Pushes a test to it.
    Test,
    /// Forgets it.
    Remove,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: u16, to: u16) -> Quiet {
        Quiet { from, to, zone: "UTC".into() }
    }

    #[test]
    fn quiet_hours_go_over_midnight() {
        let night = quiet(22 * 60, 6 * 60);
        assert!(night.covers(22 * 60) && night.covers(0) && night.covers(6 * 60 - 1));
        assert!(!night.covers(6 * 60) && !night.covers(12 * 60) && !night.covers(22 * 60 - 1));
        let noon = quiet(12 * 60, 13 * 60);
        assert!(noon.covers(12 * 60) && !noon.covers(13 * 60) && !noon.covers(0));
        assert!((0..DAY_MINUTES).all(|minute| !quiet(60, 60).covers(minute)));
        assert!((0..DAY_MINUTES).all(|minute| quiet(0, DAY_MINUTES).covers(minute)));
    }

    #[test]
    fn what_browsers_hand_out_is_read_and_not_shown() {
        let json =
            r#"{"endpoint":"https://push.example/s3cret","expirationTime":null,"keys":{"p256dh":"A","auth":"B"}}"#;
        let subscription: Subscription = serde_json::from_str(json).unwrap();
        assert_eq!(subscription.endpoint, "https://push.example/s3cret");
        assert!(!format!("{subscription:?}").contains("s3cret"));
        let change = r#"{"do":"snooze","seconds":3600}"#;
        assert_eq!(serde_json::from_str::<Change>(change).unwrap(), Change::Snooze { seconds: 3600 });
        assert!(serde_json::from_str::<Change>(r#"{"do":"explode"}"#).is_err());
    }
}
