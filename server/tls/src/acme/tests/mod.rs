//! The whole exchange with an authority, over loopback.

mod authority;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use instant_acme::Account;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::Acme;
use crate::Certificates;
use authority::{DIRECTORY, MockAuthority};

/// Shakes hands with whoever connects. Gives the port.
async fn listen(certificates: &Certificates) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(certificates.server_config().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    port
}

fn acme(dir: &Path) -> Acme {
    Acme {
        name: "cams.example.net".into(),
        contact: Some("mailto:anna@example.net".into()),
        directory: DIRECTORY.into(),
        dir: dir.to_owned(),
    }
}

#[tokio::test]
async fn a_name_is_proven_and_its_certificate_is_shown_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (certificates, acme) = (Certificates::new(), acme(dir.path()));
    let mock = MockAuthority::new(listen(&certificates).await);
    assert_eq!(acme.show_kept(&certificates).await, None);
    let builder = || Account::builder_with_http(Box::new(mock.clone()));
    let due = acme.obtain(builder(), &certificates).await.unwrap();
    assert!(certificates.is_ready());
    let days = (due - time::OffsetDateTime::now_utc()).whole_days();
    assert!((58..=60).contains(&days), "due in {days} days");
    let kept = dir.path().join("acme.test_directory");
    for file in ["account.json", "cams.example.net.key"] {
        assert_eq!(fs::metadata(kept.join(file)).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
    // After a restart it is there at once.
    let restarted = Certificates::new();
    assert_eq!(acme.show_kept(&restarted).await, Some(due));
    assert!(restarted.is_ready());
    // The next one is asked for with the same account.
    acme.obtain(builder(), &certificates).await.unwrap();
    assert_eq!(mock.accounts(), 1);
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_refused_in_the_authoritys_words() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = MockAuthority::new(listen(&Certificates::new()).await);
    let (certificates, builder) = (Certificates::new(), Account::builder_with_http(Box::new(elsewhere)));
    let error = acme(dir.path()).obtain(builder, &certificates).await.unwrap_err().to_string();
    assert!(error.contains("no TLS:"), "{error}");
    assert!(!certificates.is_ready());
}

#[tokio::test]
async fn a_pair_that_does_not_fit_is_as_none() {
    let dir = tempfile::tempdir().unwrap();
    let (certificates, acme) = (Certificates::new(), acme(dir.path()));
    let kept = dir.path().join("acme.test_directory");
    fs::create_dir_all(&kept).unwrap();
    fs::write(kept.join("cams.example.net.crt"), "torn").unwrap();
    fs::write(kept.join("cams.example.net.key"), "torn").unwrap();
    assert_eq!(acme.show_kept(&certificates).await, None);
    assert!(!certificates.is_ready());
}
