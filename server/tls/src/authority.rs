//! An authority of one's own: made once, its key never leaves the data directory, devices are asked to trust its
//! certificate, and it vouches for this server alone.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use crate::scope::{self, Scope};
use crate::{Names, TlsError, private};

/// How long devices may trust the authority: nobody wants to go round all phones again.
const LIFETIME: Duration = Duration::days(20 * 365);
/// How long a certificate of the server lasts; iOS takes none of more than 825 days.
pub(crate) const LEAF_LIFETIME: Duration = Duration::days(90);
/// Certificates begin a little in the past, for devices whose clocks lag.
const BACKDATED: Duration = Duration::days(1);
/// No clock is right that is before this: boards without a battery start in 1970, and what they sign must not end then.
const EARLIEST: OffsetDateTime = time::macros::datetime!(2025-01-01 0:00 UTC);

/// Signs certificates of this server.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    scope: Option<Scope>,
}

impl Authority {
    /// Opens the authority in a directory, or makes it: `authority.key` for the owner alone, and `authority.crt`. The
    /// new one may vouch for private names and networks and for `names`, no others.
    pub fn open(dir: &Path, names: &Names, now: OffsetDateTime) -> Result<Self, TlsError> {
        let [key_file, certificate_file] = Self::files(dir);
        let (key_exists, certificate_exists) = (key_file.exists(), certificate_file.exists());
        if certificate_exists && !key_exists {
            let message = format!(
                "is missing: put it back, or remove {} for a new authority, which every device must trust anew",
                certificate_file.display()
            );
            return Err(TlsError::file(&key_file, message));
        }
        private::make_dir(dir)?;
        let key = if key_exists { read_key(&key_file)? } else { make_key(&key_file)? };
        if !certificate_exists {
            let certificate = params(names, now).self_signed(&key)?;
            private::write(&certificate_file, certificate.pem().as_bytes())?;
            tracing::info!("made an authority for certificates of this server: {}", certificate_file.display());
        }
        Self::read(&certificate_file, key)
    }

    /// The key and the certificate in a directory.
    fn files(dir: &Path) -> [PathBuf; 2] {
        ["authority.key", "authority.crt"].map(|name| dir.join(name))
    }

    fn read(file: &Path, key: KeyPair) -> Result<Self, TlsError> {
        let pem = fs::read_to_string(file).map_err(TlsError::io(file))?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| TlsError::file(file, format!("is no certificate: {error}")))?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&certificate)
            .map_err(|error| TlsError::file(file, format!("is no certificate: {error}")))?;
        if parsed.public_key().subject_public_key.data.as_ref() != rcgen::PublicKeyData::der_bytes(&key) {
            return Err(TlsError::file(file, "does not belong to the key beside it: put the right pair back"));
        }
        let scope = Scope::of(&parsed);
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Self { issuer, certificate, pem, scope })
    }

    /// The certificate that devices are asked to trust, as DER.
    pub fn der(&self) -> &[u8] {
        &self.certificate
    }

    /// The same as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// What of these names this authority may vouch for, and the rest.
    pub(crate) fn split(&self, names: &Names) -> (Names, Names) {
        match &self.scope {
            Some(scope) => scope.split(names),
            None => (names.clone(), Names::default()),
        }
    }

    /// A new key with a certificate for these names, ready to be served; and when it ends.
    pub(crate) fn issue(&self, names: &Names, now: OffsetDateTime) -> Result<(CertifiedKey, OffsetDateTime), TlsError> {
        let now = now.max(EARLIEST);
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "rtm2 server");
        for name in &names.dns {
            params.subject_alt_names.push(SanType::DnsName(name.as_str().try_into()?));
        }
        params.subject_alt_names.extend(names.addresses.iter().map(|&address| SanType::IpAddress(address)));
        params.not_before = now - BACKDATED;
        params.not_after = now + LEAF_LIFETIME;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let certified = CertifiedKey::from_der(vec![certificate.into()], key, &crate::provider())?;
        Ok((certified, now + LEAF_LIFETIME))
    }
}

fn params(names: &Names, now: OffsetDateTime) -> CertificateParams {
    let now = now.max(EARLIEST);
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    // People meet this name in the settings of their phones, where it should tell two of them apart.
    let on = crate::Host::ask().name;
    let name = if on.is_empty() { "rtm2 authority".into() } else { format!("rtm2 authority ({on})") };
    params.distinguished_name.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(scope::constraints(names));
    params.not_before = now - BACKDATED;
    params.not_after = now + LIFETIME;
    params
}

fn make_key(file: &Path) -> Result<KeyPair, TlsError> {
    let key = KeyPair::generate()?;
    private::write(file, key.serialize_pem().as_bytes())?;
    Ok(key)
}

fn read_key(file: &Path) -> Result<KeyPair, TlsError> {
    private::guard(file)?;
    let pem = fs::read_to_string(file).map_err(TlsError::io(file))?;
    KeyPair::from_pem(&pem).map_err(|error| TlsError::file(file, format!("is no private key: {error}")))
}

/// What people compare: the SHA-256 of a certificate in pairs of digits, as every platform shows it.
pub fn fingerprint(der: &[u8]) -> String {
    Sha256::digest(der).iter().enumerate().fold(String::new(), |mut text, (i, byte)| {
        let _ = write!(text, "{}{byte:02X}", if i == 0 { "" } else { ":" });
        text
    })
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-05-01 12:00 UTC);

    #[test]
    fn it_is_made_once_and_its_key_is_the_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("tls");
        let made = Authority::open(&dir, &Names::default(), NOW).unwrap();
        let again = Authority::open(&dir, &Names::default(), NOW + Duration::days(400)).unwrap();
        assert_eq!(made.der(), again.der());
        let mode = |name: &str| fs::metadata(dir.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("authority.key"), 0o600);
        assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
        // Opened to others by a careless copy: closed again.
        fs::set_permissions(dir.join("authority.key"), Permissions::from_mode(0o644)).unwrap();
        Authority::open(&dir, &Names::default(), NOW).unwrap();
        assert_eq!(mode("authority.key"), 0o600);
        assert!(!fs::read_dir(&dir).unwrap().any(|e| e.unwrap().path().extension().is_some_and(|e| e == "new")));
    }

    #[test]
    fn a_lost_or_wrong_half_is_an_error_that_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Authority::open(dir.path(), &Names::default(), NOW);
        open().unwrap();
        let other = KeyPair::generate().unwrap().serialize_pem();
        fs::write(dir.path().join("authority.key"), other).unwrap();
        assert!(open().unwrap_err().to_string().contains("does not belong to the key"));
        fs::write(dir.path().join("authority.key"), "nonsense").unwrap();
        assert!(open().unwrap_err().to_string().contains("is no private key"));
        fs::remove_file(dir.path().join("authority.key")).unwrap();
        let error = open().unwrap_err().to_string();
        assert!(error.contains("authority.key: is missing") && error.contains("authority.crt"), "{error}");
    }

    #[test]
    fn it_vouches_for_private_names_and_those_it_was_made_with() {
        let dir = tempfile::tempdir().unwrap();
        let mut asked = Names::default();
        asked.add("cam.example.net");
        let authority = Authority::open(dir.path(), &asked, NOW).unwrap();
        let mut names = Names::default();
        for name in
            ["rtm2.local", "cam.example.net", "bank.example", "192.168.1.7", "8.8.8.8", "fd00::7", "2001:db8::1"]
        {
            names.add(name);
        }
        let (within, beyond) = authority.split(&names);
        assert_eq!(within.list(), "cam.example.net, rtm2.local, 192.168.1.7, fd00::7");
        assert_eq!(beyond.list(), "bank.example, 8.8.8.8, 2001:db8::1");
    }

    #[test]
    fn a_board_without_a_clock_makes_an_authority_that_lasts() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open(dir.path(), &Names::default(), OffsetDateTime::UNIX_EPOCH).unwrap();
        let (_, parsed) = x509_parser::parse_x509_certificate(authority.der()).unwrap();
        assert!(parsed.validity().not_after.to_datetime().year() > 2040);
    }

    #[test]
    fn the_fingerprint_is_as_platforms_show_it() {
        let text = fingerprint(b"abc");
        assert!(text.starts_with("BA:78:16:BF:") && text.len() == 95, "{text}");
    }
}
