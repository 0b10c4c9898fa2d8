//! Which addresses may be talked to. Whoever may name an endpoint must not reach into the network that the server
//! stands in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Longest address of an endpoint in bytes.
const MAX_URL: usize = 2_048;

/// How far requests may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses only.
    #[default]
    Public,
    /// The own machine and network too.
    Private,
}

/// An address that is out of bounds, in words for whoever named it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub(crate) String);

impl Reach {
    /// Whether an address may be connected to.
    pub fn allows(self, address: IpAddr) -> bool {
        self == Self::Private || is_public(address)
    }

    /// Refuses what can be refused before any name is resolved. Names are judged once more by what they resolve to.
    pub(crate) fn check(self, url: &Url) -> Result<(), Refused> {
        let refuse = |why: &str| Err(Refused(why.to_owned()));
        let address = match url.host() {
            None => return refuse("the address names no host"),
            Some(Host::Domain(name)) if name.trim_end_matches('.').eq_ignore_ascii_case("localhost") => {
                Some(IpAddr::V4(Ipv4Addr::LOCALHOST))
            }
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        };
        match address {
            Some(address) if !self.allows(address) => Err(private(&address.to_string())),
            _ => Ok(()),
        }
    }
}

/// The refusal of a private address.
pub(crate) fn private(host: &str) -> Refused {
    Refused(format!("{host} is a private address, which is not allowed here"))
}

/// The endpoint of a device: HTTPS at a public address. With [`Reach::Private`] plain HTTP on the own machine too.
pub(crate) fn endpoint(text: &str, reach: Reach) -> Result<Url, Refused> {
    let refuse = |why: &str| Refused(why.to_owned());
    if text.len() > MAX_URL {
        return Err(refuse("the endpoint is too long"));
    }
    let url = Url::parse(text).map_err(|_| refuse("the endpoint is not an address"))?;
    reach.check(&url)?;
    let own = reach == Reach::Private && url.host().is_some_and(|host| matches!(host, Host::Ipv4(Ipv4Addr::LOCALHOST)));
    if url.scheme() != "https" && !(own && url.scheme() == "http") {
        return Err(refuse("the endpoint must begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(refuse("the endpoint has a name, a password or a fragment in it"));
    }
    Ok(url)
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// IANA's registry of special addresses, in short.
fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let shared = a == 100 && b & 0xC0 == 64;
    let protocols = a == 192 && b == 0 && c == 0;
    let relays = a == 192 && b == 88 && c == 99;
    let benchmarks = a == 198 && b & 0xFE == 18;
    !(a == 0
        || a >= 240
        || v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_documentation()
        || shared
        || protocols
        || relays
        || benchmarks)
}

/// Global unicast without what carries an IPv4 address inside, unless that is public itself.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match v6.segments() {
        // NAT64 and 6to4.
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        // Protocol assignments with Teredo, documentation.
        [0x2001, 0..=0x1FF | 0xDB8, ..] => false,
        [first, ..] => first & 0xE000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn private_addresses_are_known_in_every_spelling() {
        let private = "127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 0.0.0.0 \
                       100.64.0.1 192.0.0.8 198.18.0.1 198.19.255.255 224.0.0.1 255.255.255.255 203.0.113.9 240.0.0.1 \
                       ::1 :: fe80::1 fc00::1 fd12::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 \
                       64:ff9b::7f00:1 2002:7f00:1:: 2001:0:1::1 2001:db8::1 fec0::1";
        for text in private.split_whitespace() {
            let address = text.parse().unwrap();
            assert!(!Reach::Public.allows(address), "{text}");
            assert!(Reach::Private.allows(address), "{text}");
        }
        let public =
            "1.1.1.1 172.32.0.1 100.128.0.1 192.0.1.1 2606:4700::1111 ::ffff:1.1.1.1 64:ff9b::101:101 2001:4860::8";
        for text in public.split_whitespace() {
            assert!(Reach::Public.allows(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn endpoints_are_https_and_public() {
        let ok = |text| endpoint(text, Reach::Public).is_ok();
        assert!(ok("https://fcm.googleapis.com/fcm/send/abc:def?x=1"));
        assert!(ok("https://web.push.apple.com:443/Q"));
        for text in [
            "http://fcm.googleapis.com/x",
            "ftp://push.example/x",
            "https://user:pass@push.example/x",
            "https://user@push.example/x",
            "https://push.example/x#y",
            "https://localhost/x",
            "https://LOCALHOST./x",
            "https://127.0.0.1/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://[::1]/x",
            "https://[::ffff:10.0.0.1]/x",
            "https://192.168.0.1:8443/x",
            "https://",
            "push.example/x",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!ok(text), "{text}");
        }
        assert!(!ok(&format!("https://push.example/{}", "x".repeat(MAX_URL))));
    }

    #[test]
    fn plain_http_is_for_the_own_machine_only() {
        assert!(endpoint("http://127.0.0.1:8080/x", Reach::Private).is_ok());
        assert!(endpoint("http://192.168.0.1/x", Reach::Private).is_err());
        assert!(endpoint("https://192.168.0.1/x", Reach::Private).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_an_endpoint_or_refused(text: String) {
            if let Ok(url) = endpoint(&text, Reach::Public) {
                prop_assert_eq!(url.scheme(), "https");
            }
        }

        #[test]
        fn a_v4_address_is_as_public_inside_a_v6_one(bits: u32) {
            let v4 = Ipv4Addr::from(bits);
            prop_assert_eq!(is_public(IpAddr::V4(v4)), is_public(IpAddr::V6(v4.to_ipv6_mapped())));
        }
    }
}
