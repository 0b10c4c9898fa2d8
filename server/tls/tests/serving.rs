//! Certificates as clients meet them: over loopback, with a TLS client that trusts or does not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtm2_tls::{Authority, CertificateFiles, Certificates, Names, OwnCertificate};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Far above what anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Listens, and says back what it hears. Gives the port.
async fn echo(certificates: &Certificates) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(certificates.server_config().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut byte = [0];
                while stream.read_exact(&mut byte).await.is_ok() && stream.write_all(&byte).await.is_ok() {}
            });
        }
    });
    port
}

/// Connects as a client that trusts these authorities and wants this name.
async fn connect(port: u16, name: &str, trusted: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for der in trusted {
        roots.add(CertificateDer::from(der.to_vec())).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// The certificate that a connection was shown.
fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

async fn answers(stream: &mut TlsStream<TcpStream>) -> bool {
    let mut byte = [0];
    stream.write_all(b"x").await.is_ok() && stream.read_exact(&mut byte).await.is_ok() && byte == *b"x"
}

fn names(list: &[&str]) -> Names {
    let mut names = Names::default();
    for name in list {
        names.add(name);
    }
    names
}

fn authority(dir: &Path) -> Arc<Authority> {
    Arc::new(Authority::open(dir, &Names::default(), OffsetDateTime::now_utc()).unwrap())
}

#[tokio::test]
async fn who_trusts_the_authority_gets_in_under_every_name_and_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, other) = (authority(&dir.path().join("ours")), authority(&dir.path().join("other")));
    let certificates = Certificates::new();
    let mut own = OwnCertificate::new(Arc::clone(&ours));
    let listed = names(&["rtm2.local", "localhost", "127.0.0.1", "192.168.1.7", "fd00::7"]);
    certificates.set(own.renew(&listed, OffsetDateTime::now_utc()).unwrap().unwrap());
    let port = echo(&certificates).await;
    for name in ["rtm2.local", "localhost", "127.0.0.1", "192.168.1.7", "fd00::7"] {
        let mut stream = connect(port, name, &[ours.der()]).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(answers(&mut stream).await, "{name}");
    }
    assert!(connect(port, "rtm2.local", &[]).await.is_err());
    assert!(connect(port, "rtm2.local", &[other.der()]).await.is_err());
    for name in ["rtm2-2.local", "192.168.1.8"] {
        let error = connect(port, name, &[ours.der()]).await.unwrap_err().to_string();
        assert!(error.contains("not valid for name") || error.contains("NotValidForName"), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_new_certificate_is_shown_without_a_restart_and_open_connections_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let authority = authority(dir.path());
    let (certificates, now) = (Certificates::new(), OffsetDateTime::now_utc());
    let mut own = OwnCertificate::new(Arc::clone(&authority));
    let port = echo(&certificates).await;
    assert!(connect(port, "a.local", &[authority.der()]).await.is_err(), "there is no certificate yet");
    certificates.set(own.renew(&names(&["a.local"]), now).unwrap().unwrap());
    let mut old = connect(port, "a.local", &[authority.der()]).await.unwrap();
    assert!(connect(port, "b.local", &[authority.der()]).await.is_err());
    // The host is called b.local too from now on.
    certificates.set(own.renew(&names(&["a.local", "b.local"]), now).unwrap().unwrap());
    let new = connect(port, "b.local", &[authority.der()]).await.unwrap();
    assert_ne!(shown(&old), shown(&new));
    assert!(answers(&mut old).await);
}

/// Writes the certificate of a fresh pair, and its key.
fn write_pair(dir: &Path) -> Vec<u8> {
    let pair = rcgen::generate_simple_self_signed(["cams.example.net".to_owned()]).unwrap();
    fs::write(dir.join("c.pem"), pair.cert.pem()).unwrap();
    fs::write(dir.join("k.pem"), pair.signing_key.serialize_pem()).unwrap();
    pair.cert.der().to_vec()
}

#[tokio::test]
async fn files_are_read_again_when_they_change_and_a_broken_one_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let files = CertificateFiles::new(dir.path().join("c.pem"), dir.path().join("k.pem"));
    let error = files.load(OffsetDateTime::now_utc()).unwrap_err().to_string();
    assert!(error.contains("c.pem"), "{error}");
    let first = write_pair(dir.path());
    let certificates = Certificates::new();
    certificates.set(files.load(OffsetDateTime::now_utc()).unwrap());
    let following = tokio::spawn(files.clone().follow(certificates.clone(), Duration::from_millis(10)));
    let port = echo(&certificates).await;
    assert_eq!(shown(&connect(port, "cams.example.net", &[&first]).await.unwrap()), first);

    // Broken in each way; none may take the old one away.
    fs::write(dir.path().join("k.pem"), "nonsense").unwrap();
    assert!(files.load(OffsetDateTime::now_utc()).unwrap_err().to_string().contains("k.pem"));
    let stray = rcgen::KeyPair::generate().unwrap().serialize_pem();
    fs::write(dir.path().join("k.pem"), stray).unwrap();
    assert!(files.load(OffsetDateTime::now_utc()).unwrap_err().to_string().contains("does not fit"));
    fs::remove_file(dir.path().join("c.pem")).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(shown(&connect(port, "cams.example.net", &[&first]).await.unwrap()), first);

    let second = write_pair(dir.path());
    let start = Instant::now();
    while connect(port, "cams.example.net", &[&second]).await.is_err() {
        assert!(start.elapsed() < PATIENCE, "the new certificate was never shown");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    following.abort();
}
