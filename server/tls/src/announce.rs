//! The name `rtm2.local` and a service `_https._tcp` on the local network, by mDNS (RFC 6762, RFC 6763). Where another
//! machine has the name already, this one takes `rtm2-2.local`, and says so.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use mdns_sd::{DaemonEvent, IfKind, RRType, ServiceDaemon, ServiceInfo};

use crate::TlsError;

/// What is announced: a web server that speaks TLS.
const SERVICE: &str = "_https._tcp.local.";

/// A name that is announced until this is dropped.
pub struct Announcement {
    daemon: ServiceDaemon,
    names: Arc<Mutex<Vec<String>>>,
}

/// Where a name is announced.
#[derive(Clone, Copy, Debug)]
enum Reach {
    /// To all networks but the machine's own, on mDNS's port.
    Networks,
    /// On loopback alone, with an address and a port of its own: for tests.
    #[cfg(test)]
    Loopback(IpAddr, u16),
}

impl Announcement {
    /// Announces `label`.local for a server on `host` that listens on `port`.
    pub fn start(label: &str, host: &str, port: u16) -> Result<Self, TlsError> {
        Self::start_in(Reach::Networks, label, host, port)
    }

    fn start_in(reach: Reach, label: &str, host: &str, port: u16) -> Result<Self, TlsError> {
        let name = format!("{label}.local");
        let instance = if host.is_empty() { "rtm2".to_owned() } else { format!("rtm2 on {host}") };
        let service = |address: &[IpAddr]| {
            ServiceInfo::new(SERVICE, &instance, &format!("{name}."), address, port, &[("path", "/")][..])
        };
        let (daemon, service) = match reach {
            Reach::Networks => {
                let daemon = ServiceDaemon::new()?;
                daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6])?;
                (daemon, service(&[])?.enable_addr_auto())
            }
            #[cfg(test)]
            Reach::Loopback(address, mdns_port) => {
                let daemon = ServiceDaemon::new_with_port(mdns_port)?;
                daemon.disable_interface(IfKind::All)?;
                daemon.enable_interface(IfKind::LoopbackV4)?;
                (daemon, service(&[address])?)
            }
        };
        let names = Arc::new(Mutex::new(vec![name]));
        let (events, renamed) = (daemon.monitor()?, Arc::clone(&names));
        std::thread::Builder::new()
            .name("mdns names".into())
            .spawn(move || {
                // Ends with the daemon.
                while let Ok(event) = events.recv() {
                    note(&event, &renamed);
                }
            })
            .map_err(|error| mdns_sd::Error::Msg(error.to_string()))?;
        daemon.register(service)?;
        Ok(Self { daemon, names })
    }

    /// The names that were announced, without a dot at the end; the last is in force, those before it belong to other
    /// machines.
    pub fn names(&self) -> Vec<String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn note(event: &DaemonEvent, names: &Mutex<Vec<String>>) {
    match event {
        DaemonEvent::NameChange(change) if matches!(change.rr_type, RRType::A | RRType::AAAA) => {
            let [taken, name] = [&change.original, &change.new_name].map(|name| name.trim_end_matches('.'));
            let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
                tracing::warn!("{taken} belongs to another machine in this network: this one is {name}");
            }
        }
        DaemonEvent::Error(error) => tracing::warn!("mDNS: {error}"),
        other => tracing::debug!("mDNS: {other:?}"),
    }
}

impl fmt::Debug for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Announcement").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Says good-bye to the network; a daemon that is gone has said it.
        let _ = self.daemon.shutdown();
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::time::{Duration, Instant};

    use mdns_sd::HostnameResolutionEvent;

    use super::*;

    /// Far above what probing and answering take.
    const PATIENCE: Duration = Duration::from_mins(1);

    fn free_port() -> u16 {
        UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    /// The addresses that somebody else in the network gets for a name.
    fn resolve(name: &str, mdns_port: u16) -> Vec<IpAddr> {
        let asking = ServiceDaemon::new_with_port(mdns_port).unwrap();
        asking.disable_interface(IfKind::All).unwrap();
        asking.enable_interface(IfKind::LoopbackV4).unwrap();
        let answers = asking.resolve_hostname(&format!("{name}."), Some(60_000)).unwrap();
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Ok(HostnameResolutionEvent::AddressesFound(_, found)) = answers.recv_timeout(PATIENCE) {
                let _ = asking.shutdown();
                return found.iter().map(mdns_sd::ScopedIp::to_ip_addr).collect();
            }
        }
        panic!("nobody is called {name}");
    }

    #[test]
    fn the_name_is_found_and_a_second_machine_takes_another() {
        let port = free_port();
        let [first, second]: [IpAddr; 2] = ["127.0.0.1", "127.0.0.2"].map(|a| a.parse().unwrap());
        let announced = Announcement::start_in(Reach::Loopback(first, port), "rtm2-test", "pi", 5000).unwrap();
        assert_eq!(resolve("rtm2-test.local", port), [first]);
        let other = Announcement::start_in(Reach::Loopback(second, port), "rtm2-test", "nas", 5000).unwrap();
        let start = Instant::now();
        while !other.names().contains(&"rtm2-test-2.local".to_owned()) {
            assert!(start.elapsed() < PATIENCE, "still {:?}", other.names());
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(resolve("rtm2-test-2.local", port), [second]);
        assert_eq!(announced.names(), ["rtm2-test.local"]);
    }
}
