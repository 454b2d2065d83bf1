//! Whether a server certificate is believed: chain, name and dates by rustls' own verifier, then our own rules on the
//! chain it found: which authority may issue it, and whether anything in it was revoked.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use serde::Serialize;
use webpki::{EndEntityCert, KeyUsage};

use super::revocation::{Check, Revocation, Source, now as seconds};
use super::{Error, TlsSettings, system};

/// The chain of a server and how it was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// Names of its certificates, the server's own first, the authority that is trusted last.
    pub names: Vec<String>,
    /// One for each certificate below that authority.
    pub checks: Vec<Check>,
}

/// Where a verifier leaves the chain it accepted last.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<Mutex<Option<Chain>>>);

impl Seen {
    /// Takes it out.
    pub fn take(&self) -> Option<Chain> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, chain: Chain) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(chain);
    }
}

/// Decides about server certificates.
pub(super) struct Verifier {
    /// The state of the server certificate must be known by the lists at hand, when there are some; an authority above it
    /// is refused when one of them revokes it, but lists of the root need not be at hand.
    server: Arc<WebPkiServerVerifier>,
    chain: Arc<WebPkiServerVerifier>,
    anchors: Vec<(CertificateDer<'static>, TrustAnchor<'static>)>,
    igc: super::Authorities,
    has_lists: bool,
    revocation: Option<Revocation>,
    seen: Seen,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// # Errors
    /// [`Error::Settings`] when there is no usable anchor or a revocation list is damaged.
    pub(super) fn new(settings: &TlsSettings, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        let mut anchors = Vec::new();
        for anchor in settings.anchors.iter().chain(&settings.igc.roots) {
            roots.add(anchor.clone()).map_err(|error| Error::Settings(error.to_string()))?;
            let trusted =
                webpki::anchor_from_trusted_cert(anchor).map_err(|e| Error::Settings(e.to_string()))?;
            anchors.push((anchor.clone(), trusted.to_owned()));
        }
        let roots = Arc::new(roots);
        let builder = || {
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider))
                .with_crls(settings.crls.clone())
                .enforce_revocation_expiration()
        };
        let failed = |error: rustls::client::VerifierBuilderError| Error::Settings(error.to_string());
        let has_lists = !settings.crls.is_empty();
        let server = builder().only_check_end_entity_revocation();
        Ok(Self {
            server: server.build().map_err(failed)?,
            chain: builder().allow_unknown_revocation_status().build().map_err(failed)?,
            anchors,
            igc: settings.igc.clone(),
            has_lists,
            revocation: settings.revocation.clone(),
            seen: settings.seen.clone(),
            provider: Arc::clone(provider),
        })
    }

    /// From the server certificate to the anchor, both included.
    fn path<'c>(
        &'c self,
        end_entity: &'c CertificateDer<'_>,
        intermediates: &'c [CertificateDer<'_>],
        now: UnixTime,
    ) -> Option<Vec<&'c [u8]>> {
        let algorithms = self.provider.signature_verification_algorithms.all;
        let trusted: Vec<_> = self.anchors.iter().map(|(_, anchor)| anchor.clone()).collect();
        let server = EndEntityCert::try_from(end_entity).ok()?;
        let found = server
            .verify_for_usage(algorithms, &trusted, intermediates, now, KeyUsage::server_auth(), None, None)
            .ok()?;
        let mut path: Vec<&[u8]> = vec![end_entity];
        for middle in found.intermediate_certificates() {
            path.push(intermediates.iter().find(|der| der.as_ref() == middle.der().as_ref())?);
        }
        path.push(self.anchors.iter().find(|(_, anchor)| anchor == found.anchor()).map(|(der, _)| der)?);
        Some(path)
    }

    /// What the chain is worth beyond its signatures, names and dates.
    fn judge(&self, path: &[&[u8]], stapled: &[u8], now: i64) -> Result<Chain, Error> {
        let is_igc =
            path.last().is_some_and(|anchor| self.igc.roots.iter().any(|root| root.as_ref() == *anchor));
        let issued =
            path.get(1).is_some_and(|by| self.igc.issuers.iter().any(|issuer| issuer.as_ref() == *by));
        if is_igc && !issued {
            // the same root stands above the range of persons
            return Err(Error::NotTrusted { issuer: path.get(1).map(|der| system::subject(der)) });
        }
        let mut chain =
            Chain { names: path.iter().map(|der| system::subject(der)).collect(), checks: Vec::new() };
        for (place, pair) in path.windows(2).enumerate() {
            let [certificate, issuer] = pair else { continue };
            let asked = match &self.revocation {
                // lists in files are what the profile chose to go by
                Some(revocation) if !self.has_lists => {
                    let stapled = if place == 0 { stapled } else { &[] };
                    revocation.check(certificate, issuer, stapled, is_igc, now)?
                }
                _ => {
                    let source = if self.has_lists { Source::File } else { Source::Unnamed };
                    Check { certificate: system::subject(certificate), source, at: None }
                }
            };
            chain.checks.push(asked);
        }
        Ok(chain)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        // a server that sends its own certificate only is completed from the bundle
        let above: Vec<CertificateDer<'_>> = intermediates
            .iter()
            .chain(&self.igc.issuers)
            .map(|der| CertificateDer::from(der.as_ref()))
            .collect();
        let verify = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, &above, server_name, ocsp_response, now)
        };
        verify(&self.chain)
            .and_then(|verified| if self.has_lists { verify(&self.server) } else { Ok(verified) })
            .map_err(|error| match error {
                rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
                    ours(system::explain(end_entity, &above, now))
                }
                error => error,
            })?;
        let path = self.path(end_entity, &above, now).ok_or_else(|| ours(Error::untrusted()))?;
        self.seen.put(self.judge(&path, ocsp_response, seconds(now)).map_err(ours)?);
        Ok(ServerCertVerified::assertion())
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

/// Our error as one of rustls, which `fault` takes out again.
fn ours(error: Error) -> rustls::Error {
    let error = match error {
        Error::Revoked => CertificateError::Revoked,
        Error::RevocationUnknown => CertificateError::UnknownRevocationStatus,
        error => CertificateError::Other(OtherError(Arc::new(error))),
    };
    rustls::Error::InvalidCertificate(error)
}
