//! Signatures of certificates, lists and OCSP answers.

use x509_parser::asn1_rs::BitString;
use x509_parser::oid_registry::{OID_PKCS1_SHA1WITHRSA, OID_SHA1_WITH_RSA};
use x509_parser::verify::verify_signature;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// `key` signed `data`. SHA-1, for which two texts with one signature can be made, is never good.
pub(super) fn is_good(
    key: &SubjectPublicKeyInfo<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
    signature: &BitString<'_>,
    data: &[u8],
) -> bool {
    let weak = algorithm.algorithm == OID_PKCS1_SHA1WITHRSA || algorithm.algorithm == OID_SHA1_WITH_RSA;
    !weak && verify_signature(key, algorithm, signature, data).is_ok()
}
