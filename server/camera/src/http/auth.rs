//! User name and password, as the camera asks for them: Digest where it offers it, else Basic.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use reqwest::blocking::Response;
use reqwest::header::WWW_AUTHENTICATE;

use super::digest::{Challenge, Digest};
use crate::address::Credentials;

/// What is sent along with each request. Nothing is sent before the camera asks.
pub(super) struct Auth {
    credentials: Option<Credentials>,
    way: Way,
}

enum Way {
    None,
    Basic,
    Digest(Digest),
}

impl Auth {
    pub(super) fn new(credentials: Option<Credentials>) -> Self {
        Self { credentials, way: Way::None }
    }

    /// The value of the `Authorization` header for a request of `url`.
    pub(super) fn header(&mut self, url: &Url) -> Option<String> {
        let Credentials { user, password } = self.credentials.as_ref()?;
        match &mut self.way {
            Way::None => None,
            Way::Basic => Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))),
            Way::Digest(digest) => {
                let uri = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
                Some(digest.answer(user, password, "GET", &uri))
            }
        }
    }

    /// Learns from a refusal how to ask again; an error says what the user must do.
    pub(super) fn challenged(&mut self, url: &Url, response: &Response) -> Result<(), String> {
        if self.credentials.is_none() {
            return Err("the camera wants a user name and a password; write http://user:password@host/…".to_owned());
        }
        if response.url().origin() != url.origin() {
            return Err(
                "the camera redirects to another host that wants a password; write that host's address".to_owned()
            );
        }
        let headers = response.headers().get_all(WWW_AUTHENTICATE);
        let offers: Vec<&str> = headers.iter().filter_map(|offer| offer.to_str().ok()).collect();
        self.way = choose(&offers)?;
        Ok(())
    }
}

fn choose(offers: &[&str]) -> Result<Way, String> {
    if let Some(challenge) = offers.iter().find_map(|offer| Challenge::parse(offer)) {
        return Ok(Way::Digest(Digest::new(challenge)));
    }
    let digest = offers.iter().any(|offer| has_scheme(offer, "digest"));
    let basic = offers.is_empty() || offers.iter().any(|offer| has_scheme(offer, "basic"));
    match (basic, digest) {
        (true, _) => Ok(Way::Basic),
        (false, true) => {
            Err("the camera wants a kind of digest authentication that is not supported; only MD5 is".to_owned())
        }
        (false, false) => {
            Err("the camera wants a kind of login that is not supported; Basic and Digest are".to_owned())
        }
    }
}

fn has_scheme(offer: &str, scheme: &str) -> bool {
    offer.split([' ', ',']).any(|word| word.eq_ignore_ascii_case(scheme))
}
