//! The TLS client configuration: our provider, our suites, our anchors.

use std::sync::Arc;

use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use rustls::{CipherSuite, ClientConfig, ProtocolVersion};

use super::revocation::Revocation;
use super::verify::{Seen, Verifier};
use super::{Authorities, Error};

/// What a configuration is made from.
#[derive(Clone, Default)]
pub struct TlsSettings {
    /// The only authorities a server certificate may come from.
    pub anchors: Vec<CertificateDer<'static>>,
    /// Authorities of the IGC Santé beside them: they vouch for servers through their own issuers only, and what they
    /// vouch for must be known not to be revoked.
    pub igc: Authorities,
    /// Signed revocation lists; when there is one, a server certificate they do not cover is refused.
    pub crls: Vec<CertificateRevocationListDer<'static>>,
    /// Asks whether certificates were revoked where they say so; nothing is asked without.
    pub revocation: Option<Revocation>,
    /// Where the chain of the last server and how it was checked is left.
    pub seen: Seen,
    /// The client key, where the account logs in with one.
    pub client: Option<Arc<dyn ResolvesClientCert>>,
    /// TLS 1.3 beside 1.2. False for a card that cannot sign PSS.
    pub tls13: bool,
}

/// A configuration for connections of one account with one key.
///
/// TLS 1.2 with the ECDHE-RSA-AES-GCM suites the MSSanté client rules allow (ECO.1.1.3; their CBC suites are not
/// implemented by rustls), TLS 1.3 where asked. Sessions are not resumed when a client key is used, so that every
/// connection proves the card anew.
///
/// # Errors
/// [`Error::Settings`] when there is no usable anchor or a revocation list is damaged.
pub fn client_config(settings: &TlsSettings) -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(provider());
    let verifier = Arc::new(Verifier::new(settings, &provider)?);
    let versions: &[_] = if settings.tls13 {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    } else {
        &[&rustls::version::TLS12]
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| Error::Settings(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match &settings.client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let mut config = builder.with_client_cert_resolver(Arc::clone(client));
            config.resumption = Resumption::disabled();
            config
        }
    };
    Ok(Arc::new(config))
}

/// For web servers of operators, and directory servers: the public authorities and ours.
///
/// # Errors
/// [`Error::Settings`].
pub(super) fn web_config(anchors: &[CertificateDer<'static>]) -> Result<Arc<ClientConfig>, Error> {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for anchor in anchors {
        roots.add(anchor.clone()).map_err(|error| Error::Settings(error.to_string()))?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Settings(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn provider() -> CryptoProvider {
    let mut provider = ring::default_provider();
    provider.cipher_suites.retain(|suite| {
        suite.version().version == ProtocolVersion::TLSv1_3
            || matches!(
                suite.suite(),
                CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
                    | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
            )
    });
    provider
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use rustls::pki_types::PrivateKeyDer;
    use rustls::pki_types::pem::PemObject;
    use rustls::{ServerConfig, SupportedProtocolVersion};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::super::{Way, load_anchors, load_crls};
    use super::*;
    use crate::domain::account::{Endpoint, Security};

    const LIMIT: Duration = Duration::from_secs(20);

    fn data(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/net").join(name)
    }

    fn settings(anchor: &str, crls: &[&str]) -> TlsSettings {
        TlsSettings {
            anchors: load_anchors(&data(anchor)).unwrap(),
            crls: crls.iter().flat_map(|crl| load_crls(&data(crl)).unwrap()).collect(),
            tls13: true,
            ..TlsSettings::default()
        }
    }

    /// Serves one connection with a certificate of the test authority; wants a client certificate when `mutual`.
    async fn server(
        certificate: &str,
        mutual: bool,
        version: &'static SupportedProtocolVersion,
    ) -> SocketAddr {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[version])
            .unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(load_anchors(&data("root.pem")).unwrap().remove(0)).unwrap();
        let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let builder = match mutual {
            true => builder.with_client_cert_verifier(verifier.build().unwrap()),
            false => builder.with_no_client_auth(),
        };
        let key = PrivateKeyDer::from_pem_file(data("leaf.key")).unwrap();
        let config = builder.with_single_cert(load_anchors(&data(certificate)).unwrap(), key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await {
                let _ = stream.write_all(b"* OK\r\n").await;
                let _ = stream.shutdown().await;
            }
        });
        address
    }

    /// Connects and reads the greeting.
    async fn greet(address: SocketAddr, host: &str, settings: &TlsSettings) -> Result<Vec<u8>, Error> {
        let endpoint =
            Endpoint { host: address.ip().to_string(), port: address.port(), security: Security::Tls };
        let way = Way::from(client_config(settings)?);
        let stream = way.connect(&endpoint, LIMIT).await?;
        let mut stream = way.handshake(stream, host, LIMIT).await?;
        let mut greeting = Vec::new();
        stream.read_to_end(&mut greeting).await?;
        Ok(greeting)
    }

    fn outcome(result: Result<Vec<u8>, Error>) -> String {
        match result {
            Ok(greeting) => String::from_utf8(greeting).unwrap().trim().to_owned(),
            Err(error) => format!("{error:?}").split(['(', ' ']).next().unwrap().to_owned(),
        }
    }

    #[tokio::test]
    async fn a_server_certificate_is_refused_for_each_reason_there_is() {
        let covered = &["intermediate.crl.pem"][..];
        for (certificate, host, anchor, crls, expected) in [
            ("good.pem", "mail.test.example", "root.pem", &[][..], "* OK"),
            ("good.pem", "127.0.0.1", "root.pem", &[], "* OK"),
            ("good.pem", "mail.test.example", "root.pem", covered, "* OK"),
            ("good.pem", "mail.test.example", "root.pem", &["intermediate.crl", "root.crl.pem"], "* OK"),
            ("good.pem", "mail.test.example", "other-root.pem", &[], "NotTrusted"),
            ("client.pem", "client", "root.pem", &[], "NotTrusted"),
            ("elsewhere.pem", "mail.test.example", "root.pem", &[], "WrongHost"),
            ("expired.pem", "mail.test.example", "root.pem", &[], "CertificateExpired"),
            ("future.pem", "mail.test.example", "root.pem", &[], "NotYetValid"),
            ("revoked.pem", "mail.test.example", "root.pem", &[], "* OK"),
            ("revoked.pem", "mail.test.example", "root.pem", covered, "Revoked"),
            ("good.pem", "mail.test.example", "root.pem", &["root.crl.pem"], "RevocationUnknown"),
            ("good.pem", "mail.test.example", "root.pem", &["stale.crl.pem"], "RevocationUnknown"),
            (
                "good.pem",
                "mail.test.example",
                "root.pem",
                &["intermediate.crl.pem", "root-revokes.crl.pem"],
                "Revoked",
            ),
        ] {
            for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
                let address = server(certificate, false, version).await;
                let result = greet(address, host, &settings(anchor, crls)).await;
                assert_eq!(outcome(result), expected, "{certificate} {host} {anchor} {crls:?} {version:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_missing_client_certificate_is_told_apart_in_both_versions() {
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let address = server("good.pem", true, version).await;
            let result = greet(address, "mail.test.example", &settings("root.pem", &[])).await;
            assert_eq!(outcome(result), "ClientCertificateRefused", "{version:?}");
        }
    }

    #[tokio::test]
    async fn tls13_is_offered_only_where_asked() {
        let address = server("good.pem", false, &rustls::version::TLS13).await;
        let settings = TlsSettings { tls13: false, ..settings("root.pem", &[]) };
        let result = greet(address, "mail.test.example", &settings).await;
        assert_eq!(outcome(result), "Protocol");
    }

    #[tokio::test]
    async fn what_is_no_tls_server_fails_without_hanging() {
        for (answer, expected) in [(&b"220 plain text\r\n"[..], "Protocol"), (b"", "Closed")] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(answer).await;
            });
            let result = greet(address, "mail.test.example", &settings("root.pem", &[])).await;
            assert_eq!(outcome(result), expected);
        }
    }

    #[tokio::test]
    async fn a_silent_server_is_a_timeout() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let config = client_config(&settings("root.pem", &[])).unwrap();
        let result =
            Way::from(config).handshake(stream, "mail.test.example", Duration::from_millis(50)).await;
        assert!(matches!(result, Err(Error::Timeout)));
    }

    #[tokio::test]
    async fn where_nobody_listens_is_unreachable() {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let endpoint = |host: &str| Endpoint { host: host.into(), port, security: Security::Tls };
        let way = Way::from(client_config(&settings("root.pem", &[])).unwrap());
        assert!(matches!(way.connect(&endpoint("127.0.0.1"), LIMIT).await, Err(Error::Unreachable)));
        assert!(matches!(way.connect(&endpoint("no such host"), LIMIT).await, Err(Error::NameNotFound)));
    }

    #[test]
    fn a_configuration_without_anchors_does_not_exist() {
        assert!(matches!(client_config(&TlsSettings::default()), Err(Error::Settings(_))));
        let damaged = TlsSettings { crls: vec![vec![0x30, 0x00].into()], ..settings("root.pem", &[]) };
        assert!(matches!(client_config(&damaged), Err(Error::Settings(_))));
    }
}
