//! What the server says on standard output when it is ready: one URL, and how to make the first account.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::net::SocketAddr;

use qrcode::QrCode;
use qrcode::render::unicode;

use super::super::{Failure, print};

/// Prints the URL to open. With a setup token it is the one-time link that makes the first account, also as a QR code
/// where a person is likely to see it.
pub(super) fn print_url(address: SocketAddr, setup_token: Option<&str>) -> Result<(), Failure> {
    print(&text(address, setup_token, std::io::stdout().is_terminal()))
}

fn text(address: SocketAddr, setup_token: Option<&str>, terminal: bool) -> String {
    let base = format!("http://{}", reachable(address));
    let Some(token) = setup_token else { return format!("rtm2 is ready: {base}/\n") };
    let link = format!("{base}/setup#token={token}");
    let mut text = format!("rtm2 is ready. Open this link once to make the first account:\n\n  {link}\n\n");
    if terminal && let Ok(code) = QrCode::new(&link) {
        let _ = writeln!(text, "{}", code.render::<unicode::Dense1x2>().quiet_zone(true).build());
    }
    text
}

/// An address that a browser can open: "any address" is reached on loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut reachable = address;
    if address.ip().is_unspecified() {
        let ip = if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() };
        reachable.set_ip(ip);
    }
    reachable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_can_be_opened() {
        let any = SocketAddr::from(([0, 0, 0, 0], 80));
        assert_eq!(text(any, None, true), "rtm2 is ready: http://127.0.0.1:80/\n");
        let first = text(any, Some("abc"), false);
        assert!(first.contains("  http://127.0.0.1:80/setup#token=abc\n"), "{first}");
        assert!(text(any, Some("abc"), true).len() > first.len() + 100, "the QR code is missing");
    }
}
