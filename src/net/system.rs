//! Why a server certificate comes from nobody we know: the authorities of the system tell a box on the way from a
//! stranger. They are asked for nothing else, and believed in nothing.

use std::sync::OnceLock;

use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::Error;

/// Longest name shown, in characters.
const LONGEST: usize = 120;

/// The name of a certificate's subject, fit to be shown: it is a stranger's text.
pub(super) fn subject(der: &[u8]) -> String {
    named(der, false)
}

/// The name of its issuer.
fn issuer(der: &[u8]) -> String {
    named(der, true)
}

fn named(der: &[u8], issuer: bool) -> String {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return String::new() };
    let name = if issuer { certificate.issuer() } else { certificate.subject() };
    let common = name.iter_common_name().next().and_then(|n| n.as_str().ok());
    let organisation = name.iter_organization().next().and_then(|n| n.as_str().ok());
    let text = match (common, organisation) {
        (Some(common), Some(organisation)) => format!("{common} ({organisation})"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => name.to_string(),
    };
    text.chars().filter(|c| !c.is_control() && !is_turner(*c)).take(LONGEST).collect()
}

/// Characters that turn the direction of the text around them.
fn is_turner(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What it means that none of our authorities issued this certificate.
///
/// A root that this machine trusts and that browsers do not ship was put there by an antivirus, a firewall or a proxy to
/// open encrypted connections.
pub(super) fn explain(server: &CertificateDer<'_>, above: &[CertificateDer<'_>], now: UnixTime) -> Error {
    // the last one sent is nearest to who vouches
    let top = above.last().filter(|_| above.len() == 1).unwrap_or(server);
    let issuer = issuer(top);
    if leads_to(server, above, webpki_roots::TLS_SERVER_ROOTS, now) {
        return Error::NotTrusted { issuer: Some(issuer) };
    }
    if leads_to(server, above, added(), now) {
        return Error::Intercepted { issuer };
    }
    Error::NotTrusted { issuer: Some(issuer) }
}

fn leads_to(
    server: &CertificateDer<'_>,
    above: &[CertificateDer<'_>],
    roots: &[TrustAnchor<'_>],
    now: UnixTime,
) -> bool {
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    EndEntityCert::try_from(server).is_ok_and(|server| {
        server.verify_for_usage(algorithms, roots, above, now, KeyUsage::server_auth(), None, None).is_ok()
    })
}

/// The authorities the system trusts, read once.
fn added() -> &'static [TrustAnchor<'static>] {
    static ROOTS: OnceLock<Vec<TrustAnchor<'static>>> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs().certs;
        let anchor =
            |der: &CertificateDer<'_>| webpki::anchor_from_trusted_cert(der).ok().map(|a| a.to_owned());
        found.iter().filter_map(anchor).collect()
    })
}
