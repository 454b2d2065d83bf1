//! Which of a card's certificates is for authentication.

use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Largest certificate read from a card; a CPS certificate takes about 2 kB.
pub(super) const MAX_CERTIFICATE: usize = 16 * 1024;

/// A certificate found on a card with the identifier of its key pair.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) der: Vec<u8>,
    pub(super) id: Vec<u8>,
}

/// Picks the authentication certificate: RSA, extended key usage clientAuth, not the signature certificate. Never by
/// position or label, which differ per module. Of several, the one that ends last.
pub(super) fn choose_authentication(candidates: Vec<Candidate>) -> Option<Candidate> {
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let end = authentication_end(&candidate.der)?;
            Some((end, candidate))
        })
        .max_by_key(|(end, _)| *end)
        .map(|(_, candidate)| candidate)
}

/// End of validity when the certificate may authenticate a TLS client.
fn authentication_end(der: &[u8]) -> Option<i64> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    if !matches!(certificate.public_key().parsed().ok()?, PublicKey::RSA(_)) {
        return None;
    }
    let usage = certificate.key_usage().ok()?;
    let extended = certificate.extended_key_usage().ok()?;
    let may_authenticate = match (usage.map(|u| u.value), extended.map(|e| e.value)) {
        (Some(usage), _) if !usage.digital_signature() => false,
        (_, Some(extended)) => extended.client_auth,
        // old cards without extended usage: the signature certificate is told apart by non-repudiation
        (Some(usage), None) => !usage.non_repudiation(),
        (None, None) => false,
    };
    may_authenticate.then(|| certificate.validity().not_after.timestamp())
}

/// The RSA public key (PKCS#1 DER) of a certificate.
pub(super) fn rsa_public_key(der: &[u8]) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(certificate.public_key().subject_public_key.data.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str) -> Candidate {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/card");
        Candidate { der: std::fs::read(format!("{dir}/{name}.der")).unwrap(), id: name.into() }
    }

    #[test]
    fn the_authentication_certificate_is_found_wherever_it_stands() {
        for (names, expected) in [
            (&["physician", "signature"][..], Some("physician")),
            (&["signature", "physician"], Some("physician")),
            (&["signature", "elliptic", "server-only", "staff-named"], Some("staff-named")),
            (&["old-unit"], Some("old-unit")),
            (&["signature"], None),
            (&["elliptic"], None),
            (&["server-only"], None),
            (&[], None),
        ] {
            let chosen = choose_authentication(names.iter().map(|n| candidate(n)).collect());
            assert_eq!(chosen.map(|c| c.id), expected.map(Vec::from), "{names:?}");
        }
        let damaged = Candidate { der: vec![0x30, 0x82], id: vec![1] };
        assert!(choose_authentication(vec![damaged]).is_none());
    }
}
