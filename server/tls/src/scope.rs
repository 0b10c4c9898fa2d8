//! What the authority may vouch for. Its certificate says so (RFC 5280, 4.2.1.10), so that a stolen key opens nothing
//! but names and addresses of private networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use crate::Names;

/// Endings of names that belong to nobody on the internet: RFC 6762, 6761, 8375, ICANN's `internal`, and what routers use.
const DNS: [&str; 6] = ["local", "localhost", "home.arpa", "internal", "lan", "home"];

/// Networks that belong to nobody on the internet: private, shared, link-local, loopback.
const NETWORKS: [(IpAddr, u8); 9] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(100, 64, 0, 0)), 10),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
];

/// Permitted endings of names, and networks as address and mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    dns: Vec<String>,
    networks: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What a new authority may vouch for: private names and networks, the machine's own name, and what was asked for.
pub(crate) fn constraints(asked: &Names) -> NameConstraints {
    let mut dns: Vec<String> = DNS.map(str::to_owned).to_vec();
    dns.extend(asked.dns.iter().filter(|name| !DNS.iter().any(|end| is_under(name, end))).cloned());
    let dns = dns.into_iter().map(GeneralSubtree::DnsName);
    let networks =
        NETWORKS.map(|(address, prefix)| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, prefix)));
    NameConstraints { permitted_subtrees: dns.chain(networks).collect(), excluded_subtrees: Vec::new() }
}

impl Scope {
    /// Reads what a certificate permits; `None` if it permits everything.
    pub(crate) fn of(certificate: &X509Certificate<'_>) -> Option<Self> {
        let constraints = certificate.name_constraints().ok().flatten()?.value;
        let permitted = constraints.permitted_subtrees.as_ref()?;
        let mut scope = Self { dns: Vec::new(), networks: Vec::new() };
        for subtree in permitted {
            match &subtree.base {
                GeneralName::DNSName(name) => scope.dns.push((*name).to_owned()),
                GeneralName::IPAddress(bytes) if matches!(bytes.len(), 8 | 32) => {
                    let (network, mask) = bytes.split_at(bytes.len() / 2);
                    scope.networks.push((network.to_vec(), mask.to_vec()));
                }
                _ => {}
            }
        }
        Some(scope)
    }

    /// What of these names is permitted: one that is not would spoil the whole certificate. Gives the rest too.
    pub(crate) fn split(&self, names: &Names) -> (Names, Names) {
        let (mut within, mut beyond) = (Names::default(), Names::default());
        for name in &names.dns {
            let permitted = self.dns.iter().any(|end| is_under(name, end));
            (if permitted { &mut within } else { &mut beyond }).dns.insert(name.clone());
        }
        for &address in &names.addresses {
            let permitted = self.networks.iter().any(|(network, mask)| is_in(address, network, mask));
            (if permitted { &mut within } else { &mut beyond }).addresses.insert(address);
        }
        (within, beyond)
    }
}

fn is_under(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|start| start.is_empty() || start.ends_with('.'))
}

fn is_in(address: IpAddr, network: &[u8], mask: &[u8]) -> bool {
    let bytes = match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    };
    bytes.len() == network.len() && bytes.iter().zip(network).zip(mask).all(|((b, n), m)| b & m == n & m)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_whole_labels() {
        assert!(is_under("rtm2.local", "local") && is_under("local", "local"));
        assert!(!is_under("notlocal", "local") && !is_under("local.example", "local"));
    }

    #[test]
    fn networks_are_compared_under_their_mask() {
        let (network, mask) = ([172, 16, 0, 0], [255, 240, 0, 0]);
        assert!(is_in("172.31.255.1".parse().unwrap(), &network, &mask));
        assert!(!is_in("172.32.0.1".parse().unwrap(), &network, &mask));
        assert!(!is_in("::1".parse().unwrap(), &network, &mask));
    }
}
