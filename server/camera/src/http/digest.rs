//! HTTP Digest authentication (RFC 7616) with MD5, which is what IP cameras speak.

use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use super::md5;

/// What a camera asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    session: bool,
    auth: bool,
}

/// Answers one camera's challenges.
#[derive(Debug)]
pub(super) struct Digest {
    challenge: Challenge,
    count: u32,
}

impl Challenge {
    /// Reads a `WWW-Authenticate` header; `None` when it is no digest that can be answered.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let header = header.trim_start();
        if !header.get(..7)?.eq_ignore_ascii_case("digest ") {
            return None;
        }
        let fields = fields(&header[7..]);
        let field =
            |name: &str| fields.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone());
        let session = match field("algorithm").as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("md5") => false,
            Some("md5-sess") => true,
            Some(_) => return None,
        };
        let auth = match field("qop") {
            None => false,
            Some(kinds) if kinds.split(',').any(|kind| kind.trim().eq_ignore_ascii_case("auth")) => true,
            Some(_) => return None,
        };
        Some(Self { realm: field("realm")?, nonce: field("nonce")?, opaque: field("opaque"), session, auth })
    }
}

/// Reads `name=value` and `name="value"`, joined by commas.
fn fields(mut text: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    while let Some((name, rest)) = text.split_once('=') {
        let name = name.trim_matches([' ', ',', '\t']).to_owned();
        let (value, after) = match rest.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(',').unwrap_or((rest, "")),
        };
        fields.push((name, value.trim().to_owned()));
        text = after;
    }
    fields
}

impl Digest {
    pub(super) fn new(challenge: Challenge) -> Self {
        Self { challenge, count: 0 }
    }

    /// The value of the `Authorization` header.
    pub(super) fn answer(&mut self, user: &str, password: &str, method: &str, uri: &str) -> String {
        // Not for secrecy: it keeps a camera's answers from being computed in advance.
        let cnonce = format!("{:016x}", RandomState::new().build_hasher().finish());
        self.answer_with(user, password, method, uri, &cnonce)
    }

    fn answer_with(&mut self, user: &str, password: &str, method: &str, uri: &str, cnonce: &str) -> String {
        self.count += 1;
        let Challenge { realm, nonce, opaque, session, auth } = &self.challenge;
        let mut secret = md5::hex(&format!("{user}:{realm}:{password}"));
        if *session {
            secret = md5::hex(&format!("{secret}:{nonce}:{cnonce}"));
        }
        let request = md5::hex(&format!("{method}:{uri}"));
        let count = format!("{:08x}", self.count);
        let response = if *auth {
            md5::hex(&format!("{secret}:{nonce}:{count}:{cnonce}:auth:{request}"))
        } else {
            md5::hex(&format!("{secret}:{nonce}:{request}"))
        };
        let user = user.replace('\\', "\\\\").replace('"', "\\\"");
        let mut value = format!(
            r#"Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}""#
        );
        // Writing to a string cannot fail.
        if *session {
            value += ", algorithm=MD5-sess";
        }
        if *auth {
            let _ = write!(value, r#", qop=auth, nc={count}, cnonce="{cnonce}""#);
        }
        if let Some(opaque) = opaque {
            let _ = write!(value, r#", opaque="{opaque}""#);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_2617() {
        let header = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
            nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        let mut digest = Digest::new(Challenge::parse(header).unwrap());
        let answer = digest.answer_with("Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b");
        assert!(answer.contains("response=\"6629fae49393a05397450978507c4ef1\""), "{answer}");
        assert!(answer.contains("nc=00000001") && answer.contains("opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""));
    }

    #[test]
    fn other_challenges() {
        assert_eq!(Challenge::parse("Basic realm=\"x\""), None);
        assert_eq!(Challenge::parse("Digest realm=\"x\", nonce=\"y\", algorithm=SHA-256"), None);
        assert_eq!(Challenge::parse("Digest nonce"), None);
        assert_eq!(Challenge::parse("é"), None);
        let old = Challenge::parse("digest nonce=abc,realm=\"a, b\"").unwrap();
        assert_eq!((old.realm.as_str(), old.nonce.as_str(), old.auth), ("a, b", "abc", false));
    }
}
