//! Settings of TLS: certificates from files or from an ACME authority, and what the own authority vouches for.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Config, ConfigError};

/// Settings of TLS. Without files and without a public name, `web.lan` turns on TLS by an authority of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tls {
    /// A PEM file with the certificate and its chain; none when empty.
    pub certificate: PathBuf,
    /// A PEM file with its key.
    pub key: PathBuf,
    /// A public name for which an ACME authority gives certificates; none when empty.
    pub acme: String,
    /// An address under which that authority may complain, such as `mailto:anna@example.net`.
    pub acme_contact: String,
    /// Where that authority is.
    pub acme_directory: String,
    /// Further names and addresses that the own authority vouches for.
    pub names: Vec<String>,
    /// Whether browsers are told to come by TLS alone from now on.
    pub hsts: bool,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            acme: String::new(),
            acme_contact: String::new(),
            acme_directory: rtm2_tls::LETS_ENCRYPT.into(),
            names: Vec::new(),
            hsts: false,
        }
    }
}

/// Where certificates come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// From nowhere: plain HTTP.
    Off,
    /// From an authority of its own.
    Own,
    /// From files.
    Files,
    /// From an ACME authority.
    Acme,
}

impl Config {
    /// Where certificates come from with these settings.
    pub fn tls_source(&self) -> TlsSource {
        if !self.tls.certificate.as_os_str().is_empty() {
            TlsSource::Files
        } else if !self.tls.acme.is_empty() {
            TlsSource::Acme
        } else if self.web.lan {
            TlsSource::Own
        } else {
            TlsSource::Off
        }
    }

    /// Checks what types alone cannot.
    pub(super) fn validate_tls(&self) -> Result<(), ConfigError> {
        let tls = &self.tls;
        let refuse = |key: &str, message: &str| Err(ConfigError::value(key, message.into()));
        if tls.certificate.as_os_str().is_empty() != tls.key.as_os_str().is_empty() {
            return refuse("tls.key", "a certificate needs its key: give `tls.certificate` and `tls.key`, or neither");
        }
        let files = !tls.certificate.as_os_str().is_empty();
        if files && !tls.acme.is_empty() {
            return refuse("tls.acme", "there is `tls.certificate` already: give one of both");
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
        if !tls.acme.is_empty() && (!tls.acme.contains('.') || !tls.acme.chars().all(plain)) {
            let message = format!("`{}` is no public name; write it like `cams.example.net`", tls.acme);
            return refuse("tls.acme", &message);
        }
        if !tls.acme_contact.is_empty() && !tls.acme_contact.starts_with("mailto:") {
            return refuse("tls.acme-contact", "write it like `mailto:anna@example.net`");
        }
        if !tls.acme_directory.starts_with("https://") {
            return refuse("tls.acme-directory", "give the https: address of the authority's directory");
        }
        if let Some(bad) = tls.names.iter().find(|name| !is_name(name)) {
            let message = format!("`{bad}` is neither a name nor an address; write `cam.home.arpa` or `192.168.1.7`");
            return refuse("tls.names", &message);
        }
        if tls.hsts && matches!(self.tls_source(), TlsSource::Own | TlsSource::Off) {
            let message = "with the own authority, or without TLS here, it would lock out every device that does not \
                           trust it: give `tls.certificate` or `tls.acme`, or let the proxy say it";
            return refuse("tls.hsts", message);
        }
        let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if self.web.mdns.len() > 60 || !self.web.mdns.chars().all(label) || self.web.mdns.starts_with('-') {
            let message = format!("`{}` is no name; write `rtm2` for rtm2.local, or nothing for none", self.web.mdns);
            return refuse("web.mdns", &message);
        }
        self.trusted_proxies().map(|_| ())
    }

    /// The networks of `web.trusted-proxies`.
    pub fn trusted_proxies(&self) -> Result<Vec<ipnet::IpNet>, ConfigError> {
        let parse = |text: &String| {
            let network = text.parse().or_else(|_| text.parse().map(|address: std::net::IpAddr| address.into()));
            network.map_err(|_| {
                let message = format!("`{text}` is no address or network; write `127.0.0.1` or `10.0.0.0/8`");
                ConfigError::value("web.trusted-proxies", message)
            })
        };
        self.web.trusted_proxies.iter().map(parse).collect()
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    name.parse::<std::net::IpAddr>().is_ok() || (!name.is_empty() && name.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn certificates_come_from_one_place() {
        assert_eq!(Config::default().tls_source(), TlsSource::Off);
        assert_eq!(config("[web]\nlan = true").tls_source(), TlsSource::Own);
        let files = config("[web]\nlan = true\n[tls]\ncertificate = \"a\"\nkey = \"b\"");
        assert_eq!(files.tls_source(), TlsSource::Files);
        assert_eq!(config("[tls]\nacme = \"cams.example.net\"").tls_source(), TlsSource::Acme);
    }

    #[test]
    fn wrong_values_are_refused_with_their_key() {
        let refused = |text: &str| config(text).validate().unwrap_err().to_string();
        assert!(refused("[tls]\ncertificate = \"a\"").contains("tls.key"));
        assert!(refused("[tls]\ncertificate = \"a\"\nkey = \"b\"\nacme = \"c.d\"").contains("one of both"));
        assert!(refused("[tls]\nacme = \"localhost\"").contains("cams.example.net"));
        assert!(refused("[tls]\nacme-contact = \"anna@example.net\"").contains("mailto:"));
        assert!(refused("[tls]\nacme-directory = \"http://x\"").contains("https:"));
        assert!(refused("[tls]\nnames = [\"https://x\"]").contains("tls.names"));
        assert!(refused("[web]\nlan = true\n[tls]\nhsts = true").contains("lock out"));
        assert!(refused("[web]\nmdns = \"rtm2.local\"").contains("web.mdns"));
        assert!(refused("[web]\ntrusted-proxies = [\"proxy\"]").contains("10.0.0.0/8"));
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        let config = config("[web]\ntrusted-proxies = [\"127.0.0.1\", \"fd00::/8\"]");
        let list: Vec<_> = config.trusted_proxies().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(list, ["127.0.0.1/32", "fd00::/8"]);
    }
}
