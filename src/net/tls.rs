//! The TLS client configuration: our provider, our suites, our anchors.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::{
    CipherSuite, ClientConfig, DigitallySignedStruct, ProtocolVersion, RootCertStore, SignatureScheme,
};

use super::Error;

/// What a configuration is made from.
#[derive(Clone, Default)]
pub struct TlsSettings {
    /// The only authorities a server certificate may come from.
    pub anchors: Vec<CertificateDer<'static>>,
    /// Signed revocation lists; when there is one, a server certificate they do not cover is refused.
    pub crls: Vec<CertificateRevocationListDer<'static>>,
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
    let verifier = verifier(settings, &provider)?;
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

fn verifier(
    settings: &TlsSettings,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    for anchor in &settings.anchors {
        roots.add(anchor.clone()).map_err(|error| Error::Settings(error.to_string()))?;
    }
    let roots = Arc::new(roots);
    let builder = || {
        WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider))
            .with_crls(settings.crls.clone())
            .enforce_revocation_expiration()
    };
    let failed = |error: rustls::client::VerifierBuilderError| Error::Settings(error.to_string());
    if settings.crls.is_empty() {
        return Ok(builder().build().map_err(failed)?);
    }
    Ok(Arc::new(Revocation {
        server: builder().only_check_end_entity_revocation().build().map_err(failed)?,
        chain: builder().allow_unknown_revocation_status().build().map_err(failed)?,
    }))
}

/// The server certificate's state must be known; an authority above it is refused when a list at hand revokes it, but
/// lists of the root need not be at hand.
struct Revocation {
    server: Arc<WebPkiServerVerifier>,
    chain: Arc<WebPkiServerVerifier>,
}

impl fmt::Debug for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revocation")
    }
}

impl ServerCertVerifier for Revocation {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        self.server.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.server.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.server.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.server.supported_verify_schemes()
    }
}
