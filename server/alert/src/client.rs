//! HTTP clients that reach no further than they may: what a name resolves to is judged, and every redirect.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, ClientBuilder};
use reqwest::{Response, header};
use rtm2_app::Timestamp;

use crate::address::{Reach, Refused, private};
use crate::verdict::{Answer, retry_after};

/// Longest time for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest time for an answer.
const ANSWER: Duration = Duration::from_secs(15);
/// Most redirects that are followed.
const REDIRECTS: usize = 3;

/// Whether redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redirects {
    /// A push service never sends any.
    Never,
    /// Those that keep method and body, within reach.
    Within,
}

/// A client that connects within `reach` only. It uses no proxy, which would resolve names itself.
///
/// A machine without certificates of authorities is no reason not to watch: there the client trusts nobody, and only what
/// is plain HTTP is reached.
pub(crate) fn client(reach: Reach, redirects: Redirects) -> Result<Client, reqwest::Error> {
    builder(reach, redirects).build().or_else(|error| {
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        tracing::warn!("push services and https webhooks cannot be reached, install ca-certificates: {why}");
        trusting_nobody(reach, redirects)
    })
}

fn trusting_nobody(reach: Reach, redirects: Redirects) -> Result<Client, reqwest::Error> {
    builder(reach, redirects).tls_certs_only([]).build()
}

fn builder(reach: Reach, redirects: Redirects) -> ClientBuilder {
    // An error means that somebody installed one before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let policy = match redirects {
        Redirects::Never => Policy::none(),
        Redirects::Within => Policy::custom(move |attempt| follow(attempt, reach)),
    };
    Client::builder()
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .no_proxy()
        .redirect(policy)
        .dns_resolver(Arc::new(Guard(reach)))
        .user_agent(concat!("rtm2/", env!("CARGO_PKG_VERSION")))
}

fn follow(attempt: Attempt<'_>, reach: Reach) -> reqwest::redirect::Action {
    // Other redirects turn a POST into a GET, which would deliver nothing.
    let keeps_body = matches!(attempt.status().as_u16(), 307 | 308);
    let downgrade = attempt.url().scheme() != "https" && attempt.previous().iter().any(|url| url.scheme() == "https");
    if !keeps_body || downgrade || attempt.previous().len() > REDIRECTS {
        return attempt.stop();
    }
    match reach.check(attempt.url()) {
        Ok(()) => attempt.follow(),
        Err(refused) => attempt.error(refused),
    }
}

/// Resolves names and keeps back addresses that are out of reach.
struct Guard(Reach);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let all = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = all.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(private(name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// What came of a request.
pub(crate) fn answer(result: Result<Response, reqwest::Error>, now: Timestamp) -> Answer {
    match result {
        Ok(response) => {
            let asked = response.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok());
            Answer::Status(response.status().as_u16(), asked.and_then(|value| retry_after(value, now)))
        }
        Err(error) => match refusal(&error) {
            Some(refused) => Answer::Forbidden(refused.to_string()),
            None => Answer::Silence(words(&error).into()),
        },
    }
}

/// The refusal of an address, if that is what an error is about.
fn refusal(error: &reqwest::Error) -> Option<&Refused> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(refused) = inner.downcast_ref() {
            return Some(refused);
        }
        source = inner.source();
    }
    None
}

/// In words without the address, which may hold a secret.
fn words(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_certificates_has_a_client_too() {
        for redirects in [Redirects::Never, Redirects::Within] {
            assert!(trusting_nobody(Reach::Public, redirects).is_ok());
        }
    }
}
