//! Names and addresses under which this host is reached.

use std::collections::BTreeSet;
use std::net::IpAddr;

/// What a certificate is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Names in small letters, without a dot at the end.
    pub dns: BTreeSet<String>,
    /// Addresses.
    pub addresses: BTreeSet<IpAddr>,
}

impl Names {
    /// Adds a name or an address, as people write them.
    pub fn add(&mut self, name: &str) {
        let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
        if let Ok(address) = name.parse() {
            self.addresses.insert(address);
        } else if !name.is_empty() {
            self.dns.insert(name);
        }
    }

    /// All, for a line of the log.
    pub fn list(&self) -> String {
        let addresses = self.addresses.iter().map(ToString::to_string);
        self.dns.iter().cloned().chain(addresses).collect::<Vec<_>>().join(", ")
    }
}

/// What this machine is called and where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// The machine's name; empty if it has none that could stand in a certificate.
    pub name: String,
    /// Names of interfaces with their addresses, in the system's order.
    pub interfaces: Vec<(String, IpAddr)>,
}

impl Host {
    /// Asks the system.
    pub fn ask() -> Self {
        let name = rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase();
        let name = if is_host_name(&name) { name } else { String::new() };
        let listed = if_addrs::get_if_addrs().unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot list the addresses of this machine");
            Vec::new()
        });
        Self { name, interfaces: listed.into_iter().map(|i| (i.name.clone(), i.ip())).collect() }
    }

    /// Names and addresses of a certificate for this host: its own, `further` ones, and loopback.
    pub fn names<'a>(&self, further: impl IntoIterator<Item = &'a str>) -> Names {
        let mut names = Names::default();
        for name in ["localhost", "127.0.0.1", "::1"].into_iter().chain(further) {
            names.add(name);
        }
        if !self.name.is_empty() {
            names.add(&self.name);
            let label = self.name.split('.').next().unwrap_or_default();
            names.add(&format!("{label}.local"));
        }
        // No browser opens an address that needs the name of an interface.
        let usable = self.interfaces.iter().map(|(_, address)| *address).filter(|address| !is_link_local_v6(*address));
        names.addresses.extend(usable);
        names
    }
}

fn is_link_local_v6(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local())
}

/// Letters, digits and hyphens in labels of 1 to 63, at most 253 in all.
pub(crate) fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// Beginnings of the names of interfaces that no phone is behind: containers, virtual machines, tunnels.
const VIRTUAL: [&str; 12] =
    ["docker", "br-", "veth", "virbr", "vmnet", "vbox", "tun", "tap", "wg", "tailscale", "zt", "cni"];

/// The address that a phone in the same network most likely reaches: a private one of a real interface first.
pub fn best_address(host: &Host) -> Option<IpAddr> {
    let rank = |(name, address): &(String, IpAddr)| {
        let virtual_one = VIRTUAL.iter().any(|start| name.starts_with(start));
        let kind = match address {
            IpAddr::V4(v4) if v4.is_private() => 0,
            IpAddr::V4(v4) if v4.is_link_local() => 2,
            IpAddr::V4(_) => 1,
            IpAddr::V6(_) => 3,
        };
        (virtual_one, kind)
    };
    let outside = |(_, address): &&(String, IpAddr)| !address.is_loopback() && !is_link_local_v6(*address);
    // The first of the best: the system lists wired before wireless before virtual.
    host.interfaces.iter().filter(outside).min_by_key(|interface| rank(interface)).map(|(_, address)| *address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(interfaces: &[(&str, &str)]) -> Host {
        let interfaces = interfaces.iter().map(|(n, a)| ((*n).to_owned(), a.parse().unwrap())).collect();
        Host { name: "pi".into(), interfaces }
    }

    #[test]
    fn a_certificate_is_for_all_that_the_host_is_called() {
        let host = host(&[("lo", "127.0.0.1"), ("eth0", "192.168.1.7"), ("eth0", "fe80::1"), ("eth0", "fd00::7")]);
        let names = host.names(["rtm2.local", "Cam.Example.net.", "10.0.0.9"]);
        let dns: Vec<_> = names.dns.iter().map(String::as_str).collect();
        assert_eq!(dns, ["cam.example.net", "localhost", "pi", "pi.local", "rtm2.local"]);
        let addresses: Vec<_> = names.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["10.0.0.9", "127.0.0.1", "192.168.1.7", "::1", "fd00::7"]);
    }

    #[test]
    fn a_phone_is_sent_to_the_home_network() {
        let best = |interfaces: &[(&str, &str)]| best_address(&host(interfaces)).map(|a| a.to_string());
        let home = ("wlan0", "192.168.1.7");
        assert_eq!(best(&[("lo", "127.0.0.1"), ("docker0", "172.17.0.1"), home]).as_deref(), Some("192.168.1.7"));
        assert_eq!(best(&[("eth0", "203.0.113.9"), home]).as_deref(), Some("192.168.1.7"));
        assert_eq!(best(&[("eth0", "10.1.0.2"), home]).as_deref(), Some("10.1.0.2"));
        assert_eq!(best(&[("eth0", "fe80::1"), ("eth0", "fd00::7")]).as_deref(), Some("fd00::7"));
        assert_eq!(best(&[("lo", "127.0.0.1"), ("lo", "::1")]), None);
    }

    #[test]
    fn odd_host_names_are_left_out() {
        for good in ["pi", "cam-1.home.arpa", "a"] {
            assert!(is_host_name(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a b", "a..b", "(none)", &"x".repeat(64)] {
            assert!(!is_host_name(bad), "{bad}");
        }
        assert_eq!(Host::default().names([]).dns.len(), 1);
    }
}
