//! A push as it goes over the wire: the payload, encrypted for one device (RFC 8291), and its headers (RFC 8030).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rtm2_app::Timestamp;
use rtm2_app::push::Keys;
use web_push_native::Auth;
use web_push_native::p256::PublicKey;

use crate::AlertError;
use crate::alert::Alert;

/// Most bytes of an encrypted push that every push service takes (RFC 8030, 7.2).
pub const MAX_BODY: usize = 4_096;

/// The keys of a device, checked.
#[derive(Clone)]
pub(crate) struct DeviceKeys {
    pub(crate) public: PublicKey,
    pub(crate) auth: [u8; 16],
}

impl DeviceKeys {
    /// Reads what a browser handed out.
    pub(crate) fn parse(keys: &Keys) -> Result<Self, AlertError> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
        let wrong = || AlertError::Subscription("the keys of the subscription are not what a browser hands out".into());
        let public = decode(&keys.p256dh).map_err(|_| wrong())?;
        let auth = decode(&keys.auth).map_err(|_| wrong())?;
        Ok(Self {
            public: PublicKey::from_sec1_bytes(&public).map_err(|_| wrong())?,
            auth: auth.try_into().map_err(|_| wrong())?,
        })
    }

    /// Encrypts a payload for the device.
    pub(crate) fn encrypt(&self, payload: &str) -> Result<Vec<u8>, AlertError> {
        let auth = Auth::from(self.auth);
        let body = web_push_native::encrypt(payload.as_bytes().to_vec(), &self.public, &auth);
        body.ok().filter(|body| body.len() <= MAX_BODY).ok_or(AlertError::Encryption)
    }
}

/// What the device's service worker gets. `device` is its number here, for its answer.
pub(crate) fn payload(alert: &Alert, device: i64) -> String {
    let mut payload = serde_json::json!({
        "title": alert.title(),
        "body": alert.body(),
        "at": alert.at,
        "camera": alert.camera,
        "url": alert.path(),
        "tag": alert.tag(),
        "kind": alert.kind.name(),
        "score": alert.score,
        "zone": alert.zone_words(),
        "device": device,
    });
    if let Some(picture) = alert.picture() {
        payload["image"] = picture.into();
    }
    payload.to_string()
}

/// How long the push service keeps the push for a device that is away, in seconds (`TTL`).
pub(crate) fn ttl_s(alert: &Alert, now: Timestamp) -> i64 {
    ((alert.expires().0 - now.0) / 1_000_000).clamp(0, alert.kind.lifetime_s())
}

/// What a newer push of the same thing replaces while the device is away (`Topic`: at most 32 base64url characters).
pub(crate) fn topic(alert: &Alert) -> String {
    alert.tag().chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtm2_app::CameraId;

    fn keys(p256dh: &str, auth: &str) -> Keys {
        Keys { p256dh: p256dh.into(), auth: auth.into() }
    }

    const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    #[test]
    fn keys_are_a_point_of_the_curve_and_sixteen_bytes() {
        assert!(DeviceKeys::parse(&keys(P256DH, "BTBZMqHH6r4Tts7J_aSIgg")).is_ok());
        assert!(DeviceKeys::parse(&keys(P256DH, "BTBZMqHH6r4Tts7J_aSIgg==")).is_ok());
        let off_curve = P256DH.replace("iw4", "iw5");
        for (p256dh, auth) in [(P256DH, "BTBZ"), ("", ""), ("####", "####"), (&off_curve, "BTBZMqHH6r4Tts7J_aSIgg")] {
            assert!(DeviceKeys::parse(&keys(p256dh, auth)).is_err(), "{p256dh} {auth}");
        }
    }

    #[test]
    fn the_longest_alert_fits() {
        let words = "\u{1F6AA}\"\\".repeat(200);
        let alert = Alert::camera_lost(CameraId(u16::MAX), &words, Timestamp(i64::MAX / 2), &words);
        let device = DeviceKeys::parse(&keys(P256DH, "BTBZMqHH6r4Tts7J_aSIgg")).unwrap();
        let motion = Alert::motion(CameraId(u16::MAX), &words, Timestamp(i64::MAX / 2), u16::MAX).in_zones(&words);
        for alert in [&alert, &motion] {
            assert!(device.encrypt(&payload(alert, i64::MAX)).unwrap().len() < MAX_BODY);
        }
        assert!(device.encrypt(&"x".repeat(4_100)).is_err());
        assert!(topic(&alert).len() <= 32);
    }

    #[test]
    fn a_push_service_keeps_a_push_as_long_as_it_matters() {
        let alert = Alert::motion(CameraId(0), "Door", Timestamp(0), 1);
        assert_eq!(ttl_s(&alert, Timestamp(0)), 3_600);
        assert_eq!(ttl_s(&alert, Timestamp(600_000_000)), 3_000);
        assert_eq!(ttl_s(&alert, Timestamp(9_999_000_000)), 0);
    }
}
