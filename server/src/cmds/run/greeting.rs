//! What the server says on standard output when it is ready: one URL, how devices come to trust it, and how to make the
//! first account.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use qrcode::QrCode;
use qrcode::render::unicode;

use super::super::{Failure, print};
use super::front::Front;

/// Prints the URL to open. With an own authority it is also the page that tells how to trust it; with a setup token the
/// one-time link that makes the first account. Both as QR codes where a person is likely to see them.
pub(super) fn print_url(front: &Front, setup_token: Option<&str>) -> Result<(), Failure> {
    print(&text(front, setup_token, std::io::stdout().is_terminal()))
}

fn text(front: &Front, setup_token: Option<&str>, terminal: bool) -> String {
    let Front { base, .. } = front;
    let link = setup_token.map(|token| format!("{base}/setup#token={token}"));
    let code = |link: &str| if terminal { qr(link) } else { String::new() };
    let Some(trust) = &front.trust else {
        return match link {
            None => format!("rtm2 is ready: {base}/\n"),
            Some(link) => {
                format!("rtm2 is ready. Open this link once to make the first account:\n\n  {link}\n\n{}", code(&link))
            }
        };
    };
    let also = front.stable.as_ref().map(|stable| format!(" or {stable}/")).unwrap_or_default();
    let mut text = format!("rtm2 is ready: {base}/{also}\n\n");
    let _ = write!(
        text,
        "Each phone and computer has to trust it once. Open this there, or scan it:\n\n  {trust}\n\n{}",
        code(trust)
    );
    if let Some(https) = &front.https
        && let Some(trust) = &https.trust
    {
        let _ = write!(text, "Its SHA-256 fingerprint:\n  {}\n\n", trust.fingerprint());
    }
    if let Some(link) = link {
        let _ = write!(text, "Then open this link once to make the first account:\n\n  {link}\n\n{}", code(&link));
    }
    text
}

fn qr(link: &str) -> String {
    let Ok(code) = QrCode::new(link) else { return String::new() };
    format!("{}\n\n", code.render::<unicode::Dense1x2>().quiet_zone(true).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(base: &str) -> Front {
        Front { https: None, base: base.into(), trust: None, stable: None }
    }

    #[test]
    fn the_link_can_be_opened() {
        let plain = front("http://127.0.0.1:80");
        assert_eq!(text(&plain, None, true), "rtm2 is ready: http://127.0.0.1:80/\n");
        let first = text(&plain, Some("abc"), false);
        assert!(first.contains("  http://127.0.0.1:80/setup#token=abc\n"), "{first}");
        assert!(text(&plain, Some("abc"), true).len() > first.len() + 100, "the QR code is missing");
    }

    #[test]
    fn a_phone_is_first_sent_where_it_learns_to_trust() {
        let mut lan = front("https://192.168.1.7:5000");
        lan.trust = Some("http://192.168.1.7:5000/trust".into());
        lan.stable = Some("https://rtm2.local:5000".into());
        let said = text(&lan, Some("abc"), false);
        assert!(said.starts_with("rtm2 is ready: https://192.168.1.7:5000/ or https://rtm2.local:5000/\n"), "{said}");
        let (trust, link) = (said.find("http://192.168.1.7:5000/trust\n"), said.find("/setup#token=abc\n"));
        assert!(trust.is_some() && trust < link, "{said}");
        // The token is for TLS alone.
        assert!(said.contains("  https://192.168.1.7:5000/setup#token=abc\n"), "{said}");
        let scanned = text(&lan, Some("abc"), true);
        assert!(scanned.len() > said.len() + 1000 && scanned.lines().all(|line| line.chars().count() <= 120));
    }
}
