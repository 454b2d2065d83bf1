//! Whether a card was revoked, as far as the lists at hand tell.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime as At};
use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, Error as TlsError, RootCertStore};

use crate::domain::UnixTime;

/// What the standing of a card is checked against.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// Certificates of the authorities, roots and those between.
    pub authorities: Vec<CertificateDer<'static>>,
    /// Signed revocation lists.
    pub crls: Vec<CertificateRevocationListDer<'static>>,
}

/// True only when a list that a known authority has signed names the certificate (DER). A list that has run out still
/// counts: a card that was revoked stays so. Authorities or lists that are missing, foreign or damaged prove nothing, and
/// the server has the last word.
pub fn is_revoked(certificate: &[u8], lists: &Lists, now: UnixTime) -> bool {
    if lists.crls.is_empty() {
        return false;
    }
    let mut roots = RootCertStore::empty();
    // the issuer itself is an anchor too, so that its list counts when the root above it is not at hand
    roots.add_parsable_certificates(lists.authorities.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    lists.crls.iter().any(|crl| {
        // one at a time: a damaged list must not hide a sound one
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots.clone()), Arc::clone(&provider))
                .with_crls([crl.clone()])
                .only_check_end_entity_revocation()
                .allow_unknown_revocation_status()
                .build();
        let Ok(verifier) = verifier else { return false };
        let at = At::since_unix_epoch(Duration::from_secs(u64::try_from(now).unwrap_or(0)));
        let verified = verifier.verify_client_cert(&certificate.to_vec().into(), &lists.authorities, at);
        matches!(verified, Err(TlsError::InvalidCertificate(CertificateError::Revoked)))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rustls::pki_types::pem::PemObject;

    use super::*;

    fn read<T: PemObject>(name: &str) -> T {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/card/standing");
        T::from_pem_file(dir.join(name)).unwrap()
    }

    #[test]
    fn only_a_list_signed_by_the_issuer_revokes() {
        let now = 1_800_000_000;
        for (certificate, authorities, crls, expected) in [
            ("revoked.pem", &["root.pem", "issuer.pem"][..], &["issuer.crl"][..], true),
            ("revoked.pem", &["root.pem", "issuer.pem"], &["root.crl", "issuer.crl"], true),
            ("revoked.pem", &["issuer.pem"], &["issuer.crl"], true),
            // run out long ago, and still true
            ("revoked.pem", &["root.pem", "issuer.pem"], &["over.crl"], true),
            ("sound.pem", &["root.pem", "issuer.pem"], &["issuer.crl"], false),
            ("revoked.pem", &["root.pem", "issuer.pem"], &["root.crl"], false),
            ("revoked.pem", &["root.pem", "issuer.pem"], &[], false),
            ("revoked.pem", &["root.pem", "issuer.pem"], &["forged.crl"], false),
            ("revoked.pem", &["root.pem", "issuer.pem"], &["forged.crl", "issuer.crl"], true),
            ("revoked.pem", &["other.pem"], &["issuer.crl"], false),
            ("revoked.pem", &[], &["issuer.crl"], false),
        ] {
            let lists = Lists {
                authorities: authorities.iter().map(|name| read(name)).collect(),
                crls: crls.iter().map(|name| read(name)).collect(),
            };
            let card: CertificateDer<'static> = read(certificate);
            assert_eq!(is_revoked(&card, &lists, now), expected, "{certificate} {authorities:?} {crls:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_proves_nothing_and_hides_nothing() {
        let card: CertificateDer<'static> = read("revoked.pem");
        let authorities = vec![read("root.pem"), read("issuer.pem"), vec![0x30, 0x82].into()];
        let sound: CertificateRevocationListDer<'static> = read("issuer.crl");
        let mut damaged = sound.to_vec();
        *damaged.last_mut().unwrap() ^= 1;
        for (crls, expected) in [
            (vec![damaged.clone().into()], false),
            (vec![damaged.into(), vec![0x30].into(), sound.clone()], true),
        ] {
            let lists = Lists { authorities: authorities.clone(), crls };
            assert_eq!(is_revoked(&card, &lists, 1_800_000_000), expected);
        }
        let lists = Lists { authorities, crls: vec![sound] };
        assert!(!is_revoked(b"no certificate", &lists, 1_800_000_000));
    }
}
