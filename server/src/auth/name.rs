//! Names that accounts may have.

use std::fmt;
use std::str::FromStr;

use super::AuthError;

/// Longest name in characters.
pub const MAX_NAME: usize = 64;

/// A valid account name. Compared without regard to ASCII case, shown as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    /// The name as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserName {
    type Err = AuthError;

    fn from_str(text: &str) -> Result<Self, AuthError> {
        let mut bytes = text.bytes();
        let first = bytes.next().is_some_and(|b| b.is_ascii_alphanumeric());
        let rest = bytes.all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
        if first && rest && text.len() <= MAX_NAME { Ok(Self(text.to_owned())) } else { Err(AuthError::Name) }
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in ["a", "Anna", "anna.b-c_d@example.org", "7"] {
            assert_eq!(good.parse::<UserName>().unwrap().as_str(), good);
        }
        let long = "a".repeat(MAX_NAME + 1);
        for bad in ["", " ", "a b", "-a", "a:b", "ä", "a\n", "<b>", &long] {
            assert!(bad.parse::<UserName>().is_err(), "{bad:?}");
        }
    }
}
