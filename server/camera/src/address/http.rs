//! Addresses of network cameras, and keeping their secrets out of sight.

use std::fmt;

use url::Url;

use super::SourceUrlError;

/// Words in the name of a query parameter whose value is never shown.
const SECRET_WORDS: [&str; 9] = ["user", "usr", "login", "pass", "pwd", "token", "key", "auth", "secret"];

/// The address of a network camera.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct HttpUrl {
    url: Url,
    credentials: Option<Credentials>,
}

/// A user name and a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) user: String,
    pub(crate) password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())
    }
}

impl HttpUrl {
    pub(super) fn parse(text: &str) -> Result<Self, SourceUrlError> {
        let scheme = if text.len() >= 6 && text[..6].eq_ignore_ascii_case("https:") { "https" } else { "http" };
        let refuse = |problem: &str| SourceUrlError::Address { scheme, problem: problem.to_owned() };
        // Not the parser's own words with the address in them: it may hold a password.
        let mut url = Url::parse(text).map_err(|error| refuse(&format!("{error}; write {scheme}://host/path")))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(refuse("the host is missing; write http://host/path"));
        }
        let credentials = if url.username().is_empty() && url.password().is_none() {
            None
        } else {
            let (user, password) = (decode(url.username()), decode(url.password().unwrap_or_default()));
            Some(Credentials { user, password })
        };
        let cleared = url.set_username("").and_then(|()| url.set_password(None));
        cleared.map_err(|()| refuse("credentials are not possible here"))?;
        url.set_fragment(None);
        Ok(Self { url, credentials })
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.url.scheme() == "https" { "https" } else { "http" }
    }

    /// Without credentials, also those in the query.
    pub(super) fn label(&self) -> String {
        let Some(query) = self.url.query() else { return self.url.to_string() };
        let shown: Vec<String> = query.split('&').map(hide_secret).collect();
        let mut url = self.url.clone();
        url.set_query(Some(&shown.join("&")));
        url.to_string()
    }

    /// The address to ask, without credentials in it.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }
}

fn hide_secret(item: &str) -> String {
    let Some((name, _)) = item.split_once('=') else { return item.to_owned() };
    let lower = name.to_ascii_lowercase();
    if SECRET_WORDS.iter().any(|word| lower.contains(word)) { format!("{name}=***") } else { item.to_owned() }
}

/// Percent-decoding; bytes that are no UTF-8 are replaced.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        let decoded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| byte == b'%');
        out.push(decoded.unwrap_or(byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}
