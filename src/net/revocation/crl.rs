//! Revocation lists (RFC 5280 §5): whether one is this issuer's, for this certificate, and what it says.

use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::{Issuer, Status};
use crate::net::Error;
use crate::net::der::{Reader, SEQUENCE, context};
use crate::net::signature;

/// Clocks may differ by this, in seconds.
const SKEW: i64 = 300;
/// issuingDistributionPoint, 2.5.29.28.
const DISTRIBUTION_POINT: &str = "2.5.29.28";
/// authorityKeyIdentifier and cRLNumber say nothing that is needed here.
const HARMLESS: &[&str] = &["2.5.29.35", "2.5.29.20"];

/// What a list says of the certificate with this serial number.
///
/// # Errors
/// [`Error::Protocol`] when it is not a whole list of this issuer for such a certificate.
pub(super) fn read(
    list: &[u8],
    issuer: &Issuer<'_>,
    serial: &[u8],
    is_authority: bool,
    now: i64,
) -> Result<Status, Error> {
    let refused = |what: &str| Error::Protocol(format!("revocation list: {what}"));
    let (rest, list) = CertificateRevocationList::from_der(list).map_err(|_| refused("damaged"))?;
    if !rest.is_empty() {
        return Err(refused("damaged"));
    }
    if list.issuer().as_raw() != issuer.name() || !issuer.may_sign_lists() {
        return Err(refused("another issuer"));
    }
    if !signature::is_good(
        issuer.key(),
        &list.signature_algorithm,
        &list.signature_value,
        list.tbs_cert_list.as_ref(),
    ) {
        return Err(refused("not signed by the issuer"));
    }
    for extension in list.extensions() {
        match extension.oid.to_id_string().as_str() {
            DISTRIBUTION_POINT if !is_whole(extension.value, is_authority)? => {
                return Err(refused("only a part"));
            }
            known if HARMLESS.contains(&known) => {}
            // a delta, among others
            _ if extension.critical => return Err(refused("unknown extension")),
            _ => {}
        }
    }
    let from = list.last_update().timestamp();
    let until = list.next_update().ok_or_else(|| refused("without end"))?.timestamp();
    if from > now.saturating_add(SKEW) || until < from {
        return Err(refused("dates"));
    }
    let revoked = list.iter_revoked_certificates().any(|entry| entry.raw_serial() == serial);
    Ok(Status { revoked, from, until })
}

/// The list covers all reasons for certificates of this kind, and those of its own issuer.
fn is_whole(point: &[u8], is_authority: bool) -> Result<bool, Error> {
    let mut fields = Reader::new(point).enter(SEQUENCE)?;
    fields.optional(context(0))?;
    let mut whole = true;
    while !fields.is_empty() {
        let field = fields.any()?;
        let set = matches!(field.content, [value] if *value != 0);
        whole &= match field.tag {
            // onlyContainsUserCerts, onlyContainsCACerts
            0x81 => !(set && is_authority),
            0x82 => !set || is_authority,
            // onlySomeReasons, indirectCRL, onlyContainsAttributeCerts
            0x83 | 0xa3 => false,
            0x84 | 0x85 => !set,
            _ => false,
        };
    }
    Ok(whole)
}
