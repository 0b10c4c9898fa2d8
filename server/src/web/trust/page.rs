//! The page itself: made here and whole, because who needs it may have nothing of the app yet.

use std::fmt::Write as _;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::super::headers::Nonce;
use super::super::proxy::sent;
use super::super::secure::{Https, is_plain};
use super::Trust;
use super::platform::{PLATFORMS, Platform, own};

/// The colours and sizes of the app.
const TOKENS: &str = include_str!("../../../../style/tokens.css");
const STYLE: &str = include_str!("trust.css");
const SCRIPT: &str = include_str!("trust.js");

/// The page for this request.
pub(super) fn page(https: Option<&Https>, request: &Request) -> Response {
    let agent = request.headers().get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    let host = super::super::origin::host(request.headers(), request.uri()).filter(|host| is_plain(host));
    let trust = https.and_then(|https| https.trust.as_deref());
    // The same port under the announced name.
    let port = host.and_then(|host| host.rsplit_once(':')).map_or("", |(_, port)| port);
    let stable = trust.and_then(Trust::stable_name).filter(|_| port.bytes().all(|b| b.is_ascii_digit()));
    let stable = stable.map(|name| if port.is_empty() { name } else { format!("{name}:{port}") });
    let secure = sent(request.extensions()).secure;
    let body = match (trust, https) {
        (Some(trust), _) => steps(trust, own(agent.as_deref().unwrap_or_default())),
        (None, Some(_)) => PUBLIC.to_owned(),
        (None, None) if secure => PUBLIC.to_owned(),
        (None, None) => PLAIN.to_owned(),
    };
    let checks = https.is_some() || secure;
    let nonce = Nonce::new();
    let html = frame(&body, nonce.as_str(), checks, stable.as_deref());
    let reachable = host.into_iter().chain(stable.as_deref()).fold(String::new(), |mut list, host| {
        let _ = write!(list, " https://{host}");
        list
    });
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'{reachable}; \
         worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        nonce = nonce.as_str()
    );
    let mut response = Html(html).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn frame(body: &str, nonce: &str, checks: bool, stable: Option<&str>) -> String {
    let state = if checks { STATE } else { "" };
    let script = if checks { format!("<script nonce=\"{nonce}\">{SCRIPT}</script>") } else { String::new() };
    let stable = stable.unwrap_or_default();
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>Trust · rtm2</title>
<style nonce=\"{nonce}\">{TOKENS}{STYLE}</style>
</head>
<body data-stable=\"{stable}\">
<header><strong>rtm2</strong></header>
<main>
{state}{body}
</main>
{script}
</body>
</html>
"
    )
}

/// Filled by the script.
const STATE: &str = "<section id=\"state\" class=\"state\" role=\"status\" data-state=\"looking\">
<p id=\"said\">Looking whether this device trusts this server…</p>
<p id=\"more\" class=\"quiet\" hidden></p>
<p class=\"actions\"><a id=\"open\" class=\"button main\" href=\"/\" hidden>Open rtm2</a>
<button id=\"again\" class=\"button\" type=\"button\" hidden>Look again</button></p>
<noscript><p class=\"quiet\">Without JavaScript this page cannot look whether it worked.</p></noscript>
</section>
";

/// For servers whose certificate every browser knows.
const PUBLIC: &str = "<h1>Nothing to install</h1>
<p>This server's certificate is of an authority that browsers know already.</p>";

/// For servers without TLS.
const PLAIN: &str = "<h1>This server speaks plain HTTP</h1>
<p>Over plain HTTP browsers neither install the app, nor let it notify, push, or keep the screen on, and whoever is in the \
network can listen.</p>
<p>Start it with <code>rtm2 --lan</code>: it then makes certificates of its own, and this page says how phones come to trust \
them. Or put a proxy with TLS in front.</p>
<p><a class=\"button\" href=\"/\">Back to rtm2</a></p>";

/// What to do, the browser's own platform first.
fn steps(trust: &Trust, own: usize) -> String {
    let mut html = String::from(
        "<h1 class=\"todo\">Let this device trust this rtm2</h1>
<h1 class=\"done\">Your other devices</h1>
<p class=\"todo\">Once done, the browser shows no warning, and the app can be installed, notify and push. It takes a minute, once for each \
device.</p>
",
    );
    let first = &PLATFORMS[own];
    let _ = writeln!(
        html,
        "<details id=\"own\" open><summary><h2>{}</h2></summary>{}</details>",
        first.name,
        instructions(first)
    );
    let _ = write!(
        html,
        "<section class=\"card after\"><h2>Is it the right one?</h2>
<p>Compare the SHA-256 fingerprint with the one that the server printed when it started.</p>
<p><code id=\"fingerprint\" class=\"fingerprint\">{}</code></p></section>
<section id=\"others\"><h2 class=\"todo\">Other devices</h2>\n",
        trust.fingerprint
    );
    for platform in PLATFORMS.iter().enumerate().filter(|(i, _)| *i != own).map(|(_, platform)| platform) {
        let _ = writeln!(html, "<details><summary>{}</summary>{}</details>", platform.name, instructions(platform));
    }
    html.push_str(
        "</section>
<section class=\"card after\"><h2>What you trust</h2>
<p>An authority that this server made for itself. Its key never leaves the server, and it can vouch for names and addresses of \
private networks only: not for your bank. Remove it where you added it, and the device is as before.</p></section>",
    );
    html
}

fn instructions(platform: &Platform) -> String {
    let (address, name) = platform.file;
    let mut html = format!("<ol><li><a class=\"button main\" href=\"{address}\">{name}</a></li>");
    for step in platform.steps {
        let _ = write!(html, "<li>{step}</li>");
    }
    html.push_str("</ol>");
    if !platform.note.is_empty() {
        let _ = write!(html, "<p class=\"quiet\">{}</p>", platform.note);
    }
    html
}
