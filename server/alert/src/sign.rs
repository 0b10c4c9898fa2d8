//! Signatures of webhooks, as <https://www.standardwebhooks.com> specifies them, so that receivers find a library in
//! their language.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// Shortest secret in bytes.
const MIN_SECRET: usize = 16;
/// What a secret in base64 begins with.
const PREFIX: &str = "whsec_";

/// What sender and receiver of a webhook share.
#[derive(Clone)]
pub struct Secret(hmac::Key);

impl Secret {
    /// Reads a secret: `whsec_` and base64, or any text that is long enough.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let bytes = match text.strip_prefix(PREFIX) {
            Some(encoded) => STANDARD.decode(encoded).map_err(|_| format!("what follows `{PREFIX}` is not base64"))?,
            None => text.as_bytes().to_vec(),
        };
        if bytes.len() < MIN_SECRET {
            return Err(format!("has {} bytes, give at least {MIN_SECRET} random ones", bytes.len()));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The value of the header `webhook-signature` for a message.
    pub(crate) fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let signature = hmac::sign(&self.0, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(signature))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn the_specification_s_example_is_signed_as_it_says() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn short_secrets_are_refused_and_none_is_shown() {
        assert!(Secret::parse("short").unwrap_err().contains("16"));
        assert!(Secret::parse("whsec_###").unwrap_err().contains("base64"));
        let secret = Secret::parse(" a secret of a sentence \n").unwrap();
        assert!(!format!("{secret:?}").contains("sentence"));
    }
}
