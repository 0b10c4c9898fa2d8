//! The server's own key for Web Push, and the tokens that it signs (VAPID, RFC 8292).
//!
//! A push service takes pushes for a device only from whoever holds the key that the device subscribed with. The key
//! is made at the first start and kept as PKCS #8 in a file of its own. A new one would end every subscription.

use std::fmt;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING as ES256, EcdsaKeyPair, KeyPair as _};
use rtm2_app::Timestamp;
use url::Url;

use crate::AlertError;

/// Name of the key's file in the state directory.
pub const KEY_FILE: &str = "push.key";

/// How long a token is valid: half of what RFC 8292 allows, because clocks differ.
const TOKEN_SECONDS: i64 = 12 * 3_600;

/// The server's key.
pub(crate) struct PushKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl PushKey {
    /// Reads the key from `file`, or makes it and the file, which only its owner can read.
    pub(crate) fn open(file: &Path) -> Result<Self, AlertError> {
        match std::fs::read(file) {
            Ok(document) => Self::read(&document).map_err(|why| AlertError::Key(file.to_owned(), why)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let document = generate().map_err(|why| AlertError::Key(file.to_owned(), why))?;
                write_private(file, &document)?;
                Self::read(&document).map_err(|why| AlertError::Key(file.to_owned(), why))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A key that is forgotten when the process ends.
    pub(crate) fn in_memory() -> Result<Self, AlertError> {
        let made = generate().and_then(|document| Self::read(&document));
        made.map_err(|why| AlertError::Key("memory".into(), why))
    }

    fn read(document: &[u8]) -> Result<Self, String> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ES256, document, &random).map_err(|e| e.to_string())?;
        Ok(Self { pair, random })
    }

    /// The public half as browsers want it (`applicationServerKey`): an uncompressed point, base64url.
    pub(crate) fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key())
    }

    /// The value of `Authorization` for a push to `endpoint`. `contact` is an `https:` or `mailto:` address under which
    /// the push service may complain; Apple's refuses tokens without one.
    pub(crate) fn authorization(&self, endpoint: &Url, contact: &str, now: Timestamp) -> Result<String, AlertError> {
        let claims = serde_json::json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": now.0 / 1_000_000 + TOKEN_SECONDS,
            "sub": contact,
        });
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = serde_json::json!({ "typ": "JWT", "alg": "ES256" });
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.pair.sign(&self.random, signed.as_bytes()).map_err(|_| AlertError::Encryption)?;
        Ok(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature), self.public()))
    }
}

impl fmt::Debug for PushKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushKey")
    }
}

fn generate() -> Result<Vec<u8>, String> {
    let document = EcdsaKeyPair::generate_pkcs8(&ES256, &SystemRandom::new()).map_err(|e| e.to_string())?;
    Ok(document.as_ref().to_vec())
}

/// Writes beside the file and renames: a power cut leaves no half key that no start gets over.
fn write_private(file: &Path, document: &[u8]) -> std::io::Result<()> {
    let fresh = file.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&fresh)?;
    out.write_all(document)?;
    out.sync_all()?;
    std::fs::rename(&fresh, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::verified;

    /// RFC 8292, 2.4: what verifies our tokens verifies the RFC's.
    #[test]
    fn rfc_8292_example_verifies() {
        let example = "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAi\
                       OjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGS\
                       K2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6\
                       YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
        let (claims, _) = verified(example).unwrap();
        assert_eq!(claims["aud"], "https://push.example.net");
        assert_eq!((&claims["exp"], &claims["sub"]), (&1_453_523_768.into(), &"mailto:push@example.com".into()));
        assert_eq!(verified(&example.replace("i3CYb7t4", "i3CYb7t5")), None, "a forged one does not");
    }

    #[test]
    fn tokens_name_origin_end_and_contact() {
        let key = PushKey::in_memory().unwrap();
        let endpoint = "https://push.example:8443/a/b?c".parse().unwrap();
        let token = key.authorization(&endpoint, "https://cam.example", Timestamp(1_764_000_000_999_999)).unwrap();
        let (claims, public) = verified(&token).unwrap();
        assert_eq!(public, key.public());
        assert_eq!(
            claims,
            serde_json::json!({ "aud": "https://push.example:8443", "exp": 1_764_043_200, "sub": "https://cam.example" })
        );
        let forged = token.replace(&key.public(), &PushKey::in_memory().unwrap().public());
        assert_eq!(verified(&forged), None);
    }

    #[test]
    fn the_key_is_made_once_and_is_its_owner_s() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(KEY_FILE);
        let first = PushKey::open(&file).unwrap().public();
        assert_eq!(PushKey::open(&file).unwrap().public(), first);
        assert_eq!(URL_SAFE_NO_PAD.decode(&first).unwrap().len(), 65);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
        std::fs::write(&file, b"rubbish").unwrap();
        let error = PushKey::open(&file).unwrap_err().to_string();
        assert!(error.contains(KEY_FILE), "{error}");
    }
}
