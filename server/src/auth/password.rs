//! Hashing of passwords and making of tokens.

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use rtm2_app::http::MIN_PASSWORD;
use sha2::{Digest as _, Sha256};

use super::AuthError;

/// Longest password in characters; the hash reads them all, so there must be an end.
pub const MAX_PASSWORD: usize = 256;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, AuthError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| AuthError::Hash(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Refuses passwords that are too short or too long.
pub(super) fn validate(password: &str) -> Result<(), AuthError> {
    if (MIN_PASSWORD..=MAX_PASSWORD).contains(&password.chars().count()) { Ok(()) } else { Err(AuthError::Password) }
}

/// The hash of a password with a fresh salt, as a PHC string. Takes tens of milliseconds.
pub(super) fn hash(password: &str) -> Result<String, AuthError> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(|e| AuthError::Hash(e.to_string()))?;
    let hash = argon2()?.hash_password(password.as_bytes(), &salt).map_err(|e| AuthError::Hash(e.to_string()))?;
    Ok(hash.to_string())
}

/// Whether a password belongs to a hash. Takes as long as hashing.
pub(super) fn matches(password: &str, hash: &str) -> Result<bool, AuthError> {
    let parsed = PasswordHash::new(hash).map_err(|e| AuthError::Hash(e.to_string()))?;
    match argon2()?.verify_password(password.as_bytes(), &parsed) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(error) => Err(AuthError::Hash(error.to_string())),
    }
}

/// 128 random bits as 32 hexadecimal digits.
pub(super) fn random_token() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// What is kept of a token: it is random enough that a plain hash gives nothing away.
pub(super) fn digest(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_argon2id_with_fresh_salts() {
        let (a, b) = (hash("correct horse").unwrap(), hash("correct horse").unwrap());
        assert!(a.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{a}");
        assert_ne!(a, b);
        assert!(matches("correct horse", &a).unwrap());
        assert!(!matches("correct horsf", &a).unwrap());
        assert!(matches("x", "rubbish").is_err());
    }

    #[test]
    fn length_counts_characters() {
        assert!(validate(&"ä".repeat(MIN_PASSWORD)).is_ok());
        assert!(validate(&"a".repeat(MIN_PASSWORD - 1)).is_err());
        assert!(validate(&"a".repeat(MAX_PASSWORD + 1)).is_err());
    }
}
