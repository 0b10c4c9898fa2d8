//! How the server is reached: with TLS or without, under which addresses, and what keeps its certificates fresh.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rtm2_tls::{
    Acme, Announcement, Authority, CertificateFiles, Certificates, Host, Names, OwnCertificate, TlsError, best_address,
};
use time::OffsetDateTime;

use super::super::Failure;
use crate::config::{Config, ConfigError, TlsSource};
use crate::web::{Https, Trust};

/// Where authority, account and certificates are kept within the state directory.
const FOLDER: &str = "tls";
/// How often the host's names and the time are looked at.
const RENEWALS: Duration = Duration::from_mins(1);
/// How often certificate files are looked at.
const RELOADS: Duration = Duration::from_secs(10);

/// How the server is reached.
pub(super) struct Front {
    /// What the web server needs; `None` for plain HTTP.
    pub(super) https: Option<Https>,
    /// The address to open, without a slash at the end.
    pub(super) base: String,
    /// The own authority's page, for devices that do not trust it yet.
    pub(super) trust: Option<String>,
    /// The same server under the announced name.
    pub(super) stable: Option<String>,
}

/// Prepares what the settings ask for. Starts tasks that keep certificates fresh, so it needs the runtime.
pub(super) fn prepare(config: &Config, state_dir: &Path, listening: SocketAddr) -> Result<Front, Failure> {
    let host = Host::ask();
    let address = reachable(listening, config.web.lan.then(|| best_address(&host)).flatten());
    let certificates = Certificates::new();
    let dir = state_dir.join(FOLDER);
    let mut front = Front { https: None, base: format!("https://{address}"), trust: None, stable: None };
    let mut trust = None;
    match config.tls_source() {
        TlsSource::Off => {
            warn_of_plain(config, listening);
            return Ok(Front { base: format!("http://{address}"), ..front });
        }
        TlsSource::Own => {
            let announced = announce(config, &host, listening);
            let asked = asked(config, announced.as_deref());
            let authority = Arc::new(
                Authority::open(&dir, &host.names(asked.iter().map(String::as_str)), OffsetDateTime::now_utc())
                    .map_err(failure)?,
            );
            let mut own = OwnCertificate::new(Arc::clone(&authority));
            renew(&mut own, config, announced.as_deref(), &host, &certificates).map_err(failure)?;
            tokio::spawn(keep(own, config.clone(), announced.clone(), certificates.clone()));
            front.trust = Some(format!("http://{address}/trust"));
            front.stable = announced.as_ref().and_then(|a| a.names().pop());
            front.stable = front.stable.map(|name| format!("https://{name}:{}", address.port()));
            trust = Some(Arc::new(Trust::new(&authority, &host.name, announced)));
        }
        TlsSource::Files => {
            let files = CertificateFiles::new(&config.tls.certificate, &config.tls.key);
            let loaded = files.load(OffsetDateTime::now_utc());
            certificates.set(loaded.map_err(|error| ConfigError::value("tls.certificate", error.to_string()))?);
            tokio::spawn(files.follow(certificates.clone(), RELOADS));
        }
        TlsSource::Acme => {
            front.base = format!("https://{}", config.tls.acme);
            tokio::spawn(acme(config, &dir).follow(certificates.clone()));
        }
    }
    let tls = certificates.server_config().map_err(failure)?;
    front.https = Some(Https { config: tls, trust, hsts: config.tls.hsts });
    Ok(front)
}

fn acme(config: &Config, dir: &Path) -> Acme {
    let tls = &config.tls;
    Acme {
        name: tls.acme.to_ascii_lowercase(),
        contact: (!tls.acme_contact.is_empty()).then(|| tls.acme_contact.clone()),
        directory: tls.acme_directory.clone(),
        dir: dir.join("acme"),
    }
}

/// Names that a certificate is for beside the host's own.
fn asked(config: &Config, announced: Option<&Announcement>) -> Vec<String> {
    let mut names = config.tls.names.clone();
    if !config.web.mdns.is_empty() {
        names.push(format!("{}.local", config.web.mdns));
    }
    names.extend(announced.into_iter().flat_map(Announcement::names));
    names
}

/// Announces the name where somebody can hear it. Without it the address still works.
fn announce(config: &Config, host: &Host, listening: SocketAddr) -> Option<Arc<Announcement>> {
    if config.web.mdns.is_empty() || listening.ip().is_loopback() {
        return None;
    }
    match Announcement::start(&config.web.mdns, &host.name, listening.port()) {
        Ok(announcement) => Some(Arc::new(announcement)),
        Err(error) => {
            tracing::warn!("{error}; `web.mdns = \"\"` turns it off");
            None
        }
    }
}

/// A certificate for what the host is called now, if one is due.
fn renew(
    own: &mut OwnCertificate,
    config: &Config,
    announced: Option<&Announcement>,
    host: &Host,
    certificates: &Certificates,
) -> Result<(), TlsError> {
    let asked = asked(config, announced);
    let names: Names = host.names(asked.iter().map(String::as_str));
    if let Some(certificate) = own.renew(&names, OffsetDateTime::now_utc())? {
        certificates.set(certificate);
    }
    Ok(())
}

/// Keeps the own certificate fresh. Never ends.
async fn keep(
    mut own: OwnCertificate,
    config: Config,
    announced: Option<Arc<Announcement>>,
    certificates: Certificates,
) {
    loop {
        tokio::time::sleep(RENEWALS).await;
        let (config, announced, certificates) = (config.clone(), announced.clone(), certificates.clone());
        let renewed = tokio::task::spawn_blocking(move || {
            let renewed = renew(&mut own, &config, announced.as_deref(), &Host::ask(), &certificates);
            (own, renewed)
        });
        let Ok((kept, renewed)) = renewed.await else { return };
        own = kept;
        if let Err(error) = renewed {
            tracing::error!("the certificate cannot be renewed, the old one stays: {error}");
        }
    }
}

/// Says what a plain server on the network means.
fn warn_of_plain(config: &Config, listening: SocketAddr) {
    if !listening.ip().is_loopback() && config.web.trusted_proxies.is_empty() {
        tracing::warn!(
            "plain HTTP on the network: it can be overheard, and on phones the app cannot be installed, notify, push or \
             keep the screen on; `rtm2 --lan` speaks TLS, `web.trusted-proxies` names a proxy that does"
        );
    }
}

/// An address that a browser can open: "any address" is reached on the best one, else on loopback.
fn reachable(listening: SocketAddr, best: Option<IpAddr>) -> SocketAddr {
    let mut reachable = listening;
    if listening.ip().is_unspecified() {
        let loopback: IpAddr =
            if listening.is_ipv4() { [127, 0, 0, 1].into() } else { [0, 0, 0, 0, 0, 0, 0, 1].into() };
        reachable.set_ip(best.filter(|best| best.is_ipv4() || listening.is_ipv6()).unwrap_or(loopback));
    }
    reachable
}

fn failure(error: TlsError) -> Failure {
    match error {
        TlsError::Io { path, source } => Failure::io(path.display().to_string(), source),
        other => Failure::Other(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_address_can_be_opened() {
        let any = SocketAddr::from(([0, 0, 0, 0], 80));
        let home: IpAddr = [192, 168, 1, 7].into();
        assert_eq!(reachable(any, None).to_string(), "127.0.0.1:80");
        assert_eq!(reachable(any, Some(home)).to_string(), "192.168.1.7:80");
        assert_eq!(reachable("[::]:80".parse().unwrap(), None).to_string(), "[::1]:80");
        assert_eq!(reachable(any, Some("fd00::7".parse().unwrap())).to_string(), "127.0.0.1:80");
        assert_eq!(reachable("10.0.0.1:80".parse().unwrap(), Some(home)).to_string(), "10.0.0.1:80");
    }
}
